//! Inputs of mutations on identities. They don't implement `Debug`, because most contain a secret.

use async_graphql::{ID, InputObject};

use crate::accounts::auth::graphql::TokenPlace;
use crate::accounts::identity::service::{CodeAndVerifier, GoogleCredential, IdToken};
use crate::config::Secret;
use crate::core::error::{Error, Result};

/// Input of `exchangeOAuthCode`.
#[derive(InputObject)]
#[graphql(name = "ExchangeOAuthCodeInput")]
pub struct ExchangeCodeInput {
    /// The `code` in the fragment of the URL that the browser was redirected to.
    pub code: String,
    /// The verifier whose SHA-256 was the `challenge`. Omit it if no challenge was sent.
    pub verifier: Option<String>,
    /// How the refresh token is returned, now and after each refresh. Default: `BODY`.
    #[graphql(default_with = "TokenPlace::Body")]
    pub refresh_token_in: TokenPlace,
}

/// Input of `signInWithGoogle`.
#[derive(InputObject)]
pub struct SignInWithGoogleInput {
    /// ID token from Google's sign-in SDK. Can be used once.
    pub id_token: String,
    /// The nonce that the app passed to Google: 16 to 256 random characters, new for each sign-in.
    pub nonce: String,
    /// How the refresh token is returned, now and after each refresh. Default: `BODY`.
    #[graphql(default_with = "TokenPlace::Body")]
    pub refresh_token_in: TokenPlace,
}

/// Input of `linkGoogle`. Send `code` and `verifier` of a browser sign-in that was started with `intent=link`, or
/// `idToken` and `nonce`.
#[derive(InputObject)]
pub struct LinkGoogleInput {
    /// The `code` in the fragment of the URL that the browser was redirected to.
    pub code: Option<String>,
    /// The verifier whose SHA-256 was the `challenge`.
    pub verifier: Option<String>,
    /// ID token from Google's sign-in SDK. Can be used once.
    pub id_token: Option<String>,
    /// The nonce that the app passed to Google: 16 to 256 characters.
    pub nonce: Option<String>,
    /// Your password. Accounts without a password must have signed in within the last 10 minutes.
    pub password: Option<String>,
}

impl LinkGoogleInput {
    /// Returns the proof of ownership and the password, or an error for any other combination of fields.
    pub fn check(self) -> Result<(GoogleCredential, Option<Secret>)> {
        let credential = match (self.code, self.verifier, self.id_token, self.nonce) {
            (Some(code), Some(verifier), None, None) => GoogleCredential::Code(CodeAndVerifier {
                code: code.into(),
                verifier: Some(verifier.into()),
            }),
            (None, None, Some(token), Some(nonce)) => GoogleCredential::Token(IdToken {
                token: token.into(),
                nonce: nonce.into(),
            }),
            _ => {
                let message = "Send `code` with `verifier`, or `idToken` with `nonce`.";
                return Err(Error::bad_input("code", message));
            }
        };
        Ok((credential, self.password.map(Secret::from)))
    }
}

/// Input of `unlinkIdentity`.
#[derive(InputObject)]
pub struct UnlinkIdentityInput {
    /// The id of the identity to unlink: `idn_...`.
    pub id: ID,
    /// Your password. Accounts without a password must have signed in within the last 10 minutes.
    pub password: Option<String>,
}
