//! Tax service: the use cases of tax classes and rates, and the taxes of a destination.

mod classes;
mod entry;
mod rates;
mod table;

pub use classes::{
    CreateTaxClass, UpdateTaxClass, create_class, delete_class, lock_class, update_class,
};
pub use rates::{SetTaxRate, delete_rate, set_rate};
pub use table::TaxTable;

use std::collections::HashMap;

use super::entity::{Model, TaxClassId, TaxRateId, rate};
use super::list::{Filter, List};
use super::repository;
use crate::core::error::Result;
use crate::core::pagination::{Page, Total};
use crate::core::viewer::Admin;
use crate::infra::database::{Connection, Database, Transaction};

/// The maximum number of tax classes.
pub const MAX_CLASSES: usize = 100;

/// Returns all tax classes, by name.
pub async fn classes(db: &Database, _: Admin) -> Result<Vec<Model>> {
    Ok(repository::classes(db.reader()).await?)
}

/// Returns the tax classes of `ids`. Unknown ids are omitted.
pub async fn find_classes(db: &Database, ids: &[TaxClassId]) -> Result<HashMap<TaxClassId, Model>> {
    let found = repository::find_classes(db.reader(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the tax rates of `ids`. Unknown ids are omitted.
pub async fn find_rates(
    db: &Database,
    ids: &[TaxRateId],
) -> Result<HashMap<TaxRateId, rate::Model>> {
    let found = repository::find_rates(db.reader(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Lists one page of tax rates.
pub async fn list_rates(db: &Database, _: Admin, list: &List) -> Result<Page<rate::Model>> {
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the tax rates that match the filter.
pub async fn count_rates(db: &Database, _: Admin, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), filter).await?)
}

/// Returns whether there are no tax classes.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::classes(db).await?.is_empty())
}

/// Inserts a tax class and its rates. The caller has checked that none of them exists.
pub async fn insert(
    transaction: &Transaction,
    class: Model,
    rates: Vec<rate::Model>,
) -> Result<()> {
    repository::insert_class(transaction, class).await?;
    for rate in rates {
        repository::insert_rate(transaction, rate).await?;
    }
    Ok(())
}

/// Serializes the changes of tax classes and rates until the transaction ends.
async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "taxes").await?)
}
