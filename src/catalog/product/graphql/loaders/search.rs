//! Lookups of a search: which words match nothing, how many match at best, and what misspelled words mean.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::product::service::{self, Correction, MAX_COUNTED};
use crate::catalog::search::Search;
use crate::core::error::{Error, Result};
use crate::graphql::dataloader::{Load, LoadContext};
use crate::infra::cache::results::CachedQuery;
use crate::infra::database::Dependencies;

/// Loads the indexes of the words of a search that no product matches, if no product matches all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnmatchedOf(pub Search);

impl Load<UnmatchedOf> for LoadContext {
    const MAX_KEYS: usize = 100;
    type Value = Option<Arc<[usize]>>;

    async fn load(&self, keys: &[UnmatchedOf]) -> Result<HashMap<UnmatchedOf, Self::Value>> {
        let find = async |keys: Vec<UnmatchedOf>| {
            let searches: Vec<_> = keys.into_iter().map(|key| key.0).collect();
            let found = service::unmatched_terms(&self.state.db, self.audience, &searches).await?;
            let found = found.into_iter().map(|unmatched| unmatched.map(Into::into));
            Ok::<_, Error>(found.collect())
        };
        self.load_cached(keys, find).await
    }
}

impl CachedQuery for UnmatchedOf {
    type Result = Option<Arc<[usize]>>;

    fn dependencies(&self) -> Dependencies {
        Dependencies::lists(false)
    }

    fn weight(unmatched: &Self::Result) -> usize {
        unmatched.as_deref().map_or(0, size_of_val)
    }
}

/// Loads how many words of a search a product matches, at most, apart from those that no product matches, which are given by
/// their indexes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BestCountOf(pub Search, pub Arc<[usize]>);

impl Load<BestCountOf> for LoadContext {
    const MAX_KEYS: usize = 100;
    type Value = usize;

    async fn load(&self, keys: &[BestCountOf]) -> Result<HashMap<BestCountOf, usize>> {
        let find = async |keys: Vec<BestCountOf>| {
            let searches: Vec<_> = keys.into_iter().map(|key| (key.0, key.1)).collect();
            service::best_counts(&self.state.db, self.audience, &searches).await
        };
        self.load_cached(keys, find).await
    }
}

impl CachedQuery for BestCountOf {
    type Result = usize;

    fn dependencies(&self) -> Dependencies {
        Dependencies::lists(false)
    }

    fn weight(_: &usize) -> usize {
        0
    }
}

/// Loads the words that the misspelled words of a search mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrectionsIn(pub Search);

impl Load<CorrectionsIn> for LoadContext {
    // SQLite allows 500 compound selects.
    const MAX_KEYS: usize = 500 / MAX_COUNTED;
    type Value = Arc<[Correction]>;

    async fn load(&self, keys: &[CorrectionsIn]) -> Result<HashMap<CorrectionsIn, Self::Value>> {
        let find = async |keys: Vec<CorrectionsIn>| {
            let searches: Vec<_> = keys.into_iter().map(|key| key.0).collect();
            let found = service::corrections_of(&self.state.db, self.audience, &searches).await?;
            Ok::<_, Error>(found.into_iter().map(Into::into).collect())
        };
        self.load_cached(keys, find).await
    }
}

impl CachedQuery for CorrectionsIn {
    type Result = Arc<[Correction]>;

    fn dependencies(&self) -> Dependencies {
        Dependencies::lists(false)
    }

    fn weight(found: &Self::Result) -> usize {
        let words = found
            .iter()
            .map(|(word, correction)| word.len() + correction.len());
        size_of_val(&**found) + words.sum::<usize>()
    }
}
