//! Status and availability of products.

use async_graphql::Enum;

use crate::catalog::product::Status;
use crate::core::stock::StockLevel;

/// Publication status of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum ProductStatus {
    /// Not yet for sale. Hidden from customers.
    Draft,
    /// For sale.
    Active,
    /// No longer for sale. Hidden from customers.
    Archived,
}

/// Stock level of a product or a variant, for display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Availability {
    /// The stock is above the shop's low-stock threshold (`Shop.lowStock`), or units are not counted.
    InStock,
    /// The stock is at least 1 and at most the shop's low-stock threshold (`Shop.lowStock`).
    LowStock,
    /// The stock is 0, but it can be ordered.
    Backorder,
    /// The stock is 0, and it can't be ordered.
    OutOfStock,
}

impl From<StockLevel> for Availability {
    fn from(level: StockLevel) -> Self {
        match level {
            StockLevel::InStock => Self::InStock,
            StockLevel::LowStock => Self::LowStock,
            StockLevel::OutOfStock => Self::OutOfStock,
        }
    }
}
