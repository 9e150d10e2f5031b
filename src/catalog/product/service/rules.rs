//! Validation of products, and conflicts with other products.

use std::collections::HashSet;

use crate::catalog::category::entity::Model as Category;
use crate::catalog::category::{self, CategoryId};
use crate::catalog::product::entity::{Model, ProductId};
use crate::catalog::product::repository;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::validation::Validator;
use crate::infra::database::{DbError, Transaction, violates_unique_constraint};

/// Maximum number of additional categories of a product.
pub const MAX_CATEGORIES: usize = 50;

/// Validates a stock.
pub(super) fn check_stock(stock: i32) -> Result<i32, &'static str> {
    if stock < 0 {
        return Err("The stock must be at least 0.");
    }
    Ok(stock)
}

/// Parses the IDs of additional categories.
pub(super) fn check_categories(
    validator: &mut Validator,
    field: &str,
    ids: &[String],
) -> Vec<CategoryId> {
    if ids.len() > MAX_CATEGORIES {
        let message = format!("At most {MAX_CATEGORIES} categories are allowed.");
        validator.check::<()>(field, Err(message));
        return Vec::new();
    }
    ids.iter()
        .filter_map(|id| validator.id(field, id))
        .collect()
}

/// Locks these categories against deletion until the transaction ends. Reports the fields with unknown categories.
pub(super) async fn lock_categories(
    transaction: &Transaction,
    named: &[(&str, &[CategoryId])],
) -> Result<Vec<Category>> {
    let all: HashSet<_> = named.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let all: Vec<_> = all.into_iter().collect();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let held = category::service::lock_shared(transaction, &all).await?;
    let mut validator = Validator::default();
    for (field, ids) in named {
        let exists = |id: &CategoryId| held.iter().any(|category| category.id == *id);
        if !ids.iter().all(exists) {
            let message = "There is no such category.";
            validator.refuse(UserError::new(UserErrorCode::NotFound, *field, message));
        }
    }
    validator.finish()?;
    Ok(held)
}

/// Returns a product, locked against changes until the transaction ends, if it has the expected version.
pub async fn lock(
    transaction: &Transaction,
    id: ProductId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let product = repository::lock(transaction, id).await?;
    let missing = || UserError::new(UserErrorCode::NotFound, "id", "There is no such product.");
    let product = product.ok_or_else(missing)?;
    match expected_version {
        Some(expected) if expected != product.version => {
            Err(UserError::stale(product.version).into())
        }
        _ => Ok(product),
    }
}

/// Rejects a slug and a SKU that other products have. Reports both at once.
pub(super) async fn check_unique(transaction: &Transaction, product: &Model) -> Result<()> {
    let conflicts = repository::find_conflicts(transaction, product).await?;
    let mut validator = Validator::default();
    if conflicts.slug {
        validator.refuse(slug_taken());
    }
    if conflicts.sku {
        validator.refuse(sku_taken());
    }
    validator.finish()
}

/// Converts a violated unique constraint to a user error. It occurs if a concurrent transaction was faster.
pub(super) fn map_unique_violation(error: DbError) -> Error {
    if violates_unique_constraint(&error, "products_slug_key", "products.slug") {
        slug_taken().into()
    } else if violates_unique_constraint(&error, "products_sku_key", "products.sku")
        || violates_unique_constraint(&error, "variants_sku_key", "variants.sku")
    {
        sku_taken().into()
    } else if violates_unique_constraint(
        &error,
        "product_option_values_option_id_name_key_key",
        "product_option_values.name_key",
    ) || violates_unique_constraint(
        &error,
        "product_options_product_id_name_key_key",
        "product_options.name_key",
    ) {
        let message = "Names can't be exchanged in one step. Give one of them another name first.";
        UserError::new(UserErrorCode::Conflict, "options", message).into()
    } else if violates_unique_constraint(
        &error,
        "variants_product_id_combination_key",
        "variants.combination",
    ) {
        let message = "Another variant of the product has these values.";
        UserError::new(UserErrorCode::Conflict, "options", message).into()
    } else {
        error.into()
    }
}

pub(super) fn slug_taken() -> UserError {
    let message = "Another product has this slug.";
    UserError::new(UserErrorCode::Conflict, "slug", message)
}

pub(super) fn sku_taken() -> UserError {
    let message = "Another variant has this SKU.";
    UserError::new(UserErrorCode::Conflict, "sku", message)
}
