//! The rows of `sessions`, `registrations`, `one_time_codes`, `code_failures` and `known_networks`.

/// A device that is signed in.
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
        /// Counts the refresh tokens, from 1.
        pub generation: i32,
        pub current_hash: Vec<u8>,
        pub previous_hash: Option<Vec<u8>>,
        /// Whether the client has used what it got with the current token, and so has got it.
        pub confirmed: bool,
        /// Whether the refresh token is kept in a cookie.
        pub in_cookie: bool,
        pub user_agent: Option<String>,
        pub address: String,
        /// When the user signed in.
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

/// Somebody who has registered and has not proved the address yet. Addresses that have an account have such rows too.
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
        /// Nothing when two have registered with two passwords: nobody knows whose the address is.
        pub password_hash: Option<String>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }

    crate::no_relations!();
}

/// A code that a letter carries, or the stand-in for one.
pub mod one_time_code {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;
    use crate::core::viewer::UserId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_time_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: Purpose,
        /// An address as it is compared, or the id of a user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        /// Not for the stand-in: no code fits it.
        pub live: bool,
        /// Whose it is. Who registers is nobody yet.
        pub user_id: Option<UserId>,
        /// The network that it was asked for from.
        pub client: String,
        pub nonce: Vec<u8>,
        /// How often that network may try it.
        pub attempts_left: i32,
        /// How often all others together may.
        pub attempts_left_to_others: i32,
        /// The new address, for a change of address.
        pub payload: Option<String>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }

    /// What a code is for. It is good for nothing else.
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

/// Wrong codes for one purpose and subject, over all of its codes.
pub mod code_failure {
    use sea_orm::entity::prelude::*;

    use super::one_time_code::Purpose;
    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "code_failures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: Purpose,
        /// An address in its compared form, or the id of a user.
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
