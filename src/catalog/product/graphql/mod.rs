//! Products in the API.

mod edits;
mod facets;
mod inputs;
mod loaders;
mod mutations;
mod states;
mod suggestions;

pub use facets::ProductConnection;
pub use inputs::{ProductFilter, ProductSort};
pub use loaders::ById;
pub use mutations::ProductMutation;
pub use states::{Availability, ProductStatus};
pub use suggestions::SuggestionQuery;

use std::borrow::Cow;

use async_graphql::{Context, ID, Object};

use self::loaders::{CategoriesOf, CountOf, PageOf};
use super::entity::Model;
use super::list::{Detail, Filter, List, Within};
use super::service;
use crate::catalog::category::CategoryId;
use crate::catalog::category::graphql::{Category, VisibleAnyway};
use crate::catalog::product_image::graphql::first_images;
use crate::catalog::search;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id::TypedId;
use crate::core::lookup::Lookup;
use crate::core::money::Money;
use crate::core::pagination::{Connection, Count, PageArgs, Ranked, Total, check_size};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::platform::media::graphql::Image;

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Product {
    row: Model,
    detail: Detail,
}

impl Product {
    /// A row that was read as a whole.
    pub const fn new(row: Model) -> Self {
        let detail = Detail::Full;
        Self { row, detail }
    }
}

/// Something the shop sells.
///
/// Customers see a product when it is ACTIVE and its primary category and all that category's ancestors are published.
#[Object]
impl Product {
    /// Opaque and stable: `prod_...`.
    pub async fn id(&self) -> ID {
        self.row.id.encode().into()
    }

    /// What customers call it. At most 200 characters.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Its current place in an address, unique among products.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// The shop's own number for it, unique where there is one.
    async fn sku(&self) -> Option<&str> {
        self.row.sku.as_deref()
    }

    /// Plain text; may be empty.
    async fn description(&self, ctx: &Context<'_>) -> Result<Cow<'_, str>> {
        if self.detail == Detail::Full {
            return Ok(Cow::Borrowed(&self.row.description));
        }
        // Nobody saw that it was wanted when the list was read.
        let found = ctx.load(ById(self.row.id)).await?;
        found
            .map(|row| row.description.into())
            .ok_or(Error::Unavailable)
    }

    /// What one costs.
    async fn price(&self, ctx: &Context<'_>) -> Money {
        Money::new(self.row.price, ctx.state().config.shop_currency)
    }

    /// How many there are to sell, never below 0.
    async fn stock(&self) -> i32 {
        self.row.stock
    }

    /// Whether there is at least one to sell.
    async fn in_stock(&self) -> bool {
        self.row.stock > 0
    }

    /// Whether there are enough, few or none to sell.
    async fn availability(&self, ctx: &Context<'_>) -> Availability {
        Availability::of(self.row.stock, ctx.state().config.shop_low_stock)
    }

    /// Where it is in its life. Customers only meet ACTIVE ones.
    async fn status(&self) -> ProductStatus {
        self.row.status.into()
    }

    /// Its primary category, which its breadcrumbs come from.
    async fn category(&self, ctx: &Context<'_>) -> Result<Category> {
        let category = ctx.load(VisibleAnyway(self.row.category_id)).await?;
        // Absent only when the product was moved and the category deleted since this request read the product: what it
        // read is out of date.
        category.map(Category).ok_or(Error::Unavailable)
    }

    /// All categories it is in, as far as you may see them: the primary one first, then as the menu reads.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let key = CategoriesOf(self.row.id, self.row.category_id);
        let categories = ctx.load(key).await?.unwrap_or_default();
        Ok(categories.into_iter().map(Category).collect())
    }

    /// The first of its images, for lists; null if it has none.
    async fn image(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let images = first_images(ctx, self.row.id, Some(1)).await;
        images.map(|images| images.into_iter().next()).transpose()
    }

    /// Its images, in the order of the shop: all of them, at most 50, or the first ones. A list that shows one of each
    /// product selects `image`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The maximum number of images, from 1 to 100. Default: all.")]
        first: Option<i32>,
    ) -> Result<Vec<Image>> {
        let first = first.map(|first| check_size(first, "first")).transpose()?;
        first_images(ctx, self.row.id, first).await
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }

    /// Counts its changes, from 1.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

impl Count for Filter {
    const PART: Option<&'static str> = Some("ProductPage");

    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        let count = ctx.load(CountOf(self.clone())).await?;
        Ok(count.unwrap_or_default())
    }
}

/// The root fields that read products.
#[derive(Debug, Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// One product, by its id or by its slug. A slug it had before finds it too; its `slug` then tells the current one.
    /// Null when there is none, or none that you may see.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id, and unless exactly one of `id` and `slug` is given.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id: `prod_...`.")] id: Option<ID>,
        #[graphql(desc = "Its slug, current or former.")] slug: Option<String>,
    ) -> Nullable<Product> {
        find(ctx, id, slug).await.transpose()
    }

    /// Products, as a list that can be paged, filtered and sorted. Pages neither repeat nor lose a product while others
    /// come and go.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` with `last`, for a cursor of another list or
    /// order, for a malformed id, for a range whose ends are the wrong way round, for a search that is too long or has control
    /// characters, and for the order RELEVANCE without a search.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many to give, from 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Give those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many to give from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Give those before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "What to search for, at most 100 characters: several words, all of which must fit; the first 8 are looked at. A word fits when it is in the name, the SKU or the description, or a word there begins with it; in words of 5 letters and more one typo is forgiven. Case, accents and punctuation do not matter. Without a word in it, it narrows nothing."
        )]
        search: Option<String>,
        #[graphql(desc = "Which products.")] filter: Option<ProductFilter>,
        #[graphql(desc = "In which order; by name when absent, or by relevance with `search`.")]
        sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs::new(first, after, last, before);
        products_of(ctx, None, search, filter, sort, page).await
    }
}

async fn find(ctx: &Context<'_>, id: Option<ID>, slug: Option<String>) -> Result<Option<Product>> {
    let found = match Lookup::parse(id.as_deref().map(String::as_str), slug)? {
        Lookup::Id(id) => ctx.load(ById(id)).await?,
        Lookup::Slug(slug) => {
            let audience = ctx.viewer().audience();
            service::find_by_slug(&ctx.state().db, audience, &slug).await?
        }
    };
    Ok(found.map(Product::new))
}

/// A page of products: of the whole shop, or of one category and (if the flag says so) those below it.
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
        .extend(within.map(|(category, descendants)| Within {
            categories: vec![category],
            descendants,
            is_list: true,
        }));
    filter.search = search::graphql::understand(ctx, search.as_deref(), "search").await?;
    let sort = ProductSort::resolve(sort, filter.search.is_some())?;
    let list = List::parse(filter, sort, page)?;
    let filter = list.filter.clone();
    let detail = detail_wanted(ctx);
    let found = ctx.load(PageOf(list.clone(), detail)).await?;
    let found = found.ok_or_else(|| Error::internal(anyhow::anyhow!("a page was not read")))?;
    let node = |Ranked { row, .. }| Product { row, detail };
    let page = Connection::new(found, list, node);
    Ok(ProductConnection::new(page, filter))
}

/// How much of the products of the connection that is being resolved the query asks for.
fn detail_wanted(ctx: &Context<'_>) -> Detail {
    let connection = ctx.look_ahead();
    let nodes = [
        connection.field("nodes"),
        connection.field("edges").field("node"),
    ];
    if nodes.iter().any(|node| node.field("description").exists()) {
        Detail::Full
    } else {
        Detail::Brief
    }
}
