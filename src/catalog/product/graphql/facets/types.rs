//! GraphQL types of the facets.

use async_graphql::{Context, Object, SimpleObject};
use futures_util::future::try_join_all;

use super::{MAX_VALUES, check_first};
use crate::catalog::category::graphql::{ByPath, Category};
use crate::catalog::product::graphql::ProductStatus;
use crate::catalog::product::service::facets::{
    Brands, Bucket, Categories, OptionCounts, Prices, Statuses, Stock,
};
use crate::core::error::{Error, Result};
use crate::core::money::{Currency, Money};
use crate::graphql::dataloader::ContextExt;

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

/// Loads the categories of the first values.
pub(super) async fn category_facet(
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
    pub(super) fn new(prices: &Prices, currency: Currency) -> Self {
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

impl BrandFacet {
    pub(super) fn new(brands: Brands, first: usize) -> Self {
        let value = |(brand, count): (String, i64)| BrandFacetValue { brand, count };
        Self {
            values: brands.counts.into_iter().take(first).map(value).collect(),
            is_exact: brands.is_exact,
        }
    }
}

/// A brand and its number of products.
#[derive(Debug, SimpleObject)]
pub struct BrandFacetValue {
    /// The brand.
    brand: String,
    /// The number of products of the brand.
    count: i64,
}

/// Facet of an option as a GraphQL object.
#[derive(Clone, Debug)]
pub struct OptionFacet {
    pub(super) counts: OptionCounts,
    pub(super) is_exact: bool,
}

/// Facet: number of products per value of an option, such as the sizes.
#[Object]
impl OptionFacet {
    /// Name of the option, such as `Size`. Options whose names differ only in case are one.
    async fn name(&self) -> &str {
        &self.counts.name
    }

    /// The values of the option: most products first, then by name. Values whose names differ only in case are one.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    #[expect(clippy::unused_async, reason = "required by the macro")]
    async fn values(
        &self,
        #[graphql(default = 20, desc = "Maximum number of values to return, 1 to 100.")] first: i32,
    ) -> Result<Vec<OptionFacetValue>> {
        let first = check_first(first, MAX_VALUES)?;
        let values = self.counts.values.iter().take(first);
        let value = |(name, count): &(String, i64)| OptionFacetValue {
            name: name.clone(),
            count: *count,
        };
        Ok(values.map(value).collect())
    }

    /// Whether all products of the list were counted.
    async fn is_exact(&self) -> bool {
        self.is_exact
    }
}

/// A value of an option and its number of products.
#[derive(Debug, SimpleObject)]
pub struct OptionFacetValue {
    /// Name of the value, such as `M`.
    name: String,
    /// The number of products with an active variant that has the value, and those that `filter.options` requires of
    /// other options.
    count: i64,
}
