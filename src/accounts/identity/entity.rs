//! The rows of `identities`, `oauth_codes` and `used_oauth_flows`.

/// An account elsewhere that a user signs in with.
pub mod identity {
    use sea_orm::entity::prelude::*;

    use super::IdentityId;
    use crate::accounts::user::UserId;
    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identities")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: IdentityId,
        pub user_id: UserId,
        pub provider: Provider,
        /// The provider, as it names itself.
        pub issuer: String,
        /// What the issuer names them by, for ever.
        pub subject: String,
        /// The address that they had there when it was used last. It need not be the user's.
        pub email: String,
        pub created_at: Timestamp,
        pub last_used_at: Timestamp,
    }

    /// Who vouches for it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
    pub enum Provider {
        Google,
    }

    crate::no_relations!();
}

/// A code that stands for what a provider has proved.
pub mod oauth_code {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "oauth_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code_hash: Vec<u8>,
        pub intent: Intent,
        /// The hash of what the client must bring with the code, in base64url; if it has sent one at the start.
        pub challenge: Option<String>,
        /// In JSON.
        pub claims: String,
        pub expires_at: Timestamp,
    }

    /// What a code is for. It is good for nothing else.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text")]
    pub enum Intent {
        /// To sign in.
        #[sea_orm(string_value = "SIGN_IN")]
        SignIn,
        /// To link the account to the one of who is signed in.
        #[sea_orm(string_value = "LINK")]
        Link,
    }

    crate::no_relations!();
}

/// What was used once and is good no more: a sign-in over the browser, or an ID token.
pub mod used_flow {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "used_oauth_flows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        /// When it would be good no more anyway.
        pub expires_at: Timestamp,
    }

    crate::no_relations!();
}

crate::typed_id!(
    /// The id of an identity.
    IdentityId,
    "idn",
    "identity"
);
