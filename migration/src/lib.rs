//! Database schema of Wares: the ordered list of migrations.
//!
//! Never edit a migration that was released; add a new file. The same migrations serve SQLite and PostgreSQL, every
//! constraint is named, and times are integers (microseconds since 1970).

pub use sea_orm_migration::{MigrationStatus, MigratorTrait};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseTransaction, EntityTrait, QueryOrder};
use sea_orm_migration::seaql_migrations;

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

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_001_categories::Migration),
            Box::new(m20261122_002_products::Migration),
            Box::new(m20261122_003_product_images::Migration),
            Box::new(m20261122_004_users::Migration),
            Box::new(m20261122_005_sessions::Migration),
            Box::new(m20261122_006_outbox::Migration),
            Box::new(m20261122_007_throttles::Migration),
            Box::new(m20261122_008_idempotency::Migration),
            Box::new(m20261122_009_audit_log::Migration),
            Box::new(m20261122_010_pictures::Migration),
            Box::new(m20261122_011_identities::Migration),
            Box::new(m20261123_015_product_visibility::Migration),
            Box::new(m20261123_016_search::Migration),
            Box::new(m20261123_017_product_walks::Migration),
            Box::new(m20261128_018_shop::Migration),
            Box::new(m20261128_020_known_networks::Migration),
            Box::new(m20261128_021_code_failures::Migration),
            Box::new(m20261128_023_search_analyser::Migration),
            Box::new(m20261128_024_jobs::Migration),
        ]
    }
}

/// Returns whether the database has a table of this name.
///
/// # Errors
/// If the query fails.
pub async fn has_table(db: &DatabaseTransaction, name: &str) -> Result<bool, DbErr> {
    SchemaManager::new(db).has_table(name).await
}

/// Returns the names of the applied migrations, including unknown ones. Empty if there are none.
///
/// # Errors
/// If the query fails.
pub async fn applied(db: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    if !SchemaManager::new(db).has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find()
        .order_by_asc(seaql_migrations::Column::Version)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
