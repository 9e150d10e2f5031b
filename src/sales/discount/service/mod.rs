//! Discount service: the use cases of discounts, those of a cart, and their uses by orders.

mod candidates;
mod edit;
mod entry;
mod fields;
mod uses;

pub use candidates::{Candidates, candidates};
pub use edit::{CreateDiscount, UpdateDiscount, create, delete, insert, update};
pub use fields::{DiscountInput, MAX_CODE};
pub use uses::{claim, forget_customers, give_back};

use std::collections::HashMap;

use super::entity::{DiscountId, Model, target};
use super::list::{Filter, List};
use super::repository;
use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::core::error::Result;
use crate::core::pagination::{Page, Total};
use crate::core::viewer::Admin;
use crate::infra::database::{Connection, Database};

/// A discount with its targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    pub row: Model,
    /// Discounted are the products of these categories and of those below them.
    pub categories: Vec<CategoryId>,
    pub products: Vec<ProductId>,
}

/// Returns the discounts of `ids`. Unknown ids are omitted.
pub async fn find_many(db: &Database, ids: &[DiscountId]) -> Result<HashMap<DiscountId, Discount>> {
    let rows = repository::find_many(db.reader(), ids).await?;
    let discounts = with_targets(db.reader(), rows).await?;
    let discounts = discounts.into_iter();
    Ok(discounts
        .map(|discount| (discount.row.id, discount))
        .collect())
}

/// Lists one page of discounts.
pub async fn list(db: &Database, _: Admin, list: &List) -> Result<Page<Model>> {
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the discounts that match the filter.
pub async fn count(db: &Database, _: Admin, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), filter).await?)
}

/// Returns whether there are no discounts.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::is_empty(db).await?)
}

async fn with_targets(db: &impl Connection, rows: Vec<Model>) -> Result<Vec<Discount>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut targets: HashMap<_, Vec<target::Model>> = HashMap::new();
    for target in repository::targets_of(db, &ids).await? {
        targets.entry(target.discount_id).or_default().push(target);
    }
    let discounts = rows.into_iter().map(|row| {
        let targets = targets.remove(&row.id).unwrap_or_default();
        Discount {
            row,
            categories: targets
                .iter()
                .filter_map(|target| target.category_id)
                .collect(),
            products: targets
                .iter()
                .filter_map(|target| target.product_id)
                .collect(),
        }
    });
    Ok(discounts.collect())
}
