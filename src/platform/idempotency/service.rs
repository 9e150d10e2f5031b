//! Executes each idempotency key once.

use std::convert::Infallible;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::sleep;
use uuid::Uuid;

use super::entity::Model;
use super::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::uuid_v7;
use crate::infra::database::lacks_other;
use crate::state::State;

/// Lifetime of a key.
const LIFETIME: Duration = Duration::from_hours(24);
/// Lifetime of a claim that is not renewed.
const CLAIM: Duration = Duration::from_mins(1);
/// Interval at which an execution renews its claim.
const RENEWAL: Duration = Duration::from_secs(20);
/// Timeout for a concurrent execution with the same key.
const PATIENCE: Duration = Duration::from_secs(5);
/// First and maximum interval between two checks of a concurrent execution.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(320));

/// A request with an idempotency key. Not `Debug`, because the hash may contain a password.
pub struct Call {
    user: Uuid,
    key_hash: Vec<u8>,
    body: [u8; 32],
    most: usize,
}

impl Call {
    /// Creates a call. `body` is a hash of the parts of the request that identify it. Responses larger than `most`
    /// bytes are not stored.
    pub fn new(user: Uuid, key: &str, body: [u8; 32], most: usize) -> Self {
        Self {
            user,
            key_hash: Sha256::digest(key.as_bytes()).to_vec(),
            body,
            most,
        }
    }
}

/// State of a key, and so the action to take.
#[derive(Debug)]
pub enum Begun {
    /// New: execute the request.
    Claimed(Box<Claim>),
    /// Executed: return this response.
    Answered(String),
    /// The key belongs to a different request.
    Reused,
    /// Another execution has not finished within the timeout.
    InUse,
    /// Executed, but the response was not stored.
    AnswerLost,
}

/// The right to execute a call.
#[derive(Debug)]
pub struct Claim {
    state: State,
    row: Model,
    most: usize,
}

/// What a response consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseContents {
    Data,
    DataAndErrors,
    Errors,
}

/// Result of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// This execution kept the claim.
    Alone,
    /// The claim expired and another execution has taken over. This one has changed nothing.
    Replaced,
}

/// Claims the key of a call. Waits up to 5 seconds for a concurrent execution with the same key.
///
/// # Errors
/// `UNAUTHENTICATED` if the user was deleted.
pub async fn begin(state: &State, call: &Call) -> Result<Begun> {
    let (mut pause, longest) = PAUSES;
    let mut waited = Duration::ZERO;
    loop {
        let begun = look(state, call).await?;
        if !matches!(begun, Begun::InUse) || waited >= PATIENCE {
            return Ok(begun);
        }
        sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(longest);
    }
}

/// Claims the key of a call, or returns its state, without waiting.
async fn look(state: &State, call: &Call) -> Result<Begun> {
    let now = state.clock.now();
    // Read first: of many concurrent retries only one writes.
    let found = repository::find(state.db.reader(), call.user, &call.key_hash).await?;
    let found = found.filter(|row| row.expires_at > now);
    if let Some(known) = found.and_then(|row| judge(state, call, row, now)) {
        return Ok(known);
    }
    let row = Model {
        user_id: call.user,
        key_hash: call.key_hash.clone(),
        fingerprint: state.keys.fingerprint(&call.body),
        claim: uuid_v7(now),
        claimed_until: now.after(CLAIM),
        committed: false,
        answer: None,
        expires_at: now.after(LIFETIME),
    };
    let transaction = state.db.begin().await?;
    let claimed = repository::claim(&transaction, row.clone(), now).await;
    let claimed = claimed.map_err(|error| {
        if lacks_other(&error) {
            Error::Unauthenticated
        } else {
            error.into()
        }
    })?;
    transaction.commit().await?;
    Ok(if claimed {
        let state = state.clone();
        let most = call.most;
        Begun::Claimed(Box::new(Claim { state, row, most }))
    } else {
        Begun::InUse
    })
}

/// Returns the state of a known key, or `None` if the call may be executed.
fn judge(state: &State, call: &Call, row: Model, now: Timestamp) -> Option<Begun> {
    if !state.keys.is_fingerprint(&row.fingerprint, &call.body) {
        return Some(Begun::Reused);
    }
    if let Some(answer) = row.answer {
        return Some(Begun::Answered(answer));
    }
    if row.claimed_until > now {
        return Some(Begun::InUse);
    }
    row.committed.then_some(Begun::AnswerLost)
}

impl Claim {
    /// Returns the state to execute the call with. Its transactions set `committed`.
    pub fn state(&self) -> State {
        let mut state = self.state.clone();
        state.db = state.db.marked(repository::mark(&self.row));
        state
    }

    /// Renews the claim while `work` runs.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.keep_alive() => match never {},
        }
    }

    async fn keep_alive(&self) -> Infallible {
        loop {
            sleep(RENEWAL).await;
            // Tried again at the next interval. Committed changes are safe even without the claim.
            if let Err(error) = self.renew().await {
                error.log("idempotency claim renewal failed");
            }
        }
    }

    /// Extends the claim.
    pub async fn renew(&self) -> Result<()> {
        let until = self.state.clock.now().after(CLAIM);
        let transaction = self.state.db.begin().await?;
        repository::renew(&transaction, &self.row, until).await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps the answer for who asks again. One that tells of an error is not kept when nothing was committed: the call
    /// may be executed anew. What is too large is not kept either, nor errors alone about what was done; then it is only
    /// known that it was.
    pub async fn finish(&self, answer: &str, contents: ResponseContents) -> Result<Finished> {
        let row = &self.row;
        let fits = answer.len() <= self.most && contents != ResponseContents::Errors;
        let transaction = self.state.db.begin().await?;
        if repository::is_taken_over(&transaction, row).await? {
            return Ok(Finished::Replaced);
        }
        let released = (contents != ResponseContents::Data || !fits)
            && repository::release(&transaction, row).await?;
        if !released {
            let answer = fits.then(|| answer.to_owned());
            let now = self.state.clock.now();
            repository::finish(&transaction, row, answer, now).await?;
        }
        transaction.commit().await?;
        Ok(Finished::Alone)
    }
}

/// Removes the keys that mean nothing any more.
pub async fn delete_expired(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete_expired(&transaction, state.clock.now()).await?;
    Ok(transaction.commit().await?)
}
