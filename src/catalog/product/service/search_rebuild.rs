//! Maintenance of the search index in the background: products that wait to be indexed again, and the rebuild of the
//! index for another analysis of words. See [`Generations`].

use std::time::Duration;

use tokio::time::sleep;

use super::search::Progress;
use crate::catalog::category;
use crate::catalog::product::ProductId;
use crate::catalog::product::repository::{self, SearchCodes};
use crate::catalog::search::generation::Generations;
use crate::catalog::search::{Analyzer, queue};
use crate::core::error::Result;
use crate::infra::database::lease::Lease;
use crate::infra::database::{Database, DueCondition};
use crate::state::State;

/// Products per transaction.
const BATCH: u64 = 500;
/// Outdated entries deleted per transaction.
const DELETED: u64 = 2_000;
const REBUILD: &str = "rebuild";
/// The lease of a rebuild, which is extended with each batch.
const LEASE: Duration = Duration::from_mins(1);
/// The interval at which a transaction tries to lock the generations.
const RETRY: Duration = Duration::from_millis(20);
/// The number of attempts to lock the generations before the next round of maintenance.
const ATTEMPTS: usize = 100;
/// The pause after each batch, in which others write to SQLite.
const PAUSE: Duration = Duration::from_millis(5);

fn version_of(db: &Database) -> String {
    Analyzer::new(db.language()).version()
}

/// Changes the generations. Returns false if transactions that write the index were running all the time.
async fn change_generations(
    db: &Database,
    change: impl Fn(&mut Generations) + Sync,
) -> Result<bool> {
    for _ in 0..ATTEMPTS {
        let transaction = db.begin().await?;
        if let Some(before) = Generations::lock(&transaction).await? {
            let mut after = before.clone();
            change(&mut after);
            if before != after {
                after.store(&transaction).await?;
                transaction.commit().await?;
            }
            return Ok(true);
        }
        transaction.rollback().await?;
        sleep(RETRY).await;
    }
    Ok(false)
}

/// Requests a rebuild of the search index if it was built by another version of the analyzer than this process has, and
/// no other server is building. An index that was never built gets the version of this process. Called when the server
/// starts: servers of different versions do not rebuild in turn.
pub async fn request_rebuild(state: &State) -> Result<()> {
    let version = version_of(&state.db);
    let is_other_building = Lease::is_held(state.db.reader(), REBUILD, state.clock.now()).await?;
    let request = |generations: &mut Generations| {
        if generations.version.is_empty() {
            generations.version.clone_from(&version);
        }
        let building = generations.building.as_ref();
        let is_dead = building.is_some_and(|(_, other)| *other != version) && !is_other_building;
        if is_dead {
            generations.building = None;
            generations.is_clean = false;
        }
        if generations.version != version && generations.building.is_none() {
            generations.latest += 1;
            generations.building = Some((generations.latest, version.clone()));
        }
    };
    let before = Generations::read(state.db.reader()).await?;
    let is_done = change_generations(&state.db, request).await?;
    let after = Generations::read(state.db.reader()).await?;
    match &after.building {
        Some((_, building)) if *building == version => {
            let old = &after.version;
            tracing::info!(
                old,
                new = version,
                "rebuilding the search index in the background"
            );
        }
        Some((_, building)) => {
            tracing::warn!(building, "another server is rebuilding the search index");
        }
        None if !is_done && before.version != version => {
            tracing::warn!("the search index is outdated: restart the server to rebuild it");
        }
        None => {}
    }
    Ok(())
}

/// Returns the condition that there is work for [`maintain_search_index`].
pub fn search_index_due(_: &State) -> DueCondition {
    queue::waiting_condition().or(Generations::unfinished_condition())
}

/// Indexes the products that wait for it, continues a rebuild of the search index that died, and deletes outdated
/// entries. Each server calls this at an interval.
pub async fn maintain_search_index(state: &State) -> Result<()> {
    let generations = Generations::read(state.db.reader()).await?;
    let version = version_of(&state.db);
    if generations.newest_version() == version && !queue::is_empty(state.db.reader()).await? {
        while index_queued(&state.db).await? > 0 {}
    }
    if let Some((generation, building)) = &generations.building
        && *building == version
    {
        rebuild(state, *generation).await?;
    }
    if !generations.is_clean {
        delete_outdated(&state.db).await?;
    }
    Ok(())
}

/// Indexes up to [`BATCH`] products of the queue and returns their number.
async fn index_queued(db: &Database) -> Result<usize> {
    let transaction = db.begin().await?;
    let ids = queue::take(&transaction, BATCH).await?;
    let count = ids.len();
    let ids: Vec<_> = ids.into_iter().map(ProductId).collect();
    let products = repository::lock_many(&transaction, &ids).await?;
    repository::index_many(&transaction, &products, SearchCodes::new()).await?;
    transaction.commit().await?;
    Ok(count)
}

/// Builds a generation of the index, and makes it the active one. Does nothing if another server is building it.
async fn rebuild(state: &State, generation: i32) -> Result<()> {
    let db = &state.db;
    let lease = Lease::new(REBUILD);
    let mut progress = Progress::default();
    loop {
        let transaction = db.begin().await?;
        if !lease.hold(&transaction, state.clock.now(), LEASE).await? {
            return Ok(());
        }
        // Another server may have replaced the build.
        let building = Generations::lock_shared(&transaction).await?.building;
        if building.is_none_or(|(number, _)| number != generation) {
            return Ok(());
        }
        let last = progress.last;
        let products = repository::find_unindexed(&transaction, generation, last, BATCH).await?;
        if products.is_empty() {
            transaction.commit().await?;
            break;
        }
        let codes = SearchCodes::new();
        repository::index_in(&transaction, &products, codes, &[generation]).await?;
        transaction.commit().await?;
        progress.add(&products);
        sleep(PAUSE).await;
    }
    category::service::index_missing(db, generation).await?;
    if switch(db, generation).await? {
        let products = progress.done;
        tracing::info!(products, "rebuilt the search index");
    }
    let transaction = db.begin().await?;
    lease.release(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Makes a generation the active one if it is complete. Returns whether it did: the next round tries again.
async fn switch(db: &Database, generation: i32) -> Result<bool> {
    for _ in 0..ATTEMPTS {
        let transaction = db.begin().await?;
        let Some(mut generations) = Generations::lock(&transaction).await? else {
            transaction.rollback().await?;
            sleep(RETRY).await;
            continue;
        };
        let Some((number, version)) = generations.building.take() else {
            return Ok(false);
        };
        // With the lock, because writers wait for it: none of them can add a product without words.
        let is_complete = number == generation
            && repository::is_indexed(&transaction, generation).await?
            && category::service::is_search_complete(&transaction, generation).await?;
        if !is_complete {
            return Ok(false);
        }
        generations.active = number;
        generations.version = version;
        generations.is_clean = false;
        generations.store(&transaction).await?;
        transaction.commit().await?;
        return Ok(true);
    }
    Ok(false)
}

/// Deletes the entries of outdated generations in batches.
async fn delete_outdated(db: &Database) -> Result<()> {
    loop {
        let transaction = db.begin().await?;
        let products = repository::delete_outdated_entries(&transaction, DELETED).await?;
        let categories = category::service::delete_outdated_entries(&transaction, DELETED).await?;
        transaction.commit().await?;
        if products + categories == 0 {
            break;
        }
        sleep(PAUSE).await;
    }
    change_generations(db, |generations| generations.is_clean = true).await?;
    Ok(())
}
