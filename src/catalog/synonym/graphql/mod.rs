//! GraphQL API of synonyms.

mod inputs;
mod loaders;
mod mutation;
mod query;

pub use loaders::SynonymsOf;
pub use mutation::SynonymMutation;
pub use query::SynonymQuery;

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use self::loaders::ById;
use super::entity::{Model, SynonymId};
use super::list::Filter;
use super::service::{self, Synonym};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{Connection, Count, Total};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::node::NodeType;

/// A synonym as a GraphQL object.
#[derive(Clone, Debug)]
pub struct SearchSynonym {
    row: Model,
    /// With its terms, if they are loaded.
    loaded: Option<Synonym>,
}

impl SearchSynonym {
    /// Loads the terms, unless they are loaded.
    async fn load_terms(&self, ctx: &Context<'_>) -> Result<Synonym> {
        if let Some(loaded) = &self.loaded {
            return Ok(loaded.clone());
        }
        let found = ctx.load(ById(self.row.id)).await?;
        // Absent only if it was deleted since this request read its row.
        found.ok_or(Error::Unavailable)
    }
}

impl From<Model> for SearchSynonym {
    fn from(row: Model) -> Self {
        Self { row, loaded: None }
    }
}

impl From<Synonym> for SearchSynonym {
    fn from(synonym: Synonym) -> Self {
        Self {
            row: synonym.row.clone(),
            loaded: Some(synonym),
        }
    }
}

/// A synonym of search words. Two-way: a search for any of its `terms` also finds the other ones. One-way: a search for a
/// term of `from` also finds those of `to`.
///
/// It applies to `products(search:)`, `Category.products(search:)` and `categories(search:)` from the moment it is
/// stored. Case, accents and inflected forms are ignored, as in the search. Synonyms of synonyms are not followed.
#[Object(cache_control(private))]
impl SearchSynonym {
    /// Opaque, stable id: `syn_...`.
    pub async fn id(&self) -> ID {
        self.row.id.encode().into()
    }

    /// The terms that find each other, such as `sofa` and `couch`: 2 to 20. Empty if it is one-way.
    async fn terms(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.load_terms(ctx).await?.terms)
    }

    /// The terms that also find those of `to`: 1 to 20. Empty if it is two-way.
    #[graphql(name = "from")]
    async fn sources(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.load_terms(ctx).await?.from)
    }

    /// The terms that those of `from` also find: 1 to 20. Empty if it is two-way.
    #[graphql(name = "to")]
    async fn targets(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.load_terms(ctx).await?.to)
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }
}

/// A page of synonyms.
pub type SearchSynonymConnection = Connection<SearchSynonym, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}

impl NodeType for SearchSynonym {
    const PREFIX: &'static str = SynonymId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if ctx.viewer().admin().is_err() {
            return Ok(None);
        }
        Ok(ctx.load(ById(id.into())).await?.map(Into::into))
    }
}
