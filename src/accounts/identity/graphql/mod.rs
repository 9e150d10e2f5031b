//! GraphQL API of identities.

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

/// GraphQL object of an identity row.
#[derive(Clone, Debug)]
pub struct Identity(pub Model);

/// An external account that a user signs in with.
#[Object(cache_control(private))]
impl Identity {
    /// Opaque, stable id: `idn_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The provider of the account.
    async fn provider(&self) -> IdentityProvider {
        self.0.provider.into()
    }

    /// Email address of the external account when it was last used. It can differ from the user's.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Time at which the account was linked.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last sign-in with the account.
    async fn last_used_at(&self) -> Timestamp {
        self.0.last_used_at
    }
}

/// Provider of external accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Provider")]
pub enum IdentityProvider {
    /// Google.
    Google,
}

/// Root fields that sign in with identities, link and unlink them.
#[derive(Debug, Default, MergedObject)]
pub struct IdentityMutation(GoogleMutation, IdentityLinkMutation);
