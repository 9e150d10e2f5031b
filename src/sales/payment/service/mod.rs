//! Services of payments, one file for each use case.

mod ledger;
pub mod provider;
mod refunds;
mod retries;
mod stripe_events;

pub use ledger::{Ledger, enter, ledgers_of};
pub use refunds::{
    NewRefund, RefundedLine, create_refund, find_refund, lines_of_refunds, lock_refund,
    refunds_of_orders, save_refund,
};
pub use retries::{Due, backoff, claim_due, due_condition};
pub use stripe_events::read_stripe_events;

use super::entity::{Model, PaymentId, Provider, Status};
use super::repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::infra::database::{Connection, Transaction};
use crate::infra::stripe::currency;
use crate::sales::order_id::OrderId;
use crate::state::State;

/// Creates a payment of an order. The caller must have locked the order, and calls its provider after the commit. A payment
/// on account has no provider to call: it waits for admins who record payments.
pub async fn create(
    transaction: &Transaction,
    state: &State,
    order: OrderId,
    amount: i64,
    provider: Provider,
) -> Result<Model> {
    let now = state.clock.now();
    let is_manual = provider == Provider::Manual;
    let payment = Model {
        id: PaymentId::generate(now),
        order_id: order,
        provider,
        reference: None,
        amount,
        status: if is_manual {
            Status::Pending
        } else {
            Status::New
        },
        last_error: None,
        cancel_requested: false,
        capture_requested: false,
        look_at: (!is_manual).then_some(now),
        attempts: 0,
        created_at: now,
        updated_at: now,
    };
    repository::insert(transaction, payment.clone()).await?;
    Ok(payment)
}

/// Requests the cancelation of the open payment of an order. The caller must have locked the order, and settles the payment
/// after the commit. Returns the payment, if one is open.
pub async fn request_cancel_of(
    transaction: &Transaction,
    state: &State,
    order: OrderId,
) -> Result<Option<Model>> {
    let Some(mut payment) = repository::lock_open(transaction, order).await? else {
        return Ok(None);
    };
    payment.cancel_requested = true;
    payment.look_at = Some(state.clock.now());
    payment.attempts = 0;
    save(transaction, state, payment).await.map(Some)
}

/// Requests the cancelation of the open payment of an order. Returns whether one is open. See [`request_cancel_of`].
pub async fn request_cancel(
    transaction: &Transaction,
    state: &State,
    order: OrderId,
) -> Result<bool> {
    let open = request_cancel_of(transaction, state, order).await?;
    Ok(open.is_some())
}

/// Requests the capture of a locked payment.
pub async fn request_capture(
    transaction: &Transaction,
    state: &State,
    mut payment: Model,
) -> Result<Model> {
    payment.capture_requested = true;
    payment.look_at = Some(state.clock.now());
    payment.attempts = 0;
    save(transaction, state, payment).await
}

/// Stores a locked payment. Returns it as stored.
pub async fn save(transaction: &Transaction, state: &State, mut payment: Model) -> Result<Model> {
    payment.updated_at = state.clock.now();
    repository::update(transaction, payment.clone()).await?;
    Ok(payment)
}

/// Finds a payment.
pub async fn find(db: &impl Connection, id: PaymentId) -> Result<Option<Model>> {
    Ok(repository::find(db, id).await?)
}

/// Finds payments by id. Unknown ids are omitted.
pub async fn find_many(db: &impl Connection, ids: &[PaymentId]) -> Result<Vec<Model>> {
    Ok(repository::find_many(db, ids).await?)
}

/// Finds a payment and locks it. The caller must have locked its order.
pub async fn lock(transaction: &Transaction, id: PaymentId) -> Result<Option<Model>> {
    Ok(repository::lock(transaction, id).await?)
}

/// Finds the open payment of an order and locks it. The caller must have locked the order.
pub async fn lock_open(transaction: &Transaction, order: OrderId) -> Result<Option<Model>> {
    Ok(repository::lock_open(transaction, order).await?)
}

/// Returns the payments of orders, the oldest first.
pub async fn of_orders(db: &impl Connection, orders: &[OrderId]) -> Result<Vec<Model>> {
    Ok(repository::of_orders(db, orders).await?)
}

/// Returns the ways to pay that the shop offers.
pub fn offered(state: &State) -> Vec<Provider> {
    let manual = state.config.manual_payments().map(|_| Provider::Manual);
    let test = state.config.has_test_payments().then_some(Provider::Test);
    let stripe = state.stripe.is_some() && currency::is_charged(state.config.shop_currency);
    let stripe = stripe.then_some(Provider::Stripe);
    manual.into_iter().chain(test).chain(stripe).collect()
}

/// Refuses an amount that a provider can't take.
///
/// # Errors
/// `AMOUNT_TOO_SMALL`, or `NOT_CONFIGURED` for an amount with more decimals than the provider takes: it is not rounded, because
/// the buyer would be charged another amount than the total of the order.
pub fn check_amount(
    state: &State,
    provider: Provider,
    amount: i64,
    field: &str,
) -> Result<(), UserError> {
    let shop = state.config.shop_currency;
    if provider != Provider::Stripe || amount == 0 {
        return Ok(());
    }
    let min = currency::min_amount(shop).unwrap_or_default();
    if amount < min {
        let min = Decimal::from_minor(min, shop);
        let message = format!("This way to pay takes {min} {} or more.", shop.code());
        return Err(UserError::new(
            UserErrorCode::AmountTooSmall,
            field,
            message,
        ));
    }
    if currency::to_stripe(shop, amount).is_none() {
        let step = Decimal::from_minor(currency::min_step(shop), shop);
        let message = format!(
            "This way to pay takes amounts in steps of {step} {}.",
            shop.code()
        );
        return Err(UserError::new(UserErrorCode::NotConfigured, field, message));
    }
    Ok(())
}

impl Status {
    /// Returns whether the status never changes any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Captured | Self::Canceled)
    }
}
