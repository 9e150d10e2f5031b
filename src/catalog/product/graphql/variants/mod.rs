//! GraphQL types of variants, options and stock.

mod conversions;
mod inputs;
mod loaders;
mod movements;
mod mutations;
mod prices;
mod queries;
mod selector;
mod stock;

pub use conversions::new_variants;
pub use inputs::{NewOptionInput, NewVariantInput, OptionChoiceInput, StockReason};
pub use loaders::{OptionsOf, StockOf, VariantsOf};
pub use mutations::VariantMutation;
pub use prices::PriceRange;
pub(super) use prices::money;
pub use queries::VariantQuery;
pub use selector::{ProductOption, find_variant};

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use futures_util::future::try_join;

use self::inputs::limit;
use self::movements::{Inventory, StockMovement};
use super::{Availability, ById, Product};
use crate::catalog::attribute::graphql::{self as attribute, AttributeValue};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::variant::{Model, ValueId};
use crate::catalog::product::repository::variants::StockedVariant;
use crate::catalog::product::service::variants::{self, MAX_VARIANTS};
use crate::catalog::product_image::graphql as product_image;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::Money;
use crate::graphql::dataloader::ContextExt;
use crate::platform::media::graphql::Image;

/// Maximum quantity of one order line.
const MAX_QUANTITY: i64 = 10_000;
/// Movements of a variant that are returned by default.
const DEFAULT_MOVEMENTS: u32 = 20;

/// A variant row and its stock level as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Variant {
    row: Model,
    level: level::Model,
    values: Vec<ValueId>,
    /// The options of the product, if they were loaded together.
    product_options: Option<Arc<Vec<variants::ProductOption>>>,
}

impl From<StockedVariant> for Variant {
    fn from((row, level): StockedVariant) -> Self {
        let values = row.values().collect();
        Self {
            row,
            level,
            values,
            product_options: None,
        }
    }
}

impl Variant {
    /// Loads the first variants of a product that the viewer may see, together with the options if they are selected.
    pub(super) async fn of(
        ctx: &Context<'_>,
        product: ProductId,
        first: usize,
    ) -> Result<Vec<Self>> {
        let variants = ctx.load(VariantsOf(product));
        let (found, product_options) = if ctx.look_ahead().field("options").exists() {
            try_join(variants, ctx.load(OptionsOf(product))).await?
        } else {
            (variants.await?, None)
        };
        let found = found.unwrap_or_default();
        let variants = found.iter().take(first).map(|variant| Self {
            product_options: product_options.clone(),
            ..variant.clone()
        });
        Ok(variants.collect())
    }

    /// Whether it has all these values.
    fn has_all(&self, values: &[ValueId]) -> bool {
        values.iter().all(|value| self.values.contains(value))
    }

    /// Whether customers can order it now.
    fn is_orderable(&self) -> bool {
        self.row.active && (!self.row.tracked || self.level.orderable() > 0)
    }
}

/// The value that a variant has of an option.
#[derive(Clone, Debug, SimpleObject)]
pub struct SelectedOption {
    /// Name of the option, such as `Size`.
    pub name: String,
    /// Name of the value, such as `M`.
    pub value: String,
}

/// One of the things that a product is sold as: a combination of one value of each of its options, such as size M in
/// red. A product without options has exactly one variant.
///
/// Customers see a variant if it is active and they see the product.
#[Object]
impl Variant {
    /// Opaque, stable id: `var_...`.
    pub async fn id(&self) -> ID {
        self.row.id.encode().into()
    }

    /// The product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Product> {
        let product = ctx.load(ById(self.row.product_id)).await?;
        // Absent only if it was deleted since this request read the variant.
        product.map(Product::new).ok_or(Error::Unavailable)
    }

    /// Its values, in the order of the product's options. Empty for the only variant of a product without options.
    async fn options(&self, ctx: &Context<'_>) -> Result<Vec<SelectedOption>> {
        if self.values.is_empty() {
            return Ok(Vec::new());
        }
        let options = if let Some(options) = &self.product_options {
            options.clone()
        } else {
            let options = ctx.load(OptionsOf(self.row.product_id)).await?;
            options.unwrap_or_default()
        };
        let selected = options.iter().filter_map(|option| {
            let mut values = option.values.iter();
            let value = values.find(|value| self.values.contains(&value.id))?;
            Some(SelectedOption {
                name: option.row.name.clone(),
                value: value.name.clone(),
            })
        });
        Ok(selected.collect())
    }

    /// Stock keeping unit: the shop's own item number, unique among all variants. Null if there is none.
    async fn sku(&self) -> Option<&str> {
        self.row.sku.as_deref()
    }

    /// Barcode, such as a GTIN. Null if there is none.
    async fn barcode(&self) -> Option<&str> {
        self.row.barcode.as_deref()
    }

    /// Unit price.
    async fn price(&self, ctx: &Context<'_>) -> Money {
        Money::new(self.row.price, ctx.state().config.shop_currency)
    }

    /// Price to show struck through, greater than `price`. Null if there is none.
    async fn compare_at_price(&self, ctx: &Context<'_>) -> Option<Money> {
        money(ctx, self.row.compare_at_price)
    }

    /// The lowest price of the 30 days before the current one. Null unless the price was lowered. Shops in the European
    /// Union must announce it with a reduction (Directive 98/6/EC, article 6a).
    async fn prior_price(&self, ctx: &Context<'_>) -> Option<Money> {
        money(ctx, self.row.prior_price)
    }

    /// Number of units for sale that are in stock. 0 or more.
    async fn stock(&self) -> i32 {
        i32::try_from(self.level.available()).unwrap_or(i32::MAX)
    }

    /// Stock level for display.
    async fn availability(&self, ctx: &Context<'_>) -> Availability {
        stock::availability(&self.row, &self.level, ctx.state().config.shop_low_stock)
    }

    /// The largest quantity that can be ordered now. 0 if none can; at most 10,000.
    async fn max_quantity(&self) -> i32 {
        let orderable = match (self.row.active, self.row.tracked) {
            (false, _) => 0,
            (true, false) => MAX_QUANTITY,
            (true, true) => self.level.orderable().clamp(0, MAX_QUANTITY),
        };
        i32::try_from(orderable).unwrap_or_default()
    }

    /// Its own image, one of the product's. Null if it has none: then show the product's first image.
    async fn image(&self, ctx: &Context<'_>) -> Result<Option<Image>> {
        match self.row.image_id {
            Some(id) => Ok(ctx.load(product_image::ById(id)).await?.map(Image)),
            None => Ok(None),
        }
    }

    /// The values of its attributes, in the order of the product type; others follow in the order of the shop. Those of the
    /// product are in `Product.attributes`.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<AttributeValue>> {
        attribute::of_variant(ctx, self.row.id.into(), self.row.product_id.into()).await
    }

    /// Weight in grams. Null if unknown.
    async fn weight(&self) -> Option<i32> {
        self.row.weight
    }

    /// Whether it is shipped, as opposed to a service or a download.
    async fn requires_shipping(&self) -> bool {
        self.row.requires_shipping
    }

    /// The id of its tax class. Null for the default tax class. Admins only.
    #[expect(clippy::unused_async, reason = "required by the macro")]
    async fn tax_class_id(&self, ctx: &Context<'_>) -> Result<Option<ID>> {
        ctx.viewer().admin()?;
        Ok(self.row.tax_class_id.map(|id| id.encode().into()))
    }

    /// Whether customers can see and buy it.
    async fn active(&self) -> bool {
        self.row.active
    }

    /// Place among the variants of the product, from 0.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// Version number. Starts at 1 and increases by 1 with each change, except of the stock.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Time of the last change, except of the stock.
    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }

    /// How its units are counted. Admins only: other clients get `UNAUTHENTICATED` or `FORBIDDEN`.
    #[expect(clippy::unused_async, reason = "required by the macro")]
    async fn inventory(&self, ctx: &Context<'_>) -> Result<Inventory> {
        ctx.viewer().admin()?;
        let units = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Ok(Inventory {
            tracked: self.row.tracked,
            on_hand: units(self.level.on_hand),
            reserved: units(self.level.reserved),
            backorder_limit: units(self.level.backorder_limit),
            low_stock_at: self.row.low_stock_at,
        })
    }

    /// The last changes of its stock, newest first. Admins only: other clients get `UNAUTHENTICATED` or `FORBIDDEN`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Maximum number to return, 1 to 100. Default: 20.")] first: Option<i32>,
    ) -> Result<Vec<StockMovement>> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let first = limit(first, DEFAULT_MOVEMENTS)?;
        let found = variants::movements_of(&state.db, admin, self.row.id, first.into()).await?;
        Ok(found.into_iter().map(StockMovement).collect())
    }
}

/// Checks the maximum number of variants to return.
pub(super) fn check_first(first: i32) -> Result<usize> {
    let first = usize::try_from(first).unwrap_or_default();
    if (1..=MAX_VARIANTS).contains(&first) {
        Ok(first)
    } else {
        Err(Error::bad_input(
            "first",
            "`first` must be between 1 and 1,000.",
        ))
    }
}
