//! Empties the search indexes, because the analysis of words has changed: compounds, numbers with units, Chinese,
//! Japanese and Korean. The program indexes missing rows when it starts, and after `wares migrate up`.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        clear_indexes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        clear_indexes(manager).await
    }
}

async fn clear_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A trigger empties the additional word tables of SQLite.
    for table in ["product_search", "category_search", "search_variants"] {
        let delete = format!("DELETE FROM {table}");
        manager.get_connection().execute_unprepared(&delete).await?;
    }
    Ok(())
}
