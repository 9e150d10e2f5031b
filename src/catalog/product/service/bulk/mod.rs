//! Updating many products at once.

mod validated_change;

use std::collections::HashMap;

use self::validated_change::{check, too_many};
use super::batch::ProductBatch;
use super::repository;
use super::rules::lock_categories;
use crate::accounts::auth::service as auth;
use crate::catalog::product::entity::{Model, ProductId, Status};
use crate::catalog::product::list::Filter;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// The maximum number of products of one update.
pub const MAX_PRODUCTS: usize = 10_000;

/// The products to update.
#[derive(Clone, Debug)]
pub enum BulkTarget {
    /// Products with these ids, as the client has sent them.
    Ids(Vec<String>),
    /// Products that match a filter.
    Filter(Box<Filter>),
}

/// The change of each product, as the client has sent it. Absent fields keep their values.
#[derive(Clone, Debug)]
pub struct BulkChange {
    pub status: Option<Status>,
    /// ID of the new primary category.
    pub category: Option<String>,
    /// The ids of additional categories to add.
    pub add: Vec<String>,
    /// The ids of additional categories to remove.
    pub remove: Vec<String>,
    /// The change of the price in percent.
    pub price_percent: Option<Decimal>,
    /// Whether no product is changed if one can't be.
    pub reject_all: bool,
}

/// The result of one product.
#[derive(Clone, Debug)]
pub struct BulkRow {
    /// Its id as the client has sent it.
    pub id: String,
    /// The updated product; `None` if there are errors.
    pub product: Option<Model>,
    pub errors: Vec<UserError>,
}

/// The result of all products.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    pub rows: Vec<BulkRow>,
    /// The reasons why no product was changed.
    pub errors: Vec<UserError>,
}

/// Updates many products: all that can be updated, or all or none.
pub async fn update_many(
    state: &State,
    admin: Admin,
    target: BulkTarget,
    change: BulkChange,
) -> Result<BulkOutcome> {
    let reject_all = change.reject_all;
    let (target, change) = check(target, change)?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let filtered = match &target {
        BulkTarget::Filter(filter) => filter.categories(),
        BulkTarget::Ids(_) => Vec::new(),
    };
    let (ids, products) = lock_target(&transaction, target).await?;
    let named = [
        ("filter.categoryIds", filtered.as_slice()),
        ("categoryId", change.category.as_slice()),
        ("addCategoryIds", &change.add),
        ("removeCategoryIds", &change.remove),
    ];
    let indexes = products.iter().map(|product| product.id).zip(0..).collect();
    let mut batch = ProductBatch::load(&transaction, products, now).await?;
    lock_categories(&transaction, &named).await?;
    let rows = ids.into_iter().map(|id| {
        let updated = find(&indexes, &id).and_then(|index| {
            batch.update(index, change.fields(batch.get(index))?);
            Ok(batch.get(index).product.clone())
        });
        let (product, errors) = match updated {
            Ok(product) => (Some(product), Vec::new()),
            Err(error) => (None, vec![error]),
        };
        BulkRow {
            id,
            product,
            errors,
        }
    });
    let rows: Vec<_> = rows.collect();
    let failed = rows.iter().filter(|row| !row.errors.is_empty()).count();
    if reject_all && failed > 0 {
        return Ok(rejected(rows, failed));
    }
    let entries = batch.entries("updateProducts", state.config.shop_currency);
    batch.write(&transaction).await?;
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    auth::lock_admin_shared(&transaction, state, admin).await?;
    transaction.commit().await?;
    let errors = Vec::new();
    Ok(BulkOutcome { rows, errors })
}

/// Returns the ids of the target, and locks and returns its products.
async fn lock_target(
    transaction: &Transaction,
    target: BulkTarget,
) -> Result<(Vec<String>, Vec<Model>)> {
    match target {
        BulkTarget::Ids(ids) => {
            let known = ids.iter().filter_map(|id| ProductId::parse(id, "ids").ok());
            let known: Vec<_> = known.collect();
            let mut products = repository::lock_many(transaction, &known).await?;
            // Audit entries have the order of the input.
            let order: HashMap<_, _> = known.iter().zip(0..).collect::<HashMap<_, usize>>();
            products.sort_by_key(|product| order.get(&product.id));
            Ok((ids, products))
        }
        BulkTarget::Filter(filter) => {
            let limit = MAX_PRODUCTS as u64;
            let products = repository::lock_filtered(transaction, &filter, limit + 1).await?;
            if products.len() > MAX_PRODUCTS {
                let error = UserError::new(UserErrorCode::BadUserInput, "filter", too_many());
                return Err(error.into());
            }
            let ids = products.iter().map(|product| product.id.encode());
            Ok((ids.collect(), products))
        }
    }
}

/// Returns the index of the product with an id that a client has sent.
fn find(indexes: &HashMap<ProductId, usize>, id: &str) -> Result<usize, UserError> {
    let wrong = |wrong: Error| UserError::new(UserErrorCode::BadUserInput, "ids", wrong.message());
    let id = ProductId::parse(id, "ids").map_err(wrong)?;
    let message = "There is no such product.";
    let missing = || UserError::new(UserErrorCode::NotFound, "ids", message);
    indexes.get(&id).copied().ok_or_else(missing)
}

fn rejected(mut rows: Vec<BulkRow>, failed: usize) -> BulkOutcome {
    for row in &mut rows {
        row.product = None;
    }
    let message = format!(
        "No product was updated: {failed} of {} products have errors.",
        rows.len()
    );
    let error = UserError::new(UserErrorCode::Conflict, None, message);
    BulkOutcome {
        rows,
        errors: vec![error],
    }
}
