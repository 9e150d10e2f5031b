//! GraphQL type of a line.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::CartView;
use crate::catalog::product::graphql::Variant;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::money::Money;
use crate::core::pricing::LinePrices;
use crate::graphql::dataloader::ContextExt;
use crate::sales::cart::entity::line::Model;
use crate::sales::cart::service::Attribute;

/// A line of a cart.
#[derive(Clone, Debug)]
pub struct CartLine {
    pub view: Arc<CartView>,
    pub index: usize,
}

impl CartLine {
    async fn money(
        &self,
        ctx: &Context<'_>,
        amount: fn(&LinePrices) -> i64,
    ) -> Result<Option<Money>> {
        let prices = self.view.quote(ctx).await?.prices_of(self.row().id);
        let currency = ctx.state().config.shop_currency;
        Ok(prices.map(|prices| Money::new(amount(prices), currency)))
    }

    fn row(&self) -> &Model {
        &self.view.cart.lines[self.index]
    }
}

/// A line of a cart: a quantity of one variant with the same attributes.
#[Object(cache_control(private))]
impl CartLine {
    /// Opaque, stable id: `cartline_...`.
    async fn id(&self) -> ID {
        self.row().id.encode().into()
    }

    /// The item. Null if it is no longer for sale.
    async fn variant(&self, ctx: &Context<'_>) -> Result<Option<Variant>> {
        let cart = self.view.with_variants(ctx).await?;
        let found = cart.for_sale.get(&self.row().variant_id);
        Ok(found.cloned().map(Variant::from))
    }

    /// Number of units: 1 to 10,000.
    async fn quantity(&self) -> i32 {
        self.row().quantity
    }

    /// Attributes, in the order in which they were given. At most 20.
    async fn attributes(&self) -> Vec<CartLineAttribute> {
        let attributes = self.row().read_attributes().into_iter();
        attributes.map(CartLineAttribute::from).collect()
    }

    /// Unit price. Null if the item is no longer for sale.
    async fn unit_price(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(ctx, |prices| prices.unit_price).await
    }

    /// Share of the discounts. Null if the item is no longer for sale.
    async fn discount(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(ctx, |prices| prices.discount).await
    }

    /// Unit price times quantity, without the discount. Null if the item is no longer for sale.
    async fn total(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(ctx, |prices| prices.total).await
    }

    /// Unit price when the buyer added the line or last changed its quantity. If it is not that of `variant`, the cart has
    /// the problem `PRICE_CHANGED` until the quantity is set again.
    async fn seen_price(&self, ctx: &Context<'_>) -> Money {
        Money::new(self.row().seen_price, ctx.state().config.shop_currency)
    }
}

/// An attribute of a line, such as the text of an engraving.
#[derive(Clone, Debug, SimpleObject)]
pub struct CartLineAttribute {
    /// Name.
    name: String,
    /// Value.
    value: String,
}

impl From<Attribute> for CartLineAttribute {
    fn from(attribute: Attribute) -> Self {
        Self {
            name: attribute.name,
            value: attribute.value,
        }
    }
}
