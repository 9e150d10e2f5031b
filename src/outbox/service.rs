//! Writing letters down, and sending what is due.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::try_join_all;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::entity::Model;
use super::repository;
use crate::clock::Timestamp;
use crate::database::Transaction;
use crate::error::{Error, Result};
use crate::id::uuid_v7;
use crate::mail::{DELIVERY, Failure, Letter};
use crate::state::State;

/// How many letters a server sends at once.
const AT_ONCE: usize = 8;
/// How long a letter belongs to the server that took it. Longer than it can take to send it.
const LEASE: Duration = Duration::from_secs(2 * DELIVERY.as_secs());
/// How long to wait before a letter is tried again: as long as it has been tried already, within these bounds.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));
/// How long the letters that are being sent may take when the server stops.
const PARTING: Duration = Duration::from_secs(5);
/// How often the outbox is looked into.
const POLL: Duration = Duration::from_secs(1);

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

/// Writes a letter down. It is sent when the transaction is committed.
pub async fn queue(transaction: &Transaction, letter: NewLetter, now: Timestamp) -> Result<()> {
    let row = Model {
        id: uuid_v7(now),
        recipient: letter.to,
        subject: letter.subject,
        body: letter.body,
        nonce: letter.nonce,
        attempts: 0,
        created_at: now,
        due_at: now,
        expires_at: now.after(letter.lifetime),
    };
    Ok(repository::insert(transaction, row).await?)
}

/// Takes a letter back whose code is void, unless it has left.
pub async fn withdraw(transaction: &Transaction, nonce: &[u8]) -> Result<()> {
    Ok(repository::delete_with_nonce(transaction, nonce).await?)
}

/// Sends what is due until it is told to stop. What it is sending by then may be finished; what is not goes back.
pub async fn run(state: State, mut stop: watch::Receiver<bool>) {
    let mut sending = Sending::default();
    while !*stop.borrow() {
        // A letter that hangs holds up none but itself.
        let free = AT_ONCE - sending.ids.len();
        // A panic was logged where it happened; the next round may be better.
        let taken = AssertUnwindSafe(take_due(&state, free))
            .catch_unwind()
            .await;
        let taken = taken.unwrap_or_else(|_| Ok(Vec::new()));
        let taken = taken.unwrap_or_else(|error| {
            error.log("the outbox could not be read");
            Vec::new()
        });
        for letter in taken {
            sending.start(&state, letter);
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = sending.one_done(), if !sending.ids.is_empty() => {}
            _ = stop.changed() => {}
        }
    }
    sending.end(&state).await;
}

/// The letters that a server is sending.
#[derive(Default)]
struct Sending {
    tasks: JoinSet<(Uuid, Result<()>)>,
    ids: HashSet<Uuid>,
}

impl Sending {
    fn start(&mut self, state: &State, letter: Model) {
        let state = state.clone();
        self.ids.insert(letter.id);
        self.tasks
            .spawn(async move { (letter.id, send(&state, &letter).await) });
    }

    async fn one_done(&mut self) {
        if let Some(Ok((id, sent))) = self.tasks.join_next().await {
            self.ids.remove(&id);
            if let Err(error) = sent {
                error.log("the outbox could not be written");
            }
        }
        if self.tasks.is_empty() {
            // What has panicked too.
            self.ids.clear();
        }
    }

    /// Lets them finish for a while, and gives those back that do not.
    async fn end(mut self, state: &State) {
        let all_done = async {
            while !self.tasks.is_empty() {
                self.one_done().await;
            }
        };
        if tokio::time::timeout(PARTING, all_done).await.is_ok() {
            return;
        }
        self.tasks.shutdown().await;
        for id in self.ids {
            if let Err(error) = put_off(state, id, state.clock.now()).await {
                error.log("a letter could not be given back");
            }
        }
    }
}

/// Sends some of what is due; gives how many that were.
pub async fn send_due(state: &State) -> Result<usize> {
    let letters = take_due(state, AT_ONCE).await?;
    let sent = letters.iter().map(|letter| send(state, letter));
    try_join_all(sent).await?;
    Ok(letters.len())
}

/// Takes letters, so that no other server sends them too. What is for nobody and what is out of date is removed.
async fn take_due(state: &State, count: usize) -> Result<Vec<Model>> {
    let now = state.clock.now();
    if count == 0 || !repository::is_due(state.db.reader(), now).await? {
        return Ok(Vec::new());
    }
    let transaction = state.db.begin().await?;
    // All at once: however many a stranger causes, letters do not wait behind them.
    repository::delete_for_nobody(&transaction).await?;
    let expired = repository::take_expired(&transaction, now).await?;
    let letters = repository::due(&transaction, now, count as u64).await?;
    let ids: Vec<_> = letters.iter().map(|row| row.id).collect();
    repository::take(&transaction, &ids, now.after(LEASE)).await?;
    transaction.commit().await?;
    for row in expired {
        tracing::error!(letter = %row.id, attempts = row.attempts, "a letter was given up: it is out of date");
    }
    Ok(letters)
}

async fn send(state: &State, row: &Model) -> Result<()> {
    let letter = Letter {
        id: row.id,
        to: row.recipient.clone().unwrap_or_default(),
        subject: row.subject.clone(),
        body: row.body.clone(),
        code: row.nonce.as_ref().map(|nonce| state.keys.code(nonce)),
    };
    // The library is known to panic over headers it does not like.
    let sent = AssertUnwindSafe(state.mailer.send(letter)).catch_unwind();
    let panicked = |_| Err(Failure::Permanent("it could not be written".to_owned()));
    match sent.await.unwrap_or_else(panicked) {
        Ok(()) => remove(state, row.id).await,
        Err(Failure::Temporary(why)) => {
            let now = state.clock.now();
            let age = now.since(row.created_at);
            let wait = age.clamp(BACKOFF.0, BACKOFF.1);
            tracing::warn!(letter = %row.id, attempt = row.attempts + 1, why, "a letter did not leave; it is tried again");
            put_off(state, row.id, now.after(wait)).await
        }
        Err(Failure::Permanent(why)) => {
            tracing::error!(letter = %row.id, attempts = row.attempts + 1, why, "a letter was given up");
            remove(state, row.id).await
        }
    }
}

async fn put_off(state: &State, id: Uuid, until: Timestamp) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::put_off(&transaction, id, until).await?;
    Ok(transaction.commit().await?)
}

async fn remove(state: &State, id: Uuid) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete(&transaction, &[id]).await?;
    transaction.commit().await.map_err(Error::from)
}
