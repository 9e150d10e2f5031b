//! GraphQL type of a line.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::catalog::product::graphql::{SelectedOption, Variant};
use crate::catalog::product_image::graphql::ById as ImageById;
use crate::core::error::Nullable;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal, Money};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::node::NodeType;
use crate::platform::media::graphql::Image;
use crate::sales::order::entity::line::Model;
use crate::sales::order::service::{read_attributes, read_options};

/// A line of an order.
#[derive(Clone, Debug)]
pub struct OrderLine {
    row: Model,
    /// That of the order. None is that of the shop.
    currency: Option<Currency>,
}

impl From<Model> for OrderLine {
    fn from(row: Model) -> Self {
        let currency = None;
        Self { row, currency }
    }
}

impl OrderLine {
    /// Creates the object of a line of an order in this currency.
    pub const fn new(row: Model, currency: Currency) -> Self {
        Self {
            row,
            currency: Some(currency),
        }
    }

    fn money(&self, ctx: &Context<'_>, minor: i64) -> Money {
        let shop = ctx.state().config.shop_currency;
        Money::new(minor, self.currency.unwrap_or(shop))
    }
}

/// A line of an order: the item as it was when the order was placed. It stays the same when the product is changed or
/// deleted.
#[Object(cache_control(private))]
impl OrderLine {
    /// Opaque, stable id: `orderline_...`.
    async fn id(&self) -> ID {
        self.row.id.encode().into()
    }

    /// Name of the product.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The values of its options, such as `Red / M`. Empty for a product without options.
    async fn variant_name(&self) -> &str {
        &self.row.variant_name
    }

    /// SKU. Null if there was none.
    async fn sku(&self) -> Option<&str> {
        self.row.sku.as_deref()
    }

    /// The values of its options, in their order.
    async fn options(&self) -> Vec<SelectedOption> {
        let options = read_options(&self.row).into_iter();
        let options = options.map(|option| SelectedOption {
            name: option.name,
            value: option.value,
        });
        options.collect()
    }

    /// The image. Null if there was none, or if it was deleted since.
    async fn image(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let id = self.row.image_id?;
        let found = ctx.load(ImageById(id)).await;
        found.map(|found| found.map(Image)).transpose()
    }

    /// Attributes, in the order in which the buyer gave them. At most 20.
    async fn attributes(&self) -> Vec<OrderLineAttribute> {
        let attributes = read_attributes(&self.row).into_iter();
        let attributes = attributes.map(|attribute| OrderLineAttribute {
            name: attribute.name,
            value: attribute.value,
        });
        attributes.collect()
    }

    /// Number of units that were ordered.
    async fn quantity(&self) -> i32 {
        self.row.quantity
    }

    /// Number of units that were canceled.
    async fn canceled(&self) -> i32 {
        self.row.canceled
    }

    /// Number of units that were fulfilled.
    async fn fulfilled(&self) -> i32 {
        self.row.fulfilled
    }

    /// Number of units that were sent back.
    async fn returned(&self) -> i32 {
        self.row.returned
    }

    /// Number of units that are neither fulfilled nor canceled.
    async fn open(&self) -> i32 {
        self.row.open()
    }

    /// Unit price.
    async fn unit_price(&self, ctx: &Context<'_>) -> Money {
        self.money(ctx, self.row.unit_price)
    }

    /// Share of the discounts of the order.
    async fn discount(&self, ctx: &Context<'_>) -> Money {
        self.money(ctx, self.row.discount)
    }

    /// Unit price times quantity, without the discount.
    async fn total(&self, ctx: &Context<'_>) -> Money {
        self.money(ctx, self.row.total)
    }

    /// The tax rate in percent: `"19"`. 0 without a tax.
    async fn tax_rate(&self) -> Decimal {
        Decimal::from_ppm(u32::try_from(self.row.tax_ppm).unwrap_or_default())
    }

    /// Share of the tax. A part of `total` if prices include tax: `OrderTotals.taxIncluded`.
    async fn tax(&self, ctx: &Context<'_>) -> Money {
        self.money(ctx, self.row.tax)
    }

    /// Whether the item is shipped.
    async fn requires_shipping(&self) -> bool {
        self.row.requires_shipping
    }

    /// The variant in its current state. Null if it was deleted, or if you may not see it any more.
    async fn variant(&self, ctx: &Context<'_>) -> Nullable<Variant> {
        let found = <Variant as NodeType>::load(ctx, self.row.variant_id.0).await;
        found.transpose()
    }
}

/// An attribute of a line, such as the text of an engraving.
#[derive(Clone, Debug, SimpleObject)]
pub struct OrderLineAttribute {
    /// Name.
    name: String,
    /// Value.
    value: String,
}
