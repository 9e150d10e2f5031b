//! A payment and its ledger as Stripe reports them.

use crate::core::id::TypedId;
use crate::core::money::Currency;
use crate::infra::stripe::currency::from_stripe;
use crate::infra::stripe::{Charge, Dispute, Intent, LatestCharge, PaymentError, Refund};
use crate::sales::payment::entity::entry::Kind;
use crate::sales::payment::entity::{Model, Status};
use crate::sales::payment::service::provider::{Reported, Snapshot};

/// The metadata that holds the id of the payment.
pub(super) const PAYMENT: &str = "payment";
/// The metadata that holds the id of the order.
pub(super) const ORDER: &str = "order";

/// Returns the snapshot of a `PaymentIntent` with these refunds and disputes.
pub(super) fn snapshot(
    payment: &Model,
    currency: Currency,
    is_live: bool,
    (intent, refunds, disputes): (&Intent, &[Refund], &[Dispute]),
) -> Snapshot {
    let minor = |amount| from_stripe(currency, amount);
    let mut mismatch = mismatch(payment, is_live, intent);
    let mut amount_of = |amount: i64| {
        minor(amount).unwrap_or_else(|| {
            mismatch = Some("amount");
            0
        })
    };
    let amount = amount_of(intent.amount);
    let charge = charge_id(intent);
    let key = |kind: &str| format!("{} {kind}", charge.as_deref().unwrap_or(&intent.id));
    let mut entries: Vec<_> = intent.last_payment_error.iter().map(failure).collect();
    let status = match intent.status.as_str() {
        "processing" => Status::Processing,
        "requires_capture" => {
            let capturable = amount_of(intent.amount_capturable);
            let authorized = Reported::new(Kind::Authorized, capturable, key("AUTHORIZED"));
            entries.push(authorized);
            Status::Authorized
        }
        "succeeded" => {
            let received = amount_of(intent.amount_received);
            entries.push(Reported::new(Kind::Captured, received, key("CAPTURED")));
            if received < amount {
                // Captured in the dashboard. The rest is released.
                entries.push(Reported::new(Kind::Canceled, 0, "canceled"));
            }
            Status::Captured
        }
        "canceled" => {
            entries.push(Reported::new(Kind::Canceled, 0, "canceled"));
            Status::Canceled
        }
        // The buyer has to do something.
        _ => Status::Pending,
    };
    for refund in refunds {
        entries.extend(entry_of_refund(refund, amount_of(refund.amount)));
    }
    let entries_of_disputes = disputes
        .iter()
        .flat_map(|dispute| entries_of_dispute(dispute, minor(dispute.amount).unwrap_or_default()));
    entries.extend(entries_of_disputes);
    Snapshot {
        reference: Some(intent.id.clone()),
        status,
        amount,
        currency: intent.currency.to_uppercase(),
        last_error: intent.last_payment_error.as_ref().map(code),
        entries,
        mismatch,
    }
}

/// Returns the field by which a `PaymentIntent` is not that of a payment.
pub(super) fn mismatch(payment: &Model, is_live: bool, intent: &Intent) -> Option<&'static str> {
    let is = |name: &str, id: String| intent.metadata.get(name).is_some_and(|known| *known == id);
    if intent.livemode != is_live {
        Some("livemode")
    } else if !is(PAYMENT, payment.id.encode()) || !is(ORDER, payment.order_id.encode()) {
        Some("metadata")
    } else {
        None
    }
}

/// Returns the latest charge, if it is expanded.
pub(super) fn charge(intent: &Intent) -> Option<&Charge> {
    match &intent.latest_charge {
        Some(LatestCharge::Charge(charge)) => Some(charge),
        _ => None,
    }
}

fn charge_id(intent: &Intent) -> Option<String> {
    match intent.latest_charge.as_ref()? {
        LatestCharge::Charge(charge) => Some(charge.id.clone()),
        LatestCharge::Id(id) => Some(id.clone()),
    }
}

/// Returns the code for the buyer. The reason of a card's bank, which Stripe advises not to show, is another field.
fn code(error: &PaymentError) -> String {
    let code = error.code.as_ref().or(error.kind.as_ref());
    code.map_or("unknown", String::as_str).to_owned()
}

/// Returns the entry of a failed attempt. Without a charge, the payment method identifies it.
fn failure(error: &PaymentError) -> Reported {
    let code = code(error);
    let method = error.payment_method.as_ref().map(|method| &method.id);
    let attempt = error.charge.as_ref().or(method).unwrap_or(&code);
    Reported {
        note: Some(code.clone()),
        ..Reported::new(Kind::Failed, 0, format!("{attempt} FAILED"))
    }
}

/// Returns the entry of a refund: of one that is paid, or of one that failed after it was entered.
fn entry_of_refund(refund: &Refund, amount: i64) -> Option<Reported> {
    match refund.status.as_deref() {
        Some("succeeded") => Some(Reported::new(Kind::Refunded, amount, &refund.id)),
        Some("failed" | "canceled") => Some(Reported {
            note: refund.failure_reason.clone(),
            ..Reported::refund_failed(amount, &refund.id)
        }),
        _ => None,
    }
}

/// Returns the entries of a dispute. An inquiry, of which no money is withdrawn, has none.
fn entries_of_dispute(dispute: &Dispute, amount: i64) -> Vec<Reported> {
    let entry =
        |kind, name: &str, amount| Reported::new(kind, amount, format!("{} {name}", dispute.id));
    if dispute.status.starts_with("warning_") || dispute.status == "prevented" {
        return Vec::new();
    }
    let mut entries = vec![entry(Kind::Disputed, "DISPUTED", amount)];
    if dispute.status == "won" {
        entries.push(entry(Kind::DisputeWon, "DISPUTE_WON", amount));
    }
    entries
}
