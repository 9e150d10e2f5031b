//! Facets of product lists.

mod attributes;
mod types;

use std::sync::Arc;

use async_graphql::{Context, MergedObject, Object};

use self::attributes::AttributeFacet;
use self::types::{
    BrandFacet, CategoryFacet, OptionFacet, PriceFacet, StatusFacet, StockFacet, category_facet,
};
use super::Product;
use super::loaders::FacetOf;
use super::search::SearchInfo;
use crate::catalog::product::list::{Facet, Filter};
use crate::catalog::product::service::facets::{self, FacetGroup};
use crate::core::error::{Error, Result};
use crate::core::pagination::Connection;
use crate::graphql::dataloader::ContextExt;

/// Default number of values in the category facet and the brand facet.
const DEFAULT_VALUES: i32 = 20;
/// Maximum number of values in them.
const MAX_VALUES: i32 = 100;
/// Maximum number of options in the option facet.
const MAX_OPTIONS: i32 = 20;

/// A page of products. For the next page, pass `pageInfo.endCursor` as `after`.
#[derive(Debug, MergedObject)]
pub struct ProductConnection(Connection<Product, Filter>, Faceted);

impl ProductConnection {
    /// Creates a page of the products that match `filter`. `search` describes its search.
    pub const fn new(
        page: Connection<Product, Filter>,
        filter: Filter,
        search: Option<SearchInfo>,
    ) -> Self {
        Self(page, Faceted { filter, search })
    }
}

/// Additional fields of product connections.
#[derive(Debug)]
struct Faceted {
    filter: Filter,
    search: Option<SearchInfo>,
}

#[Object]
impl Faceted {
    /// Facets of the products on all pages, for filter menus.
    async fn facets(&self) -> ProductFacets {
        ProductFacets(self.filter.clone())
    }

    /// How the products match the search text. Null without a search, or if its text contains no word.
    async fn search_info(&self) -> Option<&SearchInfo> {
        self.search.as_ref()
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
        let first = check_first(first.unwrap_or(DEFAULT_VALUES), MAX_VALUES)?;
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
        let first = check_first(first.unwrap_or(DEFAULT_VALUES), MAX_VALUES)?;
        let counted = facets::brands(&self.cells(ctx, Facet::Brands).await?);
        Ok(BrandFacet::new(counted, first))
    }

    /// The number of products per value of each option, such as `M` of `Size`, for `filter.options`. Only active
    /// variants count. The values of an option ignore the condition of `filter.options` on that option and apply those
    /// on others.
    ///
    /// The options with the most frequent values come first. At most 5,000 products are counted, the newest ones, and
    /// the 2,000 most frequent values of all options.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn options(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "Maximum number of options to return, 1 to 20.")] first: i32,
    ) -> Result<Vec<OptionFacet>> {
        let first = check_first(first, MAX_OPTIONS)?;
        let counted = facets::options(&self.cells(ctx, Facet::Options).await?);
        let is_exact = counted.is_exact;
        let options = counted.counts.into_iter().take(first);
        let facet = |counts| OptionFacet { counts, is_exact };
        Ok(options.map(facet).collect())
    }

    /// The number of products per value of each filterable attribute, for `filter.attributes`: choices, truth values, and
    /// ranges of numbers and dates. In the order of the shop. The values of an attribute ignore the condition of
    /// `filter.attributes` on that attribute and apply those on others. Texts and references are not counted.
    ///
    /// A product counts if it has the value itself, or an active variant that also has the values that `filter.options` and
    /// `filter.attributes` require. At most 5,000 products are counted, the newest ones.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = 20,
            desc = "Maximum number of attributes to return, 1 to 100."
        )]
        first: i32,
    ) -> Result<Vec<AttributeFacet>> {
        let first = check_first(first, MAX_VALUES)?;
        attributes::facets(ctx, &self.0, first).await
    }
}

impl ProductFacets {
    async fn cells(&self, ctx: &Context<'_>, facet: Facet) -> Result<Arc<[FacetGroup]>> {
        let cells = ctx.load(FacetOf(self.0.clone(), facet)).await?;
        Ok(cells.unwrap_or_default())
    }
}

fn check_first(first: i32, max: i32) -> Result<usize> {
    if (1..=max).contains(&first) {
        return Ok(first.unsigned_abs() as usize);
    }
    let message = format!("`first` must be from 1 to {max}.");
    Err(Error::bad_input("first", message))
}
