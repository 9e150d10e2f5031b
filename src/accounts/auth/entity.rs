//! Entities of the tables `sessions`, `registrations`, `one_time_codes`, `code_failures` and `known_networks`.

/// A session: one signed-in device of a user.
pub mod session {
    use sea_orm::entity::prelude::*;

    use crate::accounts::user::entity as user;
    use crate::core::clock::Timestamp;
    use crate::core::viewer::{SessionId, UserId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        pub user_id: UserId,
        /// Generation of the refresh token. Starts at 1 and increases by 1 with each refresh.
        pub generation: i32,
        pub current_hash: Vec<u8>,
        pub previous_hash: Option<Vec<u8>>,
        /// Whether the client has received the current tokens. Set when it uses the current access token.
        pub confirmed: bool,
        /// Whether the refresh token is stored in a cookie.
        pub in_cookie: bool,
        pub user_agent: Option<String>,
        pub address: String,
        /// Time of the sign-in.
        pub created_at: Timestamp,
        pub refreshed_at: Timestamp,
        pub expires_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "user::Entity",
            from = "Column::UserId",
            to = "user::Column::Id"
        )]
        User,
    }

    impl Related<user::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::User.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A registration whose email address is not verified yet. Addresses that have an account have such rows too.
pub mod registration {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "registrations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub email_key: String,
        pub email: String,
        pub name: String,
        /// Null if the address was registered with two different passwords: it is not known which one is the owner's.
        pub password_hash: Option<String>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }

    crate::no_relations!();
}

/// A one-time code sent by email, or a placeholder that matches no code.
pub mod one_time_code {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;
    use crate::core::viewer::UserId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_time_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: Purpose,
        /// An email address in its compared form, or the id of a user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        /// False for a placeholder.
        pub live: bool,
        /// The account. Null while a registration is pending.
        pub user_id: Option<UserId>,
        /// The network of the client that requested the code.
        pub client: String,
        pub nonce: Vec<u8>,
        /// Remaining attempts of that network.
        pub attempts_left: i32,
        /// Remaining attempts of all other networks together.
        pub attempts_left_to_others: i32,
        /// The new email address, when the email is being changed.
        pub payload: Option<String>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }

    /// The only purpose that a code is valid for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text")]
    pub enum Purpose {
        #[sea_orm(string_value = "VERIFY_EMAIL")]
        VerifyEmail,
        #[sea_orm(string_value = "RESET_PASSWORD")]
        ResetPassword,
        #[sea_orm(string_value = "CHANGE_EMAIL")]
        ChangeEmail,
    }

    crate::no_relations!();
}

/// Number of wrong codes for a purpose and subject, over all of its codes.
pub mod code_failure {
    use sea_orm::entity::prelude::*;

    use super::one_time_code::Purpose;
    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "code_failures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: Purpose,
        /// An email address in its compared form, or the id of a user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        pub failures: i32,
        /// Time of the last wrong code.
        pub failed_at: Timestamp,
    }

    crate::no_relations!();
}

/// A network that a user has signed in from.
pub mod known_network {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;
    use crate::core::viewer::UserId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "known_networks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// A keyed hash of the user and the network.
        #[sea_orm(primary_key, auto_increment = false)]
        pub network_hash: Vec<u8>,
        /// Time of the last sign-in, to within a day.
        pub used_at: Timestamp,
    }

    crate::no_relations!();
}
