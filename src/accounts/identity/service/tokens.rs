//! Sign-in with ID tokens that apps receive from Google's SDK.

use std::time::Duration;

use super::flows::mark_token_used;
use crate::config::Secret;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;
use crate::infra::oidc::{Claims, OidcError};
use crate::state::State;

/// Minimum and maximum length of a nonce in characters. A random one of 16 characters has at least 64 bits.
const NONCE_LENGTH: (usize, usize) = (16, 256);
/// Time for which a used token is stored after its expiry. Longer than clocks may differ.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);

/// An ID token sent by an app.
#[derive(Debug)]
pub struct IdToken {
    pub token: Secret,
    /// The nonce that the app passed to Google. It binds the token to one sign-in.
    pub nonce: Secret,
}

/// A valid ID token, and the time until which its use is stored.
pub struct Verified {
    pub claims: Claims,
    token: Secret,
    until: Timestamp,
}

impl Verified {
    /// Marks the token as used.
    ///
    /// # Errors
    /// `TOKEN_INVALID` if it was used before.
    pub async fn mark_used(&self, transaction: &Transaction) -> Result<()> {
        if mark_token_used(transaction, self.token.expose(), self.until).await? {
            Ok(())
        } else {
            Err(wrong_token())
        }
    }
}

/// Verifies an ID token with Google's keys.
pub async fn verify(state: &State, given: IdToken) -> Result<Verified> {
    let nonce = given.nonce.expose();
    let length = nonce.chars().take(NONCE_LENGTH.1 + 1).count();
    if !(NONCE_LENGTH.0..=NONCE_LENGTH.1).contains(&length) {
        let message = format!(
            "Send the nonce that the app passed to Google for this sign-in: {} to {} characters.",
            NONCE_LENGTH.0, NONCE_LENGTH.1
        );
        return Err(Error::bad_input("nonce", message));
    }
    let verified = state.google.verify(given.token.expose(), nonce).await;
    let (claims, expires) = verified.map_err(|error| match error {
        OidcError::Disabled => {
            let message = "Sign-in with Google is not configured.";
            UserError::new(UserErrorCode::NotConfigured, None, message).into()
        }
        OidcError::Unavailable => Error::Unreachable("Google can't be reached. Try again in a moment."),
        OidcError::Refused => wrong_token(),
        OidcError::NoNonce => {
            let message = "This ID token has no nonce, so it could be replayed. Use a sign-in library that sends a nonce to Google, or sign in through the system's browser.";
            UserError::new(UserErrorCode::TokenInvalid, "idToken", message).into()
        }
    })?;
    Ok(Verified {
        claims,
        token: given.token,
        until: expires.after(CLOCK_TOLERANCE),
    })
}

fn wrong_token() -> Error {
    let message = "The ID token is invalid or expired. Get a new one from Google.";
    UserError::new(UserErrorCode::TokenInvalid, "idToken", message).into()
}
