//! Removing a product.

use super::repository;
use crate::audit::service::{self as audit, Actor, Entry};
use crate::clock::Timestamp;
use crate::database::Transaction;
use crate::error::Result;
use crate::product::entity::Model;
use crate::viewer::Admin;

/// Removes a product that was [locked](super::lock) and that has no pictures any more, with its slugs and its places in
/// categories.
pub async fn delete_in(
    transaction: &Transaction,
    admin: Admin,
    product: &Model,
    now: Timestamp,
) -> Result<()> {
    repository::delete(transaction, product.id).await?;
    let entry = Entry::new("deleteProduct")
        .about(product.id)
        .called(&product.name);
    audit::record(transaction, Actor::Admin(admin), [entry], now).await
}
