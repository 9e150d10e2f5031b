//! Functions of the search on PostgreSQL.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (index, owner) in INDEXES {
            let functions = include_str!("m20261130_064_search_functions.sql");
            let functions = functions
                .replace("{index}", index)
                .replace("{owner}", owner);
            manager
                .get_connection()
                .execute_unprepared(&functions)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (index, _) in INDEXES {
            for name in NAMES {
                let drop = format!("DROP FUNCTION {index}_{name}");
                manager.get_connection().execute_unprepared(&drop).await?;
            }
        }
        Ok(())
    }
}

/// The name of an index, and the reference to the indexed table.
const INDEXES: [(&str, &str); 2] = [
    ("product_index", "product_id"),
    ("category_index", "category_id"),
];

const NAMES: [&str; 6] = ["page", "narrow", "scanned", "indexed", "is_tier", "sampled"];
