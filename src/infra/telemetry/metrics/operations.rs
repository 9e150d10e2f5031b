//! Counts of requests by operation and outcome.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::Text;

/// The maximum number of names with counts of their own.
const MAX_NAMES: usize = 100;
/// The maximum length of such a name, in bytes.
const MAX_LENGTH: usize = 64;
/// Names that no operation can have.
const RESERVED: [&str; 3] = ["(none)", "(kept)", "(other)"];

/// All kinds of operations.
pub const KINDS: [Kind; 4] = [
    Kind::Query,
    Kind::Mutation,
    Kind::Subscription,
    Kind::Unknown,
];
const OUTCOMES: [Outcome; 3] = [Outcome::Ok, Outcome::Error, Outcome::Refused];

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Query,
    Mutation,
    Subscription,
    /// Refused before the kind was known.
    Unknown,
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The response has no errors.
    Ok,
    /// The response has errors.
    Error,
    /// Not executed.
    Refused,
}

/// The name of an operation in the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name(usize);

impl Name {
    /// The operation has no name, or was refused before its name was known.
    pub const NONE: Self = Self(0);
    /// The response was cached, and the name was not looked up.
    pub const CACHED: Self = Self(1);
    /// The name has no counts of its own.
    pub const OTHER: Self = Self(2);
}

impl Kind {
    /// Returns the label value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
            Self::Unknown => "unknown",
        }
    }
}

impl Outcome {
    /// Returns the label value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Refused => "refused",
        }
    }
}

/// A hash table of known names and their counts. Names are never removed, so lookups need no lock.
#[derive(Debug)]
pub struct Operations {
    names: RwLock<HashMap<Arc<str>, Name>>,
    /// The reserved names, then the others in the order in which they were added.
    counts: Box<[Counts]>,
}

#[derive(Debug, Default)]
struct Counts {
    name: OnceLock<Arc<str>>,
    counts: [[AtomicU64; OUTCOMES.len()]; KINDS.len()],
}

impl Default for Operations {
    fn default() -> Self {
        let counts = (0..RESERVED.len() + MAX_NAMES).map(|_| Counts::default());
        let counts: Box<[Counts]> = counts.collect();
        for (counts, name) in counts.iter().zip(RESERVED) {
            counts.name.get_or_init(|| name.into());
        }
        Self {
            names: RwLock::default(),
            counts,
        }
    }
}

impl Operations {
    /// Returns the name under which an operation of this name is counted.
    pub fn find(&self, name: Option<&str>) -> Name {
        let Some(name) = name else {
            return Name::NONE;
        };
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).copied().unwrap_or(Name::OTHER)
    }

    /// Adds a name, if there are fewer than the maximum.
    pub fn add(&self, name: &str) -> Name {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.len() > MAX_LENGTH || !name.bytes().all(is_plain) {
            return Name::OTHER;
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let next = RESERVED.len() + names.len();
        // Another request may have added it meanwhile.
        if let Some(known) = names.get(name) {
            return *known;
        }
        let Some(counts) = self.counts.get(next) else {
            return Name::OTHER;
        };
        let name: Arc<str> = name.into();
        counts.name.get_or_init(|| name.clone());
        names.insert(name, Name(next));
        Name(next)
    }

    /// Counts a request.
    pub fn count(&self, kind: Kind, name: Name, outcome: Outcome) {
        self.counts[name.0].counts[kind as usize][outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the text of a name.
    pub fn words(&self, name: Name) -> Arc<str> {
        let known = self.counts[name.0].name.get();
        known.cloned().unwrap_or_else(|| "(other)".into())
    }

    /// Writes all counts.
    pub fn write(&self, text: &mut Text) {
        let metric = "wares_requests_total";
        text.head(
            metric,
            "counter",
            "GraphQL requests by operation and outcome.",
        );
        for counts in &self.counts {
            let Some(name) = counts.name.get() else {
                continue;
            };
            for kind in KINDS {
                for outcome in OUTCOMES {
                    let count = &counts.counts[kind as usize][outcome as usize];
                    let count = count.load(Ordering::Relaxed);
                    if count > 0 {
                        let labels = [
                            ("kind", kind.as_str()),
                            ("operation", name),
                            ("outcome", outcome.as_str()),
                        ];
                        text.sample(metric, &labels, count);
                    }
                }
            }
        }
    }
}
