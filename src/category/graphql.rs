//! Categories in the API.

use std::collections::HashMap;

use async_graphql::connection::Connection;
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::entity::{CategoryId, Model};
use super::service::{self, Filter, List, SortField};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::loader::{ContextExt, Loads};
use crate::lookup::Lookup;
use crate::pagination::{Cursor, PageArgs, Sort, SortDirection};
use crate::product::graphql::{ProductConnection, ProductFilter, ProductSort, products_of};
use crate::viewer::Audience;

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
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        match self.0.parent_id {
            Some(parent) => Ok(ctx.load(Implied(parent)).await?.map(Self)),
            None => Ok(None),
        }
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
        #[graphql(desc = "Also the products of all categories below it.", default = true)]
        include_descendants: bool,
        #[graphql(
            desc = "How many to give, from 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Give those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many to give from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Give those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of its products.")] filter: Option<ProductFilter>,
        #[graphql(desc = "In which order; by name when absent.")] sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs {
            first,
            after,
            last,
            before,
        };
        let within = Some((self.0.id, include_descendants));
        products_of(ctx, within, filter, sort, page).await
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

/// What lists of categories can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum CategorySortField {
    /// As a menu reads: each category right before those below it, siblings in the order of the shop.
    Tree,
    /// By name, without regard to case and accents.
    Name,
    /// By when it was made.
    CreatedAt,
    /// By when it was last changed.
    UpdatedAt,
}

/// The order of a list of categories.
#[derive(Debug, InputObject)]
pub struct CategorySort {
    /// What to order by.
    field: CategorySortField,
    /// Which way.
    #[graphql(default)]
    direction: SortDirection,
}

/// Which categories a list holds. Everything given must be true of them.
#[derive(Debug, Default, InputObject)]
pub struct CategoryFilter {
    /// Those right below this category.
    parent_id: Option<ID>,
    /// Those this far below the roots, from 0 (the roots) to 7.
    level: Option<i32>,
}

/// A page of categories.
pub type CategoryConnection = Connection<Cursor, Category, CategoryTotal>;

/// What a page of categories tells beside the page.
#[derive(Debug)]
pub struct CategoryTotal(Filter);

#[Object]
impl CategoryTotal {
    /// How many categories the filter leaves, on all pages. Counted only when you ask.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        service::count(&ctx.state().db, ctx.viewer().audience(), &self.0).await
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
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id: `cat_...`.")] id: Option<ID>,
        #[graphql(desc = "Its slug, current or former.")] slug: Option<String>,
    ) -> Result<Option<Category>> {
        let found = match Lookup::parse(id.as_deref().map(String::as_str), slug)? {
            Lookup::Id(id) => ctx.load(ById(id)).await?,
            Lookup::Slug(slug) => {
                let audience = ctx.viewer().audience();
                service::find_by_slug(&ctx.state().db, audience, &slug).await?
            }
        };
        Ok(found.map(Category))
    }

    /// Categories, as a list that can be paged, filtered and sorted. For a menu, ask for level 0 and for `children`.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` with `last`, and for a cursor of another list
    /// or order.
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
        #[graphql(desc = "Which categories.")] filter: Option<CategoryFilter>,
        #[graphql(desc = "In which order; as a menu reads when absent.")] sort: Option<
            CategorySort,
        >,
    ) -> Result<CategoryConnection> {
        let page = PageArgs {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default();
        let filter = Filter::parse(
            filter.parent_id.as_deref().map(String::as_str),
            filter.level,
        )?;
        let sort = sort.map_or_else(Sort::default, |sort| Sort {
            field: sort.field.into(),
            direction: sort.direction,
        });
        let query = List::parse(filter, sort, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().audience(), &query).await?;
        let total = CategoryTotal(query.filter);
        Ok(found.connection(sort, total, Category))
    }
}

fn wrap(rows: Vec<Model>) -> Vec<Category> {
    rows.into_iter().map(Category).collect()
}

/// Loads a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ById(pub CategoryId);

impl Loader<ById> for Loads {
    type Value = Model;
    type Error = Error;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.db, self.audience, &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}

/// Loads a category that is visible because something visible is below or in it. Asking again whether it is visible
/// would break a request that it is unpublished in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Implied(pub CategoryId);

impl Loader<Implied> for Loads {
    type Value = Model;
    type Error = Error;

    async fn load(&self, keys: &[Implied]) -> Result<HashMap<Implied, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.db, Audience::Staff, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (Implied(id), row)).collect())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ChildrenOf(CategoryId);

impl Loader<ChildrenOf> for Loads {
    type Value = Vec<Model>;
    type Error = Error;

    async fn load(&self, keys: &[ChildrenOf]) -> Result<HashMap<ChildrenOf, Vec<Model>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::children(&self.db, self.audience, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (ChildrenOf(id), rows))
            .collect())
    }
}

/// The ancestors are read off the path, so the key carries the row; its id alone tells keys apart.
#[derive(Clone, Debug)]
struct AncestorsOf(Model);

impl PartialEq for AncestorsOf {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for AncestorsOf {}

impl std::hash::Hash for AncestorsOf {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl Loader<AncestorsOf> for Loads {
    type Value = Vec<Model>;
    type Error = Error;

    async fn load(&self, keys: &[AncestorsOf]) -> Result<HashMap<AncestorsOf, Vec<Model>>> {
        let rows: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let mut found = service::ancestors(&self.db, &rows).await?;
        Ok(keys
            .iter()
            .map(|key| (key.clone(), found.remove(&key.0.id).unwrap_or_default()))
            .collect())
    }
}
