//! GraphQL API of products.

mod facets;
mod inputs;
mod loaders;
mod mutation_inputs;
mod mutations;
mod selection;
mod states;
mod suggestions;

pub use facets::ProductConnection;
pub use inputs::{ProductFilter, ProductSort};
pub use loaders::ById;
pub use mutations::ProductMutation;
pub use states::{Availability, ProductStatus};
pub use suggestions::SuggestionQuery;

use async_graphql::{Context, ID, Object};

use self::loaders::{CategoriesOf, CountOf, PageOf, find};
use super::entity::{Column, Model};
use super::list::{CategoryCondition, Columns, Filter, List, ListedProduct};
use crate::catalog::category::CategoryId;
use crate::catalog::category::graphql::{ByIdUnchecked, Category};
use crate::catalog::product_image::graphql::load_first_images;
use crate::catalog::search;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id::TypedId;
use crate::core::money::Money;
use crate::core::pagination::{Connection, Count, PageArgs, Ranked, Total, check_page_size};
use crate::core::stock::StockLevel;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::platform::media::graphql::Image;

/// A product row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Product {
    listed: ListedProduct,
    columns: Columns,
}

impl Product {
    /// Wraps a row with all columns loaded.
    pub const fn new(row: Model) -> Self {
        let listed = ListedProduct {
            row,
            category: None,
            images: None,
        };
        let columns = Columns::ALL;
        Self { listed, columns }
    }

    /// Returns the row, to read this column. The list that the product belongs to has selected it.
    fn with(&self, column: Column) -> &Model {
        debug_assert!(self.columns.contains(column), "{column:?} was not selected");
        &self.listed.row
    }

    async fn load_images(&self, ctx: &Context<'_>, first: Option<u32>) -> Result<Vec<Image>> {
        let Some(images) = &self.listed.images else {
            return load_first_images(ctx, self.listed.row.id, first).await;
        };
        let first = first.map_or(usize::MAX, |first| first as usize);
        Ok(images.iter().take(first).cloned().map(Image).collect())
    }
}

/// A product of the shop.
///
/// Customers see a product if it is `ACTIVE` and its primary category and all ancestors of that category are
/// published.
#[Object]
impl Product {
    /// Opaque, stable id: `prod_...`.
    pub async fn id(&self) -> ID {
        self.listed.row.id.encode().into()
    }

    /// Display name. At most 200 characters.
    async fn name(&self) -> &str {
        &self.with(Column::Name).name
    }

    /// Current URL slug, unique among products.
    async fn slug(&self) -> &str {
        &self.with(Column::Slug).slug
    }

    /// Stock keeping unit: the shop's own item number, unique among products. Null if there is none.
    async fn sku(&self) -> Option<&str> {
        self.with(Column::Sku).sku.as_deref()
    }

    /// Plain text. May be empty.
    async fn description(&self) -> &str {
        &self.with(Column::Description).description
    }

    /// Unit price.
    async fn price(&self, ctx: &Context<'_>) -> Money {
        let price = self.with(Column::Price).price;
        Money::new(price, ctx.state().config.shop_currency)
    }

    /// Number of units for sale. At least 0.
    async fn stock(&self) -> i32 {
        self.with(Column::Stock).stock
    }

    /// Whether the stock is at least 1.
    async fn in_stock(&self) -> bool {
        self.with(Column::Stock).stock > 0
    }

    /// Stock level for display: in stock, low or out of stock.
    async fn availability(&self, ctx: &Context<'_>) -> Availability {
        let stock = self.with(Column::Stock).stock;
        StockLevel::of(stock, ctx.state().config.shop_low_stock).into()
    }

    /// Publication status. Customers see only `ACTIVE` products.
    async fn status(&self) -> ProductStatus {
        self.with(Column::Status).status.into()
    }

    /// The primary category, for breadcrumbs.
    async fn category(&self, ctx: &Context<'_>) -> Result<Category> {
        if let Some(category) = &self.listed.category {
            return Ok(Category(category.clone()));
        }
        let category = ctx
            .load(ByIdUnchecked(self.with(Column::CategoryId).category_id))
            .await?;
        // Absent only if, since this request read the product, it was moved and the category deleted. The data read
        // is stale.
        category.map(Category).ok_or(Error::Unavailable)
    }

    /// All categories of the product that you may see: the primary category first, then in tree order.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let key = CategoriesOf(
            self.listed.row.id,
            self.with(Column::CategoryId).category_id,
        );
        let categories = ctx.load(key).await?.unwrap_or_default();
        Ok(categories.into_iter().map(Category).collect())
    }

    /// The first image, for product lists. Null if the product has none.
    async fn image(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let images = self.load_images(ctx, Some(1)).await;
        images.map(|images| images.into_iter().next()).transpose()
    }

    /// The images, by position. For one image per product in lists, use `image`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of images to return, 1 to 100. Default: all; a product has at most 50."
        )]
        first: Option<i32>,
    ) -> Result<Vec<Image>> {
        let first = first
            .map(|first| check_page_size(first, "first"))
            .transpose()?;
        self.load_images(ctx, first).await
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.with(Column::CreatedAt).created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.with(Column::UpdatedAt).updated_at
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.with(Column::Version).version
    }
}

impl Count for Filter {
    const TYPE_NAME: Option<&'static str> = Some("ProductPage");

    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        let count = ctx.load(CountOf(self.clone())).await?;
        Ok(count.unwrap_or_default())
    }
}

/// Root fields that read products.
#[derive(Debug, Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// Returns a product by id or by slug. A former slug finds it too; `slug` of the result is the current one. Null
    /// if there is no such product, or if you may not see it.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id, and unless exactly one of `id` and `slug` is given.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the product: `prod_...`.")] id: Option<ID>,
        #[graphql(desc = "Slug of the product, current or former.")] slug: Option<String>,
    ) -> Nullable<Product> {
        find(ctx, id, slug).await.transpose()
    }

    /// Lists products with paging, search, filter and sort order. Paging neither repeats nor skips a product when
    /// others are created or deleted meanwhile.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list or order, for a malformed id, for a range whose lower bound exceeds the upper, for a search text
    /// that is too long or contains control characters, and for `RELEVANCE` without `search`.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Search text, at most 100 characters. All words must match; only the first 8 are used. A word matches a word of the name, the SKU or the description, or the beginning of one; from 5 letters on, one typo is tolerated. Case, accents and punctuation are ignored. Text without a word does not restrict the list."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<ProductFilter>,
        #[graphql(desc = "Sort order. Default: by name, or by relevance with `search`.")]
        sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs::new(first, after, last, before);
        products_of(ctx, None, search, filter, sort, page).await
    }
}

/// Returns a page of products: of the whole shop, or of a category and, if the flag is set, its descendants.
pub async fn products_of(
    ctx: &Context<'_>,
    within: Option<(CategoryId, bool)>,
    search: Option<String>,
    filter: Option<ProductFilter>,
    sort: Option<ProductSort>,
    page: PageArgs,
) -> Result<ProductConnection> {
    let currency = ctx.state().config.shop_currency;
    let filter = filter.unwrap_or_default();
    let mut filter = filter.check(ctx.viewer(), currency)?;
    filter
        .within
        .extend(within.map(|(category, descendants)| CategoryCondition {
            categories: vec![category],
            descendants,
            is_list: true,
        }));
    filter.search =
        search::graphql::parse_with_corrections(ctx, search.as_deref(), "search").await?;
    let sort = ProductSort::resolve(sort, filter.search.is_some())?;
    let list = List::parse(filter, sort, page)?;
    if list.filter.reads_stock() || list.sort.field.reads_stock() {
        ctx.reads().stock();
    }
    let filter = list.filter.clone();
    let selection = selection::of_connection(ctx);
    let found = ctx.load(PageOf(list.clone(), selection)).await?;
    let found =
        found.ok_or_else(|| Error::internal(anyhow::anyhow!("page missing from loader result")))?;
    let columns = selection.columns;
    let node = |Ranked { row: listed, .. }| Product { listed, columns };
    let page = Connection::new(found, list, node);
    Ok(ProductConnection::new(page, filter))
}
