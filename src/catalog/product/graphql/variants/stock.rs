//! Stock level of a variant for display.

use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::variant::Model;
use crate::catalog::product::graphql::Availability;
use crate::core::stock::StockLevel;

/// Returns the stock level of a variant.
pub(super) fn availability(row: &Model, level: &level::Model, low_stock: u32) -> Availability {
    if !row.tracked {
        return Availability::InStock;
    }
    let stock = i32::try_from(level.available()).unwrap_or(i32::MAX);
    match StockLevel::of(stock, low_stock).into() {
        Availability::OutOfStock if level.orderable() > 0 => Availability::Backorder,
        level => level,
    }
}
