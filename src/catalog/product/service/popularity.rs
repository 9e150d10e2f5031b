//! The order of equally good matches of a search: popularity and availability.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use crate::catalog::product::ProductId;
use crate::catalog::product::repository;
use crate::catalog::search::index::Bucket;
use crate::core::error::Result;
use crate::state::State;

/// Products per transaction.
const BATCH: usize = 500;

/// Moves the products whose popularity or availability has changed to another place among equally good matches.
/// `units` are the units sold lately of all products of which any were. Returns the number of products moved.
pub async fn refresh_popularity<S: BuildHasher>(
    state: &State,
    units: &HashMap<ProductId, i64, S>,
) -> Result<usize> {
    let sold: Vec<_> = units.keys().copied().collect();
    let stored = repository::find_buckets(state.db.reader(), &sold).await?;
    // Sorted, so that each batch locks in the same order as others.
    let changed: BTreeMap<_, _> = stored
        .into_iter()
        .filter_map(|stored| {
            let units = units.get(&stored.product).copied().unwrap_or_default();
            let bucket = Bucket::new(units, stored.is_in_stock);
            (bucket != stored.bucket).then_some((stored.product.0, (stored.product, bucket)))
        })
        .collect();
    let changed: Vec<_> = changed.into_values().collect();
    for batch in changed.chunks(BATCH) {
        let transaction = state.db.begin().await?;
        let ids: Vec<_> = batch.iter().map(|(id, _)| *id).collect();
        let products = repository::lock_many(&transaction, &ids).await?;
        let buckets: HashMap<_, _> = batch.iter().copied().collect();
        repository::set_buckets(&transaction, &products, &buckets).await?;
        transaction.commit().await?;
    }
    Ok(changed.len())
}
