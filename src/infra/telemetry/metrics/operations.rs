//! How often each operation was asked for, and what became of it.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::Text;

/// How many names are told apart.
const MAX_NAMES: usize = 100;
/// How many places they have. More than names, so that one is found, or known to be missing, after a few looks.
const PLACES: usize = 256;
/// How many bytes such a name has at the most.
const MAX_LENGTH: usize = 64;
/// The names that no operation can have.
const RESERVED: [&str; 3] = ["(none)", "(kept)", "(other)"];

/// The kinds of operations, as they are counted.
pub const KINDS: [Kind; 4] = [
    Kind::Query,
    Kind::Mutation,
    Kind::Subscription,
    Kind::Unknown,
];
const OUTCOMES: [Outcome; 3] = [Outcome::Ok, Outcome::Error, Outcome::Refused];

/// What kind of operation a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Query,
    Mutation,
    Subscription,
    /// It was refused before that was known.
    Unknown,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered without an error.
    Ok,
    /// The answer tells of an error.
    Error,
    /// It was not executed.
    Refused,
}

/// What an operation is called here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name(usize);

impl Name {
    /// It has no name, or was refused before that was known.
    pub const NONE: Self = Self(0);
    /// Its answer was kept, and nobody looked for its name.
    pub const KEPT: Self = Self(1);
    /// It is none of those that are told apart.
    pub const OTHER: Self = Self(2);
}

impl Kind {
    /// As it is written.
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
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Refused => "refused",
        }
    }
}

/// The names that are known, each with its counts. A name is never forgotten, so it is found without a lock.
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
    /// The name of an operation that calls itself so.
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

    /// Makes a name known, if there is room for one more.
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
                    // Somebody else was faster.
                    self.known.fetch_sub(1, Ordering::Relaxed);
                }
                return Name(place);
            }
        }
        Name::OTHER
    }

    /// The places that a name may have, in the order in which they are taken.
    fn way(&self, asked: &str) -> impl Iterator<Item = usize> {
        let places = PLACES as u64;
        let first = self.hasher.hash_one(asked) % places;
        let place = move |step| usize::try_from((first + step) % places).unwrap_or_default();
        (0..places).map(move |step| RESERVED.len() + place(step))
    }

    /// Counts one.
    pub fn count(&self, kind: Kind, name: Name, outcome: Outcome) {
        self.places[name.0].counts[kind as usize][outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// What a name is in words.
    pub fn words(&self, name: Name) -> Arc<str> {
        let known = self.places[name.0].name.get();
        known.cloned().unwrap_or_else(|| "(other)".into())
    }

    /// Writes down all that were asked for.
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
