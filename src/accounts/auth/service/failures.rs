//! Counts wrong one-time codes over all codes of an account (NIST SP 800-63B, 5.2.2: at most 100 in a row).
//!
//! After [`MAX_FAILURES`] wrong codes within 30 days of each other, six-digit codes are refused: the next email
//! contains a token that can't be guessed. A right code, or 30 days without a wrong one, resets the count.

use std::time::Duration;

use crate::accounts::auth::entity::code_failure::Model;
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::auth::repository::failures as repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;

/// Maximum number of wrong codes of one account.
const MAX_FAILURES: i32 = 100;
/// Time after which a wrong code no longer counts.
const WINDOW: Duration = Duration::from_hours(30 * 24);

/// Count of the wrong codes of a subject.
pub struct CodeFailures {
    purpose: Purpose,
    subject: String,
    count: i32,
}

impl CodeFailures {
    /// Reads the count. The caller must have locked the code of the subject.
    pub async fn read(
        transaction: &Transaction,
        purpose: Purpose,
        subject: &str,
        now: Timestamp,
    ) -> Result<Self> {
        let found = repository::find(transaction, purpose, subject).await?;
        let found = found.filter(|found| found.failed_at.after(WINDOW) > now);
        Ok(Self {
            purpose,
            subject: subject.to_owned(),
            count: found.map_or(0, |found| found.failures),
        })
    }

    /// Returns whether six-digit codes are no longer accepted.
    pub const fn is_exhausted(&self) -> bool {
        self.count >= MAX_FAILURES
    }

    /// Counts a wrong code. Returns whether this one reached the limit.
    pub async fn add(&self, transaction: &Transaction, now: Timestamp) -> Result<bool> {
        let failures = Model {
            purpose: self.purpose,
            subject: self.subject.clone(),
            failures: (self.count + 1).min(MAX_FAILURES),
            failed_at: now,
        };
        repository::replace(transaction, failures).await?;
        Ok(self.count + 1 == MAX_FAILURES)
    }

    /// Resets the count after a right code.
    pub async fn reset(&self, transaction: &Transaction) -> Result<()> {
        if self.count > 0 {
            repository::delete(transaction, self.purpose, &self.subject).await?;
        }
        Ok(())
    }
}

/// Deletes expired counts.
pub async fn delete_expired(transaction: &Transaction, now: Timestamp) -> Result<()> {
    Ok(repository::delete_expired(transaction, now.before(WINDOW)).await?)
}
