//! Empties the indexes of words, because words are made otherwise now: compounds, numbers with units, Chinese, Japanese and
//! Korean. The program fills an index that lacks rows when it starts, and after `wares migrate up`.

use sea_orm_migration::prelude::*;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        empty(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        empty(manager).await
    }
}

async fn empty(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A trigger empties the tables of words that SQLite has beside these.
    for table in ["product_search", "category_search", "search_variants"] {
        let delete = format!("DELETE FROM {table}");
        manager.get_connection().execute_unprepared(&delete).await?;
    }
    Ok(())
}
