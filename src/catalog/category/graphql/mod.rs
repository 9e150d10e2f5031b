//! Categories in the API.

mod changes;
mod inputs;
mod loaders;
mod mutation;

pub use inputs::{CategoryFilter, CategorySort};
pub use loaders::{ById, ByPath, VisibleAnyway};
pub use mutation::CategoryMutation;

use async_graphql::{Context, ID, Object};

use self::loaders::{AncestorsOf, ChildrenOf};
use super::entity::Model;
use super::list::{Filter, List};
use super::service;
use crate::catalog::product::graphql::{
    ProductConnection, ProductFilter, ProductSort, products_of,
};
use crate::catalog::search;
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::core::lookup::Lookup;
use crate::core::pagination::{Connection, Count, PageArgs, Ranked, Total};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Category(pub Model);

/// A category of the shop: a node of the tree that customers browse by.
///
/// Customers see a category when it and all its ancestors are published.
#[Object]
impl Category {
    /// Opaque and stable: `cat_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// What customers call it. At most 200 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its current place in an address, unique among categories.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Plain text; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether it is meant to be seen. An ancestor that is not published hides it all the same.
    async fn published(&self) -> bool {
        self.0.published
    }

    /// How far below the roots it is: 0 for a root, at most 7.
    async fn level(&self) -> usize {
        self.0.level()
    }

    /// Its place among its siblings, from 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// The category above it; null for a root.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Self> {
        let parent = ctx
            .load(VisibleAnyway(self.0.parent_id?))
            .await
            .transpose()?;
        Some(parent.map(Self))
    }

    /// The categories above it, from the root down: its breadcrumbs.
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let ancestors = ctx.load(AncestorsOf(self.0.clone())).await?;
        Ok(wrap(ancestors.unwrap_or_default()))
    }

    /// The categories right below it, in the order of the shop.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let children = ctx.load(ChildrenOf(self.0.id)).await?;
        Ok(wrap(children.unwrap_or_default()))
    }

    /// The products in it. Pages like `Query.products`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also the products of all categories below it; yes when absent.")]
        include_descendants: Option<bool>,
        #[graphql(
            desc = "How many to give, from 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Give those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many to give from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Give those before this cursor.")] before: Option<String>,
        #[graphql(desc = "What to search for in it, as in `Query.products`.")] search: Option<
            String,
        >,
        #[graphql(desc = "Which of its products.")] filter: Option<ProductFilter>,
        #[graphql(desc = "In which order; by name when absent, or by relevance with `search`.")]
        sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs::new(first, after, last, before);
        let within = Some((self.0.id, include_descendants.unwrap_or(true)));
        products_of(ctx, within, search, filter, sort, page).await
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Counts its changes, from 1.
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

/// The root fields that read categories.
#[derive(Debug, Default)]
pub struct CategoryQuery;

#[Object]
impl CategoryQuery {
    /// One category, by its id or by its slug. A slug it had before finds it too; its `slug` then tells the current
    /// one. Null when there is none, or none that you may see.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id, and unless exactly one of `id` and `slug` is given.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id: `cat_...`.")] id: Option<ID>,
        #[graphql(desc = "Its slug, current or former.")] slug: Option<String>,
    ) -> Nullable<Category> {
        find(ctx, id, slug).await.transpose()
    }

    /// Categories, as a list that can be paged, filtered and sorted. For a menu, ask for level 0 and for `children`.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` with `last`, for a cursor of another list or
    /// order, for a search that is too long or has control characters, and for the order RELEVANCE without a search.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn categories(
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
            desc = "What to search for, at most 100 characters: several words, all of which must fit; the first 8 are looked at. A word fits when it is in the name or the description, or a word there begins with it; in words of 5 letters and more one typo is forgiven. Case, accents and punctuation do not matter. Without a word in it, it narrows nothing."
        )]
        search: Option<String>,
        #[graphql(desc = "Which categories.")] filter: Option<CategoryFilter>,
        #[graphql(
            desc = "In which order; as a menu reads when absent, or by relevance with `search`."
        )]
        sort: Option<CategorySort>,
    ) -> Result<CategoryConnection> {
        let page = PageArgs::new(first, after, last, before);
        let mut filter = filter.unwrap_or_default().check()?;
        filter.search = search::graphql::understand(ctx, search.as_deref(), "search").await?;
        let sort = CategorySort::resolve(sort, filter.search.is_some())?;
        let query = List::parse(filter, sort, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().audience(), &query).await?;
        let node = |category: Ranked<Model>| Category(category.row);
        Ok(Connection::new(found, query, node))
    }
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
