//! Checks and counts rate limits.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::repository;
use crate::config::Rate;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::database::{Connection, Transaction};
use crate::state::State;

/// A rate limit of one subject.
#[derive(Clone, Debug)]
pub struct Limit {
    key: String,
    rate: Rate,
}

impl Limit {
    /// Creates a limit named `what` for a subject. Only a hash of the subject is stored.
    pub fn new(what: &str, subject: &str, rate: Rate) -> Self {
        let hash = Sha256::digest(subject.as_bytes());
        let hash = URL_SAFE_NO_PAD.encode(&hash[..16]);
        Self {
            key: format!("{what}:{hash}"),
            rate,
        }
    }

    /// Returns the cost of one attempt in microseconds.
    fn step(&self) -> i64 {
        (self.depth() / i64::from(self.rate.burst)).max(1)
    }

    /// Returns the capacity of the bucket in microseconds.
    fn depth(&self) -> i64 {
        i64::try_from(self.rate.period.as_micros()).unwrap_or(i64::MAX / 4)
    }
}

/// Counts one attempt, or fails with `RATE_LIMITED` if the limit is exceeded. The count is committed even if the
/// attempt fails later.
pub async fn charge(state: &State, limits: &[Limit]) -> Result<()> {
    Ok(begin(state, limits).await?.commit_without_records().await?)
}

/// Counts one attempt and begins its transaction. The count is lost if the transaction is not committed.
pub async fn begin(state: &State, limits: &[Limit]) -> Result<Transaction> {
    let transaction = state.db.begin().await?;
    match charge_in(&transaction, limits, state.clock.now()).await? {
        None => Ok(transaction),
        Some(wait) => {
            transaction.commit_without_records().await?;
            Err(Error::RateLimited(wait))
        }
    }
}

/// Counts one attempt within a transaction. Returns the time to wait if a limit is exceeded; limits after it are not
/// charged.
pub async fn charge_in(
    transaction: &Transaction,
    limits: &[Limit],
    now: Timestamp,
) -> Result<Option<Duration>> {
    for limit in limits {
        let (step, depth) = (limit.step(), limit.depth());
        if !repository::charge(transaction, &limit.key, now, step, depth).await? {
            let free_at = repository::free_at(transaction, &limit.key).await?;
            let free_at = free_at.unwrap_or(now);
            let next = Timestamp(free_at.0 + step - depth);
            return Ok(Some(next.since(now)));
        }
    }
    Ok(None)
}

/// Empties a bucket. It is full again after the limit's period.
pub async fn use_up(transaction: &Transaction, limit: &Limit, now: Timestamp) -> Result<()> {
    let free_at = Timestamp(now.0 + limit.depth());
    Ok(repository::set(transaction, &limit.key, free_at).await?)
}

/// Returns whether any of the limit is used.
pub async fn is_used(db: &impl Connection, limit: &Limit, now: Timestamp) -> Result<bool> {
    let free_at = repository::free_at(db, &limit.key).await?;
    Ok(free_at.is_some_and(|free_at| free_at > now))
}

/// Gives one attempt back.
pub async fn refund(db: &impl Connection, limit: &Limit) -> Result<()> {
    Ok(repository::refund(db, &limit.key, limit.step()).await?)
}

/// Resets a limit.
pub async fn reset(db: &impl Connection, limit: &Limit) -> Result<()> {
    Ok(repository::delete(db, &limit.key).await?)
}

/// Deletes limits whose bucket is full again.
pub async fn delete_expired(transaction: &Transaction, now: Timestamp) -> Result<()> {
    Ok(repository::delete_full(transaction, now).await?)
}
