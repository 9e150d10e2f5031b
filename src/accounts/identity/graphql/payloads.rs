//! Payloads of mutations on identities.

use async_graphql::{ID, SimpleObject};

use super::Identity;
use crate::accounts::auth::graphql::tokens_payload;
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::graphql;
use crate::core::error::UserError;
use crate::core::id::TypedId;

tokens_payload!(
    /// Payload of `exchangeOAuthCode`.
    #[graphql(name = "ExchangeOAuthCodePayload")]
    ExchangeCodePayload
);
tokens_payload!(
    /// Payload of `signInWithGoogle`.
    SignInWithGooglePayload
);

/// Payload of `linkGoogle`.
#[derive(Debug, Default, SimpleObject)]
pub struct LinkGooglePayload {
    /// The linked identity.
    identity: Option<Identity>,
    /// Why the mutation failed. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload!(LinkGooglePayload);

impl From<Identity> for LinkGooglePayload {
    fn from(identity: Identity) -> Self {
        Self {
            identity: Some(identity),
            ..Self::default()
        }
    }
}

/// Payload of `unlinkIdentity`.
#[derive(Debug, Default, SimpleObject)]
pub struct UnlinkIdentityPayload {
    /// Id of the unlinked identity. Null if none was unlinked.
    identity_id: Option<ID>,
    /// The identity before it was unlinked.
    identity: Option<Identity>,
    /// The updated user.
    user: Option<graphql::User>,
    /// Why the mutation failed. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload!(UnlinkIdentityPayload);

impl From<(Model, User)> for UnlinkIdentityPayload {
    fn from((identity, user): (Model, User)) -> Self {
        Self {
            identity_id: Some(identity.id.encode().into()),
            identity: Some(Identity(identity)),
            user: Some(graphql::User(user)),
            ..Self::default()
        }
    }
}
