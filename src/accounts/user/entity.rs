//! Entity of the table `users`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::core::viewer::{Role, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Email address as its owner writes it.
    pub email: String,
    /// Email address in its compared form.
    pub email_key: String,
    pub name: String,
    pub name_key: String,
    pub role: Role,
    /// PHC string. Null if the user can't sign in by password.
    pub password_hash: Option<String>,
    /// Time at which the email address was verified. Of an invited user: the time of creation.
    pub verified_at: Timestamp,
    /// Time of the last invitation. Null once the email address is verified.
    pub invited_at: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    /// Identities linked up to this time are void: the ownership of the account was not certain then.
    pub identities_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Model {
    /// Returns whether the user may sign in, that is, is not disabled.
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// Returns whether the email address is verified. It is not while an invitation is pending: the user has no
    /// password and has never signed in.
    pub const fn is_verified(&self) -> bool {
        self.invited_at.is_none()
    }

    /// Marks the email address as verified. Returns whether it was not before.
    pub fn verify(&mut self, now: Timestamp) -> bool {
        let was_invited = self.invited_at.take().is_some();
        if was_invited {
            self.verified_at = now;
        }
        was_invited
    }
}

crate::no_relations!();
