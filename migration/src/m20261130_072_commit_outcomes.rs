//! The outcomes of commits in the table of changes, by which a server on PostgreSQL finds out whether a commit without a
//! response was done.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = "ALTER TABLE catalog_changes \
                     ADD commit_id UUID CONSTRAINT catalog_changes_commit_id_key UNIQUE, \
                     ADD committed BOOLEAN NOT NULL DEFAULT true";
        on_postgres(manager, alter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = "ALTER TABLE catalog_changes DROP commit_id, DROP committed";
        on_postgres(manager, alter).await
    }
}

async fn on_postgres(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}
