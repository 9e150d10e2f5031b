//! The lexicon of SQLite is stored in the order of its variants, once instead of in a table and an index.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_on(manager, DbBackend::Sqlite, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_on(manager, DbBackend::Sqlite, &DOWN).await
    }
}

const UP: [&str; 4] = [
    "CREATE TABLE search_variants_new (variant TEXT NOT NULL, word TEXT NOT NULL, \
     CONSTRAINT search_variants_pkey PRIMARY KEY (variant, word)) WITHOUT ROWID",
    "INSERT INTO search_variants_new SELECT DISTINCT variant, word FROM search_variants ORDER BY variant, word",
    "DROP TABLE search_variants",
    "ALTER TABLE search_variants_new RENAME TO search_variants",
];

const DOWN: [&str; 5] = [
    "CREATE TABLE search_variants_old (variant TEXT NOT NULL, word TEXT NOT NULL)",
    "INSERT INTO search_variants_old SELECT variant, word FROM search_variants",
    "DROP TABLE search_variants",
    "ALTER TABLE search_variants_old RENAME TO search_variants",
    "CREATE INDEX search_variants_variant_idx ON search_variants (variant, word)",
];
