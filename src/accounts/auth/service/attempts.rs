//! Counts sign-ins by password before the password is checked.
//!
//! An account accepts `LIMIT_LOGIN_ACCOUNT` wrong passwords (100 a day). Then it is locked, but its owner can still
//! sign in (OWASP ASVS 6.1.1):
//!
//! - A browser with a device cookie of the account, and a network that the user has signed in from within 90 days,
//!   have [`limits::MAX_KNOWN_FAILURES`] attempts of their own.
//! - A network without a failure at this account has [`limits::MAX_NEW_NETWORK_FAILURES`] attempts. All such networks together
//!   have as many wrong passwords as the account itself, which bounds an attacker with many networks.
//! - All other networks are refused.
//!
//! Attempts are counted by address, whether or not it has an account, so that the responses are the same.

use std::time::Duration;

use super::{limits, networks};
use crate::accounts::token::device::DeviceToken;
use crate::accounts::user::{self, UserId};
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::platform::rate_limit::service::{self as rate_limit, Limit};
use crate::state::State;

/// A sign-in that is counted as a failure until it succeeds.
#[derive(Debug)]
pub struct Attempt {
    /// Limits that a success resets.
    reset: Vec<Limit>,
    /// Limits that a success gives one attempt back to.
    refund: Vec<Limit>,
}

/// A sign-in that exceeded a rate limit.
#[derive(Debug)]
pub struct LimitExceeded {
    pub wait: Duration,
    pub reason: &'static str,
    /// The account, if it was looked up.
    pub user: Option<UserId>,
}

impl LimitExceeded {
    const fn new(wait: Duration, reason: &'static str, user: Option<UserId>) -> Self {
        Self { wait, reason, user }
    }
}

/// Counts a sign-in attempt. `subject` is the email address in its compared form, or as typed if it is invalid.
pub async fn begin_attempt(
    state: &State,
    client: &Client,
    subject: &str,
) -> Result<Result<Attempt, LimitExceeded>> {
    let transaction = state.db.begin().await?;
    let admitted = count(&transaction, state, client, subject).await?;
    transaction.commit_without_records().await?;
    Ok(admitted)
}

/// Reverts the count of a successful sign-in.
pub async fn record_success(transaction: &Transaction, attempt: &Attempt) -> Result<()> {
    for limit in &attempt.reset {
        rate_limit::reset(transaction, limit).await?;
    }
    for limit in &attempt.refund {
        rate_limit::refund(transaction, limit).await?;
    }
    Ok(())
}

/// Resets the failures of an account whose credentials were changed.
pub async fn reset(transaction: &Transaction, state: &State, subject: &str) -> Result<()> {
    rate_limit::reset(transaction, &limits::login_account(state, subject)).await?;
    rate_limit::reset(transaction, &limits::login_new_networks(state, subject)).await
}

async fn count(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    subject: &str,
) -> Result<Result<Attempt, LimitExceeded>> {
    let now = state.clock.now();
    if let Some(device) = device(state, client, subject, now) {
        let limit = limits::login_device(&device);
        let limits = std::slice::from_ref(&limit);
        if rate_limit::charge_in(transaction, limits, now)
            .await?
            .is_none()
        {
            return Ok(Ok(Attempt {
                reset: vec![limit],
                refund: Vec::new(),
            }));
        }
    }
    let of_client = [limits::login(state, client)];
    if let Some(wait) = rate_limit::charge_in(transaction, &of_client, now).await? {
        return Ok(Err(LimitExceeded::new(wait, "client_limit", None)));
    }
    let of_account = [limits::login_account(state, subject)];
    let Some(wait) = rate_limit::charge_in(transaction, &of_account, now).await? else {
        let failed = limits::login_failed(client, subject);
        rate_limit::use_up(transaction, &failed, now).await?;
        let [of_account] = of_account;
        return Ok(Ok(Attempt {
            reset: vec![of_account, failed],
            refund: Vec::new(),
        }));
    };
    count_locked(transaction, state, client, subject, wait).await
}

/// Counts a sign-in attempt to a locked account.
async fn count_locked(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    subject: &str,
    wait: Duration,
) -> Result<Result<Attempt, LimitExceeded>> {
    let now = state.clock.now();
    let user = user::service::find_by_email_key(transaction, subject).await?;
    let user = user.map(|user| user.id);
    // The nil id keeps the number of statements equal for an address without an account.
    let owner = user.unwrap_or(UserId(uuid::Uuid::nil()));
    let known = networks::is_known(transaction, state, client, owner).await?;
    let failed = limits::login_failed(client, subject);
    let has_failed = rate_limit::is_used(transaction, &failed, now).await?;
    let locked = |wait| Ok(Err(LimitExceeded::new(wait, "account_locked", user)));
    if known {
        let limit = limits::login_known_network(client, subject);
        let limits = std::slice::from_ref(&limit);
        return match rate_limit::charge_in(transaction, limits, now).await? {
            Some(wait) => locked(wait),
            None => Ok(Ok(Attempt {
                reset: vec![limit, failed],
                refund: Vec::new(),
            })),
        };
    }
    if has_failed {
        return locked(wait);
    }
    let own = limits::login_new_network(client, subject);
    let all = limits::login_new_networks(state, subject);
    let both = [own, all];
    if let Some(wait) = rate_limit::charge_in(transaction, &both, now).await? {
        return locked(wait);
    }
    let [own, all] = both;
    Ok(Ok(Attempt {
        reset: vec![own],
        refund: vec![all],
    }))
}

/// Returns the device whose cookie was issued for this account.
fn device(state: &State, client: &Client, subject: &str, now: Timestamp) -> Option<DeviceToken> {
    let cookie = client.device_cookie.as_ref()?;
    DeviceToken::open(&state.keys, cookie.expose(), subject, now)
}
