//! The currency of the stored prices.
//!
//! An amount is a number of minor units, so the same row means 1500 yen or 15 dollars. The table `shop` stores the
//! currency of the prices. A process with another currency does not start ([`require`]), and a running one cannot
//! commit prices ([`Transaction::commit`](super::Transaction::commit)). While there are no products, a starting
//! process may change the currency ([`store`]).

use std::fmt;

use anyhow::bail;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::{Connection, Database, DueCondition};
use crate::core::money::Currency;

/// The start of the message of a [`Mismatch`].
const MISMATCH: &str = "the prices in this database are in ";

/// The database stores another currency than `SHOP_CURRENCY`.
#[derive(Debug)]
pub struct Mismatch {
    /// The code that the database stores.
    pub stored: String,
    pub configured: Currency,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stored, configured) = (&self.stored, self.configured.code());
        // The setting may be missing altogether, which is not known here.
        let default = if configured == "USD" {
            ", which is also its default"
        } else {
            ""
        };
        write!(
            formatter,
            "{MISMATCH}{stored}, but SHOP_CURRENCY is {configured}{default}. Nothing was changed. \
             Set SHOP_CURRENCY={stored}; only a shop without products can change its currency"
        )
    }
}

/// Whether an error is a [`Mismatch`] that was found at a commit.
pub(super) fn is_mismatch(error: &DbErr) -> bool {
    matches!(error, DbErr::Custom(message) if message.starts_with(MISMATCH))
}

/// Returns the mismatch between the database and this currency, if any: with a mismatch no product can be written.
///
/// # Errors
/// When the database does not respond.
pub async fn find_mismatch(db: &Database, configured: Currency) -> Result<Option<Mismatch>, DbErr> {
    let other = stored(db)
        .await?
        .filter(|stored| stored != configured.code());
    Ok(other.map(|stored| Mismatch { stored, configured }))
}

/// Returns the condition that the database stores another currency than this.
pub fn mismatch_condition(configured: Currency) -> DueCondition {
    let other = Query::select()
        .column("id")
        .from("shop")
        .and_where(Expr::col("id").eq(1))
        .and_where(Expr::col("currency").ne(configured.code()))
        .take();
    DueCondition::exists(other)
}

/// Returns the stored currency code: `None` before the migration, and before the first start.
///
/// # Errors
/// When the database does not respond.
pub async fn stored(db: &Database) -> Result<Option<String>, DbErr> {
    let transaction = db.begin_snapshot().await?;
    let stored = if migration::has_table(transaction.inner(), "shop").await? {
        read(&transaction, "").await?
    } else {
        None
    };
    transaction.rollback().await?;
    Ok(stored)
}

/// Refuses a database with prices in another currency. A database without products may still change: see [`store`].
///
/// # Errors
/// Returns one line for the operator, with both currencies.
pub async fn require(db: &Database, configured: Currency) -> anyhow::Result<()> {
    match find_mismatch(db, configured).await? {
        Some(mismatch) if has_products(db.reader()).await? => bail!("{mismatch}"),
        _ => Ok(()),
    }
}

/// Stores the currency, or checks that it is the stored one. A database without products changes to this currency. A
/// database with products but without a stored currency takes this one.
///
/// # Errors
/// Returns one line for the operator, with both currencies, when there are prices in another one.
pub async fn store(db: &Database, configured: Currency) -> anyhow::Result<()> {
    let code = configured.code();
    if read(db.reader(), "").await?.as_deref() == Some(code) {
        return Ok(());
    }
    let transaction = db.begin().await?;
    let is_new = insert(&transaction, code).await?;
    let lock = match db.backend() {
        DbBackend::Postgres => " FOR UPDATE",
        _ => "",
    };
    // Read after the lock: a concurrent transaction with a product waits for it, or its product is visible.
    let stored = read(&transaction, lock).await?.unwrap_or_default();
    let has_products = has_products(&transaction).await?;
    if stored != code {
        if has_products {
            bail!("{}", Mismatch { stored, configured });
        }
        let update = "UPDATE shop SET currency = $1 WHERE id = 1";
        let update = Statement::from_sql_and_values(db.backend(), update, [code.into()]);
        transaction.execute_raw(update).await?;
    }
    transaction.commit().await?;
    if stored != code {
        tracing::info!(
            from = stored,
            to = code,
            "changed the currency of a shop without products"
        );
    } else if is_new && has_products {
        tracing::warn!(
            currency = code,
            "the database had products without a stored currency; stored SHOP_CURRENCY as the currency of their prices"
        );
    }
    Ok(())
}

/// Checks within a transaction that the database stores this currency, and locks the row until the transaction ends.
/// Stores the currency when there is none yet.
pub(super) async fn confirm(
    transaction: &impl ConnectionTrait,
    configured: Currency,
) -> Result<(), DbErr> {
    // Conflicts with the lock of a process that changes the currency, and not with other writers of products.
    let lock = match transaction.get_database_backend() {
        DbBackend::Postgres => " FOR SHARE",
        _ => "",
    };
    let code = configured.code();
    let stored = match read(transaction, lock).await? {
        None if insert(transaction, code).await? => return Ok(()),
        // Another transaction has stored one meanwhile.
        None => read(transaction, lock).await?,
        stored => stored,
    };
    match stored {
        Some(stored) if stored != code => {
            Err(DbErr::Custom(Mismatch { stored, configured }.to_string()))
        }
        _ => Ok(()),
    }
}

async fn read(db: &impl ConnectionTrait, lock: &str) -> Result<Option<String>, DbErr> {
    let read = format!("SELECT currency FROM shop WHERE id = 1{lock}");
    let read = Statement::from_string(db.get_database_backend(), read);
    let row = db.query_one_raw(read).await?;
    row.map(|row| row.try_get("", "currency")).transpose()
}

/// Stores the currency unless one is stored. Returns whether it did.
async fn insert(db: &impl ConnectionTrait, code: &str) -> Result<bool, DbErr> {
    let insert = "INSERT INTO shop (id, currency) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    let insert = Statement::from_sql_and_values(db.get_database_backend(), insert, [code.into()]);
    Ok(db.execute_raw(insert).await?.rows_affected() > 0)
}

async fn has_products(db: &impl Connection) -> Result<bool, DbErr> {
    let find = Statement::from_string(db.get_database_backend(), "SELECT 1 FROM products LIMIT 1");
    Ok(db.query_one_raw(find).await?.is_some())
}
