//! Sends changed products and synonyms to the search engine, and detects that it has lost its data.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use crate::catalog::product;
use crate::catalog::product::entity::ProductId;
use crate::catalog::search::feed::{self, Change, Engine};
use crate::catalog::search::generation::Generations;
use crate::catalog::synonym;
use crate::core::error::Result;
use crate::infra::database::Catalog;
use crate::infra::database::lease::Lease;
use crate::infra::search_engine::{EngineError, Progress, SearchEngine, Synonyms};
use crate::state::State;

/// The duration of the lease of the server that sends changes. Longer than one round takes.
const LEASE: Duration = Duration::from_mins(2);
/// The maximum number of batches of a round.
const MAX_BATCHES: usize = 20;
/// How often the engine is asked whether it still holds the products.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);
/// Products per transaction when all are to be sent.
const FILL_BATCH: u32 = 10_000;
/// The interval at which a transaction tries to lock the generations of the index, and the number of attempts in a round.
const RETRY: Duration = Duration::from_millis(20);
const ATTEMPTS: usize = 100;

/// Sends the changed products to the search engine. Each server with an engine calls this at an interval; one
/// at a time has the lease.
pub async fn feed_search_engine(state: &State) -> Result<()> {
    let Some(engine) = &state.search_engine else {
        return Ok(());
    };
    let now = state.clock.now();
    let lease = Lease::new("search_engine");
    let transaction = state.db.begin().await?;
    feed::create(&transaction).await?;
    let is_held = lease.hold(&transaction, now, LEASE).await?;
    transaction.commit().await?;
    if is_held {
        let sent = send_changes(state, engine).await;
        let transaction = state.db.begin().await?;
        lease.release(&transaction).await?;
        transaction.commit().await?;
        sent?;
    }
    let stored = feed::find(state.db.reader()).await?;
    let index_name = &state.config.search.search_index;
    let is_filled =
        stored.is_some_and(|stored| stored.is_filled && stored.index_name == *index_name);
    engine.set_filled(is_filled);
    Ok(())
}

/// One round with the lease.
async fn send_changes(state: &State, engine: &SearchEngine) -> Result<()> {
    let Some(mut stored) = feed::find(state.db.reader()).await? else {
        return Ok(());
    };
    match round(state, engine, &mut stored).await {
        Ok(()) => Ok(()),
        Err(Failure::Database(error)) => Err(error),
        Err(Failure::Engine(EngineError::NoIndex)) => {
            tracing::warn!("the search engine has lost the products: it is filled again");
            stored.index_name.clear();
            store(state, &stored, None).await
        }
        Err(Failure::Engine(error)) => {
            // It also fails to search, which is logged once.
            tracing::debug!(%error, "changes could not be sent to the search engine");
            Ok(())
        }
    }
}

/// Why a round ended early.
enum Failure {
    Database(crate::core::error::Error),
    Engine(EngineError),
}

impl<E: Into<crate::core::error::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

async fn round(
    state: &State,
    engine: &SearchEngine,
    stored: &mut Engine,
) -> std::result::Result<(), Failure> {
    configure(state, engine, stored).await?;
    confirm(state, engine, stored).await?;
    for _ in 0..MAX_BATCHES {
        let changes = feed::next(state.db.reader()).await?;
        if changes.is_empty() {
            return finish(state, stored).await;
        }
        let task = send(state, engine, &changes).await?;
        stored.last_task = Some(task);
        let transaction = state.db.begin().await?;
        feed::remove(&transaction, &changes).await?;
        feed::store(&transaction, stored).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Sends the settings if they have changed, and adds all products to the changes to send if the index is new.
async fn configure(
    state: &State,
    engine: &SearchEngine,
    stored: &mut Engine,
) -> std::result::Result<(), Failure> {
    let index_name = &state.config.search.search_index;
    let is_new = stored.index_name != *index_name;
    if !is_new && state.clock.now() < stored.checked_at.after(CHECK_INTERVAL) {
        return Ok(());
    }
    let synonyms = synonym::service::all_texts(&state.db).await?;
    let settings = settings_key(state, &synonyms);
    if !is_new && stored.settings == settings {
        return Ok(());
    }
    let configured = engine.configure(state.db.language(), synonyms).await;
    stored.last_task = Some(configured.map_err(Failure::Engine)?);
    stored.settings = settings;
    if is_new {
        stored.is_filled = false;
        if !wait_for_writers(state).await? {
            return Ok(());
        }
        add_all(state).await?;
        stored.index_name.clone_from(index_name);
    }
    store(state, stored, None).await?;
    Ok(())
}

/// Asks for the last change that was accepted, and now and then whether the engine still holds products.
async fn confirm(
    state: &State,
    engine: &SearchEngine,
    stored: &mut Engine,
) -> std::result::Result<(), Failure> {
    if let Some(task) = stored.last_task {
        match engine.progress(task).await.map_err(Failure::Engine)? {
            Progress::Pending => return Ok(()),
            Progress::Done => {}
            Progress::Failed(reason) => {
                tracing::error!(task, reason, "the search engine refused a change");
            }
        }
        stored.last_task = None;
        // Cached searches may have been answered before the engine knew of the change.
        store(state, stored, Some(Uuid::nil())).await?;
    }
    let now = state.clock.now();
    if stored.is_filled && now >= stored.checked_at.after(CHECK_INTERVAL) {
        let count = engine.count().await.map_err(Failure::Engine)?;
        if count == 0 && product::service::has_products(&state.db).await? {
            return Err(Failure::Engine(EngineError::NoIndex));
        }
        stored.checked_at = now;
        store(state, stored, None).await?;
    }
    Ok(())
}

/// Sends changed and deleted products. Returns the number of the last task.
async fn send(
    state: &State,
    engine: &SearchEngine,
    changes: &[Change],
) -> std::result::Result<u32, Failure> {
    let ids: Vec<ProductId> = changes.iter().map(|change| change.product.into()).collect();
    let documents = product::service::engine_documents(&state.db, &ids).await?;
    let existing: HashSet<Uuid> = documents.iter().map(|document| document.id).collect();
    let deleted = changes.iter().map(|change| change.product);
    let deleted: Vec<Uuid> = deleted.filter(|id| !existing.contains(id)).collect();
    let mut task = None;
    if !deleted.is_empty() {
        task = Some(engine.delete(&deleted).await.map_err(Failure::Engine)?);
    }
    if !documents.is_empty() {
        task = Some(engine.put(&documents).await.map_err(Failure::Engine)?);
    }
    Ok(task.unwrap_or_default())
}

/// Records that the engine has all products.
async fn finish(state: &State, stored: &mut Engine) -> std::result::Result<(), Failure> {
    if stored.last_task.is_none() && !stored.is_filled {
        stored.is_filled = true;
        stored.checked_at = state.clock.now();
        store(state, stored, Some(Uuid::nil())).await?;
        tracing::info!("the search engine holds all products and searches them");
    }
    Ok(())
}

/// Waits for the end of the transactions that began before the engine was stored, and therefore do not record their changes.
/// Returns false if there were others all the time: the next round tries again.
async fn wait_for_writers(state: &State) -> Result<bool> {
    for _ in 0..ATTEMPTS {
        let transaction = state.db.begin().await?;
        let is_alone = Generations::lock(&transaction).await?.is_some();
        transaction.rollback().await?;
        if is_alone {
            return Ok(true);
        }
        sleep(RETRY).await;
    }
    Ok(false)
}

/// Adds all products to the changes to send.
async fn add_all(state: &State) -> Result<()> {
    let mut last = None;
    loop {
        let transaction = state.db.begin().await?;
        let added = feed::add_all(&transaction, last, FILL_BATCH).await?;
        transaction.commit().await?;
        if added.is_none() {
            return Ok(());
        }
        last = added;
    }
}

/// Stores the state of the engine. Cached lists are invalid from then on if `touched` is set.
async fn store(state: &State, engine: &Engine, touched: Option<Uuid>) -> Result<()> {
    let transaction = state.db.begin().await?;
    if let Some(product) = touched {
        transaction.touch(Catalog::Product(product));
    }
    feed::store(&transaction, engine).await?;
    transaction.commit().await?;
    Ok(())
}

/// Identifies the settings of the index.
fn settings_key(state: &State, synonyms: &Synonyms) -> String {
    let mut synonyms: Vec<_> = synonyms.iter().collect();
    synonyms.sort_unstable();
    let text = format!("{:?} {synonyms:?}", state.db.language());
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}
