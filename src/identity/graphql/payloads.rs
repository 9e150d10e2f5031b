//! What mutations on accounts elsewhere answer.

use async_graphql::SimpleObject;

use super::Identity;
use crate::auth::graphql::tokens_payload;
use crate::user::entity::Model as User;
use crate::user::graphql;
use crate::user_error::UserError;

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

/// What came of `unlinkIdentity`.
#[derive(Debug, Default, SimpleObject)]
pub struct UnlinkIdentityPayload {
    /// You, without it.
    user: Option<graphql::User>,
    /// Why nothing was taken away; empty when it was.
    user_errors: Vec<UserError>,
}

crate::payload!(UnlinkIdentityPayload);

impl From<User> for UnlinkIdentityPayload {
    fn from(user: User) -> Self {
        Self {
            user: Some(graphql::User(user)),
            ..Self::default()
        }
    }
}
