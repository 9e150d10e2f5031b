//! Functions of the search on PostgreSQL, anew: they read fewer rows.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let functions = include_str!("m20261130_071_faster_search.sql");
        replace(manager, &OLD, functions).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let functions = include_str!("m20261130_064_search_functions.sql");
        replace(manager, &NEW, functions).await
    }
}

/// The name of an index, and the reference to the indexed table.
const INDEXES: [(&str, &str); 2] = [
    ("product_index", "product_id"),
    ("category_index", "category_id"),
];

/// The functions of the previous migration.
const OLD: [&str; 6] = ["page", "narrow", "scanned", "indexed", "is_tier", "sampled"];
/// Those of this one.
const NEW: [&str; 6] = ["page", "narrow", "scanned", "indexed", "is_tier", "sampled"];

/// Drops the functions with these names, and creates others.
pub(crate) async fn replace(
    manager: &SchemaManager<'_>,
    names: &[&str],
    functions: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let db = manager.get_connection();
    for (index, owner) in INDEXES {
        for name in names {
            db.execute_unprepared(&format!("DROP FUNCTION {index}_{name}"))
                .await?;
        }
        let functions = functions
            .replace("{index}", index)
            .replace("{owner}", owner);
        db.execute_unprepared(&functions).await?;
    }
    Ok(())
}
