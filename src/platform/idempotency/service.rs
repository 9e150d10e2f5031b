//! One execution for each key.

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

/// How long a key means something.
const LIFETIME: Duration = Duration::from_hours(24);
/// How long after its last sign of life an execution is given up.
const CLAIM: Duration = Duration::from_mins(1);
/// How often an execution gives one.
const RENEWAL: Duration = Duration::from_secs(20);
/// How long a call waits for the answer to another one under its key.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits before it looks for the first time, and at the most between two times.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(320));

/// A call that is made under a key. It can't be printed: a password may have gone into its hash.
pub struct Call {
    user: Uuid,
    key_hash: Vec<u8>,
    body: [u8; 32],
    most: usize,
}

impl Call {
    /// The call of a user under a key; `body` is a hash of everything that is sent and counts. Of the answer at `most` so
    /// many bytes are kept.
    pub fn new(user: Uuid, key: &str, body: [u8; 32], most: usize) -> Self {
        Self {
            user,
            key_hash: Sha256::digest(key.as_bytes()).to_vec(),
            body,
            most,
        }
    }
}

/// What is to be done about a call.
#[derive(Debug)]
pub enum Begun {
    /// It is the first: to be executed.
    Claimed(Box<Claim>),
    /// It was executed, and this was answered.
    Answered(String),
    /// The key belongs to a call with another body.
    Reused,
    /// It is being executed, and was not done in the time that is waited for it.
    InUse,
    /// It was executed, and nobody knows any more what was answered.
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

/// What came of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It was the only one.
    Alone,
    /// It was given up for dead and another has taken its place. It has changed nothing.
    Replaced,
}

/// Claims the key of a call. While another execution has it, this waits for its answer, but not for long.
///
/// # Errors
/// `UNAUTHENTICATED` when the user is gone.
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

/// Claims the key of a call, or tells at once why not.
async fn look(state: &State, call: &Call) -> Result<Begun> {
    let now = state.clock.now();
    // Read first: of fifty retries at once one writes.
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

/// What is known of a call; nothing when it may be executed.
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
    /// What the call is executed with: its transactions note that they were committed.
    pub fn state(&self) -> State {
        let mut state = self.state.clone();
        state.db = state.db.marked(repository::mark(&self.row));
        state
    }

    /// Keeps the claim alive while something is done under it.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.keep_alive() => match never {},
        }
    }

    async fn keep_alive(&self) -> Infallible {
        loop {
            sleep(RENEWAL).await;
            // The next time may do; and what is committed is safe without.
            if let Err(error) = self.renew().await {
                error.log("the claim of an idempotency key could not be renewed");
            }
        }
    }

    /// Gives a sign of life.
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
pub async fn sweep(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete_expired(&transaction, state.clock.now()).await?;
    Ok(transaction.commit().await?)
}
