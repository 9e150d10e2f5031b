//! Units of variants that are promised to orders, leave the warehouse and come back.

use uuid::Uuid;

use super::moving::{Movement, OutOfStock, move_seen_units, move_units};
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::stock::movement::Kind;
use crate::catalog::product::entity::variant::VariantId;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::UserId;
use crate::infra::database::Transaction;
use crate::state::State;

/// Promises units to an order. Returns the variants with too few units: then nothing was written, and the caller rolls
/// back. The caller skips variants that are sold without counting. `seen` are the levels as the caller has read them.
pub async fn reserve(
    transaction: &Transaction,
    state: &State,
    order: Uuid,
    units: &[(VariantId, i64)],
    seen: &[level::Model],
) -> Result<Vec<OutOfStock>> {
    let movement = Movement::new(Kind::Reserved, order, 0, 1);
    move_seen_units(transaction, state, movement, units, seen).await
}

/// Ends the promise of units to an order. Skips variants that were deleted.
pub async fn release(
    transaction: &Transaction,
    state: &State,
    order: Uuid,
    units: &[(VariantId, i64)],
) -> Result<()> {
    let movement = Movement::new(Kind::Released, order, 0, -1);
    move_units(transaction, state, movement, units)
        .await
        .map(drop)
}

/// Takes promised units out of the warehouse. Skips variants that were deleted.
///
/// # Errors
/// `CONFLICT` if fewer units are there, because they were sold before they came.
pub async fn ship(
    transaction: &Transaction,
    state: &State,
    order: Uuid,
    units: &[(VariantId, i64)],
) -> Result<()> {
    let movement = Movement::new(Kind::Shipped, order, -1, -1);
    let missing = move_units(transaction, state, movement, units).await?;
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let message = format!("Only {} units of an item are in stock.", first.left);
    Err(UserError::new(UserErrorCode::Conflict, "lines", message).into())
}

/// Takes units back into the warehouse that were not sent after all, and promises them to the order again. Skips variants
/// that were deleted.
pub async fn unship(
    transaction: &Transaction,
    state: &State,
    order: Uuid,
    units: &[(VariantId, i64)],
) -> Result<()> {
    let movement = Movement::new(Kind::Shipped, order, 1, 1);
    move_units(transaction, state, movement, units)
        .await
        .map(drop)
}

/// Puts units into the warehouse that the buyer has sent back. Skips variants that were deleted.
pub async fn put_back(
    transaction: &Transaction,
    state: &State,
    order: Uuid,
    actor: Option<UserId>,
    units: &[(VariantId, i64)],
) -> Result<()> {
    let movement = Movement {
        actor,
        ..Movement::new(Kind::Returned, order, 1, 0)
    };
    move_units(transaction, state, movement, units)
        .await
        .map(drop)
}
