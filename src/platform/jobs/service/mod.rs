//! Writing down what is to be done: letters, and tasks.

mod letters;
mod worker;

pub use letters::send_letter;
pub use worker::{Lane, do_due, run};

use std::time::Duration;

use uuid::Uuid;

use super::entity::{Kind, Model};
use super::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::uuid_v7;
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::Outbox;
use crate::state::State;

/// How long a task is tried that would leave something behind for ever.
pub const NEVER_GIVEN_UP: Duration = Duration::from_hours(100 * 365 * 24);

/// A letter to write down.
#[derive(Clone, Debug)]
pub struct NewLetter {
    /// Nobody, to spend the same time and send nothing.
    pub to: Option<String>,
    pub subject: String,
    pub body: String,
    /// What the code in it is made from.
    pub nonce: Option<Vec<u8>>,
    /// How long it is worth sending.
    pub lifetime: Duration,
}

/// A task to write down.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub kind: Kind,
    /// What it is about.
    pub subject: String,
    /// What else is to be known.
    pub body: String,
    /// How long to wait before it is done.
    pub wait: Duration,
    /// How long it is worth doing.
    pub lifetime: Duration,
}

/// How much there is to be done.
pub async fn waiting(state: &State) -> Result<Outbox> {
    let (waiting, tried) = repository::count(state.db.reader()).await?;
    Ok(Outbox { waiting, tried })
}

/// Writes a letter down. It is sent when the transaction is committed.
pub async fn queue(transaction: &Transaction, letter: NewLetter, now: Timestamp) -> Result<()> {
    let row = Model {
        id: uuid_v7(now),
        kind: Kind::Letter,
        recipient: letter.to,
        subject: letter.subject,
        body: letter.body,
        nonce: letter.nonce,
        attempts: 0,
        created_at: now,
        due_at: now,
        expires_at: now.after(letter.lifetime),
    };
    Ok(repository::insert_many(transaction, vec![row]).await?)
}

/// Takes a letter back whose code is void, unless it has left.
pub async fn withdraw(transaction: &Transaction, nonce: &[u8]) -> Result<()> {
    Ok(repository::delete_with_nonce(transaction, nonce).await?)
}

/// Writes tasks down; gives their ids. They are done when the transaction is committed and their time has come.
pub async fn queue_tasks(
    transaction: &Transaction,
    tasks: impl IntoIterator<Item = NewTask>,
    now: Timestamp,
) -> Result<Vec<Uuid>> {
    let row = |task: NewTask| Model {
        id: uuid_v7(now),
        kind: task.kind,
        recipient: None,
        subject: task.subject,
        body: task.body,
        nonce: None,
        attempts: 0,
        created_at: now,
        due_at: now.after(task.wait),
        expires_at: now.after(task.wait).after(task.lifetime),
    };
    let rows: Vec<_> = tasks.into_iter().map(row).collect();
    let ids = rows.iter().map(|row| row.id).collect();
    repository::insert_many(transaction, rows).await?;
    Ok(ids)
}

/// Writes a task down in a transaction of its own, beside one that is there and that nobody has begun.
pub async fn repeat_untried(state: &State, id: Uuid, task: NewTask) -> Result<()> {
    let transaction = state.db.begin().await?;
    // Waits for whoever is about to take it back.
    if repository::lock_untried(&transaction, id).await? {
        queue_tasks(&transaction, [task], state.clock.now()).await?;
    }
    Ok(transaction.commit_unmarked().await?)
}

/// Takes a task back that nobody has begun. Whether it was there.
pub async fn withdraw_untried(transaction: &Transaction, id: Uuid) -> Result<bool> {
    Ok(repository::delete_untried(transaction, id).await?)
}

/// Sets when a task is due, in a transaction of its own.
pub async fn put_off(state: &State, id: Uuid, until: Timestamp) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::put_off(&transaction, id, until).await?;
    Ok(transaction.commit_unmarked().await?)
}
