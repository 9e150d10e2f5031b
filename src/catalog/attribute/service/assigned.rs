//! The values of products and variants: as rows, and in the order of the shop.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::values::{Assigned, Typed};
use crate::catalog::attribute::entity::{AttributeId, Model, Owner, value};
use crate::catalog::attribute::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::uuid_v7;
use crate::infra::database::Connection;

/// Returns the rows of values. `id` is that of the product or the variant.
pub fn to_rows(owner: Owner, id: Uuid, assigned: &Assigned, now: Timestamp) -> Vec<value::Model> {
    let row = |(typed, position): (&Typed, i32)| {
        let mut row = value::Model {
            id: uuid_v7(now),
            attribute_id: assigned.attribute.id,
            product_id: (owner == Owner::Product).then_some(id),
            variant_id: (owner == Owner::Variant).then_some(id),
            position,
            text_value: None,
            number_value: None,
            boolean_value: None,
            choice_id: None,
            date_value: None,
            referenced_product_id: None,
            referenced_category_id: None,
        };
        match typed {
            Typed::Text(text) => row.text_value = Some(text.clone()),
            Typed::Number(number) => row.number_value = Some(*number),
            Typed::Boolean(value) => row.boolean_value = Some(*value),
            Typed::Choice(id) => row.choice_id = Some(*id),
            Typed::Date(days) => row.date_value = Some(*days),
            Typed::Product(id) => row.referenced_product_id = Some(*id),
            Typed::Category(id) => row.referenced_category_id = Some(*id),
        }
        row
    };
    assigned.values.iter().zip(0..).map(row).collect()
}

fn typed(row: value::Model) -> Option<Typed> {
    let text = row.text_value.map(Typed::Text);
    text.or(row.number_value.map(Typed::Number))
        .or(row.boolean_value.map(Typed::Boolean))
        .or(row.choice_id.map(Typed::Choice))
        .or(row.date_value.map(Typed::Date))
        .or(row.referenced_product_id.map(Typed::Product))
        .or(row.referenced_category_id.map(Typed::Category))
}

/// Returns the values of products or variants, each given with its product, with three statements. The attributes are in
/// the order of the product type; others follow in the order of the shop.
pub async fn of_owners(
    db: &impl Connection,
    owner: Owner,
    owners: &[(Uuid, Uuid)],
) -> Result<HashMap<Uuid, Vec<Assigned>>> {
    let ids: Vec<_> = owners.iter().map(|(id, _)| *id).collect();
    let rows = repository::values_of(db, owner, &ids).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let attributes: HashSet<_> = rows.iter().map(|row| row.attribute_id).collect();
    let attributes: Vec<_> = attributes.into_iter().collect();
    let attributes = repository::find_attributes(db, &attributes).await?;
    let ranks = attributes.iter().zip(0..);
    let ranks: HashMap<AttributeId, (i32, &Model)> =
        ranks.map(|(row, rank)| (row.id, (rank, row))).collect();
    let products: HashSet<_> = owners.iter().map(|(_, product)| *product).collect();
    let products: Vec<_> = products.into_iter().collect();
    let order = repository::order_of(db, &products).await?;
    let product_of: HashMap<_, _> = owners.iter().copied().collect();
    let mut found: HashMap<Uuid, Vec<Assigned>> = HashMap::new();
    for row in rows {
        let id = row.product_id.or(row.variant_id).unwrap_or_default();
        // A missing attribute was deleted since the values were read.
        let Some((_, attribute)) = ranks.get(&row.attribute_id) else {
            continue;
        };
        let of_owner = found.entry(id).or_default();
        let Some(value) = typed(row) else { continue };
        match of_owner.last_mut() {
            Some(last) if last.attribute.id == attribute.id => last.values.push(value),
            _ => of_owner.push(Assigned {
                attribute: (*attribute).clone(),
                values: vec![value],
            }),
        }
    }
    for (id, assigned) in &mut found {
        let product = product_of.get(id).copied().unwrap_or_default();
        assigned.sort_by_key(|assigned| {
            let id = assigned.attribute.id;
            let in_type = order.get(&(product, id)).copied().unwrap_or(i32::MAX);
            (in_type, ranks.get(&id).map(|(rank, _)| *rank))
        });
    }
    Ok(found)
}
