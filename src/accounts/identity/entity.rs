//! Entities of the tables `identities`, `oauth_codes` and `used_oauth_flows`.

/// An identity at an OpenID provider that a user signs in with.
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
        /// Issuer, as in the `iss` claim.
        pub issuer: String,
        /// Permanent id of the person at the issuer, as in the `sub` claim.
        pub subject: String,
        /// Email address at the provider when the identity was last used. It can differ from the user's.
        pub email: String,
        pub created_at: Timestamp,
        pub last_used_at: Timestamp,
    }

    /// OpenID provider.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
    pub enum Provider {
        Google,
    }

    crate::no_relations!();
}

/// A code that represents the verified claims of a provider.
pub mod oauth_code {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "oauth_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code_hash: Vec<u8>,
        pub intent: Intent,
        /// SHA-256 of the verifier that the client sends with the code, in base64url. Null if it sent no challenge.
        pub challenge: Option<String>,
        /// JSON.
        pub claims: String,
        pub expires_at: Timestamp,
    }

    /// The only purpose that a code is valid for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text")]
    pub enum Intent {
        /// Sign in.
        #[sea_orm(string_value = "SIGN_IN")]
        SignIn,
        /// Link the identity to the signed-in user.
        #[sea_orm(string_value = "LINK")]
        Link,
    }

    crate::no_relations!();
}

/// A browser sign-in or an ID token that was used and is not accepted again.
pub mod used_flow {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "used_oauth_flows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        /// Time at which it expires anyway.
        pub expires_at: Timestamp,
    }

    crate::no_relations!();
}

crate::typed_id!(
    /// Id of an identity.
    IdentityId,
    "idn",
    "identity"
);
