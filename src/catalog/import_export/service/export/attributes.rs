//! Cells of attributes in an export.

use std::collections::HashMap;

use uuid::Uuid;

use crate::catalog::attribute::entity::{Model, Owner};
use crate::catalog::attribute::service::{self as attribute, Typed};
use crate::catalog::import_export::service::attributes::format;
use crate::catalog::product::ProductId;
use crate::core::error::Result;
use crate::infra::database::Transaction;

/// Returns the attributes that have columns: those of products, in the order of the shop.
pub async fn of_products(transaction: &Transaction) -> Result<Vec<Model>> {
    let mut attributes = attribute::attributes(transaction).await?;
    attributes.retain(|row| row.owner == Owner::Product);
    Ok(attributes)
}

/// Returns the cells of products, in the order of the attributes. Products without values are omitted.
pub async fn cells(
    transaction: &Transaction,
    attributes: &[Model],
    products: &[ProductId],
) -> Result<HashMap<Uuid, Vec<String>>> {
    if attributes.is_empty() {
        return Ok(HashMap::new());
    }
    let owners: Vec<_> = products.iter().map(|id| (id.0, id.0)).collect();
    let found = attribute::of_owners(transaction, Owner::Product, &owners).await?;
    let (mut choices, mut linked, mut categories) = (Vec::new(), Vec::new(), Vec::new());
    for value in found.values().flatten().flat_map(|one| &one.values) {
        match value {
            Typed::Choice(id) => choices.push(*id),
            Typed::Product(id) => linked.push(*id),
            Typed::Category(id) => categories.push(*id),
            Typed::Text(_) | Typed::Number(_) | Typed::Boolean(_) | Typed::Date(_) => {}
        }
    }
    choices.sort_unstable();
    choices.dedup();
    let choices = attribute::find_choices(transaction, &choices).await?;
    let mut slugs = attribute::slugs_of(transaction, "products", &linked).await?;
    slugs.extend(attribute::slugs_of(transaction, "categories", &categories).await?);
    let rows = found.into_iter().map(|(id, assigned)| {
        let cell = |attribute: &Model| {
            let mut assigned = assigned.iter();
            let values = assigned.find(|one| one.attribute.id == attribute.id);
            values.map_or_else(String::new, |one| format(&one.values, &choices, &slugs))
        };
        (id, attributes.iter().map(cell).collect())
    });
    Ok(rows.collect())
}
