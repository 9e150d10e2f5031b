//! GraphQL API of categories.

mod inputs;
mod loaders;
mod mutation;
mod mutation_types;

pub use inputs::{CategoryFilter, CategorySort};
pub use loaders::{ById, ByIdUnchecked, ByPath};
pub use mutation::CategoryMutation;

use async_graphql::{Context, ID, Object};

use self::loaders::{AncestorsOf, ChildrenOf};
use super::entity::Model;
use super::list::{Filter, List};
use super::service;
use crate::catalog::category_image::graphql as category_image;
use crate::catalog::product::graphql::{
    ProductConnection, ProductFilter, ProductSort, products_of,
};
use crate::catalog::search::{self, Search};
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::core::lookup::Lookup;
use crate::core::pagination::{Connection, Count, PageArgs, Ranked, Total};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::platform::media::graphql::Image;

/// A category row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Category(pub Model);

/// A category of the shop: a node of the category tree.
///
/// Customers see a category if it and all its ancestors are published.
#[Object]
impl Category {
    /// Opaque, stable id: `cat_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Display name. At most 200 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Current URL slug, unique among categories.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Plain text. May be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether the category is published. Customers do not see it while an ancestor is unpublished.
    async fn published(&self) -> bool {
        self.0.published
    }

    /// Depth in the tree. 0 to 7; 0 is a root.
    async fn level(&self) -> usize {
        self.0.level()
    }

    /// Index among its siblings. Starts at 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// The parent category. Null for a root.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Self> {
        let parent = ctx
            .load(ByIdUnchecked(self.0.parent_id?))
            .await
            .transpose()?;
        Some(parent.map(Self))
    }

    /// The ancestors from the root down (breadcrumbs).
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let ancestors = ctx.load(AncestorsOf(self.0.clone())).await?;
        Ok(wrap(ancestors.unwrap_or_default()))
    }

    /// The direct children, by `position`.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let children = ctx.load(ChildrenOf(self.0.id)).await?;
        Ok(wrap(children.unwrap_or_default()))
    }

    /// The image of the category, uploaded with `uploadCategoryImage`. Null if there is none.
    async fn image(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let image = ctx
            .load(category_image::ImageOf(self.0.id))
            .await
            .transpose()?;
        Some(image.map(Image))
    }

    /// The products in this category. Paged like `Query.products`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Include products of descendant categories. Default: true.")]
        include_descendants: Option<bool>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Search text, as in `Query.products`.")] search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<ProductFilter>,
        #[graphql(desc = "Sort order. Default: by name, or by relevance with `search`.")]
        sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs::new(first, after, last, before);
        let within = Some((self.0.id, include_descendants.unwrap_or(true)));
        products_of(ctx, within, search, filter, sort, page).await
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A page of categories.
pub type CategoryConnection = Connection<Category, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().audience(), self).await
    }
}

/// Root fields that read categories.
#[derive(Debug, Default)]
pub struct CategoryQuery;

#[Object]
impl CategoryQuery {
    /// Returns a category by id or by slug. A former slug finds it too; `slug` of the result is the current one. Null
    /// if there is no such category, or if you may not see it.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id, and unless exactly one of `id` and `slug` is given.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the category: `cat_...`.")] id: Option<ID>,
        #[graphql(desc = "Slug of the category, current or former.")] slug: Option<String>,
    ) -> Nullable<Category> {
        find(ctx, id, slug).await.transpose()
    }

    /// Lists categories with paging, search, filter and sort order. For a menu, request `level` 0 and select
    /// `children`.
    ///
    /// If no category matches all words of `search`, the list is empty, unlike that of products.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list or order, and for `RELEVANCE` without `search`.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn categories(
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
            desc = "Search text. Only its first 100 characters and 8 words are used. All words must match, except stop words such as `for`: a word of the name or the description, another form of it, a synonym, the beginning of a word, or a word that differs by one typo. Text without a word does not restrict the list."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<CategoryFilter>,
        #[graphql(desc = "Sort order. Default: tree order, or by relevance with `search`.")]
        sort: Option<CategorySort>,
    ) -> Result<CategoryConnection> {
        let page = PageArgs::new(first, after, last, before);
        let mut filter = filter.unwrap_or_default().check()?;
        filter.search = search::graphql::prepare(ctx, search.as_deref()).await?;
        let sort = CategorySort::resolve(sort, filter.search.is_some())?;
        let mut query = List::parse(filter, sort, page)?;
        let (db, audience) = (&ctx.state().db, ctx.viewer().audience());
        let mut found = service::list(db, audience, &query).await?;
        if found.rows.is_empty()
            && let Some(corrected) = correct_search(ctx, query.filter.search.as_ref()).await?
        {
            query.filter.search = Some(corrected);
            found = service::list(db, audience, &query).await?;
        }
        let node = |category: Ranked<Model>| Category(category.row);
        Ok(Connection::new(found, query, node))
    }
}

/// Returns a search with corrections of its short words, if no category matches it as it is. Filters do not matter.
async fn correct_search(ctx: &Context<'_>, search: Option<&Search>) -> Result<Option<Search>> {
    let Some(search) = search else {
        return Ok(None);
    };
    let (db, audience) = (&ctx.state().db, ctx.viewer().audience());
    let filter = Filter {
        search: Some(search.clone()),
        ..Filter::default()
    };
    if service::count(db, audience, &filter).await?.count > 0 {
        return Ok(None);
    }
    search::graphql::correct_unmatched(ctx, search, None).await
}

async fn find(ctx: &Context<'_>, id: Option<ID>, slug: Option<String>) -> Result<Option<Category>> {
    let found = match Lookup::parse(id.as_deref().map(String::as_str), slug)? {
        Lookup::Id(id) => ctx.load(ById(id)).await?,
        Lookup::Slug(slug) => {
            let audience = ctx.viewer().audience();
            service::find_by_slug(&ctx.state().db, audience, &slug).await?
        }
    };
    Ok(found.map(Category))
}

fn wrap(rows: Vec<Model>) -> Vec<Category> {
    rows.into_iter().map(Category).collect()
}
