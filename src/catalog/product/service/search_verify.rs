//! Verification of the search index of products, for `wares verify`.

use crate::catalog::product::entity::ProductId;
use crate::catalog::product::repository::search_verify as repository;
use crate::catalog::search::Analyzer;
use crate::catalog::search::generation::Generations;
use crate::core::error::Result;
use crate::infra::database::Database;

/// The maximum number of products whose words are compared.
const MAX_SAMPLE: u64 = 10_000;
/// Products per statement.
const BATCH: u64 = 500;

/// The names of the checks.
pub const SEARCH_CHECKS: [&str; 3] = [
    "products without product_index_words",
    "product_index_words without product",
    "product_index_words that differ from the words of the product",
];

/// The result of a check: the ID of a product, or none for a whole table, and how many rows or words are wrong.
pub type SearchDifferences = Vec<(Option<ProductId>, u64)>;

/// Runs the [`SEARCH_CHECKS`] on one snapshot of the database, and returns up to `max` differences of each. Of more than
/// 10,000 products a random sample of about as many is compared. Products that wait to be indexed again are skipped, and
/// all of them while the index waits for a rebuild.
pub async fn verify_search(db: &Database, max: usize) -> Result<[SearchDifferences; 3]> {
    let snapshot = db.begin_snapshot().await?;
    let generations = Generations::read(&snapshot).await?;
    let active = generations.active;
    let unindexed = repository::count_unindexed(&snapshot, active).await?;
    let orphaned = repository::count_orphaned_entries(&snapshot, active).await?;
    let mut differing = Vec::new();
    let version = Analyzer::new(db.language()).version();
    if generations.version.is_empty() || generations.version == version {
        let step = repository::count_indexed(&snapshot).await? / MAX_SAMPLE + 1;
        let first = rand::random::<u64>() % step;
        let mut last = None;
        while differing.len() < max {
            let sample = (step, first);
            let products = repository::find_indexed(&snapshot, sample, last, BATCH).await?;
            let Some(product) = products.last() else {
                break;
            };
            last = Some(product.id);
            let language = db.language();
            let counts = repository::differing_words(&snapshot, language, active, &products);
            let found = products.iter().zip(counts.await?);
            let found = found.filter(|(_, count)| *count > 0);
            differing.extend(found.map(|(product, count)| (Some(product.id), count as u64)));
        }
    }
    snapshot.rollback().await?;
    differing.truncate(max);
    Ok([of_table(unindexed), of_table(orphaned), differing])
}

fn of_table(count: u64) -> SearchDifferences {
    let found = (count > 0).then_some((None, count));
    found.into_iter().collect()
}
