//! Payment on account: an admin records each payment, and pays refunds by hand.

use super::{RefundSnapshot, Reported, Snapshot};
use crate::sales::payment::entity::entry::Kind;
use crate::sales::payment::entity::{Model, Status, refund};
use crate::state::State;

/// Returns the state of a payment: nothing happens to it, but that it is canceled if this was requested.
pub(super) fn call(state: &State, payment: &Model) -> Snapshot {
    let is_canceled = payment.cancel_requested;
    let canceled = is_canceled.then(|| Reported::new(Kind::Canceled, 0, "canceled"));
    Snapshot {
        reference: None,
        status: if is_canceled {
            Status::Canceled
        } else {
            Status::Pending
        },
        amount: payment.amount,
        currency: state.config.shop_currency.code().to_owned(),
        last_error: None,
        entries: canceled.into_iter().collect(),
        mismatch: None,
    }
}

pub(super) const fn refund() -> RefundSnapshot {
    RefundSnapshot {
        reference: None,
        status: refund::Status::Succeeded,
        last_error: None,
    }
}
