//! A copy of a SQLite database while it is used.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Database;

impl Database {
    /// Writes the database as it is at one moment to a file that is not there yet. Others read and write meanwhile.
    ///
    /// # Errors
    /// On PostgreSQL, which has tools for this; when the file is there, or can't be written.
    pub async fn back_up(&self, file: &Path) -> anyhow::Result<()> {
        if self.backend() == DbBackend::Postgres {
            bail!("PostgreSQL is backed up by its own tools, such as `pg_dump --format=custom`");
        }
        let name = file.to_str().context("the name of the file is not UTF-8")?;
        ensure!(!file.exists(), "{name} is there already");
        let copy = "VACUUM INTO ?";
        let copy = Statement::from_sql_and_values(DbBackend::Sqlite, copy, [name.into()]);
        let copied = self.reader.handle.execute_raw(copy).await;
        copied.with_context(|| format!("can't write {name}"))?;
        // It counts when it outlives a power cut.
        let written = tokio::fs::File::open(file).await?;
        Ok(written.sync_all().await?)
    }
}
