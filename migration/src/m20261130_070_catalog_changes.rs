//! Records of changes of the catalog, by which servers on PostgreSQL invalidate their caches: one row for each transaction.
//!
//! SQLite needs no table: it reports whether the file was changed.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let db = manager.get_connection();
        // The defaults are for rows inserted by hand. Two of them in one transaction differ by `process_id`.
        db.execute_unprepared(
            "CREATE TABLE catalog_changes (\
             transaction_id XID8 NOT NULL DEFAULT pg_current_xact_id(), \
             process_id UUID NOT NULL DEFAULT gen_random_uuid(), \
             parts TEXT NOT NULL DEFAULT '', \
             created_at BIGINT NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, \
             CONSTRAINT catalog_changes_pkey PRIMARY KEY (transaction_id, process_id))",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let db = manager.get_connection();
            db.execute_unprepared("DROP TABLE catalog_changes").await?;
        }
        Ok(())
    }
}
