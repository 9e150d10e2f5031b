//! The facets of lists of products in the API.

use async_graphql::{Context, MergedObject, Object, SimpleObject};
use futures_util::future::try_join_all;

use super::loaders::FacetOf;
use super::{Product, ProductStatus};
use crate::catalog::category::graphql::{ByPath, Category};
use crate::catalog::product::list::{Facet, Filter};
use crate::catalog::product::service::facets::{
    self, Bucket, Categories, Cell, Prices, Statuses, Stock,
};
use crate::core::error::{Error, Result};
use crate::core::money::{Currency, Money};
use crate::core::pagination::Connection;
use crate::graphql::dataloader::ContextExt;

/// How many categories the facet gives when the client does not say.
const DEFAULT_CATEGORIES: i32 = 20;
/// How many categories the facet gives at the most.
const MAX_CATEGORIES: i32 = 100;

/// One page of a list of products. Ask for the page after it with `after: pageInfo.endCursor`.
#[derive(Debug, MergedObject)]
pub struct ProductConnection(Connection<Product, Filter>, Faceted);

impl ProductConnection {
    /// A page of what this filter leaves.
    pub const fn new(page: Connection<Product, Filter>, filter: Filter) -> Self {
        Self(page, Faceted(filter))
    }
}

/// What the connections of products have beyond others.
#[derive(Debug)]
struct Faceted(Filter);

#[Object]
impl Faceted {
    /// What the products of all pages have in common, to narrow the list by.
    async fn facets(&self) -> ProductFacets {
        ProductFacets(self.0.clone())
    }
}

/// The facets of what this filter leaves.
#[derive(Debug)]
pub struct ProductFacets(Filter);

/// The facets of a list of products: which values there are to narrow it by, and how many products each would leave.
///
/// A facet counts what the rest of the filter leaves: the filter's own choice of categories does not hide the other
/// categories, its price range not the other prices, and so on. Only those that you ask for are counted.
///
/// A facet looks at no more than 100000 products. Of a longer list it counts the newest: its `isExact` is then false, and
/// there are at least as many as it says. At most 20 facets, of all lists of a request together, can be asked for at once;
/// more get `BAD_USER_INPUT`.
#[Object]
impl ProductFacets {
    /// How many of the products are in each category, for `filter.categoryIds`. In the list of a category that
    /// one and those above it have them all.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many categories to give, from 1 to 100; 20 when absent.")]
        first: Option<i32>,
    ) -> Result<CategoryFacet> {
        let first = match first.unwrap_or(DEFAULT_CATEGORIES) {
            first @ 1..=MAX_CATEGORIES => first.unsigned_abs() as usize,
            _ => return Err(out_of_bounds()),
        };
        let counted = facets::categories(&self.cells(ctx, Facet::Categories).await?);
        category_facet(ctx, counted, first).await
    }

    /// What the products cost, for `filter.price`.
    async fn price(&self, ctx: &Context<'_>) -> Result<PriceFacet> {
        let prices = facets::prices(&self.cells(ctx, Facet::Price).await?);
        Ok(PriceFacet::new(&prices, ctx.state().config.shop_currency))
    }

    /// How many of the products are in stock, for `filter.inStock`.
    async fn stock(&self, ctx: &Context<'_>) -> Result<StockFacet> {
        Ok(facets::stock(&self.cells(ctx, Facet::Stock).await?).into())
    }

    /// How many of the products have each status, for `filter.status`. Customers only meet ACTIVE ones.
    async fn statuses(&self, ctx: &Context<'_>) -> Result<StatusFacet> {
        Ok(facets::statuses(&self.cells(ctx, Facet::Statuses).await?).into())
    }
}

impl ProductFacets {
    async fn cells(&self, ctx: &Context<'_>, facet: Facet) -> Result<Vec<Cell>> {
        let cells = ctx.load(FacetOf(self.0.clone(), facet)).await?;
        Ok(cells.unwrap_or_default())
    }
}

fn out_of_bounds() -> Error {
    Error::bad_input(
        "first",
        format!("`first` must be from 1 to {MAX_CATEGORIES}."),
    )
}

/// How many products are in each category.
#[derive(Debug, SimpleObject)]
pub struct CategoryFacet {
    /// The categories that have any, as far as you may see them: those with the most products first, then as the tree reads.
    values: Vec<CategoryFacetValue>,
    /// Whether all products of the list were looked at.
    is_exact: bool,
}

/// A category, and how many products of the list are in it.
#[derive(Debug, SimpleObject)]
pub struct CategoryFacetValue {
    /// The category.
    category: Category,
    /// How many products are in it or below it, each counted once, whether it is their primary category or a further one.
    count: i64,
}

async fn category_facet(
    ctx: &Context<'_>,
    counted: Categories,
    first: usize,
) -> Result<CategoryFacet> {
    let shown = counted.counts.into_iter().take(first);
    let loaded = shown.map(async |(path, count)| {
        let category = ctx.load(ByPath(path)).await?.map(Category);
        Ok::<_, Error>(category.map(|category| CategoryFacetValue { category, count }))
    });
    let values = try_join_all(loaded).await?;
    Ok(CategoryFacet {
        // One that is absent was hidden or deleted since it was counted.
        values: values.into_iter().flatten().collect(),
        is_exact: counted.is_exact,
    })
}

/// What products cost.
#[derive(Debug, SimpleObject)]
pub struct PriceFacet {
    /// The lowest price; null when the list is empty.
    min: Option<Money>,
    /// The highest price; null when the list is empty.
    max: Option<Money>,
    /// How many products there are in each range of prices: at most 10 ranges with round bounds, from low to high and without
    /// gaps, chosen so that each holds some; one in the middle may be empty.
    buckets: Vec<PriceBucket>,
    /// Whether all products of the list were looked at. When not, `min` and `max` are of those that were.
    is_exact: bool,
}

/// A range of prices, and how many products of the list are in it. As `filter.price: {gte: from, lte: to}` it leaves these.
#[derive(Debug, SimpleObject)]
pub struct PriceBucket {
    /// The lowest price of the range.
    from: Money,
    /// The highest price of the range, included.
    to: Money,
    /// How many products cost as much.
    count: i64,
}

impl PriceFacet {
    fn new(prices: &Prices, currency: Currency) -> Self {
        let money = |minor| Money::new(minor, currency);
        let bucket = |bucket: &Bucket| PriceBucket {
            from: money(bucket.from),
            to: money(bucket.to),
            count: bucket.count,
        };
        Self {
            min: prices.ends.map(|(low, _)| money(low)),
            max: prices.ends.map(|(_, high)| money(high)),
            buckets: prices.buckets.iter().map(bucket).collect(),
            is_exact: prices.is_exact,
        }
    }
}

/// How many products are in stock.
#[derive(Debug, SimpleObject)]
pub struct StockFacet {
    /// Of how many there is at least one to sell: `filter.inStock: true`.
    in_stock: i64,
    /// Of how many there is none: `filter.inStock: false`.
    out_of_stock: i64,
    /// Whether all products of the list were looked at.
    is_exact: bool,
}

impl From<Stock> for StockFacet {
    fn from(stock: Stock) -> Self {
        Self {
            in_stock: stock.in_stock,
            out_of_stock: stock.out_of_stock,
            is_exact: stock.is_exact,
        }
    }
}

/// How many products have each status.
#[derive(Debug, SimpleObject)]
pub struct StatusFacet {
    /// The statuses that any have, in the order of a product's life.
    values: Vec<StatusFacetValue>,
    /// Whether all products of the list were looked at.
    is_exact: bool,
}

/// A status, and how many products of the list have it.
#[derive(Debug, SimpleObject)]
pub struct StatusFacetValue {
    /// The status.
    status: ProductStatus,
    /// How many products have it.
    count: i64,
}

impl From<Statuses> for StatusFacet {
    fn from(statuses: Statuses) -> Self {
        let value = |(status, count): (_, i64)| StatusFacetValue {
            status: ProductStatus::from(status),
            count,
        };
        Self {
            values: statuses.counts.into_iter().map(value).collect(),
            is_exact: statuses.is_exact,
        }
    }
}
