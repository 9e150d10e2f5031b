//! One-time codes: six digits in a letter that prove who reads it, or a token after too many wrong ones.

use std::time::Duration;

use super::failures::Failures;
use super::letters::Letter;
use super::otp;
use crate::accounts::auth::entity::one_time_code::{Model, Purpose};
use crate::accounts::auth::repository::codes as repository;
use crate::accounts::user::UserId;
use crate::accounts::user::entity::Model as User;
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode, seconds};
use crate::infra::database::Transaction;
use crate::infra::keys::{CODE_NONCE, TOKEN_LENGTH, TOKEN_NONCE};
use crate::platform::jobs;
use crate::state::State;

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
    /// Too many codes of the account were wrong: only the token of a new email is accepted.
    Exhausted,
}

impl Tried {
    /// The reason of a refusal in the security log.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Exhausted => "too_many_wrong_codes",
            Self::Right { .. } | Self::Wrong(_) => "wrong_code",
        }
    }
}

/// A code that a client tries.
pub struct Try<'a> {
    pub purpose: Purpose,
    /// An address in its compared form, or the id of a user.
    pub subject: &'a str,
    pub otp: &'a str,
    /// The user to notify when too many codes were wrong.
    pub owner: Option<&'a User>,
}

/// Makes a code in the place of the one before it, and writes its letter down. Takes as long when nobody gets either.
pub async fn issue(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    new: NewCode<'_>,
    now: Timestamp,
) -> Result<()> {
    // A letter that has not left yet would carry a code that is void.
    if let Some(before) = repository::lock(transaction, new.purpose, new.subject).await? {
        jobs::service::cancel_email(transaction, &before.nonce).await?;
    }
    let failures = Failures::read(transaction, new.purpose, new.subject, now).await?;
    let nonce = new_nonce(failures.is_exhausted());
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
    repository::replace(transaction, code).await?;
    let letter = match new.letter {
        Some(letter) => letter.into_new(state, Some(nonce)),
        None => Letter::to_nobody().into_new(state, None),
    };
    jobs::service::enqueue_email(transaction, letter, now).await
}

/// The nonce of six digits, or of a token.
fn new_nonce(of_token: bool) -> Vec<u8> {
    let length = if of_token { TOKEN_NONCE } else { CODE_NONCE };
    rand::random::<[u8; TOKEN_NONCE]>()[..length].to_vec()
}

/// Tries a code. When it is wrong the try counts: the transaction must be committed either way.
///
/// Who asked for the code has tries of his own, so that a stranger who guesses, or wants to spoil it, can't use them up.
pub async fn redeem(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    tried: Try<'_>,
) -> Result<Tried> {
    let (purpose, subject) = (tried.purpose, tried.subject);
    let now = state.clock.now();
    let otp = otp::plain(tried.otp);
    let found = repository::lock(transaction, purpose, subject).await?;
    let failures = Failures::read(transaction, purpose, subject, now).await?;
    if failures.is_exhausted() && otp.len() != TOKEN_LENGTH {
        return Ok(Tried::Exhausted);
    }
    let Some(mut code) = found.filter(|code| code.expires_at > now) else {
        return Ok(Tried::Wrong(None));
    };
    // A token can't be guessed: strangers who try can't use it up.
    let is_token = code.nonce.len() == TOKEN_NONCE;
    if !is_token {
        if failures.is_exhausted() {
            return Ok(Tried::Wrong(None));
        }
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
    }
    if state.keys.is_code(&code.nonce, &otp) && code.live {
        repository::delete(transaction, purpose, subject).await?;
        failures.forget(transaction).await?;
        return Ok(Tried::Right {
            user: code.user_id,
            payload: code.payload,
        });
    }
    if !is_token {
        repository::update_attempts(transaction, &code).await?;
        if failures.add(transaction, now).await? {
            let notice = tried.owner.map(|owner| Letter::codes_guessed(state, owner));
            let notice = notice.unwrap_or_else(Letter::to_nobody);
            jobs::service::enqueue_email(transaction, notice.into_new(state, None), now).await?;
        }
    }
    Ok(Tried::Wrong(None))
}

/// The refusal of a code, for whatever reason.
pub fn wrong_code(state: &State, tried: &Tried) -> Error {
    if let Tried::Exhausted = tried {
        return Error::CodesExhausted(state.config.accounts.code_resend_after);
    }
    let message = "This code is not right, or not any more. Ask for another if you can't find it.";
    let mut error = UserError::new(UserErrorCode::OtpInvalid, "otp", message);
    if let Tried::Wrong(Some(wait)) = tried
        && !wait.is_zero()
    {
        error.retry_after_seconds = Some(seconds(*wait));
    }
    error.into()
}
