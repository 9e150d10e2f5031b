//! GraphQL API of discounts.

mod inputs;
mod mutation;
mod query;

pub use mutation::DiscountMutation;
pub use query::DiscountQuery;

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, Object};
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::entity::{DiscountId, Kind, Model, Target};
use super::list::Filter;
use super::service::{self, Discount as Row};
use crate::catalog::category::graphql::{ById as CategoryById, Category};
use crate::catalog::product::graphql::{ById as ProductById, Product};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::{Decimal, Money};
use crate::core::pagination::{Connection, Count, Total};
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

/// A discount as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Discount {
    row: Model,
    /// With its targets, if they are loaded.
    loaded: Option<Row>,
}

impl Discount {
    /// Loads the targets, unless they are loaded.
    async fn targets(&self, ctx: &Context<'_>) -> Result<Row> {
        if let Some(loaded) = &self.loaded {
            return Ok(loaded.clone());
        }
        let found = ctx.load(ById(self.row.id)).await?;
        // Absent only if it was deleted since this request read its row.
        found.ok_or(Error::Unavailable)
    }
}

impl From<Model> for Discount {
    fn from(row: Model) -> Self {
        Self { row, loaded: None }
    }
}

impl From<Row> for Discount {
    fn from(discount: Row) -> Self {
        Self {
            row: discount.row.clone(),
            loaded: Some(discount),
        }
    }
}

/// A discount. Buyers enter its code; without a code it applies by itself.
///
/// Of all discounts that are possible, those apply that make the order cheapest: either one, or all combinable ones
/// together. First percentages, then amounts, then free shipping; each on the amount that the ones before it left.
#[Object(cache_control(private))]
impl Discount {
    /// Opaque, stable id: `disc_...`.
    pub async fn id(&self) -> ID {
        self.row.id.encode().into()
    }

    /// Name for buyers.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The code that buyers enter, in any case. Null for an automatic discount.
    async fn code(&self) -> Option<&str> {
        self.row.code.as_deref()
    }

    /// The kind of discount.
    async fn kind(&self) -> DiscountKind {
        self.row.kind.into()
    }

    /// The percentage: `"10"`. Null unless `kind` is `PERCENT`.
    async fn percent(&self) -> Option<Decimal> {
        let ppm = u32::try_from(self.row.value).unwrap_or_default();
        (self.row.kind == Kind::Percent).then(|| Decimal::from_ppm(ppm))
    }

    /// The amount that is taken off. Null unless `kind` is `FIXED`.
    async fn amount(&self, ctx: &Context<'_>) -> Option<Money> {
        let currency = ctx.state().config.shop_currency;
        (self.row.kind == Kind::Fixed).then(|| Money::new(self.row.value, currency))
    }

    /// The part of an order that it applies to.
    async fn target(&self) -> DiscountTarget {
        self.row.target.into()
    }

    /// The categories whose products are discounted, with those of their descendants. Empty unless `target` is
    /// `CATEGORIES`. At most 250.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let ids = self.targets(ctx).await?.categories.into_iter();
        let found = try_join_all(ids.map(|id| ctx.load(CategoryById(id)))).await?;
        Ok(found.into_iter().flatten().map(Category).collect())
    }

    /// The discounted products. Empty unless `target` is `PRODUCTS`. At most 250.
    async fn products(&self, ctx: &Context<'_>) -> Result<Vec<Product>> {
        let ids = self.targets(ctx).await?.products.into_iter();
        let found = try_join_all(ids.map(|id| ctx.load(ProductById(id)))).await?;
        Ok(found.into_iter().flatten().map(Product::new).collect())
    }

    /// Minimum amount of the items it applies to, before discounts. Null if there is none.
    async fn min_amount(&self, ctx: &Context<'_>) -> Option<Money> {
        let currency = ctx.state().config.shop_currency;
        let amount = self.row.min_amount;
        amount.map(|amount| Money::new(amount, currency))
    }

    /// Minimum number of units of the items it applies to. Null if there is none.
    async fn min_quantity(&self) -> Option<i32> {
        self.row.min_quantity
    }

    /// The time from which it applies. Null if it always did.
    async fn starts_at(&self) -> Option<Timestamp> {
        self.row.starts_at
    }

    /// The time from which it does not apply any more. Null if it does not end.
    async fn ends_at(&self) -> Option<Timestamp> {
        self.row.ends_at
    }

    /// Whether it applies together with other combinable discounts.
    async fn combinable(&self) -> bool {
        self.row.combinable
    }

    /// Whether it is switched on. It also depends on `startsAt`, `endsAt` and `usageLimit`.
    async fn active(&self) -> bool {
        self.row.active
    }

    /// Maximum number of orders that use it. Null if unlimited.
    async fn usage_limit(&self) -> Option<i32> {
        self.row.usage_limit
    }

    /// Number of orders that use it.
    async fn used(&self) -> i32 {
        self.row.used
    }

    /// Maximum number of orders of a customer that use it. Null if unlimited.
    async fn per_customer_limit(&self) -> Option<i32> {
        self.row.per_customer_limit
    }

    /// Version number. Starts at 1 and increases by 1 with each change, except of `used`.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Time of the last change, except of `used`.
    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }
}

/// The kind of a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum DiscountKind {
    /// A percentage of the items it applies to.
    Percent,
    /// An amount, at most that of the items it applies to. It is shared among them.
    Fixed,
    /// The price of shipping.
    FreeShipping,
}

/// The part of an order that a discount applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Target")]
pub enum DiscountTarget {
    /// All items.
    Order,
    /// Products of some categories.
    Categories,
    /// Some products.
    Products,
}

/// A page of discounts.
pub type DiscountConnection = Connection<Discount, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}

impl NodeType for Discount {
    const PREFIX: &'static str = DiscountId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if ctx.viewer().admin().is_err() {
            return Ok(None);
        }
        Ok(ctx.load(ById(id.into())).await?.map(Into::into))
    }
}

/// Loads discounts by id. The caller must have checked that the viewer is an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ById(DiscountId);

impl Load<ById> for LoadContext {
    type Value = Row;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Row>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.state.db, &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}
