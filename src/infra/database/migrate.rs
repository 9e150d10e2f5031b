//! Database migrations: status, up and down.
//!
//! Each call runs in one transaction under a lock, so that several servers that start at once migrate once and an
//! interrupted migration changes nothing.

use anyhow::{Context, bail, ensure};

use super::change_table::CHANGE_TABLE;
use super::{Catalog, Database, Transaction};

/// A migration, and whether it is applied to the database.
#[derive(Debug)]
pub struct Migration {
    pub name: String,
    pub applied: bool,
}

/// Returns all migrations in order.
pub async fn status(db: &Database) -> anyhow::Result<Vec<Migration>> {
    refuse_newer(db).await?;
    let applied = applied(db).await?;
    Ok(migration::names()
        .into_iter()
        .map(|name| Migration {
            name: name.to_owned(),
            applied: applied.iter().any(|applied| applied == name),
        })
        .collect())
}

/// Returns the number of migrations of this program that the database lacks. Unknown migrations are ignored: a newer
/// server may have applied them while this one runs, in steps that both versions support.
pub async fn pending(db: &Database) -> anyhow::Result<usize> {
    let applied = applied(db).await?;
    let lacks = |name: &&str| !applied.iter().any(|applied| applied == name);
    Ok(migration::names().into_iter().filter(lacks).count())
}

/// Refuses a database of a newer or an older version than this program.
pub async fn require_current(db: &Database) -> anyhow::Result<()> {
    refuse_newer(db).await?;
    let pending = pending(db).await?;
    ensure!(
        pending == 0,
        "the database lacks {pending} migrations: run `wares migrate up`, or serve with WARES_MIGRATE=on"
    );
    Ok(())
}

/// Applies pending migrations. Returns their number.
pub async fn up(db: &Database) -> anyhow::Result<usize> {
    refuse_newer(db).await?;
    if pending(db).await? == 0 {
        return Ok(0);
    }
    let transaction = db.begin_exclusive().await?;
    transaction.touch(Catalog::All);
    // Another server may have migrated while this one waited for the lock.
    let count = migration::up(transaction.inner())
        .await
        .context("the migration failed and was rolled back")?;
    transaction.commit().await?;
    Ok(count)
}

/// Reverts the last `steps` migrations, including the data in their tables and columns. Returns their number.
pub async fn down(db: &Database, steps: u32) -> anyhow::Result<usize> {
    refuse_newer(db).await?;
    let transaction = db.begin_exclusive().await?;
    transaction.touch(Catalog::All);
    let count = migration::down(transaction.inner(), steps as usize)
        .await
        .context("the migration failed and was rolled back")?;
    if migration::has_table(transaction.inner(), CHANGE_TABLE).await? {
        // Its table may be gone.
        transaction.commit_without_records().await?;
    } else {
        transaction.commit_unrecorded().await?;
    }
    Ok(count)
}

async fn applied(db: &Database) -> anyhow::Result<Vec<String>> {
    let transaction = db.begin_snapshot().await?;
    let applied = migration::applied(transaction.inner()).await?;
    transaction.rollback().await?;
    Ok(applied)
}

/// Refuses a database with unknown migrations, whose data this program may misinterpret.
async fn refuse_newer(db: &Database) -> anyhow::Result<()> {
    let known = migration::names();
    let transaction = db.begin_snapshot().await?;
    let applied = migration::applied(transaction.inner()).await?;
    if applied.is_empty() {
        refuse_foreign_tables(&transaction).await?;
    }
    transaction.rollback().await?;
    for name in applied {
        if !known.contains(&name.as_str()) {
            bail!(
                "the database was migrated by a newer version of Wares (migration {name}): use that version"
            );
        }
    }
    Ok(())
}

/// Refuses a database with the tables of another program, such as the former system's: a migration would fail at the
/// first table that both have.
async fn refuse_foreign_tables(transaction: &Transaction) -> anyhow::Result<()> {
    for table in ["categories", "products", "users"] {
        ensure!(
            !migration::has_table(transaction.inner(), table).await?,
            "the database has a table {table} that another program created: give Wares a database of its own"
        );
    }
    Ok(())
}
