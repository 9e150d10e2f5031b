//! One-time codes: six digits in a letter that prove who reads it.

use std::time::Duration;

use super::letters::Letter;
use crate::auth::entity::one_time_code::{Model, Purpose};
use crate::auth::repository::codes as repository;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::database::Transaction;
use crate::error::{Error, Result};
use crate::outbox;
use crate::state::State;
use crate::user::UserId;
use crate::user_error::{UserError, UserErrorCode, seconds};

/// How long it takes to ask for a code. What is done for it takes a few milliseconds, and some tenths of one more or less
/// for an address that is known: a patient stranger could tell.
const FLOOR: Duration = Duration::from_millis(30);

/// Does the work, and answers no sooner than after a fixed time.
pub async fn evenly<T>(work: impl Future<Output = T>) -> T {
    tokio::join!(work, tokio::time::sleep(FLOOR)).0
}

/// A code to be made.
pub struct NewCode<'a> {
    pub purpose: Purpose,
    /// An address as it is compared, or the id of a user.
    pub subject: &'a str,
    /// Not for a stand-in that no code fits.
    pub live: bool,
    /// Whose it is. Who registers is nobody yet.
    pub user: Option<UserId>,
    pub payload: Option<String>,
    /// The letter that carries it, or another one, or none.
    pub letter: Option<Letter>,
}

/// What came of a try.
pub enum Tried {
    /// The code was right, and is used up.
    Right {
        user: Option<UserId>,
        payload: Option<String>,
    },
    /// It was not; how long until another one can be asked for, when that is what helps.
    Wrong(Option<Duration>),
}

/// Makes a code in the place of the one before it, and writes its letter down. Takes as long when nobody gets either.
pub async fn issue(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    new: NewCode<'_>,
    now: Timestamp,
) -> Result<()> {
    let nonce = rand::random::<[u8; 16]>().to_vec();
    let accounts = &state.config.accounts;
    let attempts = i32::try_from(accounts.code_attempts).map_err(Error::internal)?;
    let code = Model {
        purpose: new.purpose,
        subject: new.subject.to_owned(),
        live: new.live,
        user_id: new.user,
        client: client.network(),
        nonce: nonce.clone(),
        attempts_left: attempts,
        attempts_left_to_others: attempts,
        payload: new.payload,
        created_at: now,
        expires_at: now.after(accounts.code_lifetime),
    };
    // A letter that has not left yet would carry a code that is void.
    if let Some(before) = repository::lock(transaction, new.purpose, new.subject).await? {
        outbox::service::withdraw(transaction, &before.nonce).await?;
    }
    repository::replace(transaction, code).await?;
    let letter = match new.letter {
        Some(letter) => letter.into_new(state, Some(nonce)),
        None => Letter::to_nobody().into_new(state, None),
    };
    outbox::service::queue(transaction, letter, now).await
}

/// Tries a code. When it is wrong the try counts: the transaction must be committed either way.
///
/// Who asked for the code has tries of his own, so that a stranger who guesses, or wants to spoil it, can't use them up.
pub async fn redeem(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    purpose: Purpose,
    subject: &str,
    otp: &str,
) -> Result<Tried> {
    let now = state.clock.now();
    let found = repository::lock(transaction, purpose, subject).await?;
    let Some(mut code) = found.filter(|code| code.expires_at > now) else {
        return Ok(Tried::Wrong(None));
    };
    let again = code
        .created_at
        .after(state.config.accounts.code_resend_after);
    let attempts = if code.client == client.network() {
        &mut code.attempts_left
    } else {
        &mut code.attempts_left_to_others
    };
    if *attempts == 0 {
        return Ok(Tried::Wrong(Some(again.since(now))));
    }
    *attempts -= 1;
    // As people copy it: with spaces around it, or between the digits.
    let otp: String = otp
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    if state.keys.is_code(&code.nonce, &otp) && code.live {
        repository::delete(transaction, purpose, subject).await?;
        return Ok(Tried::Right {
            user: code.user_id,
            payload: code.payload,
        });
    }
    repository::update_attempts(transaction, &code).await?;
    Ok(Tried::Wrong(None))
}

/// The refusal of a code, for whatever reason.
pub fn wrong_code(tried: &Tried) -> Error {
    let message = "This code is not right, or not any more. Ask for another if you can't find it.";
    let mut error = UserError::new(UserErrorCode::OtpInvalid, "otp", message);
    if let Tried::Wrong(Some(wait)) = tried
        && !wait.is_zero()
    {
        error.retry_after_seconds = Some(seconds(*wait));
    }
    error.into()
}
