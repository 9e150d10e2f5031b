//! Claiming a guest's cart after the sign-in.

use super::close::{self, Cancelation};
use super::settle;
use crate::core::error::{Error, Result};
use crate::core::secret::Secret;
use crate::core::viewer::{CartId, SignedIn};
use crate::infra::database::Transaction;
use crate::sales::cart::service::{self as carts, Cart, Claim};
use crate::sales::cart::token::CartToken;
use crate::sales::order::entity::Status;
use crate::sales::order::repository;
use crate::sales::payment::entity::PaymentId;
use crate::state::State;

/// How often a cart is claimed while its order is being closed.
const MAX_ATTEMPTS: usize = 3;

/// Makes the guest's cart with this token that of the user, or merges it into the user's cart. Without a valid token the
/// user's cart stays as it is, so that a repeated call has the same result.
///
/// An order of a cart that is merged can't be paid any more: it is canceled first, unless it is paid. Then its items are
/// not merged.
pub async fn claim_cart(
    state: &State,
    caller: SignedIn,
    token: Option<&Secret>,
) -> Result<Option<Cart>> {
    let Some(token) = token.and_then(CartToken::parse) else {
        return carts::find(state, caller.into()).await;
    };
    for _ in 0..MAX_ATTEMPTS {
        let transaction = state.db.begin().await?;
        let Some(claim) = Claim::lock(&transaction, state, caller, &token).await? else {
            transaction.rollback().await?;
            return carts::find(state, caller.into()).await;
        };
        let payment = match claim.merged() {
            Some(cart) => close_order(&transaction, state, cart).await?,
            None => None,
        };
        let Some(payment) = payment else {
            let cart = claim.apply(&transaction, state, caller).await?;
            transaction.commit().await?;
            return Ok(Some(cart));
        };
        transaction.commit_without_records().await?;
        let (_, payment) = settle(state, payment).await?;
        if !payment.status.is_final() {
            let message = "The payment of your order can't be canceled yet. Try again in a moment.";
            return Err(Error::Unreachable(message));
        }
    }
    Err(Error::Unavailable)
}

/// Ends the order of a locked cart, or returns its payment, which has to be canceled first.
async fn close_order(
    transaction: &Transaction,
    state: &State,
    cart: CartId,
) -> Result<Option<PaymentId>> {
    let live = repository::lock_live(transaction, cart).await?;
    let Some(order) = live.filter(|order| order.status != Status::Confirmed) else {
        return Ok(None);
    };
    let by = Cancelation::default();
    let (_, payment) = close::begin(transaction, state, order, Status::Canceled, by).await?;
    Ok(payment)
}
