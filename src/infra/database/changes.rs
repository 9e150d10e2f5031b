//! Versions of the catalog, as far as this process knows: counts its own commits and those it is notified of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sea_orm::DbBackend;
use uuid::Uuid;

use super::{Connection, DbError};

/// The PostgreSQL channel on which servers that share a database notify each other of changes of the catalog.
pub(super) const CHANNEL: &str = "wares_catalogue";

/// A part of the catalog that a transaction changes. See [`Transaction::touch`](super::Transaction::touch).
///
/// The read cache has one version for the whole catalog, so each part invalidates all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Catalog {
    /// A product with its images, its categories and its slugs.
    Product(Uuid),
    /// A category with its slugs.
    Category(Uuid),
    /// Several categories or products, or the tables themselves.
    All,
}

/// The parts of the catalog that a transaction has touched, nested transactions included.
#[derive(Debug, Default)]
pub(super) struct Touched {
    products: AtomicBool,
    categories: AtomicBool,
    prices: AtomicBool,
}

impl Touched {
    pub(super) fn add(&self, part: Catalog) {
        if !matches!(part, Catalog::Category(_)) {
            self.products.store(true, Ordering::Relaxed);
        }
        if !matches!(part, Catalog::Product(_)) {
            self.categories.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn add_prices(&self) {
        self.prices.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_products(&self) -> bool {
        self.products.load(Ordering::Relaxed)
    }

    pub(super) fn has_categories(&self) -> bool {
        self.categories.load(Ordering::Relaxed)
    }

    pub(super) fn has_prices(&self) -> bool {
        self.prices.load(Ordering::Relaxed)
    }
}

/// Counts the changes of the catalog.
///
/// Reads at the same [`version`](Self::version) read the same catalog, as far as this process knows. While one of its
/// own changes is being committed there is no version: some reads see the catalog before it, some after it.
#[derive(Debug, Default)]
pub struct Changes {
    version: AtomicU64,
    committing: AtomicU64,
}

impl Changes {
    /// Returns the version of the catalog, or `None` while a change is being committed.
    pub fn version(&self) -> Option<u64> {
        // Read first: a commit that ends after this read may still be counted as running.
        if self.committing.load(Ordering::SeqCst) > 0 {
            return None;
        }
        Some(self.version.load(Ordering::SeqCst))
    }

    /// Records that something was changed, or may have been.
    pub fn note(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Records that a change is being committed, until the returned guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Committing {
        self.committing.fetch_add(1, Ordering::SeqCst);
        Committing(self.clone())
    }
}

/// A change that is being committed.
#[derive(Debug)]
pub(super) struct Committing(Arc<Changes>);

impl Drop for Committing {
    /// Counts the change also when the commit returned an error: it may have been done all the same.
    fn drop(&mut self) {
        self.0.note();
        self.0.committing.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Notifies the other servers when the transaction commits.
pub(super) async fn notify(transaction: &impl Connection) -> Result<(), DbError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let notify = format!("NOTIFY {CHANNEL}");
        transaction.execute_unprepared(&notify).await?;
    }
    Ok(())
}
