//! Writing an order: the cart is priced, its rows are inserted, its discounts are used and its stock is reserved.

use super::{Outcome, PlaceInput, refuse};
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::service::variants;
use crate::core::error::{Error, Result, UserError};
use crate::infra::database::{DbError, Transaction, is_foreign_key_violation};
use crate::sales::cart::service::{self as carts, CartQuote, CartWithVariants};
use crate::sales::discount;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Status, line};
use crate::sales::order::repository::{self, NewOrder};
use crate::sales::order::service::confirm::confirm_whole_cart;
use crate::sales::order::service::{NewEvent, record, refusals, snapshot};
use crate::sales::order::token::OrderToken;
use crate::sales::payment::entity::Provider;
use crate::sales::payment::service as payments;
use crate::state::State;

/// Prices the cart, or returns why it can't be ordered.
pub(super) async fn price(
    transaction: &Transaction,
    state: &State,
    cart: &CartWithVariants,
    input: PlaceInput,
) -> Result<Result<CartQuote, Vec<UserError>>> {
    let currency = state.config.shop_currency;
    let quote = carts::price(transaction, state, cart).await?;
    let problems = carts::problems(cart, &quote.quote, currency);
    let errors = refusals::of_problems(cart, &problems);
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let total = quote.quote.prices.totals.total;
    if total != input.expected_total {
        return Ok(Err(vec![refusals::of_total(total, currency)]));
    }
    if let Err(error) = payments::check_amount(state, input.provider, total, "payment.provider") {
        return Ok(Err(vec![error]));
    }
    Ok(Ok(quote))
}

/// Inserts the order and commits, or returns why there is none.
pub(super) async fn insert(
    transaction: Transaction,
    state: &State,
    cart: CartWithVariants,
    quote: CartQuote,
    input: PlaceInput,
) -> Result<Outcome> {
    // Without one the cart has a problem, unless the account was deleted.
    let email = quote.email.clone().ok_or(Error::Unauthenticated)?;
    let customer_key = email.key.clone();
    let new = snapshot::new_order(&transaction, state, &cart, &quote, email).await?;
    let NewOrder { order, lines, .. } = &new;
    let (order, lines) = (order.clone(), lines.clone());
    let inserted = repository::insert(&transaction, new).await;
    inserted.map_err(deleted_user)?;
    let placed = NewEvent {
        actor: order.user_id,
        ..NewEvent::public(Kind::Placed)
    };
    let payment = if order.total > 0 {
        let (id, total) = (order.id, order.total);
        Some(payments::create(&transaction, state, id, total, input.provider).await?)
    } else {
        None
    };
    let used = quote.quote.discounts.iter().map(|applied| {
        let row = &applied.discount;
        (row.id, row.per_customer_limit)
    });
    let used: Vec<_> = used.collect();
    let now = state.clock.now();
    let id = order.id.0;
    let refused = discount::service::claim(&transaction, &used, id, &customer_key, now).await?;
    if !refused.is_empty() {
        transaction.rollback().await?;
        let errors = refusals::of_discounts(&quote.quote, &refused);
        return Ok(refuse(errors, cart));
    }
    // Last, so that nobody waits for a stock level while rows are inserted.
    let units = reserved_units(&lines);
    let seen: Vec<_> = cart.for_sale.values().map(|(_, level)| *level).collect();
    let missing = variants::reserve(&transaction, state, id, &units, &seen).await?;
    if !missing.is_empty() {
        transaction.rollback().await?;
        return Ok(refuse(refusals::of_stock(&cart, &missing), cart));
    }
    let is_due_later = payment
        .as_ref()
        .is_none_or(|payment| payment.provider == Provider::Manual);
    let order = if is_due_later {
        confirm_whole_cart(&transaction, state, order, placed).await?
    } else {
        record(&transaction, state, order.id, placed).await?;
        order
    };
    transaction.commit().await?;
    Ok(Outcome {
        token: OrderToken::of(&state.keys, &order),
        cart: (order.status == Status::Pending).then_some(cart),
        order: Some(order),
        payment,
        errors: Vec::new(),
    })
}

/// Returns the units to reserve.
fn reserved_units(lines: &[line::Model]) -> Vec<(VariantId, i64)> {
    let tracked = lines.iter().filter(|line| line.tracked);
    let units = tracked.map(|line| (line.variant_id, i64::from(line.quantity)));
    units.collect()
}

/// Converts an error of a statement that refers to the user, who may have been deleted.
fn deleted_user(error: DbError) -> Error {
    if is_foreign_key_violation(&error) {
        Error::Unauthenticated
    } else {
        error.into()
    }
}
