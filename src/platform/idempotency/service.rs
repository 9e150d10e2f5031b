//! Executes each idempotency key once.

use std::convert::Infallible;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::sleep;
use uuid::Uuid;

use super::entity::Model;
use super::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::state::State;

/// Lifetime of a key.
const LIFETIME: Duration = Duration::from_hours(24);
/// Lifetime of a claim that is not renewed.
const CLAIM_LIFETIME: Duration = Duration::from_mins(1);
/// Interval at which an execution renews its claim.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(20);
/// Interval between attempts to store a response after the connection to the database was lost.
const FINISH_RETRY_DELAY: Duration = Duration::from_millis(200);

/// A request with an idempotency key. Not `Debug`, because the hash may contain a password.
pub struct Call {
    owner: Uuid,
    key_hash: Vec<u8>,
    body: [u8; 32],
    max_bytes: usize,
}

impl Call {
    /// Creates a call by a user, or by the holder of a cart. `body` is a hash of the parts of the request that identify it. Responses larger than `max_bytes`
    /// bytes are not stored.
    pub fn new(owner: Uuid, key: &str, body: [u8; 32], max_bytes: usize) -> Self {
        Self {
            owner,
            key_hash: Sha256::digest(key.as_bytes()).to_vec(),
            body,
            max_bytes,
        }
    }
}

/// State of a key, and so the action to take.
#[derive(Debug)]
pub enum KeyState {
    /// New: execute the request.
    Claimed(Box<Claim>),
    /// Executed: return this response.
    Completed(String),
    /// The key belongs to a different request.
    Reused,
    /// Another execution has not finished.
    InUse,
    /// Executed, but the response was not stored.
    ResponseLost,
}

/// The right to execute a call.
#[derive(Debug)]
pub struct Claim {
    state: State,
    row: Model,
    max_bytes: usize,
}

/// Whether a response has data, errors or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseContents {
    Data,
    DataAndErrors,
    Errors,
}

/// Result of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// This execution still had the claim.
    StillClaimed,
    /// The claim expired and another execution has taken over. This one has changed nothing.
    TakenOver,
}

/// Claims the key of a call with a claim of this id, or returns the state of the key. Repeated with the same id after the
/// connection to the database was lost, it recognizes its claim.
pub async fn begin(state: &State, call: &Call, claim: Uuid) -> Result<KeyState> {
    let now = state.clock.now();
    // Read first: of many concurrent retries only one writes.
    let found = repository::find(state.db.reader(), call.owner, &call.key_hash).await?;
    let found = found.filter(|row| row.expires_at > now && row.claim != claim);
    if let Some(known) = found.and_then(|row| known_state(state, call, row, now)) {
        return Ok(known);
    }
    let row = Model {
        owner_id: call.owner,
        key_hash: call.key_hash.clone(),
        fingerprint: state.keys.fingerprint(&call.body),
        claim,
        claimed_until: now.after(CLAIM_LIFETIME),
        committed: false,
        answer: None,
        expires_at: now.after(LIFETIME),
    };
    let transaction = state.db.begin().await?;
    let claimed = repository::claim(&transaction, row.clone(), now).await?
        || repository::renew(&transaction, &row, row.claimed_until).await?;
    transaction.commit_without_records().await?;
    Ok(if claimed {
        let state = state.clone();
        let max_bytes = call.max_bytes;
        KeyState::Claimed(Box::new(Claim {
            state,
            row,
            max_bytes,
        }))
    } else {
        KeyState::InUse
    })
}

/// Returns the state of a known key, or `None` if the call may be executed.
fn known_state(state: &State, call: &Call, row: Model, now: Timestamp) -> Option<KeyState> {
    if !state.keys.is_fingerprint(&row.fingerprint, &call.body) {
        return Some(KeyState::Reused);
    }
    if let Some(answer) = row.answer {
        return Some(KeyState::Completed(answer));
    }
    if row.claimed_until > now {
        return Some(KeyState::InUse);
    }
    row.committed.then_some(KeyState::ResponseLost)
}

impl Claim {
    /// Returns the state to execute the call with. Its transactions set `committed`.
    pub fn state(&self) -> State {
        let mut state = self.state.clone();
        state.db = state
            .db
            .with_commit_hook(repository::commit_hook(&self.row));
        state
    }

    /// Renews the claim while `work` runs.
    pub async fn renew_during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.renew_periodically() => match never {},
        }
    }

    async fn renew_periodically(&self) -> Infallible {
        loop {
            sleep(RENEWAL_INTERVAL).await;
            // Tried again at the next interval. Committed changes are safe even without the claim.
            if let Err(error) = self.renew().await {
                error.log("idempotency claim renewal failed");
            }
        }
    }

    /// Extends the claim.
    pub async fn renew(&self) -> Result<()> {
        let until = self.state.clock.now().after(CLAIM_LIFETIME);
        let transaction = self.state.db.begin().await?;
        repository::renew(&transaction, &self.row, until).await?;
        Ok(transaction.commit_without_records().await?)
    }

    /// Stores the response like [`finish`](Self::finish) after that has failed: tries again until it succeeds or the
    /// claim ends.
    pub async fn finish_later(&self, answer: &str, contents: ResponseContents) {
        let until = self.state.clock.now().after(CLAIM_LIFETIME);
        loop {
            self.state.db.returned().await;
            sleep(FINISH_RETRY_DELAY).await;
            match self.finish(answer, contents).await {
                Err(error) if self.state.clock.now() >= until => {
                    error.log("storing an idempotent response failed");
                    return;
                }
                Err(_) => {}
                Ok(_) => return,
            }
        }
    }

    /// Stores the response for repeated requests, and ends the claim.
    ///
    /// If nothing was committed and the response has errors or is too large, the key is released instead: the call
    /// may be executed again. If something was committed, a response that is too large or has only errors is not
    /// stored, and the key only records that the call was executed.
    pub async fn finish(&self, answer: &str, contents: ResponseContents) -> Result<ClaimOutcome> {
        let row = &self.row;
        let fits = answer.len() <= self.max_bytes && contents != ResponseContents::Errors;
        let transaction = self.state.db.begin().await?;
        if repository::is_taken_over(&transaction, row).await? {
            return Ok(ClaimOutcome::TakenOver);
        }
        let released = (contents != ResponseContents::Data || !fits)
            && repository::release(&transaction, row).await?;
        if !released {
            let answer = fits.then(|| answer.to_owned());
            let now = self.state.clock.now();
            repository::finish(&transaction, row, answer, now).await?;
        }
        transaction.commit_without_records().await?;
        Ok(ClaimOutcome::StillClaimed)
    }
}

/// Deletes the keys and stored responses of a user who is being deleted.
pub async fn delete_of_owner(transaction: &Transaction, owner: Uuid) -> Result<()> {
    Ok(repository::delete_of_owner(transaction, owner).await?)
}

/// Deletes expired keys.
pub async fn delete_expired(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete_expired(&transaction, state.clock.now()).await?;
    Ok(transaction.commit_without_records().await?)
}
