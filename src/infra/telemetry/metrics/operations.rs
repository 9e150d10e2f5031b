//! Counts of requests by operation and outcome.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::Text;

/// The maximum number of distinct operation names.
const MAX_NAMES: usize = 100;
/// The number of slots of the hash table. More than names, so that lookups take few steps.
const PLACES: usize = 256;
/// The maximum length of a name in bytes.
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
    /// The operation has no name, or was refused before it was known.
    pub const NONE: Self = Self(0);
    /// The response was cached, so the request was not parsed.
    pub const KEPT: Self = Self(1);
    /// The operation is not counted separately.
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
    hasher: RandomState,
    known: AtomicUsize,
    places: Box<[Place]>,
}

#[derive(Debug, Default)]
struct Place {
    name: OnceLock<Arc<str>>,
    counts: [[AtomicU64; OUTCOMES.len()]; KINDS.len()],
}

impl Default for Operations {
    fn default() -> Self {
        let places: Box<[Place]> = (0..RESERVED.len() + PLACES)
            .map(|_| Place::default())
            .collect();
        for (place, name) in places.iter().zip(RESERVED) {
            place.name.get_or_init(|| name.into());
        }
        Self {
            hasher: RandomState::new(),
            known: AtomicUsize::new(0),
            places,
        }
    }
}

impl Operations {
    /// Returns the name of an operation.
    pub fn find(&self, asked: Option<&str>) -> Name {
        let Some(asked) = asked else {
            return Name::NONE;
        };
        for place in self.way(asked) {
            match self.places[place].name.get() {
                Some(name) if **name == *asked => return Name(place),
                Some(_) => {}
                None => break,
            }
        }
        Name::OTHER
    }

    /// Adds a name, unless the maximum is reached.
    pub fn learn(&self, asked: &str) -> Name {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if asked.len() > MAX_LENGTH || !asked.bytes().all(plain) {
            return Name::OTHER;
        }
        if self.known.load(Ordering::Relaxed) >= MAX_NAMES {
            return Name::OTHER;
        }
        if self.known.fetch_add(1, Ordering::Relaxed) >= MAX_NAMES {
            self.known.fetch_sub(1, Ordering::Relaxed);
            return Name::OTHER;
        }
        for place in self.way(asked) {
            let mut is_new = false;
            let name = self.places[place].name.get_or_init(|| {
                is_new = true;
                asked.into()
            });
            if **name == *asked {
                if !is_new {
                    // Another request has added it first.
                    self.known.fetch_sub(1, Ordering::Relaxed);
                }
                return Name(place);
            }
        }
        Name::OTHER
    }

    /// Returns the slots that a name may have, in the order of probing.
    fn way(&self, asked: &str) -> impl Iterator<Item = usize> {
        let places = PLACES as u64;
        let first = self.hasher.hash_one(asked) % places;
        let place = move |step| usize::try_from((first + step) % places).unwrap_or_default();
        (0..places).map(move |step| RESERVED.len() + place(step))
    }

    /// Counts a request.
    pub fn count(&self, kind: Kind, name: Name, outcome: Outcome) {
        self.places[name.0].counts[kind as usize][outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the text of a name.
    pub fn words(&self, name: Name) -> Arc<str> {
        let known = self.places[name.0].name.get();
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
        for place in &self.places {
            let Some(name) = place.name.get() else {
                continue;
            };
            for kind in KINDS {
                for outcome in OUTCOMES {
                    let count = &place.counts[kind as usize][outcome as usize];
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
