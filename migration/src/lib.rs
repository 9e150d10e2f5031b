//! Database schema of Wares: the ordered list of migrations.
//!
//! Never edit a migration that was released; add a new file. The same migrations serve SQLite and PostgreSQL, every
//! constraint is named, and times are integers (microseconds since 1970).

use sea_orm::{DatabaseTransaction, DbErr};

use self::migrator::{MigrationTrait, Named};

pub use self::migrator::{applied, has_table};

mod columns;
mod m20261122_001_categories;
mod m20261122_002_products;
mod m20261122_003_product_images;
mod m20261122_004_users;
mod m20261122_005_sessions;
mod m20261122_006_outbox;
mod m20261122_007_throttles;
mod m20261122_008_idempotency;
mod m20261122_009_audit_log;
mod m20261122_010_pictures;
mod m20261122_011_identities;
mod m20261123_015_product_visibility;
mod m20261123_016_search;
mod m20261123_017_product_walks;
mod m20261128_018_shop;
mod m20261128_020_known_networks;
mod m20261128_021_code_failures;
mod m20261128_023_search_analyser;
mod m20261128_024_jobs;
mod m20261129_025_variants;
mod m20261129_026_product_fields;
mod m20261129_027_category_pages;
mod m20261129_040_invitations;
mod m20261129_050_selling;
mod m20261129_051_carts;
mod m20261129_052_orders;
mod m20261129_053_search_words;
mod m20261129_054_attributes;
mod m20261129_055_search_synonyms;
mod m20261129_056_fulfillment_lines;
mod m20261129_057_order_holds;
mod m20261129_058_search_engine;
mod m20261130_060_stripe_events;
mod m20261130_061_refund_failures;
mod m20261130_064_search_functions;
mod m20261130_070_catalog_changes;
mod m20261130_071_faster_search;
mod m20261130_072_commit_outcomes;
mod m20261130_073_search_samples;
mod m20261130_074_lazy_search;
mod m20261130_075_merged_words;
mod m20261130_076_clustered_lexicon;
mod migrator;
mod progress;

/// The names that migrations use.
mod prelude {
    pub use async_trait::async_trait;
    pub use sea_orm::sea_query::*;
    pub use sea_orm::{ConnectionTrait, DbBackend, DbErr};

    pub use crate::migrator::{MigrationTrait, SchemaManager};

    /// Executes statements if the database is this one.
    pub async fn execute_on(
        manager: &SchemaManager<'_>,
        backend: DbBackend,
        statements: &[impl AsRef<str> + Sync],
    ) -> Result<(), DbErr> {
        if manager.get_database_backend() != backend {
            return Ok(());
        }
        let db = manager.get_connection();
        for statement in statements {
            db.execute_unprepared(statement.as_ref()).await?;
        }
        Ok(())
    }
}

/// Lists migrations. The name that a database stores is that of the module.
macro_rules! list {
    ($($module:ident,)*) => {
        vec![$((stringify!($module), Box::new($module::Migration) as Box<dyn MigrationTrait>),)*]
    };
}

/// All migrations, oldest first.
fn all() -> Vec<Named> {
    list![
        m20261122_001_categories,
        m20261122_002_products,
        m20261122_003_product_images,
        m20261122_004_users,
        m20261122_005_sessions,
        m20261122_006_outbox,
        m20261122_007_throttles,
        m20261122_008_idempotency,
        m20261122_009_audit_log,
        m20261122_010_pictures,
        m20261122_011_identities,
        m20261123_015_product_visibility,
        m20261123_016_search,
        m20261123_017_product_walks,
        m20261128_018_shop,
        m20261128_020_known_networks,
        m20261128_021_code_failures,
        m20261128_023_search_analyser,
        m20261128_024_jobs,
        m20261129_025_variants,
        m20261129_026_product_fields,
        m20261129_027_category_pages,
        m20261129_040_invitations,
        m20261129_050_selling,
        m20261129_051_carts,
        m20261129_052_orders,
        m20261129_053_search_words,
        m20261129_054_attributes,
        m20261129_055_search_synonyms,
        m20261129_056_fulfillment_lines,
        m20261129_057_order_holds,
        m20261129_058_search_engine,
        m20261130_060_stripe_events,
        m20261130_061_refund_failures,
        m20261130_064_search_functions,
        m20261130_070_catalog_changes,
        m20261130_071_faster_search,
        m20261130_072_commit_outcomes,
        m20261130_073_search_samples,
        m20261130_074_lazy_search,
        m20261130_075_merged_words,
        m20261130_076_clustered_lexicon,
    ]
}

/// Returns the names of all migrations, oldest first.
pub fn names() -> Vec<&'static str> {
    all().into_iter().map(|(name, _)| name).collect()
}

/// Applies the pending migrations. Returns their number.
///
/// # Errors
/// If a statement fails.
pub async fn up(db: &DatabaseTransaction) -> Result<usize, DbErr> {
    migrator::up(db, &all()).await
}

/// Reverts the last `steps` migrations. Returns their number.
///
/// # Errors
/// If a statement fails.
pub async fn down(db: &DatabaseTransaction, steps: usize) -> Result<usize, DbErr> {
    migrator::down(db, &all(), steps).await
}
