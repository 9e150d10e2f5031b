//! Admins capture authorized payments, and record payments on account.

use serde_json::json;

use super::events::{NewEvent, record};
use super::refund_lines::refund_canceled;
use super::settle::{lock, settle};
use super::sums;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::{TypedId, uuid_v7};
use crate::core::money::Decimal;
use crate::core::text::check_text;
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, OrderId, Status};
use crate::sales::order::repository;
use crate::sales::payment::entity::entry;
use crate::sales::payment::entity::{self as payment, PaymentId, Provider};
use crate::sales::payment::service::provider::Reported;
use crate::sales::payment::service::{self as payments, ledgers_of};
use crate::sales::row;
use crate::state::State;

/// The maximum length of a note in characters.
const MAX_NOTE: usize = 500;

/// Captures the authorized amount of a payment. A captured payment stays as it is.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if it is not authorized; `Unreachable` if the provider does not respond: then it is captured
/// later.
pub async fn capture_payment(
    state: &State,
    admin: Admin,
    id: PaymentId,
) -> Result<(Model, payment::Model)> {
    let transaction = state.db.begin().await?;
    let found = payments::find(&transaction, id).await?;
    found.ok_or_else(|| row::missing("paymentId", "payment"))?;
    let (order, payment) = lock(&transaction, id).await?;
    match payment.status {
        payment::Status::Captured => return Ok((order, payment)),
        payment::Status::Authorized if !payment.cancel_requested => {}
        _ => {
            let message = "The payment is not authorized.";
            return Err(UserError::new(UserErrorCode::Conflict, "paymentId", message).into());
        }
    }
    if payment.capture_requested {
        // And not answered yet: `settle` locks the order itself.
        transaction.rollback().await?;
    } else {
        let amount = Decimal::from_minor(payment.amount, state.config.shop_currency);
        payments::request_capture(&transaction, state, payment).await?;
        let entry = Entry::new("capturePayment").about(order.id);
        let entry = entry.change("captured", None, amount.to_string());
        audit::record(
            &transaction,
            Actor::Admin(admin),
            [entry],
            state.clock.now(),
        )
        .await?;
        transaction.commit().await?;
    }
    settle(state, id).await
}

/// Records money that was received for an order on account.
///
/// # Errors
/// `NOT_FOUND`; `BAD_USER_INPUT` for an amount that is not positive; `CONFLICT` for an order without an open payment on
/// account, and for more than is left to pay.
pub async fn record_payment(
    state: &State,
    admin: Admin,
    id: OrderId,
    amount: Option<Decimal>,
    note: Option<&str>,
) -> Result<(Model, payment::Model)> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let amount = amount.map(|amount| amount.to_minor(currency, "amount"));
    let amount = amount.transpose()?;
    if amount.is_some_and(|amount| amount <= 0) {
        return Err(Error::bad_input("amount", "The amount must be positive."));
    }
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    let note = note.map(|note| check_text(note, MAX_NOTE)).transpose();
    let note = note.map_err(|message| Error::bad_input("note", message))?;
    let transaction = state.db.begin().await?;
    let order = repository::lock(&transaction, id).await?;
    let mut order = order.ok_or_else(|| row::missing("orderId", "order"))?;
    let captured_before = order.captured;
    let open = payments::lock_open(&transaction, id).await?;
    let open = open.filter(|payment| payment.provider == Provider::Manual);
    let (Some(mut payment), Status::Confirmed) = (open, order.status) else {
        let message = "The order has no open payment on account.";
        return Err(UserError::new(UserErrorCode::Conflict, "orderId", message).into());
    };
    // The buyer may also pay for units that were canceled meanwhile: they are refunded then.
    let left = order.total - order.captured;
    let due = sums::due(&transaction, &order).await? - order.captured;
    let amount = amount.unwrap_or(due);
    if amount <= 0 {
        let message = "Nothing is left to pay.";
        return Err(UserError::new(UserErrorCode::Conflict, "orderId", message).into());
    }
    if amount > left {
        let message = format!("{} are left to pay.", Decimal::from_minor(left, currency));
        return Err(UserError::new(UserErrorCode::Conflict, "amount", message).into());
    }
    let entry = Reported {
        kind: entry::Kind::Captured,
        amount,
        key: format!("recorded {}", uuid_v7(now)),
        note,
    };
    let entries = std::slice::from_ref(&entry);
    payments::enter(&transaction, state, payment.id, entries).await?;
    let ledger = ledgers_of(&transaction, &[payment.id]).await?;
    let ledger = ledger.get(&payment.id).copied().unwrap_or_default();
    payment.status = ledger.status(&payment, payment::Status::Pending);
    let payment = payments::save(&transaction, state, payment).await?;
    sums::refresh(&transaction, &mut order).await?;
    sums::store(&transaction, state, &mut order).await?;
    let event = NewEvent {
        actor: Some(admin.user()),
        // The note is for admins.
        data: json!({"paymentId": payment.id.encode(), "amount": amount}),
        ..NewEvent::public(Kind::PaymentRecorded)
    };
    record(&transaction, state, id, event).await?;
    refund_canceled(&transaction, state, &mut order, captured_before).await?;
    let amount = Decimal::from_minor(amount, currency).to_string();
    let audited = Entry::new("recordPayment").about(id);
    let audited = audited.change("captured", None, amount);
    let audited = audited.change_text("note", None, entry.note.as_deref());
    audit::record(&transaction, Actor::Admin(admin), [audited], now).await?;
    transaction.commit().await?;
    Ok((order, payment))
}
