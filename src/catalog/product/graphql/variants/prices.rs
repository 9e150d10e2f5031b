//! Prices of products and variants.

use async_graphql::{Context, SimpleObject};

use crate::core::money::Money;
use crate::graphql::dataloader::ContextExt;

/// The lowest and the highest price of the variants of a product.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct PriceRange {
    /// The lowest price.
    pub min: Money,
    /// The highest price.
    pub max: Money,
}

/// Returns an amount in the currency of the shop.
pub fn money(ctx: &Context<'_>, minor: Option<i64>) -> Option<Money> {
    let currency = ctx.state().config.shop_currency;
    minor.map(|minor| Money::new(minor, currency))
}
