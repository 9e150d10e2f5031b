//! What mutations on accounts elsewhere answer.

use async_graphql::{ID, SimpleObject};

use super::Identity;
use crate::accounts::auth::graphql::tokens_payload;
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::graphql;
use crate::core::error::UserError;
use crate::core::id::TypedId;

tokens_payload!(
    /// What came of `exchangeOAuthCode`.
    #[graphql(name = "ExchangeOAuthCodePayload")]
    ExchangeCodePayload
);
tokens_payload!(
    /// What came of `signInWithGoogle`.
    SignInWithGooglePayload
);

/// What came of `linkGoogle`.
#[derive(Debug, Default, SimpleObject)]
pub struct LinkGooglePayload {
    /// The identity that is yours now.
    identity: Option<Identity>,
    /// Why nothing was linked; empty when it was.
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
    /// The id of the unlinked identity. Null if none was.
    identity_id: Option<ID>,
    /// The identity as it was.
    identity: Option<Identity>,
    /// You, without it.
    user: Option<graphql::User>,
    /// Why nothing was unlinked. Empty on success.
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
