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

/// Stock level of a product, for display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "StockLevel")]
pub enum Availability {
    /// The stock is above the shop's low-stock threshold (`Shop.lowStock`).
    InStock,
    /// The stock is at least 1 and at most the shop's low-stock threshold (`Shop.lowStock`).
    LowStock,
    /// The stock is 0.
    OutOfStock,
}
