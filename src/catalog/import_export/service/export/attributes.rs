//! Cells of attributes in an export.

use std::collections::HashMap;

use uuid::Uuid;

use crate::catalog::attribute::entity::{Model, Owner};
use crate::catalog::attribute::service::{self as attribute, Typed};
use crate::catalog::import_export::service::attributes::SEPARATOR;
use crate::core::error::Result;
use crate::infra::database::Transaction;

/// Returns the attributes that have columns, in the order of the shop.
pub async fn exported(transaction: &Transaction, with_variants: bool) -> Result<Vec<Model>> {
    let mut attributes = attribute::attributes(transaction).await?;
    attributes.retain(|row| with_variants || row.owner == Owner::Product);
    Ok(attributes)
}

/// The cells of products or variants, in the order of the attributes. Those without values are omitted.
pub type Cells = HashMap<Uuid, Vec<String>>;

/// Returns the cells of products or variants, each given with its product. The cells of attributes of others are empty.
pub async fn cells(
    transaction: &Transaction,
    attributes: &[Model],
    owner: Owner,
    owners: &[(Uuid, Uuid)],
) -> Result<Cells> {
    if owners.is_empty() || !attributes.iter().any(|row| row.owner == owner) {
        return Ok(HashMap::new());
    }
    let found = attribute::of_owners(transaction, owner, owners).await?;
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

/// Returns the values of a product as a cell: codes of choices and slugs of referenced objects.
fn format(
    values: &[Typed],
    choices: &attribute::Definitions,
    slugs: &HashMap<Uuid, String>,
) -> String {
    let code = |id| {
        let choice = choices.get(&id);
        choice.map(|choice| choice.code.clone()).unwrap_or_default()
    };
    let slug = |id| slugs.get(&id).cloned().unwrap_or_default();
    attribute::texts(values, code, slug, slug).join(SEPARATOR)
}
