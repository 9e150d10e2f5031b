//! Which changes of the catalogue this process knows of: those that it commits itself, and those that it is told of.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::DbBackend;

use super::{Connection, Fault};

/// The tables that the catalogue is read from. A statement that writes and names one of them changes it.
pub const CATALOGUE: [&str; 11] = [
    "categories",
    "category_search",
    "category_slugs",
    "category_words",
    "product_categories",
    "product_images",
    "product_search",
    "product_slugs",
    "product_words",
    "products",
    "search_variants",
];

/// Where servers that share a PostgreSQL tell each other that the catalogue was changed.
pub(super) const CHANNEL: &str = "wares_catalogue";

/// Counts the changes of the catalogue.
///
/// Two questions that have the same [`version`](Self::version) are asked of the same catalogue, as far as this process
/// can know. While one of its own changes is being committed there is no version: some may see the catalogue as it was
/// before, and some as it is afterwards.
#[derive(Debug, Default)]
pub struct Changes {
    version: AtomicU64,
    committing: AtomicU64,
}

impl Changes {
    /// The version of the catalogue; nothing while a change is being committed.
    pub fn version(&self) -> Option<u64> {
        // Asked first: a commit that ends after this was asked for may still count as not done yet.
        if self.committing.load(Ordering::SeqCst) > 0 {
            return None;
        }
        Some(self.version.load(Ordering::SeqCst))
    }

    /// Notes that something was changed, or may have been.
    pub fn note(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Notes that a change is being committed, until what is given back is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Committing {
        self.committing.fetch_add(1, Ordering::SeqCst);
        Committing(self.clone())
    }
}

/// A change that is being committed.
#[derive(Debug)]
pub(super) struct Committing(Arc<Changes>);

impl Drop for Committing {
    /// Whatever became of it: a commit that failed may have been done all the same.
    fn drop(&mut self) {
        self.0.note();
        self.0.committing.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether a statement may change one of these tables.
pub(super) fn changes_any(sql: &str, tables: &[&str]) -> bool {
    let words = || sql.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let first = words().find(|word| !word.is_empty()).unwrap_or_default();
    let names = |word: &str| tables.iter().any(|table| word.eq_ignore_ascii_case(table));
    !first.eq_ignore_ascii_case("select") && words().any(names)
}

/// Tells the other servers, when and if the transaction is committed.
pub(super) async fn tell(transaction: &impl Connection) -> Result<(), Fault> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let tell = format!("NOTIFY {CHANNEL}");
        transaction.execute_unprepared(&tell).await?;
    }
    Ok(())
}
