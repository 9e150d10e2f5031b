//! What becomes of a cart whose order is confirmed.

use super::draft;
use crate::catalog::product::entity::variant::VariantId;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::viewer::CartId;
use crate::infra::database::Transaction;
use crate::sales::cart::entity::{Model, line};
use crate::sales::cart::repository;
use crate::state::State;

/// An item that was ordered.
#[derive(Clone, Copy, Debug)]
pub struct OrderedItem<'a> {
    pub variant: VariantId,
    /// The attributes of the line of the cart, as they are stored.
    pub attributes: &'a str,
    pub quantity: i32,
}

/// Locks a cart until the transaction ends.
pub async fn lock(transaction: &Transaction, id: CartId) -> Result<()> {
    repository::lock_by_id(transaction, id).await?;
    Ok(())
}

/// Deletes a locked cart whose lines are all ordered.
pub async fn delete(transaction: &Transaction, id: CartId) -> Result<()> {
    Ok(repository::delete(transaction, id).await?)
}

/// Deletes a cart whose order is confirmed. Items that were added since the order was placed stay, in a new cart of the
/// same owner with the same token: each cart has one order.
pub async fn remove_ordered(
    transaction: &Transaction,
    state: &State,
    id: CartId,
    ordered: &[OrderedItem<'_>],
) -> Result<()> {
    let Some(cart) = repository::lock_by_id(transaction, id).await? else {
        return Ok(());
    };
    let mut left = repository::lines_of(transaction, id).await?;
    repository::delete(transaction, id).await?;
    for item in ordered {
        let mut lines = left.iter_mut();
        let line = lines
            .find(|line| line.variant_id == item.variant && line.attributes == item.attributes);
        if let Some(line) = line {
            line.quantity -= item.quantity;
        }
    }
    left.retain(|line| line.quantity > 0);
    if left.is_empty() {
        return Ok(());
    }
    let mut row = Model {
        id: CartId::generate(state.clock.now()),
        note: None,
        discount_codes: None,
        line_count: i32::try_from(left.len()).unwrap_or(i32::MAX),
        version: 0,
        created_at: state.clock.now(),
        ..cart
    };
    draft::touch(&mut row, state);
    let cart_id = row.id;
    draft::insert(transaction, row).await?;
    let lines = left.into_iter();
    let lines = lines.map(|line| line::Model { cart_id, ..line }).collect();
    Ok(repository::save_lines(transaction, lines).await?)
}
