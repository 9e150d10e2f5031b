//! Rows of `order_lines`.

use sea_orm::entity::prelude::*;

use crate::catalog::product::ProductId;
use crate::catalog::product::entity::variant::VariantId;
use crate::platform::media::ImageId;
pub use crate::sales::order_id::{OrderId, OrderLineId};

/// A line of an order: the item as it was when the order was placed. Only `canceled`, `fulfilled` and `returned` change.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderLineId,
    pub order_id: OrderId,
    pub position: i32,
    /// The variant, which may have been deleted since.
    pub variant_id: VariantId,
    pub product_id: ProductId,
    /// The name of the product.
    pub name: String,
    /// The option values, such as `Red / M`. Empty for a simple product.
    pub variant_name: String,
    pub sku: Option<String>,
    /// A list of option names and values as JSON.
    pub options: String,
    /// The image, which may have been deleted since.
    pub image_id: Option<ImageId>,
    /// The attributes of the line of the cart: a list of names and values as JSON.
    pub attributes: String,
    pub quantity: i32,
    /// Amounts in minor units. `total` = `unit_price` times `quantity` - `discount`.
    pub unit_price: i64,
    /// The share of the discounts of the order.
    pub discount: i64,
    pub total: i64,
    pub tax_name: Option<String>,
    pub tax_ppm: i32,
    /// The share of the tax. Part of `total` if prices include tax.
    pub tax: i64,
    /// In grams.
    pub weight: Option<i32>,
    pub requires_shipping: bool,
    /// Whether its units are reserved in the stock level until they are shipped or canceled.
    pub tracked: bool,
    pub canceled: i32,
    pub fulfilled: i32,
    pub returned: i32,
}

crate::no_relations!();

impl Model {
    /// Returns the number of units that are neither fulfilled nor canceled.
    pub const fn open(&self) -> i32 {
        self.quantity - self.canceled - self.fulfilled
    }
}
