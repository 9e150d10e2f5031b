//! Related products.

use std::collections::HashMap;

use super::batch::ProductBatch;
use super::{Details, repository};
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::repository::relations;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::validation::Validator;
use crate::infra::database::{Database, Transaction};

/// The maximum number of related products of a product.
pub const MAX_RELATED: usize = 20;
/// The field of the inputs.
const FIELD: &str = "relatedProductIds";

/// Returns the ids of the related products of these products, regardless of visibility, in their order.
pub async fn related_to(
    db: &Database,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<ProductId>>> {
    Ok(relations::of(db.reader(), products).await?)
}

/// Parses the ids of related products. Of equal ids the first remains.
pub(super) fn check_related(validator: &mut Validator, ids: &[String]) -> Vec<ProductId> {
    if ids.len() > MAX_RELATED {
        let message = format!("At most {MAX_RELATED} related products are allowed.");
        validator.check::<()>(FIELD, Err(message));
        return Vec::new();
    }
    let mut related = Vec::new();
    for id in ids {
        match validator.id(FIELD, id) {
            Some(id) if !related.contains(&id) => related.push(id),
            _ => {}
        }
    }
    related
}

/// Locks the new related products against deletion, with the product itself if it is stored. All are locked in a fixed
/// order, so that two products that get related to each other do not wait for each other.
pub(super) async fn lock_related(
    transaction: &Transaction,
    details: &Details,
    product: Option<ProductId>,
) -> Result<()> {
    let related = details.related.as_deref().unwrap_or_default();
    if related.is_empty() {
        return Ok(());
    }
    if product.is_some_and(|id| related.contains(&id)) {
        let message = "A product can't be related to itself.";
        return Err(UserError::new(UserErrorCode::BadUserInput, FIELD, message).into());
    }
    let ids: Vec<_> = related.iter().copied().chain(product).collect();
    let found = repository::lock_many(transaction, &ids).await?;
    let is_found = |id: &ProductId| found.iter().any(|product| product.id == *id);
    if !related.iter().all(is_found) {
        let message = "There is no such product.";
        return Err(UserError::new(UserErrorCode::NotFound, FIELD, message).into());
    }
    Ok(())
}

impl ProductBatch {
    /// Reads the related products of a product of the batch, before an update replaces them.
    pub(super) async fn load_related(
        &mut self,
        transaction: &Transaction,
        index: usize,
    ) -> Result<()> {
        let id = self.get(index).product.id;
        let mut related = relations::of(transaction, &[id]).await?;
        self.set_related(index, related.remove(&id).unwrap_or_default());
        Ok(())
    }
}
