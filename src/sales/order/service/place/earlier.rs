//! An earlier order of the cart: it is given again, or ended before another one takes its place.

use std::time::Duration;

use super::{Outcome, PlaceInput, paid_before};
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::secret::Secret;
use crate::core::viewer::CartOwner;
use crate::infra::database::Transaction;
use crate::sales::cart::service::CartWithVariants;
use crate::sales::order::entity::{Model, PaymentStatus, Status};
use crate::sales::order::repository;
use crate::sales::order::service::close::{self, Cancelation};
use crate::sales::order::service::hold;
use crate::sales::order::token::OrderToken;
use crate::sales::payment::entity::{Model as Payment, PaymentId, Status as Paid};
use crate::sales::payment::service as payments;
use crate::state::State;

/// The time for which a customer whose cart was ordered gets the order again.
const REPEATABLE: Duration = Duration::from_hours(24);

/// Returns the order of a cart that is gone because the order was confirmed.
pub(super) async fn ordered_before(
    transaction: Transaction,
    state: &State,
    owner: CartOwner,
    input: PlaceInput,
) -> Result<Outcome> {
    let found = match owner {
        CartOwner::Guest(cart) => {
            let live = repository::lock_live(&transaction, cart).await?;
            let ordered = live.filter(|order| order.status == Status::Confirmed);
            Some(ordered.ok_or(Error::CartTokenRequired)?)
        }
        CartOwner::User(user) => {
            let since = state.clock.now().before(REPEATABLE);
            let last = repository::last_confirmed(&transaction, user, since).await?;
            last.filter(|order| order.total == input.expected_total)
        }
    };
    let Some(order) = found else {
        let message = "The cart is empty.";
        return Err(UserError::new(UserErrorCode::BadUserInput, None, message).into());
    };
    let payment = payment_of(&transaction, &order).await?;
    if order.total != input.expected_total {
        return Ok(paid_before(state, order, payment));
    }
    give(transaction, state, order, payment, None).await
}

/// Returns whether an earlier order is to be given again: it is confirmed, or is just what the buyer orders now.
pub(super) fn is_given_again(
    state: &State,
    order: &Model,
    payment: Option<&Payment>,
    cart: &CartWithVariants,
    input: PlaceInput,
) -> bool {
    let can_be_paid =
        order.pay_until > state.clock.now() || order.payment_status == PaymentStatus::Processing;
    let is_the_same = order.status == Status::Pending
        && can_be_paid
        && order.cart_version == cart.row.version
        && order.total == input.expected_total
        && payment.is_none_or(|payment| payment.provider == input.provider);
    order.status == Status::Confirmed || is_the_same
}

/// Returns an order that was placed before.
pub(super) async fn give(
    transaction: Transaction,
    state: &State,
    mut order: Model,
    payment: Option<Payment>,
    cart: Option<CartWithVariants>,
) -> Result<Outcome> {
    let token = token_of(&transaction, state, &mut order).await?;
    transaction.commit().await?;
    Ok(Outcome {
        order: Some(order),
        token: Some(token),
        payment,
        cart,
        errors: Vec::new(),
    })
}

/// Returns the token of a locked order. If the key that it was derived from was removed, it gets a new one.
async fn token_of(transaction: &Transaction, state: &State, order: &mut Model) -> Result<Secret> {
    if let Some(token) = OrderToken::of(&state.keys, order) {
        return Ok(token);
    }
    let (token, hash) = OrderToken::derive(&state.keys, order.id);
    order.token_hash = hash;
    repository::update(transaction, order.clone()).await?;
    Ok(token)
}

/// Returns the cart with the stock as it is without an earlier order of it.
pub(super) async fn without_promise(
    transaction: &Transaction,
    order: &Model,
    mut cart: CartWithVariants,
) -> Result<CartWithVariants> {
    for (variant, units) in close::open_units(transaction, order).await? {
        if let Some((_, level)) = cart.for_sale.get_mut(&variant) {
            level.reserved -= units;
        }
    }
    Ok(cart)
}

/// Ends an order that another one replaces, or returns its payment, which has to be canceled first. Until then the order
/// keeps its stock, so that no other buyer gets it between the two transactions.
pub(super) async fn retire(
    transaction: &Transaction,
    state: &State,
    order: Model,
) -> Result<Option<PaymentId>> {
    let by = Cancelation {
        held_until: Some(hold::until(state)),
        ..Cancelation::default()
    };
    let (_, payment) = close::begin(transaction, state, order, Status::Canceled, by).await?;
    Ok(payment)
}

/// Returns the last payment of an order that is not canceled. `None` if there is nothing to pay.
pub(super) async fn payment_of(
    transaction: &Transaction,
    order: &Model,
) -> Result<Option<Payment>> {
    let payments = payments::of_orders(transaction, &[order.id]).await?;
    let mut newest_first = payments.into_iter().rev();
    Ok(newest_first.find(|payment| payment.status != Paid::Canceled))
}
