//! Data loaders of products, their pages, counts and facets.

pub mod search;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID};
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::Product;
use crate::catalog::category::CategoryId;
use crate::catalog::category::entity::Model as Category;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::list::{Facet, Filter, List, ListedProduct, Selection};
use crate::catalog::product::service::facets::{self, FacetGroup};
use crate::catalog::product::service::{self, MAX_RELATED};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::lookup::Lookup;
use crate::core::pagination::{Page, Ranked, Total};
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::infra::cache::results::CachedQuery;
use crate::infra::database::Dependencies;

crate::load_by_id!(
    /// Loads products by ID.
    ById,
    ProductId,
    Model,
    service
);

/// Loads a page of a product list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageOf(pub List, pub Selection);

impl Load<PageOf> for LoadContext {
    const MAX_KEYS: usize = 100;
    type Value = Page<Ranked<ListedProduct>>;

    async fn load(&self, keys: &[PageOf]) -> Result<HashMap<PageOf, Page<Ranked<ListedProduct>>>> {
        let lists: Vec<_> = keys.iter().map(|key| (key.0.clone(), key.1)).collect();
        let pages = service::list_many(&self.state.db, self.audience, &lists).await?;
        Ok(keys.iter().cloned().zip(pages).collect())
    }
}

/// Counts the products that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountOf(pub Filter);

impl Load<CountOf> for LoadContext {
    const MAX_KEYS: usize = 100;
    type Value = Total;

    async fn load(&self, keys: &[CountOf]) -> Result<HashMap<CountOf, Total>> {
        let count = async |keys: Vec<CountOf>| {
            let filters: Vec<_> = keys.into_iter().map(|key| key.0).collect();
            service::count_many(&self.state.db, self.audience, &filters).await
        };
        self.load_cached(keys, count).await
    }
}

impl CachedQuery for CountOf {
    type Result = Total;

    fn dependencies(&self) -> Dependencies {
        Dependencies::lists(self.0.reads_stock())
    }

    fn weight(_: &Total) -> usize {
        0
    }
}

/// Counts the products of a list for a facet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FacetOf(pub Filter, pub Facet);

impl Load<FacetOf> for LoadContext {
    // A single batch: the service enforces the maximum number of facets.
    const MAX_KEYS: usize = usize::MAX;
    type Value = Arc<[FacetGroup]>;

    async fn load(&self, keys: &[FacetOf]) -> Result<HashMap<FacetOf, Arc<[FacetGroup]>>> {
        facets::check_number(keys.iter().map(|key| &key.1))?;
        let count = async |keys: Vec<FacetOf>| {
            let wanted: Vec<_> = keys.into_iter().map(|key| (key.0, key.1)).collect();
            facets::facets_many(&self.state.db, self.audience, &wanted).await
        };
        self.load_cached(keys, count).await
    }
}

impl CachedQuery for FacetOf {
    type Result = Arc<[FacetGroup]>;

    /// The stock facet distinguishes only products in stock and out of stock.
    fn dependencies(&self) -> Dependencies {
        Dependencies::lists(self.0.reads_stock())
    }

    fn weight(groups: &Arc<[FacetGroup]>) -> usize {
        let labels = groups.iter().map(|group| group.label.len());
        size_of_val(&**groups) + labels.sum::<usize>()
    }
}

/// Loads the categories of a product, given with its primary category, which is returned first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CategoriesOf(pub ProductId, pub CategoryId);

impl Load<CategoriesOf> for LoadContext {
    type Value = Vec<Category>;

    async fn load(&self, keys: &[CategoriesOf]) -> Result<HashMap<CategoriesOf, Self::Value>> {
        let products: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let mut found = service::categories_of(&self.state.db, self.audience, &products).await?;
        let of = |key: &CategoriesOf| (*key, found.remove(&key.0).unwrap_or_default());
        Ok(keys.iter().map(of).collect())
    }
}

/// Loads the tags of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TagsOf(pub ProductId);

impl Load<TagsOf> for LoadContext {
    type Value = Vec<String>;

    async fn load(&self, keys: &[TagsOf]) -> Result<HashMap<TagsOf, Vec<String>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::tags_of(self.state.db.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, tags)| (TagsOf(id), tags))
            .collect())
    }
}

/// Loads the ids of the related products of a product, regardless of visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RelatedTo(pub ProductId);

impl Load<RelatedTo> for LoadContext {
    type Value = Vec<ProductId>;

    async fn load(&self, keys: &[RelatedTo]) -> Result<HashMap<RelatedTo, Vec<ProductId>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::related_to(&self.state.db, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, related)| (RelatedTo(id), related))
            .collect())
    }
}

impl NodeType for Product {
    const PREFIX: &'static str = ProductId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let found = ctx.load(ById(id.into())).await?;
        Ok(found.map(Product::new))
    }
}

/// Returns the product with this id or slug, and records it as a dependency of the response.
pub(super) async fn find(
    ctx: &Context<'_>,
    id: Option<ID>,
    slug: Option<String>,
) -> Result<Option<Product>> {
    let (found, is_current) = match Lookup::parse(id.as_deref().map(String::as_str), slug)? {
        Lookup::Id(id) => (ctx.load(ById(id)).await?, true),
        Lookup::Slug(slug) => {
            let audience = ctx.viewer().audience();
            let found = service::find_by_slug(&ctx.state().db, audience, &slug).await?;
            let is_current = found.as_ref().is_some_and(|found| found.slug == slug);
            (found, is_current)
        }
    };
    match &found {
        Some(found) if is_current => ctx.reads().product(found.id.into()),
        // Another product may get the id or the slug.
        _ => ctx.reads().lists(),
    }
    Ok(found.map(Product::new))
}

/// Returns the first related products of a product, and records all as dependencies of the response: a hidden one may
/// become visible.
pub(super) async fn related(
    ctx: &Context<'_>,
    product: ProductId,
    first: i32,
) -> Result<Vec<Model>> {
    let first = usize::try_from(first)
        .ok()
        .filter(|first| (1..=MAX_RELATED).contains(first));
    let first = first.ok_or_else(|| {
        Error::bad_input("first", format!("`first` must be from 1 to {MAX_RELATED}."))
    })?;
    let ids = ctx.load(RelatedTo(product)).await?.unwrap_or_default();
    for id in &ids {
        ctx.reads().product((*id).into());
    }
    let found = try_join_all(ids.into_iter().map(|id| ctx.load(ById(id)))).await?;
    Ok(found.into_iter().flatten().take(first).collect())
}
