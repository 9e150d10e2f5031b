//! The rows of `users`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::core::viewer::{Role, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// As its owner writes it.
    pub email: String,
    /// As it is compared.
    pub email_key: String,
    pub name: String,
    pub name_key: String,
    pub role: Role,
    /// A PHC string. Without one there is no signing in by password.
    pub password_hash: Option<String>,
    /// When the address was proved to be theirs. Before, there is no user.
    pub verified_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    /// Accounts elsewhere that were linked before count for nothing: it was not sure then whose this one is.
    pub identities_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Model {
    /// Whether they may sign in: nobody has shut them out.
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
}

crate::no_relations!();
