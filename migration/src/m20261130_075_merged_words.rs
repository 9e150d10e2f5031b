//! Entries of the search index are merged once for each batch of products on PostgreSQL.
//!
//! GIN inserts the words of rows one by one, each in its place, which took most of the time of an import. With a list of pending
//! entries, it appends them, and a writer merges all those of its batch in order, before it commits. So searches read no pending
//! entries, other than those of a batch that is just being written. See
//! <https://www.postgresql.org/docs/current/gin.html#GIN-FAST-UPDATE>.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}

/// Executes changes of both indexes.
async fn run(manager: &SchemaManager<'_>, changes: &[&str]) -> Result<(), DbErr> {
    for index in ["product_index", "category_index"] {
        let changes = changes.iter();
        let changes: Vec<_> = changes
            .map(|change| change.replace("{index}", index))
            .collect();
        execute_on(manager, DbBackend::Postgres, &changes).await?;
    }
    Ok(())
}

/// Only the owner of an index may merge, and the server may be another user.
const UP: [&str; 2] = [
    // 64 MiB, which no batch has.
    "ALTER INDEX {index}_words_idx SET (fastupdate = on, gin_pending_list_limit = 65536)",
    "CREATE FUNCTION {index}_merge() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS \
     $$ BEGIN PERFORM gin_clean_pending_list('{index}_words_idx'); END $$",
];

const DOWN: [&str; 3] = [
    "ALTER INDEX {index}_words_idx SET (fastupdate = off)",
    "SELECT {index}_merge()",
    "DROP FUNCTION {index}_merge()",
];
