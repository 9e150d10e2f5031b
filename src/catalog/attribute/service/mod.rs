//! Attribute service: the use cases of attributes, choices and product types, and the values of products and variants.

mod assigned;
mod attributes;
mod catalog;
mod choices;
mod conditions;
mod entry;
mod product_types;
mod row;
mod texts;
mod values;

pub use assigned::{of_owners, to_rows};
pub use attributes::{AttributeFields, AttributeInput, create, delete, reorder, update};
pub use catalog::{insert_catalog, insert_types, insert_values};
pub use choices::{ChoiceInput, create_choice, delete_choice, reorder_choices, update_choice};
pub use conditions::{ConditionInput, WantedInput, resolve};
pub use product_types::{TypeInput, create_type, delete_type, lock_type, update_type};
pub use texts::{Definitions, text_of, texts};
pub use values::{Assigned, Given, Typed, ValueInput, check_text, check_values, map_missing};

use std::collections::HashMap;

use uuid::Uuid;

use super::entity::{
    AttributeId, ChoiceId, Model, ProductTypeId, choice, product_type, type_attribute,
};
use super::repository;
use crate::core::error::Result;
use crate::infra::database::{Connection, Database};

/// The maximum number of attributes of a shop.
pub const MAX_ATTRIBUTES: usize = 1_000;
/// The maximum number of product types of a shop.
pub const MAX_TYPES: usize = 500;
/// The maximum number of attributes of a product type.
pub const MAX_TYPE_ATTRIBUTES: usize = 100;
/// The maximum number of choices of an attribute.
pub const MAX_CHOICES: usize = 500;
/// The maximum number of values that a product or a variant has of one attribute.
pub const MAX_VALUES: usize = 50;
/// The maximum number of attributes that a product or a variant has values of.
pub const MAX_ASSIGNED: usize = 100;

/// Returns all attributes, in the order of the shop.
pub async fn attributes(db: &impl Connection) -> Result<Vec<Model>> {
    Ok(repository::attributes(db).await?)
}

/// Returns the attributes of `ids`. Unknown ids are omitted.
pub async fn find_attributes(
    db: &impl Connection,
    ids: &[AttributeId],
) -> Result<HashMap<AttributeId, Model>> {
    let found = repository::find_attributes(db, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the attributes with these codes, by code.
pub async fn find_by_codes(
    db: &impl Connection,
    codes: &[String],
) -> Result<HashMap<String, Model>> {
    let found = repository::find_by_codes(db, codes).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.code.clone(), row))
        .collect())
}

/// Returns the ids of the products or categories with these slugs, as the table contains.
pub async fn ids_by_slug(
    db: &impl Connection,
    table: &'static str,
    slugs: &[String],
) -> Result<HashMap<String, Uuid>> {
    let found = repository::slugs_of(db, table, ("slug", slugs.to_vec())).await?;
    Ok(found.into_iter().map(|(id, slug)| (slug, id)).collect())
}

/// Returns the slugs of these products or categories, as the table contains.
pub async fn slugs_of(
    db: &impl Connection,
    table: &'static str,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    let found = repository::slugs_of(db, table, ("id", ids.to_vec())).await?;
    Ok(found.into_iter().collect())
}

/// Returns the choices of `ids`. Unknown ids are omitted.
pub async fn find_choices(
    db: &impl Connection,
    ids: &[ChoiceId],
) -> Result<HashMap<ChoiceId, choice::Model>> {
    let found = repository::find_choices(db, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the choices of these attributes, in the order of the shop.
pub async fn choices_of(
    db: &impl Connection,
    attributes: &[AttributeId],
) -> Result<HashMap<AttributeId, Vec<choice::Model>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for choice in repository::choices_of(db, attributes).await? {
        found.entry(choice.attribute_id).or_default().push(choice);
    }
    Ok(found)
}

/// Returns all product types, by name.
pub async fn product_types(db: &Database) -> Result<Vec<product_type::Model>> {
    Ok(repository::product_types(db.reader()).await?)
}

/// Returns the product types of `ids`. Unknown ids are omitted.
pub async fn find_types(
    db: &Database,
    ids: &[ProductTypeId],
) -> Result<HashMap<ProductTypeId, product_type::Model>> {
    let found = repository::find_types(db.reader(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the attributes of these product types, in their order.
pub async fn attributes_of_types(
    db: &Database,
    types: &[ProductTypeId],
) -> Result<HashMap<ProductTypeId, Vec<Model>>> {
    let links = repository::attributes_of_types(db.reader(), types).await?;
    let ids: Vec<_> = links.iter().map(|link| link.attribute_id).collect();
    let attributes = find_attributes(db.reader(), &ids).await?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for link in links {
        if let Some(attribute) = attributes.get(&link.attribute_id) {
            let of_type = found.entry(link.product_type_id).or_default();
            of_type.push(attribute.clone());
        }
    }
    Ok(found)
}

/// Returns the rows of the attributes of a product type.
fn type_rows(id: ProductTypeId, attributes: &[AttributeId]) -> Vec<type_attribute::Model> {
    let positions = attributes.iter().zip(0..);
    let row = |(attribute, position): (&AttributeId, i32)| type_attribute::Model {
        product_type_id: id,
        attribute_id: *attribute,
        position,
    };
    positions.map(row).collect()
}
