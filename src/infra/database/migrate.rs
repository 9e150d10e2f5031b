//! The database's version: what is applied, what is pending, and the way up and down.
//!
//! Each step runs in one transaction under a lock, so that many servers that start at once migrate once and an
//! interrupted migration leaves nothing behind.

use anyhow::{Context, bail, ensure};
use migration::{MigrationStatus, Migrator, MigratorTrait};

use super::{Catalog, Database, Transaction};

/// One migration and whether the database has it.
#[derive(Debug)]
pub struct Migration {
    pub name: String,
    pub applied: bool,
}

/// All migrations in their order.
pub async fn status(db: &Database) -> anyhow::Result<Vec<Migration>> {
    refuse_newer(db).await?;
    let transaction = db.begin_reading().await?;
    let all = Migrator::get_migration_with_status_read_only(transaction.inner()).await?;
    transaction.rollback().await?;
    Ok(all
        .into_iter()
        .map(|migration| Migration {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        })
        .collect())
}

/// How many migrations the database lacks of those that this program knows. That it has others too is no fault while
/// servers run: a newer one may have migrated it, in steps that both can live with.
pub async fn pending(db: &Database) -> anyhow::Result<usize> {
    let applied = applied(db).await?;
    let known = Migrator::migrations();
    let lacks = |name: &str| !applied.iter().any(|applied| applied == name);
    Ok(known.iter().filter(|known| lacks(known.name())).count())
}

/// Refuses a database that is not of this program's version, newer or older.
pub async fn require_current(db: &Database) -> anyhow::Result<()> {
    refuse_newer(db).await?;
    let pending = pending(db).await?;
    ensure!(
        pending == 0,
        "the database lacks {pending} migrations: run `wares migrate up`, or serve with WARES_MIGRATE=on"
    );
    Ok(())
}

/// Applies what is pending; gives how many that were.
pub async fn up(db: &Database) -> anyhow::Result<usize> {
    refuse_newer(db).await?;
    if pending(db).await? == 0 {
        return Ok(0);
    }
    let transaction = db.begin_exclusive().await?;
    transaction.touch(Catalog::All);
    // Counted again: another server may have migrated while this one waited for the lock.
    let pending = Migrator::get_pending_migrations_read_only(transaction.inner())
        .await?
        .len();
    Migrator::up(transaction.inner(), None)
        .await
        .context("the migration failed and was rolled back")?;
    transaction.commit().await?;
    Ok(pending)
}

/// Takes the last `steps` migrations back, and the data they made room for; gives how many that were.
pub async fn down(db: &Database, steps: u32) -> anyhow::Result<usize> {
    refuse_newer(db).await?;
    let transaction = db.begin_exclusive().await?;
    transaction.touch(Catalog::All);
    let applied = Migrator::get_applied_migrations_read_only(transaction.inner())
        .await?
        .len();
    Migrator::down(transaction.inner(), Some(steps))
        .await
        .context("the migration failed and was rolled back")?;
    transaction.commit().await?;
    Ok(applied.min(steps as usize))
}

async fn applied(db: &Database) -> anyhow::Result<Vec<String>> {
    let transaction = db.begin_reading().await?;
    let applied = migration::applied(transaction.inner()).await?;
    transaction.rollback().await?;
    Ok(applied)
}

/// A database that a newer Wares has migrated may mean anything to a program that starts: it is left alone.
async fn refuse_newer(db: &Database) -> anyhow::Result<()> {
    let known = Migrator::migrations();
    let transaction = db.begin_reading().await?;
    let applied = migration::applied(transaction.inner()).await?;
    if applied.is_empty() {
        refuse_of_others(&transaction).await?;
    }
    transaction.rollback().await?;
    for name in applied {
        if !known.iter().any(|migration| migration.name() == name) {
            bail!("the database was made by a newer version of Wares (migration {name})");
        }
    }
    Ok(())
}

/// Refuses a database with the tables of another program, such as the former system's: a migration would fail at the first
/// table that both have.
async fn refuse_of_others(transaction: &Transaction) -> anyhow::Result<()> {
    for table in ["categories", "products", "users"] {
        ensure!(
            !migration::has_table(transaction.inner(), table).await?,
            "the database has a table {table} that another program created: give Wares a database of its own"
        );
    }
    Ok(())
}
