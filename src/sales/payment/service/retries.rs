//! The payments and refunds whose provider has to be asked again.

use std::time::Duration;

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::DueCondition;
use crate::sales::payment::entity::PaymentId;
use crate::sales::payment::entity::refund::RefundId;
use crate::sales::payment::repository::{self, refunds};
use crate::state::State;

const MIN_BACKOFF: Duration = Duration::from_secs(2);
const MAX_BACKOFF: Duration = Duration::from_hours(1);
/// The time in which other servers leave a claimed row alone. Longer than a call can take.
const LEASE: Duration = Duration::from_secs(30);
/// The number of rows that are claimed at once.
const BATCH: u64 = 16;

/// Payments and refunds whose time has come.
#[derive(Clone, Debug, Default)]
pub struct Due {
    pub payments: Vec<PaymentId>,
    pub refunds: Vec<RefundId>,
}

impl Due {
    /// Returns whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.payments.is_empty() && self.refunds.is_empty()
    }
}

/// Returns the time of the next look after this number of looks without a change: 2 s, 4 s, ... 1 h.
pub fn backoff(now: Timestamp, attempts: i32) -> Timestamp {
    let doublings = u32::try_from(attempts).unwrap_or_default().min(16);
    now.after((MIN_BACKOFF * 2_u32.pow(doublings)).min(MAX_BACKOFF))
}

/// Returns the condition that a payment or a refund is due.
pub fn due_condition(now: Timestamp) -> DueCondition {
    repository::due_condition(now).or(refunds::due_condition(now))
}

/// Claims some payments and refunds whose time has come, so that no other server asks for them too.
pub async fn claim_due(state: &State) -> Result<Due> {
    let (db, now) = (state.db.reader(), state.clock.now());
    if !repository::is_due(db, now).await? && !refunds::is_due(db, now).await? {
        return Ok(Due::default());
    }
    let mut due = Due::default();
    let until = Some(now.after(LEASE));
    let transaction = state.db.begin().await?;
    for mut payment in repository::lock_due(&transaction, now, BATCH).await? {
        due.payments.push(payment.id);
        payment.look_at = until;
        repository::update(&transaction, payment).await?;
    }
    for mut refund in refunds::lock_due(&transaction, now, BATCH).await? {
        due.refunds.push(refund.id);
        refund.look_at = until;
        refunds::update(&transaction, refund).await?;
    }
    transaction.commit().await?;
    Ok(due)
}
