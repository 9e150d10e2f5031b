//! Backups of a SQLite database in use.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Database;

impl Database {
    /// Writes a consistent copy of the database to a new file. Other connections read and write meanwhile.
    ///
    /// # Errors
    /// On PostgreSQL, which has its own tools; if the file exists or can't be written.
    pub async fn back_up(&self, file: &Path) -> anyhow::Result<()> {
        if self.backend() == DbBackend::Postgres {
            bail!(
                "this command backs up SQLite only: back up PostgreSQL with its own tools, such as `pg_dump --format=custom`"
            );
        }
        let name = file.to_str().context("the file name is not UTF-8")?;
        ensure!(!file.exists(), "{name} already exists");
        let copy = "VACUUM INTO ?";
        let copy = Statement::from_sql_and_values(DbBackend::Sqlite, copy, [name.into()]);
        let copied = self.reader.handle.execute_raw(copy).await;
        copied.with_context(|| format!("can't write {name}"))?;
        // Flushed to disk, so that the copy survives a power failure.
        let written = tokio::fs::File::open(file).await?;
        Ok(written.sync_all().await?)
    }
}
