//! The parts of the catalog that a transaction changes, and the text that tells them to other servers.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// A part of the catalog that a transaction changes. See [`Transaction::touch`](super::Transaction::touch).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Catalog {
    /// A product with its images, its categories and its slugs.
    Product(Uuid),
    /// The stock of a product, with its version and the time of its last change, and nothing else of it.
    Stock(Uuid, StockChange),
    /// A category with its slugs.
    Category(Uuid),
    /// Several categories or products, or the tables themselves.
    All,
}

/// A stock before and after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StockChange {
    pub before: i32,
    pub after: i32,
}

/// The number of products above which all products count as changed.
const MAX_PRODUCTS: usize = 1_000;
/// The first word of the text: the version of its format.
const FORMAT: &str = "1";
/// The maximum length of the text, in bytes. Enough for about 200 products.
const MAX_TEXT: usize = 7_999;

/// The parts of the catalog that a transaction changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedParts {
    all: bool,
    categories: bool,
    all_products: bool,
    /// With a stock change if nothing else of the product changes.
    products: HashMap<Uuid, Option<StockChange>>,
}

impl ChangedParts {
    /// Returns the whole catalog.
    pub fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Adds a part.
    pub fn add(&mut self, part: Catalog) {
        match part {
            Catalog::All => self.all = true,
            Catalog::Category(_) => self.categories = true,
            Catalog::Product(id) => self.add_product(id, None),
            Catalog::Stock(id, change) => self.add_product(id, Some(change)),
        }
    }

    fn add_product(&mut self, id: Uuid, change: Option<StockChange>) {
        if self.all_products {
            return;
        }
        let known = self.products.entry(id).or_insert(change);
        if *known != change {
            *known = None;
        }
        if self.products.len() > MAX_PRODUCTS {
            self.products.clear();
            self.all_products = true;
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        !self.has_products() && !self.has_categories()
    }

    /// Whether products change.
    pub fn has_products(&self) -> bool {
        self.all || self.all_products || !self.products.is_empty()
    }

    /// Whether categories change.
    pub const fn has_categories(&self) -> bool {
        self.all || self.categories
    }

    /// Whether the whole catalog counts as changed.
    pub const fn is_all(&self) -> bool {
        self.all || self.all_products
    }

    /// Returns the changed products, with a stock change if nothing else of the product changes.
    pub fn products(&self) -> impl Iterator<Item = (Uuid, Option<StockChange>)> {
        self.products.iter().map(|(id, change)| (*id, *change))
    }

    /// Returns the text for other servers. Parts that do not fit become the whole catalog.
    pub fn to_text(&self) -> String {
        let mut text = FORMAT.to_owned();
        if self.categories {
            text.push_str(" c");
        }
        for (id, change) in self.products() {
            let id = id.simple();
            // Writing to memory can't fail.
            _ = match change {
                None => write!(text, " p:{id}"),
                Some(StockChange { before, after }) => write!(text, " s:{id}:{before}:{after}"),
            };
        }
        if self.is_all() || text.len() > MAX_TEXT {
            text.truncate(FORMAT.len());
            text.push_str(" *");
        }
        text
    }

    /// Parses the text of a server. Any other text is the whole catalog: an empty one, as by hand, and one of a later
    /// format.
    pub fn of_text(text: &str) -> Self {
        let mut words = text.split(' ');
        let parsed = (words.next() == Some(FORMAT)).then(|| {
            let mut parts = Self::default();
            for word in words {
                parts.add(parse(word)?);
            }
            Some(parts)
        });
        parsed.flatten().unwrap_or_else(Self::all)
    }
}

fn parse(word: &str) -> Option<Catalog> {
    let mut fields = word.split(':');
    let kind = fields.next()?;
    let mut id = || Uuid::try_parse(fields.next()?).ok();
    Some(match kind {
        "*" => Catalog::All,
        "c" => Catalog::Category(Uuid::nil()),
        "p" => Catalog::Product(id()?),
        "s" => {
            let id = id()?;
            let mut stock = || fields.next()?.parse().ok();
            let (before, after) = (stock()?, stock()?);
            Catalog::Stock(id, StockChange { before, after })
        }
        _ => return None,
    })
}

/// The parts of the catalog that a transaction has touched, nested transactions included.
#[derive(Debug, Default)]
pub(super) struct Touched {
    parts: Mutex<ChangedParts>,
    prices: AtomicBool,
}

impl Touched {
    pub(super) fn add(&self, part: Catalog) {
        self.lock().add(part);
    }

    pub(super) fn add_prices(&self) {
        self.prices.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_prices(&self) -> bool {
        self.prices.load(Ordering::Relaxed)
    }

    pub(super) fn parts(&self) -> ChangedParts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, ChangedParts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
