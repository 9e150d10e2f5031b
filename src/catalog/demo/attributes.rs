//! The attributes of the demo catalog: two product types, and values of some products.

use std::collections::HashMap;

use anyhow::anyhow;

use super::{ATTRIBUTES, VALUES};
use crate::catalog::attribute::entity::{
    AttributeId, ChoiceId, Kind, Model, Owner, ProductTypeId, choice, product_type, value,
};
use crate::catalog::attribute::service::{self as attribute, Assigned, Typed};
use crate::catalog::import_export::service::csv_rows;
use crate::catalog::product::entity::Model as Product;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::text;
use crate::infra::database::Transaction;

/// The product types: slug, name, and the number of the first attributes that they have.
const TYPES: [(&str, &str, usize); 2] = [
    ("kitchenware", "Kitchenware", 5),
    ("furnishings", "Furnishings", 2),
];

/// The attributes as rows of the database.
#[derive(Default)]
pub struct Rows {
    attributes: Vec<Model>,
    choices: Vec<choice::Model>,
    types: Vec<(product_type::Model, Vec<AttributeId>)>,
    values: Vec<value::Model>,
}

impl Rows {
    /// Reads the attributes and the values of these products, and sets their product types.
    pub async fn read(products: &mut [Product], now: Timestamp) -> Result<Self> {
        let mut rows = Self::default();
        for row in csv_rows(ATTRIBUTES).await? {
            rows.add_attribute(row, now)?;
        }
        for (slug, name, count) in TYPES {
            let row = product_type::Model {
                id: ProductTypeId::generate(now),
                name: name.to_owned(),
                name_key: text::sort_key(name),
                slug: slug.to_owned(),
                version: 1,
                created_at: now,
                updated_at: now,
            };
            let attributes = rows.attributes.iter().take(count);
            let attributes = attributes.map(|attribute| attribute.id).collect();
            rows.types.push((row, attributes));
        }
        let indexes = products.iter().map(|row| row.slug.clone()).zip(0..);
        let indexes: HashMap<String, usize> = indexes.collect();
        for row in csv_rows(VALUES).await? {
            let index = indexes.get(&row[0]).copied();
            let product = index.and_then(|index| products.get_mut(index));
            let product = product.ok_or_else(|| invalid(&row[0]))?;
            rows.add_values(product, row, now)?;
        }
        Ok(rows)
    }

    /// Inserts the attributes and product types, before the products.
    pub async fn insert_definitions(&mut self, transaction: &Transaction) -> Result<()> {
        let attributes = std::mem::take(&mut self.attributes);
        let choices = std::mem::take(&mut self.choices);
        attribute::insert_catalog(transaction, attributes, choices).await?;
        attribute::insert_types(transaction, std::mem::take(&mut self.types)).await
    }

    /// Inserts the values, after the products.
    pub async fn insert_values(self, transaction: &Transaction) -> Result<()> {
        attribute::insert_values(transaction, self.values).await
    }

    fn add_attribute(&mut self, row: [String; 5], now: Timestamp) -> Result<()> {
        let [code, name, kind, unit, choices] = row;
        let kind = match kind.as_str() {
            "CHOICE" => Kind::Choice,
            "NUMBER" => Kind::Number,
            "BOOLEAN" => Kind::Boolean,
            _ => return Err(invalid(&kind)),
        };
        let id = AttributeId::generate(now);
        let choices = choices.split('|').filter(|part| !part.is_empty());
        for (part, position) in choices.zip(0..) {
            let mut parts = part.splitn(3, ':').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_default();
            let (code, name, swatch) = (next(), next(), next());
            self.choices.push(choice::Model {
                id: ChoiceId::generate(now),
                attribute_id: id,
                name_key: text::sort_key(&name),
                name,
                code,
                swatch: Some(swatch).filter(|swatch| !swatch.is_empty()),
                position,
                version: 1,
            });
        }
        self.attributes.push(Model {
            id,
            name,
            code,
            kind,
            owner: Owner::Product,
            unit: Some(unit).filter(|unit| !unit.is_empty()),
            multiple: false,
            searchable: kind == Kind::Choice,
            filterable: true,
            position: i32::try_from(self.attributes.len()).map_err(Error::internal)?,
            version: 1,
            created_at: now,
            updated_at: now,
        });
        Ok(())
    }

    fn add_values(
        &mut self,
        product: &mut Product,
        row: [String; 7],
        now: Timestamp,
    ) -> Result<()> {
        let [_, kind, cells @ ..] = row;
        let mut types = self.types.iter();
        let found = types.find(|(row, _)| row.slug == kind);
        let (kind, _) = found.ok_or_else(|| invalid(&kind))?;
        product.product_type_id = Some(kind.id);
        for (attribute, cell) in self.attributes.iter().zip(cells) {
            if cell.is_empty() {
                continue;
            }
            let value = match attribute.kind {
                Kind::Choice => {
                    let mut choices = self.choices.iter();
                    let choice = choices
                        .find(|row| row.attribute_id == attribute.id && row.code == cell)
                        .ok_or_else(|| invalid(&cell))?;
                    Typed::Choice(choice.id)
                }
                Kind::Number => {
                    let number: Decimal = cell.parse().map_err(|_| invalid(&cell))?;
                    Typed::Number(number.to_millionths().map_err(|_| invalid(&cell))?)
                }
                _ => Typed::Boolean(cell == "true"),
            };
            let assigned = Assigned {
                attribute: attribute.clone(),
                values: vec![value],
            };
            let rows = attribute::to_rows(Owner::Product, product.id.0, &assigned, now);
            self.values.extend(rows);
        }
        Ok(())
    }
}

fn invalid(cell: &str) -> Error {
    Error::internal(anyhow!("{cell:?} in the attributes of the demo"))
}
