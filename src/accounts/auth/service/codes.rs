//! One-time codes sent by email: six digits, or a long token after too many wrong codes.

use std::time::Duration;

use super::emails::AccountEmail;
use super::failures::CodeFailures;
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

/// Minimum duration of a request for a code or a link. The work takes a few milliseconds and differs by tenths of one between
/// known and unknown addresses, which repeated measurements could reveal.
const MIN_DURATION: Duration = Duration::from_millis(30);

/// Runs `work` and returns no sooner than `MIN_DURATION` after the start.
pub async fn with_min_duration<T>(work: impl Future<Output = T>) -> T {
    tokio::join!(work, tokio::time::sleep(MIN_DURATION)).0
}

/// A code to create.
pub struct NewCode<'a> {
    pub purpose: Purpose,
    /// An email address in its compared form, or the id of a user.
    pub subject: &'a str,
    /// False for a placeholder that matches no code.
    pub live: bool,
    /// The account. `None` while a registration is pending.
    pub user: Option<UserId>,
    pub payload: Option<String>,
    /// Whether it is the code of an invitation: a long token that is valid for `INVITATION_LIFETIME`.
    pub is_invitation: bool,
    /// The email to send: with the code, a notice instead of it, or none.
    pub account_email: Option<AccountEmail>,
}

/// Result of an attempt.
pub enum CodeOutcome {
    /// The code was right and is deleted.
    Right {
        user: Option<UserId>,
        payload: Option<String>,
    },
    /// The code was wrong. Contains the wait until a new code can be requested, if no attempts are left.
    Wrong(Option<Duration>),
    /// Too many codes of the account were wrong: only the token of a new email is accepted.
    Exhausted,
}

impl CodeOutcome {
    /// Returns the reason of a refusal for the security log.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Exhausted => "too_many_wrong_codes",
            Self::Right { .. } | Self::Wrong(_) => "wrong_code",
        }
    }
}

/// An attempt with a code.
pub struct CodeAttempt<'a> {
    pub purpose: Purpose,
    /// An email address in its compared form, or the id of a user.
    pub subject: &'a str,
    pub otp: &'a str,
    /// The user to notify when the limit of wrong codes is reached.
    pub owner: Option<&'a User>,
}

/// Creates a code, replaces the previous one and queues its email. Takes equally long for a placeholder.
pub async fn issue_code(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    new: NewCode<'_>,
    now: Timestamp,
) -> Result<()> {
    // A queued email would carry a code that is now invalid.
    if let Some(before) = repository::lock(transaction, new.purpose, new.subject).await? {
        jobs::service::cancel_email(transaction, &before.nonce).await?;
    }
    let failures = CodeFailures::read(transaction, new.purpose, new.subject, now).await?;
    let nonce = new_nonce(new.is_invitation || failures.is_exhausted());
    let accounts = &state.config.accounts;
    let lifetime = if new.is_invitation {
        accounts.invitation_lifetime
    } else {
        accounts.code_lifetime
    };
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
        expires_at: now.after(lifetime),
    };
    repository::replace(transaction, code).await?;
    let mut account_email = match new.account_email {
        Some(account_email) => account_email.into_new_email(state, Some(nonce)),
        None => AccountEmail::placeholder().into_new_email(state, None),
    };
    if new.is_invitation {
        account_email.lifetime = lifetime;
    }
    jobs::service::enqueue_email(transaction, account_email, now).await
}

/// Returns a random nonce for a token or for a six-digit code.
fn new_nonce(of_token: bool) -> Vec<u8> {
    let length = if of_token { TOKEN_NONCE } else { CODE_NONCE };
    rand::random::<[u8; TOKEN_NONCE]>()[..length].to_vec()
}

/// Checks a code and uses it up. A wrong code uses an attempt, so the transaction must be committed in any case.
///
/// The network that requested the code has attempts of its own, so that others can't use them up by guessing.
pub async fn redeem_code(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    attempt: CodeAttempt<'_>,
) -> Result<CodeOutcome> {
    let (purpose, subject) = (attempt.purpose, attempt.subject);
    let now = state.clock.now();
    let otp = otp::normalize(attempt.otp);
    let found = repository::lock(transaction, purpose, subject).await?;
    let failures = CodeFailures::read(transaction, purpose, subject, now).await?;
    if failures.is_exhausted() && otp.len() != TOKEN_LENGTH {
        return Ok(CodeOutcome::Exhausted);
    }
    let Some(mut code) = found.filter(|code| code.expires_at > now) else {
        return Ok(CodeOutcome::Wrong(None));
    };
    // A token can't be guessed, so its attempts are not limited.
    let is_token = code.nonce.len() == TOKEN_NONCE;
    if !is_token {
        if failures.is_exhausted() {
            return Ok(CodeOutcome::Wrong(None));
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
            return Ok(CodeOutcome::Wrong(Some(again.since(now))));
        }
        *attempts -= 1;
    }
    if state.keys.is_code(&code.nonce, &otp) && code.live {
        repository::delete(transaction, purpose, subject).await?;
        failures.reset(transaction).await?;
        return Ok(CodeOutcome::Right {
            user: code.user_id,
            payload: code.payload,
        });
    }
    if !is_token {
        repository::update_attempts(transaction, &code).await?;
        if failures.add(transaction, now).await? {
            let notice = attempt
                .owner
                .map(|owner| AccountEmail::too_many_wrong_codes(state, owner));
            let notice = notice.unwrap_or_else(AccountEmail::placeholder);
            jobs::service::enqueue_email(transaction, notice.into_new_email(state, None), now)
                .await?;
        }
    }
    Ok(CodeOutcome::Wrong(None))
}

/// Returns the error for a code that was not accepted. The message is the same for every reason.
pub fn wrong_code(state: &State, attempt: &CodeOutcome) -> Error {
    if let CodeOutcome::Exhausted = attempt {
        return Error::CodesExhausted(state.config.accounts.code_resend_after);
    }
    let message = "The code is wrong or has expired. Check it, or request a new code.";
    let mut error = UserError::new(UserErrorCode::OtpInvalid, "otp", message);
    if let CodeOutcome::Wrong(Some(wait)) = attempt
        && !wait.is_zero()
    {
        error.retry_after_seconds = Some(seconds(*wait));
    }
    error.into()
}
