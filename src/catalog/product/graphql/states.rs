//! The states of a product in the API.

use async_graphql::Enum;

use crate::catalog::product::Status;

/// Where a product is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum ProductStatus {
    /// Not for sale yet.
    Draft,
    /// For sale.
    Active,
    /// Not for sale any more.
    Archived,
}

/// Whether there is any of a product to sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Availability {
    /// More than the shop's low-stock threshold.
    InStock,
    /// At least 1, and at most the shop's low-stock threshold (`Shop.lowStock`).
    LowStock,
    /// None.
    OutOfStock,
}

impl Availability {
    /// The availability of this stock in a shop with this low-stock threshold.
    pub fn of(stock: i32, low: u32) -> Self {
        match u32::try_from(stock) {
            Ok(0) | Err(_) => Self::OutOfStock,
            Ok(stock) if stock <= low => Self::LowStock,
            Ok(_) => Self::InStock,
        }
    }
}
