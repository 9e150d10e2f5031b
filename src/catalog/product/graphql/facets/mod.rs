//! Facets of product lists.

use std::sync::Arc;

use async_graphql::{Context, MergedObject, Object, SimpleObject};
use futures_util::future::try_join_all;

use super::loaders::FacetOf;
use super::{Product, ProductStatus};
use crate::catalog::category::graphql::{ByPath, Category};
use crate::catalog::product::list::{Facet, Filter};
use crate::catalog::product::service::facets::{
    self, Bucket, Categories, FacetGroup, Prices, Statuses, Stock,
};
use crate::core::error::{Error, Result};
use crate::core::money::{Currency, Money};
use crate::core::pagination::Connection;
use crate::graphql::dataloader::ContextExt;

/// Default number of values in the category facet and the brand facet.
const DEFAULT_VALUES: i32 = 20;
/// Maximum number of values in them.
const MAX_VALUES: i32 = 100;

/// A page of products. For the next page, pass `pageInfo.endCursor` as `after`.
#[derive(Debug, MergedObject)]
pub struct ProductConnection(Connection<Product, Filter>, Faceted);

impl ProductConnection {
    /// Creates a page of the products that match `filter`.
    pub const fn new(page: Connection<Product, Filter>, filter: Filter) -> Self {
        Self(page, Faceted(filter))
    }
}

/// Additional fields of product connections.
#[derive(Debug)]
struct Faceted(Filter);

#[Object]
impl Faceted {
    /// Facets of the products on all pages, for filter menus.
    async fn facets(&self) -> ProductFacets {
        ProductFacets(self.0.clone())
    }
}

/// The facets of the products that match a filter.
#[derive(Debug)]
pub struct ProductFacets(Filter);

/// Facets of a product list: the values to filter by, and the number of products for each.
///
/// A facet ignores its own filter condition: the category facet counts products in all categories, even if the filter
/// selects one; the price facet ignores the price range, and so on. Only selected facets are computed.
///
/// A facet counts at most 100,000 products, the newest ones. For longer lists `isExact` is false and the counts are
/// lower bounds. A request can select at most 20 facets over all its lists; more return `BAD_USER_INPUT`.
#[Object]
impl ProductFacets {
    /// The number of products per category, for `filter.categoryIds`. In `Category.products`, the condition on that
    /// category itself is not ignored.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Maximum number of categories to return, 1 to 100. Default: 20.")]
        first: Option<i32>,
    ) -> Result<CategoryFacet> {
        let first = check_first(first)?;
        let counted = facets::categories(&self.cells(ctx, Facet::Categories).await?);
        category_facet(ctx, counted, first).await
    }

    /// The price range and price distribution, for `filter.price`.
    async fn price(&self, ctx: &Context<'_>) -> Result<PriceFacet> {
        let prices = facets::prices(&self.cells(ctx, Facet::Price).await?);
        Ok(PriceFacet::new(&prices, ctx.state().config.shop_currency))
    }

    /// The numbers of products in stock and out of stock, for `filter.inStock`.
    async fn stock(&self, ctx: &Context<'_>) -> Result<StockFacet> {
        Ok(facets::stock(&self.cells(ctx, Facet::Stock).await?).into())
    }

    /// The number of products per status, for `filter.status`. Customers see only `ACTIVE` products.
    async fn statuses(&self, ctx: &Context<'_>) -> Result<StatusFacet> {
        Ok(facets::statuses(&self.cells(ctx, Facet::Statuses).await?).into())
    }

    /// The number of products per brand, for `filter.brands`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn brands(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Maximum number of brands to return, 1 to 100. Default: 20.")]
        first: Option<i32>,
    ) -> Result<BrandFacet> {
        let first = check_first(first)?;
        let counted = facets::brands(&self.cells(ctx, Facet::Brands).await?);
        let value = |(brand, count): (String, i64)| BrandFacetValue { brand, count };
        Ok(BrandFacet {
            values: counted.counts.into_iter().take(first).map(value).collect(),
            is_exact: counted.is_exact,
        })
    }
}

impl ProductFacets {
    async fn cells(&self, ctx: &Context<'_>, facet: Facet) -> Result<Arc<[FacetGroup]>> {
        let cells = ctx.load(FacetOf(self.0.clone(), facet)).await?;
        Ok(cells.unwrap_or_default())
    }
}

fn check_first(first: Option<i32>) -> Result<usize> {
    match first.unwrap_or(DEFAULT_VALUES) {
        first @ 1..=MAX_VALUES => Ok(first.unsigned_abs() as usize),
        _ => Err(Error::bad_input(
            "first",
            format!("`first` must be from 1 to {MAX_VALUES}."),
        )),
    }
}

/// Facet: number of products per category.
#[derive(Debug, SimpleObject)]
pub struct CategoryFacet {
    /// The categories visible to you that contain products of the list. Most products first, then in tree order.
    values: Vec<CategoryFacetValue>,
    /// Whether all products of the list were counted.
    is_exact: bool,
}

/// A category and its number of products.
#[derive(Debug, SimpleObject)]
pub struct CategoryFacetValue {
    /// The category.
    category: Category,
    /// The number of products in the category and its descendants, as primary or additional category. Each product
    /// counts once.
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
        // Missing categories were hidden or deleted after counting.
        values: values.into_iter().flatten().collect(),
        is_exact: counted.is_exact,
    })
}

/// Facet: prices.
#[derive(Debug, SimpleObject)]
pub struct PriceFacet {
    /// The lowest price. Null if the list is empty.
    min: Option<Money>,
    /// The highest price. Null if the list is empty.
    max: Option<Money>,
    /// The number of products per price range. At most 10 adjacent ranges with round bounds, in ascending order. The
    /// first and the last range are never empty.
    buckets: Vec<PriceBucket>,
    /// Whether all products of the list were counted. If false, `min` and `max` are those of the counted products.
    is_exact: bool,
}

/// A price range and its number of products. To filter by it, use `filter.price: {gte: from, lte: to}`.
#[derive(Debug, SimpleObject)]
pub struct PriceBucket {
    /// The lowest price of the range, inclusive.
    from: Money,
    /// The highest price of the range, inclusive.
    to: Money,
    /// The number of products in the range.
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

/// Facet: availability.
#[derive(Debug, SimpleObject)]
pub struct StockFacet {
    /// The number of products with a stock of at least 1: `filter.inStock: true`.
    in_stock: i64,
    /// The number of products with a stock of 0: `filter.inStock: false`.
    out_of_stock: i64,
    /// Whether all products of the list were counted.
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

/// Facet: number of products per status.
#[derive(Debug, SimpleObject)]
pub struct StatusFacet {
    /// The statuses that occur in the list, in the order `DRAFT`, `ACTIVE`, `ARCHIVED`.
    values: Vec<StatusFacetValue>,
    /// Whether all products of the list were counted.
    is_exact: bool,
}

/// A status and its number of products.
#[derive(Debug, SimpleObject)]
pub struct StatusFacetValue {
    /// The status.
    status: ProductStatus,
    /// The number of products with this status.
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

/// Facet: number of products per brand.
#[derive(Debug, SimpleObject)]
pub struct BrandFacet {
    /// The brands of the list. Most products first, then by name.
    values: Vec<BrandFacetValue>,
    /// Whether all products of the list were counted.
    is_exact: bool,
}

/// A brand and its number of products.
#[derive(Debug, SimpleObject)]
pub struct BrandFacetValue {
    /// The brand.
    brand: String,
    /// The number of products of the brand.
    count: i64,
}
