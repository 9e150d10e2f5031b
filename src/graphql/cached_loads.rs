//! Lookups whose results the read cache keeps for later requests.

use std::collections::HashMap;
use std::hash::Hash;

use super::dataloader::LoadContext;
use crate::core::error::Result;
use crate::infra::cache::results::CachedQuery;

impl LoadContext {
    /// Returns the results of keys for the audience of the request: those in the cache, and what `find` finds for the others.
    pub async fn load_cached<K, F>(
        &self,
        keys: &[K],
        find: impl Fn(Vec<K>) -> F,
    ) -> Result<HashMap<K, K::Result>>
    where
        K: CachedQuery + Eq + Hash,
        F: Future<Output = Result<Vec<K::Result>>>,
    {
        let results = self.state.read_cache.results();
        let seen = self.state.db.reader().replica_sequence();
        let found = results.get_many(self.audience, seen, keys, find).await?;
        Ok(keys.iter().cloned().zip(found).collect())
    }
}
