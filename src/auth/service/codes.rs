//! One-time codes: six digits in a letter that prove who reads it.

use super::letters::Letter;
use crate::auth::entity::one_time_code::{Model, Purpose};
use crate::auth::repository::codes as repository;
use crate::clock::Timestamp;
use crate::config::Rate;
use crate::database::Transaction;
use crate::error::{Error, Result};
use crate::outbox;
use crate::state::State;
use crate::throttle::service::Limit;
use crate::user::UserId;
use crate::user_error::{UserError, UserErrorCode};

/// A code to be made.
pub struct NewCode<'a> {
    pub purpose: Purpose,
    /// An address as it is compared, or the id of a user.
    pub subject: &'a str,
    /// Nobody, for a stand-in that no code fits.
    pub user: Option<UserId>,
    pub payload: Option<String>,
    /// The letter that carries it, or another one, or none.
    pub letter: Option<Letter>,
}

/// Makes a code in the place of the one before it, and writes its letter down. Takes as long when nobody gets either.
pub async fn issue(
    transaction: &Transaction,
    state: &State,
    new: NewCode<'_>,
    now: Timestamp,
) -> Result<()> {
    let nonce = rand::random::<[u8; 16]>().to_vec();
    let accounts = &state.config.accounts;
    let code = Model {
        purpose: new.purpose,
        subject: new.subject.to_owned(),
        user_id: new.user,
        nonce: nonce.clone(),
        attempts_left: i32::try_from(accounts.code_attempts).map_err(Error::internal)?,
        payload: new.payload,
        created_at: now,
        expires_at: now.after(accounts.code_lifetime),
    };
    repository::replace(transaction, code).await?;
    let letter = match new.letter {
        Some(letter) => letter.into_new(state, Some(nonce)),
        None => Letter::to_nobody().into_new(state, None),
    };
    outbox::service::queue(transaction, letter, now).await
}

/// Tries a code. When it is right it is used up, and whose it is comes back. When it is wrong the try counts: the
/// transaction must be committed either way.
pub async fn redeem(
    transaction: &Transaction,
    state: &State,
    purpose: Purpose,
    subject: &str,
    otp: &str,
) -> Result<Option<(UserId, Option<String>)>> {
    let now = state.clock.now();
    let tried = repository::try_once(transaction, purpose, subject, now).await?;
    let Some(code) = tried else {
        return Ok(None);
    };
    let right = state.keys.is_code(&code.nonce, otp.trim());
    match code.user_id {
        Some(user) if right => {
            repository::delete(transaction, purpose, subject).await?;
            Ok(Some((user, code.payload)))
        }
        _ => Ok(None),
    }
}

/// The refusal of a code, for whatever reason.
pub fn wrong_code() -> Error {
    let message =
        "This code is not right, or not any more. Ask for a new one if you can't find another.";
    UserError::new(UserErrorCode::OtpInvalid, "otp", message).into()
}

/// How often a code is sent to one address for one purpose: not before the wait is over, and only so many.
pub fn limits(state: &State, purpose: Purpose, subject: &str) -> [Limit; 2] {
    let accounts = &state.config.accounts;
    let gap = Rate {
        burst: 1,
        period: accounts.code_resend_after,
    };
    let name = match purpose {
        Purpose::VerifyEmail => "verify",
        Purpose::ResetPassword => "reset",
        Purpose::ChangeEmail => "change",
    };
    [
        Limit::new(&format!("{name}-gap"), subject, gap),
        Limit::new(
            &format!("{name}-codes"),
            subject,
            accounts.limit_codes_address,
        ),
    ]
}
