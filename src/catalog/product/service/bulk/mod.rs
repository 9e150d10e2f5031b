//! Updating many products at once.

mod validated_change;

use std::collections::HashMap;

use self::validated_change::{ValidatedChange, check, too_many};
use super::batch::ProductBatch;
use super::repository;
use super::rules::lock_categories;
use super::variants::VariantSet;
use super::variants::changes::Reason;
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
    let reason = Reason::counted(Some(admin.user()));
    let mut sets = lock_variants(&transaction, &products, &change).await?;
    let mut batch = ProductBatch::load(&transaction, products, (now, reason)).await?;
    lock_categories(&transaction, &named).await?;
    let rows = ids.into_iter().map(|id| {
        let updated = find(&indexes, &id).and_then(|index| {
            let fields = change.fields(batch.get(index))?;
            let variants = sets.remove(&batch.get(index).product.id);
            let raised = variants.map(|before| {
                let after = change.raise_prices(&before, now)?;
                Ok::<_, UserError>((before, after))
            });
            let raised = raised.transpose()?;
            batch.update(index, fields);
            if let Some((before, after)) = raised.filter(|(before, after)| before != after) {
                batch.set_variants(index, before, after);
            }
            Ok(index)
        });
        (id, updated)
    });
    let rows: Vec<_> = rows.collect();
    let failed = rows.iter().filter(|(_, updated)| updated.is_err()).count();
    if reject_all && failed > 0 {
        return Ok(rejected(rows, failed));
    }
    batch.complete(&transaction).await?;
    let rows = rows.into_iter().map(|(id, updated)| match updated {
        Ok(index) => BulkRow {
            id,
            product: Some(batch.get(index).product.clone()),
            errors: Vec::new(),
        },
        Err(error) => BulkRow {
            id,
            product: None,
            errors: vec![error],
        },
    });
    let rows: Vec<_> = rows.collect();
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

fn rejected(rows: Vec<(String, Result<usize, UserError>)>, failed: usize) -> BulkOutcome {
    let message = format!(
        "No product was updated: {failed} of {} products have errors.",
        rows.len()
    );
    let rows = rows.into_iter().map(|(id, updated)| BulkRow {
        id,
        product: None,
        errors: updated.err().into_iter().collect(),
    });
    let error = UserError::new(UserErrorCode::Conflict, None, message);
    BulkOutcome {
        rows: rows.collect(),
        errors: vec![error],
    }
}

/// Returns the variants of the products with several, if their prices change.
async fn lock_variants(
    transaction: &Transaction,
    products: &[Model],
    change: &ValidatedChange,
) -> Result<HashMap<ProductId, VariantSet>> {
    let several = products
        .iter()
        .filter(|product| product.variant_count > 1 && change.changes_prices());
    let several: Vec<_> = several.map(|product| product.id).collect();
    VariantSet::lock_many(transaction, &several).await
}
