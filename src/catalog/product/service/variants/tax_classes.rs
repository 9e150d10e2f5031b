//! The tax classes of variants.

use std::collections::HashSet;

use super::set::VariantSet;
use crate::catalog::product::entity::variant::TaxClassId;
use crate::catalog::product::repository::variants as repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::validation::Validator;
use crate::infra::database::Transaction;

/// Returns those of the tax classes that exist, and prevents their deletion until the transaction ends.
pub async fn lock(
    transaction: &Transaction,
    classes: &[TaxClassId],
) -> Result<HashSet<TaxClassId>> {
    if classes.is_empty() {
        return Ok(HashSet::new());
    }
    let found = repository::lock_tax_classes(transaction, classes).await?;
    Ok(found.into_iter().collect())
}

/// Checks that the tax class of a variant exists.
pub async fn check(transaction: &Transaction, class: Option<TaxClassId>) -> Result<()> {
    let Some(class) = class else { return Ok(()) };
    if lock(transaction, &[class]).await?.is_empty() {
        return Err(missing("taxClassId").into());
    }
    Ok(())
}

/// Checks that the tax classes of the variants of a new product exist.
pub async fn check_all(transaction: &Transaction, set: &VariantSet) -> Result<()> {
    let rows = set.variants.iter().map(|(row, _)| row);
    let classes: Vec<_> = rows.filter_map(|row| row.tax_class_id).collect();
    let known = lock(transaction, &classes).await?;
    let mut validator = Validator::default();
    for (index, (row, _)) in set.variants.iter().enumerate() {
        if row
            .tax_class_id
            .is_some_and(|class| !known.contains(&class))
        {
            validator.refuse(missing(&format!("variants.{index}.taxClassId")));
        }
    }
    validator.finish()
}

/// The error of a tax class that does not exist.
pub fn missing(path: &str) -> UserError {
    let message = "There is no such tax class.";
    UserError::new(UserErrorCode::NotFound, path, message)
}
