//! Answers that are kept in memory, to be given again without reading, checking or running what was asked.
//!
//! # What is kept
//!
//! Answers to nobody in particular that tell of the catalogue alone, and of no error: [`crate::api::http`] asks here only for
//! requests without `Authorization`, and keeps only what the hints of the schema call public. An answer is found by all
//! that was sent, byte for byte, the way it was sent, and the media type that was agreed on.
//!
//! # What else an answer depends on
//!
//! - The catalog. A response is stored with the [version](Changes::version) that the catalog had before anything was read
//!   for it, and is valid for this version only. A transaction that [touches](crate::infra::database::Transaction::touch)
//!   the catalog increases the version before its commit is done. Changes by other processes are [watched](watch) for, and
//!   no response is returned without a lease, which expires by itself when the watching fails.
//! - The time, by the signed addresses of pictures: nothing is kept for longer than a minute, and every address is
//!   good for eight minutes more at the least. Nothing else of the catalogue knows what time it is.
//! - The settings and the schema, which stay the same as long as the process lives.
//! - Not the client: neither its address, nor its cookies, nor its origin. What they change is added to each answer on
//!   its way out, as it is for all others.

mod answer;
mod lease;
pub mod watch;

pub use answer::Answer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;

use self::lease::Lease;
use crate::core::clock::{Clock, Timestamp};
use crate::infra::database::Changes;

/// How long an answer may be given. The address of a picture may be good for nine minutes only, when the keys that sign it
/// end.
const LIFETIME: Duration = Duration::from_mins(1);
/// What the place of an answer costs beside its bytes.
const PLACE: usize = 400;
/// How many bytes one answer may have, whatever room there is.
const MAX_ANSWER: usize = 1 << 20;
/// How many answers there is room for at least.
const MIN_ANSWERS: u64 = 8;

/// What is asked, and how it is to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Tells apart what is sent in different ways, and what is to be answered in different ways.
    pub kind: u8,
    /// All that was sent.
    pub bytes: Bytes,
}

/// The answers that are kept. Cheap to clone.
#[derive(Clone)]
pub struct ReadCache {
    kept: Option<Cache<Question, Kept>>,
    max_answer: usize,
    changes: Arc<Changes>,
    lease: Arc<Lease>,
    clock: Clock,
}

#[derive(Clone)]
struct Kept {
    answer: Arc<Answer>,
    version: u64,
    since: Timestamp,
}

/// What a question comes to.
#[derive(Debug)]
pub enum Found {
    /// It was answered before, and nothing has changed.
    Answer(Arc<Answer>),
    /// The answer that will be found can be kept here.
    Place(Place),
    /// No answer can be kept now.
    Nothing,
}

/// Where the answer to a question can be kept.
#[derive(Debug)]
pub struct Place {
    question: Question,
    version: u64,
    since: Timestamp,
}

impl ReadCache {
    /// A cache of at most so many bytes; none when that is 0. It keeps nothing before it is [watched](watch::run).
    pub fn new(bytes: u64, changes: &Arc<Changes>, clock: &Clock) -> Self {
        let weigh = |question: &Question, kept: &Kept| {
            let weight = PLACE + question.bytes.len() + kept.answer.weight();
            u32::try_from(weight).unwrap_or(u32::MAX)
        };
        let kept = (bytes > 0).then(|| Cache::builder().max_capacity(bytes).weigher(weigh).build());
        let share = usize::try_from(bytes / MIN_ANSWERS).unwrap_or(usize::MAX);
        Self {
            kept,
            max_answer: share.min(MAX_ANSWER),
            changes: changes.clone(),
            lease: Arc::default(),
            clock: clock.clone(),
        }
    }

    /// Whether anything is ever kept.
    pub const fn is_on(&self) -> bool {
        self.kept.is_some()
    }

    /// How many bytes are kept, and those that it takes to find them.
    pub fn weight(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| {
            kept.run_pending_tasks();
            kept.weighted_size()
        })
    }

    fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Looks for the answer to a question. To be asked before anything is read for it.
    pub fn find(&self, question: &Question) -> Found {
        let Some(kept) = &self.kept else {
            return Found::Nothing;
        };
        // The version first: what is changed elsewhere from here on, the lease does not speak of.
        let version = self.changes.version().filter(|_| self.lease.holds());
        let Some(version) = version else {
            return Found::Nothing;
        };
        let now = self.clock.now();
        match kept.get(question) {
            Some(kept) if kept.is_good(version, now) => Found::Answer(kept.answer),
            _ => Found::Place(Place {
                question: question.clone(),
                version,
                since: now,
            }),
        }
    }

    /// Keeps an answer, unless it is too large or out of date already.
    pub fn keep(&self, place: &Place, answer: &Arc<Answer>) {
        let Some(kept) = &self.kept else {
            return;
        };
        let weight = answer.weight() + place.question.bytes.len();
        if weight > self.max_answer || self.changes.version() != Some(place.version) {
            return;
        }
        let entry = Kept {
            answer: answer.clone(),
            version: place.version,
            since: place.since,
        };
        let question = Question {
            kind: place.question.kind,
            // Not a part of the buffer that the whole request was read into.
            bytes: Bytes::copy_from_slice(&place.question.bytes),
        };
        kept.insert(question, entry);
        // Or there would be more than there is room for, until somebody comes to tidy up.
        kept.run_pending_tasks();
    }
}

impl Kept {
    fn is_good(&self, version: u64, now: Timestamp) -> bool {
        self.version == version && self.since <= now && now.since(self.since) < LIFETIME
    }
}

impl fmt::Debug for ReadCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_on = self.is_on();
        formatter.debug_tuple("ReadCache").field(&is_on).finish()
    }
}
