//! Data loaders of synonyms.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::synonym::entity::SynonymId;
use crate::catalog::synonym::service::{self, Synonym};
use crate::core::error::Result;
use crate::graphql::dataloader::{Load, LoadContext};
use crate::infra::cache::results::CachedQuery;
use crate::infra::database::Dependencies;

/// Loads synonyms by id. The caller must have checked that the viewer is an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ById(pub SynonymId);

impl Load<ById> for LoadContext {
    type Value = Synonym;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Synonym>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.state.db, &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}

/// Loads the keys of the synonyms of a key: see [`search::key`](crate::catalog::search::key).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SynonymsOf(pub String);

impl Load<SynonymsOf> for LoadContext {
    type Value = Arc<[String]>;

    async fn load(&self, keys: &[SynonymsOf]) -> Result<HashMap<SynonymsOf, Self::Value>> {
        let find = async |keys: Vec<SynonymsOf>| {
            let wanted: Vec<_> = keys.iter().map(|key| key.0.as_str()).collect();
            let found = service::synonyms_of(&self.state.db, &wanted).await?;
            Ok::<_, crate::core::error::Error>(found.into_iter().map(Into::into).collect())
        };
        // The same for all viewers.
        let results = self.state.read_cache.results();
        let seen = self.state.db.reader().replica_sequence();
        let found = results.get_many("synonyms", seen, keys, find).await?;
        Ok(keys.iter().cloned().zip(found).collect())
    }
}

impl CachedQuery for SynonymsOf {
    type Result = Arc<[String]>;

    /// A change of synonyms counts as a change of the whole catalog.
    fn dependencies(&self) -> Dependencies {
        Dependencies::products(&[], false)
    }

    fn weight(found: &Self::Result) -> usize {
        found
            .iter()
            .map(|key| key.len() + size_of::<String>())
            .sum()
    }
}
