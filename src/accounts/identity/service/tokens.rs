//! ID tokens that apps get by themselves.

use std::time::Duration;

use super::flows::use_token;
use crate::config::Secret;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;
use crate::infra::oidc::{Claims, Fault};
use crate::state::State;

/// How many characters a nonce has: who chooses one gives it 64 bits and more.
const NONCE: (usize, usize) = (16, 256);
/// How long a used token is remembered after its end: longer than clocks may differ.
const MARGIN: Duration = Duration::from_mins(5);

/// What an app got of Google.
#[derive(Debug)]
pub struct IdToken {
    pub token: Secret,
    /// What the app gave to Google, so that the token is of no other sign-in.
    pub nonce: Secret,
}

/// What a good ID token says, and until when it is to be remembered.
pub struct Verified {
    pub claims: Claims,
    token: Secret,
    until: Timestamp,
}

impl Verified {
    /// Uses the token up.
    ///
    /// # Errors
    /// A refusal when it was used before.
    pub async fn use_up(&self, transaction: &Transaction) -> Result<()> {
        if use_token(transaction, self.token.expose(), self.until).await? {
            Ok(())
        } else {
            Err(wrong_token())
        }
    }
}

/// Asks Google's keys whether a token is good.
pub async fn verify(state: &State, given: IdToken) -> Result<Verified> {
    let nonce = given.nonce.expose();
    let length = nonce.chars().take(NONCE.1 + 1).count();
    if !(NONCE.0..=NONCE.1).contains(&length) {
        let message = format!(
            "Send the nonce that the app chose for this sign-in and gave to Google: {} to {} characters.",
            NONCE.0, NONCE.1
        );
        return Err(Error::bad_input("nonce", message));
    }
    let verified = state.google.verify(given.token.expose(), nonce).await;
    let (claims, expires) = verified.map_err(|fault| match fault {
        Fault::Off => {
            let message = "This shop has no sign-in with Google.";
            UserError::new(UserErrorCode::NotConfigured, None, message).into()
        }
        Fault::Unavailable => Error::Unreachable("Google can't be reached. Try again in a moment."),
        Fault::Refused => wrong_token(),
        Fault::NoNonce => {
            let message = "This ID token has no nonce, so it could be replayed. Use a sign-in library that sends a nonce to Google, or sign in through the system's browser.";
            UserError::new(UserErrorCode::TokenInvalid, "idToken", message).into()
        }
    })?;
    Ok(Verified {
        claims,
        token: given.token,
        until: expires.after(MARGIN),
    })
}

fn wrong_token() -> Error {
    let message = "This ID token is not right, or not any more. Get another one from Google.";
    UserError::new(UserErrorCode::TokenInvalid, "idToken", message).into()
}
