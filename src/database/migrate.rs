//! The database's version: what is applied, what is pending, and the way up and down.
//!
//! Each step runs in one transaction under a lock, so that many servers that start at once migrate once and an
//! interrupted migration leaves nothing behind.

use anyhow::{Context, bail};
use migration::{MigrationStatus, Migrator, MigratorTrait};

use super::Database;

/// One migration and whether the database has it.
#[derive(Debug)]
pub struct Migration {
    pub name: String,
    pub applied: bool,
}

/// All migrations in their order.
pub async fn status(db: &Database) -> anyhow::Result<Vec<Migration>> {
    refuse_newer(db).await?;
    let all = Migrator::get_migration_with_status_read_only(db.reader()).await?;
    Ok(all
        .into_iter()
        .map(|migration| Migration {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        })
        .collect())
}

/// How many migrations the database lacks.
pub async fn pending(db: &Database) -> anyhow::Result<usize> {
    let all = status(db).await?;
    Ok(all.iter().filter(|migration| !migration.applied).count())
}

/// Applies what is pending; gives how many that were.
pub async fn up(db: &Database) -> anyhow::Result<usize> {
    if pending(db).await? == 0 {
        return Ok(0);
    }
    let transaction = db.begin_exclusive().await?;
    // Counted again: another server may have migrated while this one waited for the lock.
    let pending = Migrator::get_pending_migrations_read_only(&transaction)
        .await?
        .len();
    Migrator::up(&transaction, None)
        .await
        .context("the migration failed and was rolled back")?;
    transaction.commit().await?;
    Ok(pending)
}

/// Takes the last `steps` migrations back, and the data they made room for; gives how many that were.
pub async fn down(db: &Database, steps: u32) -> anyhow::Result<usize> {
    refuse_newer(db).await?;
    let transaction = db.begin_exclusive().await?;
    let applied = Migrator::get_applied_migrations_read_only(&transaction)
        .await?
        .len();
    Migrator::down(&transaction, Some(steps))
        .await
        .context("the migration failed and was rolled back")?;
    transaction.commit().await?;
    Ok(applied.min(steps as usize))
}

/// A database that a newer Wares has migrated may mean anything: it is left alone.
async fn refuse_newer(db: &Database) -> anyhow::Result<()> {
    let known = Migrator::migrations();
    let applied = migration::applied(db.reader()).await?;
    for name in applied {
        if !known.iter().any(|migration| migration.name() == name) {
            bail!("the database was made by a newer version of Wares (migration {name})");
        }
    }
    Ok(())
}
