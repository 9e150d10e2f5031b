//! Payloads of mutations on identities.

use async_graphql::ID;

use super::Identity;
use crate::accounts::auth::graphql::tokens_payload;
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::user::entity::Model as UserRow;
use crate::accounts::user::graphql::User;
use crate::core::id::TypedId;
use crate::payload;

tokens_payload! {
    /// Payload of `exchangeOAuthCode`.
    #[graphql(name = "ExchangeOAuthCodePayload")]
    ExchangeCodePayload,
    /// Payload of `signInWithGoogle`.
    SignInWithGooglePayload,
}

payload! {
    /// Payload of `linkGoogle`.
    LinkGooglePayload,
    (Identity as identity) {
        /// The linked identity. Null on error.
        identity: Option<Identity> = Some(identity),
    }
}

payload! {
    /// Payload of `unlinkIdentity`.
    UnlinkIdentityPayload,
    ((Model, UserRow) as (identity, user)) {
        /// The id of the unlinked identity. Null if nothing was changed.
        identity_id: Option<ID> = Some(identity.id.encode().into()),
        /// The identity as it was.
        identity: Option<Identity> = Some(Identity(identity)),
        /// Your user account without the identity. Null if nothing was changed.
        user: Option<User> = Some(User(user)),
    }
}
