//! Bulk updates of products.

mod checked;

use std::collections::HashMap;

use self::checked::{Placed, check, too_many};
use super::entry::{entry, with_categories};
use super::repository;
use super::rules::{hold_categories, links};
use crate::accounts::auth::service as auth;
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::{Model, ProductId, Status};
use crate::catalog::product::list::Filter;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// Maximum number of products in a bulk update.
pub const MAX_PRODUCTS: usize = 10_000;

/// The products to change.
#[derive(Clone, Debug)]
pub enum BulkTarget {
    /// Products with these IDs, not validated.
    Ids(Vec<String>),
    /// Products that match a filter.
    Filter(Filter),
}

/// The change to apply to each product, not validated. Absent fields stay unchanged.
#[derive(Clone, Debug)]
pub struct BulkChange {
    pub status: Option<Status>,
    /// ID of the new primary category.
    pub category: Option<String>,
    /// IDs of categories to add.
    pub add: Vec<String>,
    /// IDs of categories to remove.
    pub remove: Vec<String>,
    /// Price change in percent.
    pub price_percent: Option<Decimal>,
    /// Whether to change no product if one of them fails.
    pub reject_all: bool,
}

/// Result for one product.
#[derive(Clone, Debug)]
pub struct BulkRow {
    /// ID of the product, as sent.
    pub id: String,
    /// The product after the update. `None` if it was not changed because of an error.
    pub product: Option<Model>,
    pub errors: Vec<UserError>,
}

/// Result of a bulk update.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    pub rows: Vec<BulkRow>,
    /// Errors that prevented all changes.
    pub errors: Vec<UserError>,
}

/// Updates many products: all that can be changed, or all or none.
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
    let before = place(&transaction, products).await?;
    hold_categories(&transaction, &named).await?;
    let mut after = Vec::new();
    let mut rows = Vec::new();
    for id in ids {
        let known = find(&before, &id);
        let (product, errors) = match known.and_then(|row| change.apply(row)) {
            Ok(placed) => {
                let product = after_edit(&before, placed, now, &mut after);
                (Some(product), Vec::new())
            }
            Err(error) => (None, vec![error]),
        };
        rows.push(BulkRow {
            id,
            product,
            errors,
        });
    }
    let failed = rows.iter().filter(|row| !row.errors.is_empty()).count();
    if reject_all && failed > 0 {
        return Ok(rejected(rows, failed));
    }
    store(&transaction, &before, after.clone()).await?;
    let entries = after.iter().filter_map(|placed| {
        let before = before.get(&placed.product.id)?;
        Some(describe(before, placed, state))
    });
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    auth::hold_admin(&transaction, state, admin).await?;
    transaction.commit().await?;
    let errors = Vec::new();
    Ok(BulkOutcome { rows, errors })
}

/// Locks the target products until the transaction ends. Returns their IDs as sent, and the existing products.
async fn lock_target(
    transaction: &Transaction,
    target: BulkTarget,
) -> Result<(Vec<String>, Vec<Model>)> {
    match target {
        BulkTarget::Ids(ids) => {
            let known = ids.iter().filter_map(|id| ProductId::parse(id, "ids").ok());
            let known: Vec<_> = known.collect();
            let products = repository::lock_many(transaction, &known).await?;
            Ok((ids, products))
        }
        BulkTarget::Filter(filter) => {
            let most = MAX_PRODUCTS as u64;
            let products = repository::lock_filtered(transaction, &filter, most + 1).await?;
            if products.len() > MAX_PRODUCTS {
                let error = UserError::new(UserErrorCode::BadUserInput, "filter", too_many());
                return Err(error.into());
            }
            let ids = products.iter().map(|product| product.id.encode());
            Ok((ids.collect(), products))
        }
    }
}

/// Loads the additional categories of these products.
async fn place(
    transaction: &Transaction,
    products: Vec<Model>,
) -> Result<HashMap<ProductId, Placed>> {
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let mut further: HashMap<ProductId, Vec<CategoryId>> = HashMap::new();
    for link in repository::links_of(transaction, &ids).await? {
        let all = further.entry(link.product_id).or_default();
        all.push(link.category_id);
    }
    let place = |product: Model| {
        let mut further = further.remove(&product.id).unwrap_or_default();
        further.retain(|id| *id != product.category_id);
        (product.id, Placed { product, further })
    };
    Ok(products.into_iter().map(place).collect())
}

/// Returns the product with this ID.
fn find<'a>(products: &'a HashMap<ProductId, Placed>, id: &str) -> Result<&'a Placed, UserError> {
    let wrong = |wrong: Error| UserError::new(UserErrorCode::BadUserInput, "ids", wrong.message());
    let id = ProductId::parse(id, "ids").map_err(wrong)?;
    let message = "There is no such product.";
    let missing = || UserError::new(UserErrorCode::NotFound, "ids", message);
    products.get(&id).ok_or_else(missing)
}

/// Adds a changed product to `after` with a new version. Returns the product as it will be stored.
fn after_edit(
    before: &HashMap<ProductId, Placed>,
    mut placed: Placed,
    now: Timestamp,
    after: &mut Vec<Placed>,
) -> Model {
    if before.get(&placed.product.id) != Some(&placed) {
        placed.product.version += 1;
        placed.product.updated_at = now;
        after.push(placed.clone());
    }
    placed.product
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

async fn store(
    transaction: &Transaction,
    before: &HashMap<ProductId, Placed>,
    after: Vec<Placed>,
) -> Result<()> {
    let is_moved = |placed: &&Placed| {
        before.get(&placed.product.id).is_none_or(|old| {
            old.further != placed.further || old.product.category_id != placed.product.category_id
        })
    };
    let moved: Vec<_> = after.iter().filter(is_moved).collect();
    let ids: Vec<_> = moved.iter().map(|placed| placed.product.id).collect();
    let links = moved
        .iter()
        .flat_map(|placed| links(&placed.product, &placed.further));
    repository::delete_categories(transaction, &ids).await?;
    repository::insert_categories(transaction, links.collect()).await?;
    let products = after.into_iter().map(|placed| placed.product).collect();
    Ok(repository::save_many(transaction, products).await?)
}

fn describe(before: &Placed, after: &Placed, state: &State) -> Entry {
    let currency = state.config.shop_currency;
    let (old, new) = (&before.product, &after.product);
    let entry = entry("updateProducts", Some(old), Some(new), currency);
    let (old, new) = ((old, &*before.further), (new, &*after.further));
    with_categories(entry, Some(old), Some(new))
}
