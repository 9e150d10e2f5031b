//! Placing an order: the cart becomes an order, with its stock reserved, before anything is paid.
//!
//! Locks in this order: the cart, its order, the payment, discounts, products, stock levels.

mod earlier;
mod insert;

use std::time::Duration;

use tokio::time::sleep;

use self::earlier::{give, is_given_again, ordered_before, payment_of, retire, without_promise};
use self::insert::{insert, price};
use super::{check_provider, hold, settle};
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::secret::Secret;
use crate::core::viewer::Buyer;
use crate::infra::telemetry::traces;
use crate::sales::cart;
use crate::sales::cart::service::{Cart, CartWithVariants};
use crate::sales::order::entity::{Model, OrderId, Status};
use crate::sales::order::repository;
use crate::sales::order::token::OrderToken;
use crate::sales::payment::entity::{
    Model as Payment, PaymentId, Provider, Status as PaymentStatus,
};
use crate::state::State;

/// How often an order is tried while earlier orders of the cart are being closed.
const MAX_ATTEMPTS: usize = 48;
/// How many of these attempts may wait for a concurrent request that replaces the order, and how long.
const MAX_WAITS: usize = 40;
const WAIT: Duration = Duration::from_millis(50);

/// What the buyer orders.
#[derive(Clone, Copy, Debug)]
pub struct PlaceInput {
    /// The total that the buyer has seen, in minor units.
    pub expected_total: i64,
    pub provider: Provider,
}

/// The order, or the reasons why there is none.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub order: Option<Model>,
    /// Opens the order.
    pub token: Option<Secret>,
    pub payment: Option<Payment>,
    /// The cart, unless the order is confirmed.
    pub cart: Option<CartWithVariants>,
    pub errors: Vec<UserError>,
}

/// The result of one transaction.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Attempt {
    Done(Outcome),
    /// An earlier order of the cart is closing, and this payment of it must be canceled first. It keeps its stock meanwhile.
    Cancel(OrderId, PaymentId),
    /// A concurrent request is replacing the order of the cart.
    Wait,
}

/// Places an order with the buyer's cart. Repeated with the same cart it returns the same order.
pub async fn place(state: &State, buyer: Buyer, input: PlaceInput) -> Result<Outcome> {
    check_provider(state, input.provider, "payment.provider")?;
    let mut replaced = None;
    for number in 0..MAX_ATTEMPTS {
        let can_wait = number < MAX_WAITS;
        match attempt(state, buyer, input, replaced, can_wait).await? {
            Attempt::Wait => sleep(WAIT).await,
            Attempt::Done(outcome) => {
                let outcome = begin(state, outcome).await;
                if is_replaced(&outcome) {
                    continue;
                }
                if let Some(earlier) = replaced.filter(|_| !outcome.errors.is_empty()) {
                    hold::end(state, earlier).await?;
                }
                return Ok(outcome);
            }
            Attempt::Cancel(earlier, payment) => {
                replaced = Some(earlier);
                let (order, payment) = settle(state, payment).await?;
                match order.status {
                    Status::Confirmed => return Ok(paid_before(state, order, Some(payment))),
                    Status::Closing if payment.status.is_final() => {}
                    Status::Pending | Status::Closing => {
                        let message = "The payment of your earlier order can't be canceled yet. Try again in a moment.";
                        return Err(Error::Unreachable(message));
                    }
                    Status::Canceled | Status::Expired => {}
                }
            }
        }
    }
    Err(Error::Unavailable)
}

/// Asks the provider to create a new payment. If it does not answer, the server asks again later.
async fn begin(state: &State, mut outcome: Outcome) -> Outcome {
    let new = outcome.payment.as_ref();
    let Some(payment) = new.filter(|payment| payment.status == PaymentStatus::New) else {
        return outcome;
    };
    match settle(state, payment.id).await {
        Ok((order, payment)) => {
            let is_pending = order.status == Status::Pending;
            outcome.cart = outcome.cart.filter(|_| is_pending);
            outcome.order = Some(order);
            outcome.payment = Some(payment);
        }
        Err(Error::Unreachable(_)) => {}
        Err(error) => traces::log_failure(&error, "creating a payment failed"),
    }
    outcome
}

/// Returns whether a concurrent request has replaced or canceled the order while its payment was created.
fn is_replaced(outcome: &Outcome) -> bool {
    let order = outcome.order.as_ref();
    order.is_some_and(|order| !matches!(order.status, Status::Pending | Status::Confirmed))
}

/// An order of the cart that is paid, instead of the one that was requested.
fn paid_before(state: &State, order: Model, payment: Option<Payment>) -> Outcome {
    let message = "Your earlier order with this cart is paid.";
    Outcome {
        token: OrderToken::of(&state.keys, &order),
        order: Some(order),
        payment,
        cart: None,
        errors: vec![UserError::new(UserErrorCode::AlreadyPaid, None, message)],
    }
}

/// Tries to place the order, in one transaction. `replaced` is the order that this request is replacing.
async fn attempt(
    state: &State,
    buyer: Buyer,
    input: PlaceInput,
    replaced: Option<OrderId>,
    can_wait: bool,
) -> Result<Attempt> {
    let transaction = state.db.begin().await?;
    let Some(row) = cart::repository::lock(&transaction, buyer.owner()).await? else {
        let given = ordered_before(transaction, state, buyer.owner(), input).await?;
        return Ok(Attempt::Done(given));
    };
    let cart = Cart::load(&transaction, row)
        .await?
        .with_variants(&transaction)
        .await?;
    let live = repository::lock_live(&transaction, cart.row.id).await?;
    if let Some(order) = &live {
        let payment = payment_of(&transaction, order).await?;
        if is_given_again(state, order, payment.as_ref(), &cart, input) {
            let cart = (order.status == Status::Pending).then_some(cart);
            let outcome = give(transaction, state, order.clone(), payment, cart).await?;
            return Ok(Attempt::Done(outcome));
        }
        // The first request continues: otherwise requests with different ways to pay replace each other's orders.
        let is_of_others = replaced != Some(order.id) && hold::is_being_replaced(state, order);
        if can_wait && is_of_others {
            return Ok(Attempt::Wait);
        }
    }
    let cart = match &live {
        Some(order) => without_promise(&transaction, order, cart).await?,
        None => cart,
    };
    let mut quote = match price(&transaction, state, &cart, input).await? {
        Ok(quote) => quote,
        Err(errors) => return Ok(Attempt::Done(refuse(errors, cart))),
    };
    if let Some(order) = live {
        let earlier = order.id;
        if let Some(payment) = retire(&transaction, state, order).await? {
            transaction.commit().await?;
            return Ok(Attempt::Cancel(earlier, payment));
        }
        // Its discounts are available again.
        quote = match price(&transaction, state, &cart, input).await? {
            Ok(quote) => quote,
            Err(errors) => return Ok(Attempt::Done(refuse(errors, cart))),
        };
    }
    insert(transaction, state, cart, quote, input)
        .await
        .map(Attempt::Done)
}

fn refuse(errors: Vec<UserError>, cart: CartWithVariants) -> Outcome {
    Outcome {
        errors,
        cart: Some(cart),
        ..Outcome::default()
    }
}
