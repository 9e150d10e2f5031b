//! Data loaders of categories.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::Category;
use crate::catalog::category::CategoryId;
use crate::catalog::category::entity::Model;
use crate::catalog::category::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::viewer::Audience;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

crate::load_by_id!(
    /// Loads categories by ID.
    ById,
    CategoryId,
    Model,
    service
);

/// Loads categories by path. If the tree changes between two statements of a request, a path may lead to another
/// category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ByPath(pub String);

impl Load<ByPath> for LoadContext {
    type Value = Model;

    async fn load(&self, keys: &[ByPath]) -> Result<HashMap<ByPath, Model>> {
        let paths = keys.iter().map(|key| key.0.as_str());
        let found = service::find_by_paths(&self.state.db, self.audience, paths).await?;
        let found = found.into_iter();
        Ok(found.map(|row| (ByPath(row.path.clone()), row)).collect())
    }
}

/// Loads a category that must be visible because something visible is in it or below it. Skips the visibility check,
/// which would fail the request if the category were unpublished meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByIdUnchecked(pub CategoryId);

impl Load<ByIdUnchecked> for LoadContext {
    type Value = Model;

    async fn load(&self, keys: &[ByIdUnchecked]) -> Result<HashMap<ByIdUnchecked, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.state.db, Audience::Staff, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (ByIdUnchecked(id), row)).collect())
    }
}

/// Loads the children of categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildrenOf(pub CategoryId);

impl Load<ChildrenOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[ChildrenOf]) -> Result<HashMap<ChildrenOf, Vec<Model>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::children(&self.state.db, self.audience, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (ChildrenOf(id), rows))
            .collect())
    }
}

/// Loads the ancestors of categories. They are derived from the path, so the key carries the row. Keys are compared
/// by ID.
#[derive(Clone, Debug)]
pub struct AncestorsOf(pub Model);

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

impl Load<AncestorsOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[AncestorsOf]) -> Result<HashMap<AncestorsOf, Vec<Model>>> {
        let rows: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let mut found = service::ancestors(&self.state.db, self.audience, &rows).await?;
        Ok(keys
            .iter()
            .map(|key| (key.clone(), found.remove(&key.0.id).unwrap_or_default()))
            .collect())
    }
}

impl NodeType for Category {
    const PREFIX: &'static str = CategoryId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let found = ctx.load(ById(id.into())).await?;
        Ok(found.map(Category))
    }
}
