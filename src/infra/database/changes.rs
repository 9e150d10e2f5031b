//! Changes of the catalog, as far as this process knows: counts its own commits and those of other
//! processes, by part.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use uuid::Uuid;

use super::changed_parts::{ChangedParts, StockChange};
use crate::core::stock::StockLevel;

/// The index of a counter.
type Part = u16;

/// Changes of everything.
const ALL: Part = 0;
/// Changes of any product or category, except of a stock alone.
const LISTS: Part = 1;
/// Changes of any category.
const CATEGORIES: Part = 2;
/// Changes of any stock that change nothing else.
const STOCKS: Part = 3;
/// Changes of anything else than lists that nothing reports. See [`Changes::note_unreported`].
const UNREPORTED: Part = 4;
/// Changes of products, except of a stock alone. Products share a counter by their id.
const FIRST_PRODUCT: Part = 5;
/// Changes of the stock alone, likewise.
const FIRST_STOCK: Part = FIRST_PRODUCT + STRIPES;
const STRIPES: Part = 1_024;
const COUNTERS: Part = FIRST_STOCK + STRIPES;

/// The number of products above which a response depends on all lists.
const MAX_PRODUCTS: usize = 20;

/// The parts of the catalog that something read depends on. All depend on changes of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies(Box<[Part]>);

impl Dependencies {
    /// Returns the dependency on any product and category, and on any stock if `stock` is set.
    pub fn lists(stock: bool) -> Self {
        let parts: &[Part] = if stock { &[LISTS, STOCKS] } else { &[LISTS] };
        Self(parts.into())
    }

    /// Returns the dependency on these products and all categories, and on the products' stock if `stock` is set.
    pub fn products(ids: &[Uuid], stock: bool) -> Self {
        if ids.len() > MAX_PRODUCTS {
            return Self::lists(stock);
        }
        let mut parts = vec![CATEGORIES];
        parts.extend(ids.is_empty().then_some(UNREPORTED));
        for id in ids {
            parts.push(FIRST_PRODUCT + stripe(*id));
            parts.extend(stock.then(|| FIRST_STOCK + stripe(*id)));
        }
        Self(parts.into())
    }

    /// Returns the memory it uses, in bytes.
    pub fn weight(&self) -> usize {
        size_of_val(&*self.0)
    }
}

/// Counts the changes of the catalog.
///
/// Each change gets the next number of a sequence. Something that was read after the sequence had a number is
/// [unchanged](Self::is_unchanged_since) while the last changes of all its parts have that number or a lower one, and
/// none of them is being changed: during a commit some reads see the catalog before it, some after it.
#[derive(Debug)]
pub struct Changes {
    /// Identifies this process among those that share the database.
    process: Mutex<Uuid>,
    sequence: AtomicU64,
    /// The number of changes that are being committed.
    committing: AtomicU64,
    counters: Box<[Counter]>,
    low_stock: OnceLock<u32>,
}

#[derive(Debug, Default)]
struct Counter {
    /// The number of the last change.
    last: AtomicU64,
    /// The number of changes that are being committed.
    committing: AtomicU64,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            process: Mutex::new(Uuid::now_v7()),
            sequence: AtomicU64::default(),
            committing: AtomicU64::default(),
            counters: (0..COUNTERS).map(|_| Counter::default()).collect(),
            low_stock: OnceLock::new(),
        }
    }
}

impl Changes {
    /// Sets the low-stock threshold. Until then, each change of a stock is a change of its product.
    pub fn set_low_stock(&self, low_stock: u32) {
        // Only the first value counts: the setting does not change while the process runs.
        _ = self.low_stock.set(low_stock);
    }

    /// Returns the number of the last change.
    pub fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::SeqCst)
    }

    /// Returns the number of the last change, or `None` while a change is being committed.
    pub fn version(&self) -> Option<u64> {
        // Read first: a commit that ends after this read may still be counted as running.
        if self.committing.load(Ordering::SeqCst) > 0 {
            return None;
        }
        Some(self.sequence())
    }

    /// Returns the number of the last change of these parts, or `None` while one of them is being committed.
    pub fn version_of(&self, dependencies: &Dependencies) -> Option<u64> {
        let mut version = 0;
        for part in [ALL].iter().chain(&dependencies.0) {
            let counter = &self.counters[usize::from(*part)];
            // In this order: see `version`.
            if counter.committing.load(Ordering::SeqCst) > 0 {
                return None;
            }
            version = version.max(counter.last.load(Ordering::SeqCst));
        }
        Some(version)
    }

    /// Whether reads of these parts return the same now as after the sequence had this number.
    pub fn is_unchanged_since(&self, sequence: u64, dependencies: &Dependencies) -> bool {
        let version = self.version_of(dependencies);
        version.is_some_and(|version| version <= sequence)
    }

    /// Records that these parts were changed, or may have been.
    pub fn note(&self, parts: &ChangedParts) {
        self.count(&self.counters_of(parts));
    }

    /// Records that a process has changed these parts, unless it is this process, whose changes are counted already.
    pub(super) fn note_of_process(&self, process: Uuid, parts: &ChangedParts) {
        if process != self.process() {
            self.note(parts);
        }
    }

    /// Ends everything that is cached without a maximum age: lists, counts and facets, and what depends on no product.
    pub fn note_unreported(&self) {
        self.count(&[LISTS, UNREPORTED]);
    }

    /// Returns the id of this process.
    pub(super) fn process(&self) -> Uuid {
        *self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that these parts are being changed, until the returned guard is dropped.
    pub(super) fn begin(self: &Arc<Self>, parts: &ChangedParts) -> Committing {
        let counters = self.counters_of(parts);
        self.committing.fetch_add(1, Ordering::SeqCst);
        for part in &counters {
            let counter = &self.counters[usize::from(*part)];
            counter.committing.fetch_add(1, Ordering::SeqCst);
        }
        Committing {
            changes: self.clone(),
            counters,
            is_acknowledged: false,
        }
    }

    fn count(&self, counters: &[Part]) {
        if counters.is_empty() {
            return;
        }
        let number = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        for part in counters {
            let counter = &self.counters[usize::from(*part)];
            counter.last.fetch_max(number, Ordering::SeqCst);
        }
    }

    fn counters_of(&self, parts: &ChangedParts) -> Vec<Part> {
        if parts.is_all() {
            return vec![ALL];
        }
        let mut counters = Vec::new();
        if parts.has_categories() {
            counters.extend([LISTS, CATEGORIES]);
        }
        for (id, stock) in parts.products() {
            counters.extend(match stock {
                Some(change) if self.is_same_level(change) => [STOCKS, FIRST_STOCK + stripe(id)],
                _ => [LISTS, FIRST_PRODUCT + stripe(id)],
            });
        }
        counters.sort_unstable();
        counters.dedup();
        counters
    }

    fn is_same_level(&self, change: StockChange) -> bool {
        self.low_stock.get().is_some_and(|low| {
            StockLevel::of(change.before, *low) == StockLevel::of(change.after, *low)
        })
    }
}

/// Returns the position of a product among the counters of products.
fn stripe(id: Uuid) -> Part {
    let [.., high, low] = id.into_bytes();
    Part::from_be_bytes([high, low]) % STRIPES
}

/// A change that is being committed.
#[derive(Debug)]
pub(super) struct Committing {
    changes: Arc<Changes>,
    counters: Vec<Part>,
    is_acknowledged: bool,
}

impl Committing {
    /// Ends the change after the database has acknowledged the commit.
    pub(super) fn acknowledge(mut self) {
        self.is_acknowledged = true;
    }
}

impl Drop for Committing {
    /// Counts the change also when the commit returned an error: it may have been done all the same.
    fn drop(&mut self) {
        let changes = &self.changes;
        if !self.is_acknowledged {
            // The commit may still be done, later than this. Its row has the id of another process then, and counts.
            let mut process = changes
                .process
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *process = Uuid::now_v7();
        }
        changes.count(&self.counters);
        for part in &self.counters {
            let counter = &changes.counters[usize::from(*part)];
            counter.committing.fetch_sub(1, Ordering::SeqCst);
        }
        changes.committing.fetch_sub(1, Ordering::SeqCst);
    }
}
