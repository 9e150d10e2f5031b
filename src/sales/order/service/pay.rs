//! Paying an order: the first call of the provider, and another way to pay.

use super::access;
use super::confirm;
use super::confirm::lock_cart;
use super::lookups::payments_with_orders;
use super::settle::settle;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::secret::Secret;
use crate::core::viewer::Viewer;
use crate::sales::order::entity::{Model, OrderId, Status};
use crate::sales::order::repository;
use crate::sales::payment::entity::{self as payment, PaymentId, Provider};
use crate::sales::payment::service as payments;
use crate::sales::payment::service::provider::{Outcome, finish_test_payment};
use crate::sales::row;
use crate::state::State;

const ORDER: &str = "order";
const PAYMENT: &str = "payment";

/// Creates a new payment at its provider, after the commit that inserted it. If the provider does not respond, the payment
/// stays new, and is created later.
pub async fn begin_payment(state: &State, payment: &payment::Model) -> Result<payment::Model> {
    if payment.provider == Provider::Manual {
        return Ok(payment.clone());
    }
    match settle(state, payment.id).await {
        Ok((_, payment)) => Ok(payment),
        Err(Error::Unreachable(_)) => Ok(payment.clone()),
        Err(error) => Err(error),
    }
}

/// Refuses a provider that the shop does not offer.
///
/// # Errors
/// `NOT_CONFIGURED` on `field`.
pub fn check_provider(state: &State, provider: Provider, field: &str) -> Result<()> {
    if payments::offered(state).contains(&provider) {
        return Ok(());
    }
    let message = "The shop does not offer this way to pay.";
    Err(UserError::new(UserErrorCode::NotConfigured, field, message).into())
}

/// Pays a pending order in another way: the open payment is canceled at its provider first. Returns the open payment if it
/// has the same provider.
///
/// # Errors
/// `NOT_FOUND`, `NOT_CONFIGURED`, `ALREADY_PAID`, `ORDER_CLOSED`, or `CONFLICT` while a bank processes the open payment.
pub async fn create_payment(
    state: &State,
    viewer: Viewer,
    id: OrderId,
    token: Option<&Secret>,
    provider: Provider,
) -> Result<(Model, payment::Model)> {
    let found = access::find_for(state, viewer, id, token).await?;
    let found = found.ok_or_else(|| row::missing("orderId", ORDER))?;
    check_provider(state, provider, "provider")?;
    // Before the open payment is canceled.
    payments::check_amount(state, provider, found.total, "provider")?;
    if let Some(open) = cancel_other(state, id, provider).await? {
        return finish(state, open).await;
    }
    let transaction = state.db.begin().await?;
    lock_cart(&transaction, id).await?;
    let order = lock_payable(&transaction, state, id).await?;
    if let Some(open) = payments::lock_open(&transaction, id).await? {
        drop(transaction);
        // Created by a concurrent call, or not canceled by its provider.
        if open.provider == provider && !open.cancel_requested {
            return finish(state, open).await;
        }
        let message = "The payment of this order is being processed. Wait until it is settled.";
        return Err(UserError::new(UserErrorCode::Conflict, "orderId", message).into());
    }
    let payment = payments::create(&transaction, state, id, order.total, provider).await?;
    let order = if provider == Provider::Manual {
        confirm(&transaction, state, order).await?
    } else {
        order
    };
    transaction.commit().await?;
    if provider == Provider::Manual {
        return Ok((order, payment));
    }
    finish(state, payment).await
}

/// Requests the cancelation of the open payment of another provider, and settles it. Returns the open payment if it has
/// this provider.
async fn cancel_other(
    state: &State,
    order: OrderId,
    provider: Provider,
) -> Result<Option<payment::Model>> {
    let transaction = state.db.begin().await?;
    lock_payable(&transaction, state, order).await?;
    let Some(open) = payments::lock_open(&transaction, order).await? else {
        return Ok(None);
    };
    if open.provider == provider && !open.cancel_requested {
        return Ok(Some(open));
    }
    payments::request_cancel(&transaction, state, order).await?;
    transaction.commit().await?;
    settle(state, open.id).await?;
    Ok(None)
}

async fn finish(state: &State, payment: payment::Model) -> Result<(Model, payment::Model)> {
    let payment = begin_payment(state, &payment).await?;
    let order = repository::find(state.db.reader(), payment.order_id).await?;
    let order = order.ok_or_else(|| row::missing("orderId", ORDER))?;
    Ok((order, payment))
}

/// Locks an order that can be paid.
async fn lock_payable(
    transaction: &crate::infra::database::Transaction,
    state: &State,
    id: OrderId,
) -> Result<Model> {
    let order = repository::lock(transaction, id).await?;
    let order = order.ok_or_else(|| row::missing("orderId", ORDER))?;
    let error = match order.status {
        Status::Pending if order.pay_until > state.clock.now() => return Ok(order),
        Status::Confirmed => UserError::new(
            UserErrorCode::AlreadyPaid,
            "orderId",
            "The order is confirmed already.",
        ),
        Status::Pending | Status::Closing | Status::Canceled | Status::Expired => UserError::new(
            UserErrorCode::OrderClosed,
            "orderId",
            "The order can't be paid any more. Place a new one.",
        ),
    };
    Err(error.into())
}

/// Finds a payment whose order the viewer may see, and settles it.
///
/// # Errors
/// `NOT_FOUND`; `Unreachable` if the provider does not respond.
pub async fn sync_payment(
    state: &State,
    viewer: Viewer,
    id: PaymentId,
    token: Option<&Secret>,
) -> Result<(Model, payment::Model)> {
    find_payment(state, viewer, id, token).await?;
    settle(state, id).await
}

/// Plays the buyer's step at the test provider, and settles the payment.
///
/// # Errors
/// `NOT_CONFIGURED` if test payments are disabled; `NOT_FOUND`; `BAD_USER_INPUT` for a payment of another provider;
/// `CONFLICT` if the provider does not wait for this step.
pub async fn finish_test(
    state: &State,
    viewer: Viewer,
    id: PaymentId,
    token: Option<&Secret>,
    outcome: Outcome,
) -> Result<(Model, payment::Model)> {
    if !state.config.has_test_payments() {
        let message = "Test payments are disabled in this shop.";
        return Err(UserError::new(UserErrorCode::NotConfigured, None, message).into());
    }
    let payment = find_payment(state, viewer, id, token).await?;
    if payment.provider != Provider::Test {
        return Err(Error::bad_input("paymentId", "This is not a test payment."));
    }
    if payment.status == payment::Status::New {
        // The provider has not answered its creation yet.
        settle(state, id).await?;
    }
    finish_test_payment(state, id, outcome).await?;
    settle(state, id).await
}

/// Finds a payment whose order the viewer may see. An unknown payment takes as many statements as a hidden one.
async fn find_payment(
    state: &State,
    viewer: Viewer,
    id: PaymentId,
    token: Option<&Secret>,
) -> Result<payment::Model> {
    let missing = || row::missing("paymentId", PAYMENT);
    let mut found = payments_with_orders(state.db.reader(), &[id]).await?;
    let found = found.remove(&id);
    let visible = found.filter(|(order, _)| access::can_see(state, viewer, order, token));
    let (_, payment) = visible.ok_or_else(missing)?;
    Ok(payment)
}
