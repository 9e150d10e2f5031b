//! What clients send about accounts elsewhere. None of these can be printed: most hold a secret.

use async_graphql::{ID, InputObject};

use crate::accounts::auth::graphql::TokenPlace;
use crate::accounts::identity::service::{Brought, IdToken, Proof};
use crate::config::Secret;
use crate::core::error::{Error, Result};

/// What a browser brought back from a sign-in with Google.
#[derive(InputObject)]
#[graphql(name = "ExchangeOAuthCodeInput")]
pub struct ExchangeCodeInput {
    /// The `code` in the fragment of the address that the browser came back to.
    pub code: String,
    /// What the `challenge` of the start was the SHA-256 of. Leave it out when there was none.
    pub verifier: Option<String>,
    /// Where to put the refresh token, now and each time it is refreshed.
    #[graphql(default_with = "TokenPlace::Body")]
    pub refresh_token_in: TokenPlace,
}

/// What an app got of Google's own sign-in.
#[derive(InputObject)]
pub struct SignInWithGoogleInput {
    /// The ID token. It is good for one call.
    pub id_token: String,
    /// The nonce that the app gave to Google: chosen anew for each sign-in, 16 to 256 characters that nobody can guess.
    pub nonce: String,
    /// Where to put the refresh token, now and each time it is refreshed.
    #[graphql(default_with = "TokenPlace::Body")]
    pub refresh_token_in: TokenPlace,
}

/// Which Google account to link: `code` and `verifier` of a sign-in over the browser that was begun with `intent=link`, or
/// `idToken` and `nonce`.
#[derive(InputObject)]
pub struct LinkGoogleInput {
    /// The `code` in the fragment of the address that the browser came back to.
    pub code: Option<String>,
    /// What the `challenge` of the start was the SHA-256 of.
    pub verifier: Option<String>,
    /// The ID token that an app got of Google's own sign-in. It is good for one call.
    pub id_token: Option<String>,
    /// The nonce that the app gave to Google: 16 to 256 characters.
    pub nonce: Option<String>,
    /// Your password. Who has none must have signed in within the last ten minutes.
    pub password: Option<String>,
}

impl LinkGoogleInput {
    /// What shows that somebody has the account, and the password.
    pub fn check(self) -> Result<(Proof, Option<Secret>)> {
        let proof = match (self.code, self.verifier, self.id_token, self.nonce) {
            (Some(code), Some(verifier), None, None) => Proof::Code(Brought {
                code: code.into(),
                verifier: Some(verifier.into()),
            }),
            (None, None, Some(token), Some(nonce)) => Proof::Token(IdToken {
                token: token.into(),
                nonce: nonce.into(),
            }),
            _ => {
                let message = "Send `code` with `verifier`, or `idToken` with `nonce`.";
                return Err(Error::bad_input("code", message));
            }
        };
        Ok((proof, self.password.map(Secret::from)))
    }
}

/// Which account elsewhere to take away.
#[derive(InputObject)]
pub struct UnlinkIdentityInput {
    /// The id of the identity: `idn_...`.
    pub id: ID,
    /// Your password. Who has none must have signed in within the last ten minutes.
    pub password: Option<String>,
}
