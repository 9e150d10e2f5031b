//! Inserts the attributes of a new catalog.

use super::type_rows;
use crate::catalog::attribute::entity::{AttributeId, Model, choice, product_type, value};
use crate::catalog::attribute::repository;
use crate::core::error::Result;
use crate::infra::database::Transaction;

/// Inserts the attributes and choices of a new catalog.
pub async fn insert_catalog(
    transaction: &Transaction,
    attributes: Vec<Model>,
    choices: Vec<choice::Model>,
) -> Result<()> {
    repository::insert_attributes(transaction, attributes).await?;
    repository::insert_choices(transaction, choices).await?;
    Ok(())
}

/// Inserts the product types of a new catalog, with their attributes.
pub async fn insert_types(
    transaction: &Transaction,
    types: Vec<(product_type::Model, Vec<AttributeId>)>,
) -> Result<()> {
    for (row, attributes) in types {
        let links = type_rows(row.id, &attributes);
        repository::insert_type(transaction, row, links).await?;
    }
    Ok(())
}

/// Inserts the values of a new catalog, and marks its products to be indexed again.
pub async fn insert_values(transaction: &Transaction, values: Vec<value::Model>) -> Result<()> {
    repository::insert_values(transaction, values).await?;
    for attribute in repository::attributes(transaction).await? {
        if attribute.searchable {
            let products = repository::products_with_attribute(attribute.id);
            repository::reindex(transaction, products).await?;
        }
    }
    Ok(())
}
