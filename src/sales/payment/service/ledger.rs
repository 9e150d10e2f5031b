//! The ledger: what providers have reported. All sums and statuses are derived from it.

use std::collections::HashMap;

use super::provider::Reported;
use crate::core::error::Result;
use crate::core::id::uuid_v7;
use crate::infra::database::{Connection, Transaction};
use crate::sales::payment::entity::entry::{Kind, Model as Entry};
use crate::sales::payment::entity::{Model, PaymentId, Status};
use crate::sales::payment::repository;
use crate::state::State;

/// The sums of the ledger of one payment, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The amount that is authorized and not captured.
    pub authorized: i64,
    pub captured: i64,
    pub refunded: i64,
    pub is_canceled: bool,
    /// The number of disputes that are not won.
    pub disputes: i64,
}

impl Ledger {
    fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut sums = Self::default();
        for entry in entries {
            match entry.kind {
                Kind::Authorized => sums.authorized += entry.amount,
                Kind::Captured => sums.captured += entry.amount,
                Kind::Refunded => sums.refunded += entry.amount,
                Kind::RefundFailed => sums.refunded -= entry.amount,
                Kind::Canceled => sums.is_canceled = true,
                Kind::Disputed => sums.disputes += 1,
                Kind::DisputeWon => sums.disputes -= 1,
                Kind::Failed => {}
            }
        }
        // The cancelation ends the authorization.
        sums.authorized = if sums.is_canceled {
            0
        } else {
            (sums.authorized - sums.captured).max(0)
        };
        sums
    }

    /// Returns the status of a payment, given the status that its provider reports. An older report, which arrives late,
    /// does not take back an entry.
    pub fn status(self, payment: &Model, reported: Status) -> Status {
        if self.captured > 0 && (self.captured >= payment.amount || self.is_canceled) {
            Status::Captured
        } else if self.is_canceled {
            Status::Canceled
        } else if self.authorized > 0 {
            Status::Authorized
        } else {
            // Without an entry the provider still waits.
            match reported {
                Status::Processing => Status::Processing,
                _ => Status::Pending,
            }
        }
    }
}

/// Enters what a provider reports, except what is entered already. Returns the new entries. The caller must have locked the
/// order and the payment.
pub async fn enter(
    transaction: &Transaction,
    state: &State,
    payment: PaymentId,
    reported: &[Reported],
) -> Result<Vec<Reported>> {
    let now = state.clock.now();
    let mut new = Vec::new();
    for entry in reported {
        let row = Entry {
            id: uuid_v7(now),
            payment_id: payment,
            kind: entry.kind,
            amount: entry.amount,
            provider_key: entry.key.clone(),
            note: entry.note.clone(),
            at: now,
        };
        if repository::insert_entry(transaction, row).await? {
            new.push(entry.clone());
        }
    }
    Ok(new)
}

/// Returns the sums of the ledgers of payments. Payments without entries are included.
pub async fn ledgers_of(
    db: &impl Connection,
    payments: &[PaymentId],
) -> Result<HashMap<PaymentId, Ledger>> {
    let entries = repository::entries_of(db, payments).await?;
    let ledger = |payment: &PaymentId| {
        let own = entries.iter().filter(|entry| entry.payment_id == *payment);
        (*payment, Ledger::of(own))
    };
    Ok(payments.iter().map(ledger).collect())
}
