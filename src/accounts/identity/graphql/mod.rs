//! Accounts elsewhere in the API.

mod inputs;
mod links;
mod loaders;
mod payloads;
mod sign_in;

pub use loaders::IdentitiesOf;

use async_graphql::{Enum, ID, MergedObject, Object};

use self::links::IdentityLinkMutation;
use self::sign_in::GoogleMutation;
use super::entity::identity::{Model, Provider};
use crate::core::clock::Timestamp;
use crate::core::id::TypedId;

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Identity(pub Model);

/// An account elsewhere that a user signs in with.
#[Object(cache_control(private))]
impl Identity {
    /// Opaque and stable: `idn_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Whose account it is.
    async fn provider(&self) -> IdentityProvider {
        self.0.provider.into()
    }

    /// The address that it had when it was used last. The address of the user stays what it is.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// When it was linked.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was last signed in with.
    async fn last_used_at(&self) -> Timestamp {
        self.0.last_used_at
    }
}

/// Where users have accounts that they sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Provider")]
pub enum IdentityProvider {
    /// Google.
    Google,
}

/// The root fields that sign in with accounts elsewhere, link them, and take them away.
#[derive(Debug, Default, MergedObject)]
pub struct IdentityMutation(GoogleMutation, IdentityLinkMutation);
