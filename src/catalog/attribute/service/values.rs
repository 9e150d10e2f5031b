//! New values of products and variants, checked against their attributes.

use std::collections::HashSet;

use uuid::Uuid;

use super::{MAX_VALUES, repository, row};
use crate::catalog::attribute::entity::{ChoiceId, Kind, Model, Owner, choice};
use crate::catalog::category::CategoryId;
use crate::core::date::Date;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::decode;
use crate::core::money::Decimal;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::infra::database::{Connection, DbError, is_foreign_key_violation};

/// The maximum length of a text value in characters.
const MAX_TEXT: usize = 500;

/// A value, as its column stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Text(String),
    /// In millionths.
    Number(i64),
    Boolean(bool),
    Choice(ChoiceId),
    /// In days since 1970.
    Date(i64),
    Product(Uuid),
    Category(Uuid),
}

/// An attribute and the values that a product or a variant has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    pub attribute: Model,
    pub values: Vec<Typed>,
}

/// The new values of an attribute, as a client sends them. Null removes the values.
#[derive(Clone, Debug)]
pub struct ValueInput {
    pub code: String,
    pub values: Patch<Given>,
}

/// Values as a client sends them.
#[derive(Clone, Debug)]
pub enum Given {
    Text(String),
    Number(Decimal),
    Boolean(bool),
    /// Codes.
    Choices(Vec<String>),
    Date(Date),
    /// Ids.
    Products(Vec<String>),
    /// Ids.
    Categories(Vec<String>),
}

impl Given {
    /// Returns the type of the values, and the field of the input.
    const fn kind(&self) -> (Kind, &'static str) {
        match self {
            Self::Text(_) => (Kind::Text, "text"),
            Self::Number(_) => (Kind::Number, "number"),
            Self::Boolean(_) => (Kind::Boolean, "boolean"),
            Self::Choices(_) => (Kind::Choice, "choices"),
            Self::Date(_) => (Kind::Date, "date"),
            Self::Products(_) => (Kind::ProductReference, "productIds"),
            Self::Categories(_) => (Kind::CategoryReference, "categoryIds"),
        }
    }
}

/// Checks the new values of a product or a variant. `field` is the path of the list.
///
/// # Errors
/// Each invalid value with its path, such as `values.0.choices`.
pub async fn check_values(
    db: &impl Connection,
    owner: Owner,
    inputs: Vec<ValueInput>,
    field: &str,
) -> Result<Vec<Assigned>> {
    let codes: Vec<_> = inputs.iter().map(|input| input.code.clone()).collect();
    let attributes = repository::find_by_codes(db, &codes).await?;
    let ids: Vec<_> = attributes.iter().map(|row| row.id).collect();
    let choices = repository::choices_of(db, &ids).await?;
    let (mut validator, mut seen) = (Validator::default(), HashSet::new());
    let mut checked = Vec::new();
    for (index, input) in inputs.into_iter().enumerate() {
        let path = format!("{field}.{index}");
        let code = format!("{path}.code");
        let found = attributes.iter().find(|row| row.code == input.code);
        let Some(attribute) = found else {
            validator.refuse(row::missing(&code, "attribute"));
            continue;
        };
        if attribute.owner != owner {
            let owner = attribute.owner.as_str();
            let message = format!("The attribute has values of the owner {owner}.");
            validator.check::<()>(&code, Err(message));
        } else if !seen.insert(attribute.id) {
            validator.check::<()>(&code, Err("The attribute is listed twice."));
        } else {
            let own = choices
                .iter()
                .filter(|row| row.attribute_id == attribute.id);
            let own: Vec<_> = own.collect();
            let values = check_one(&mut validator, attribute, &own, input.values, &path);
            checked.push((path, attribute, values.unwrap_or_default()));
        }
    }
    check_references(db, &mut validator, &checked).await?;
    validator.finish()?;
    let assigned = checked.into_iter().map(|(_, attribute, values)| Assigned {
        attribute: attribute.clone(),
        values,
    });
    Ok(assigned.collect())
}

fn check_one(
    validator: &mut Validator,
    attribute: &Model,
    choices: &[&choice::Model],
    values: Patch<Given>,
    path: &str,
) -> Option<Vec<Typed>> {
    let given = match values {
        Patch::Clear => return Some(Vec::new()),
        Patch::Keep => {
            let message = "A value is required, or null to remove it.";
            return validator.check(path, Err(message));
        }
        Patch::Set(given) => given,
    };
    let (kind, name) = given.kind();
    let field = format!("{path}.{name}");
    if kind != attribute.kind {
        let message = format!(
            "The attribute has values of the type {}.",
            attribute.kind.as_str()
        );
        return validator.check(&field, Err(message));
    }
    let mut values = match given {
        Given::Text(text) => {
            let text = validator.check(&field, check_text(&text))?;
            vec![Typed::Text(text)]
        }
        Given::Number(number) => {
            vec![Typed::Number(
                validator.check(&field, number.to_millionths())?,
            )]
        }
        Given::Boolean(value) => vec![Typed::Boolean(value)],
        Given::Date(date) => vec![Typed::Date(date.days())],
        Given::Choices(codes) => {
            let found = codes.iter().map(|code| {
                let found = choices.iter().find(|choice| choice.code == *code);
                if found.is_none() {
                    validator.refuse(row::missing(&field, "choice"));
                }
                found.map(|choice| Typed::Choice(choice.id))
            });
            found
                .collect::<Vec<_>>()
                .into_iter()
                .collect::<Option<_>>()?
        }
        Given::Products(ids) => ids
            .iter()
            .map(|id| product_id(validator, &field, id).map(Typed::Product))
            .collect::<Option<_>>()?,
        Given::Categories(ids) => ids
            .iter()
            .map(|id| validator.id::<CategoryId>(&field, id))
            .map(|id| id.map(|id| Typed::Category(id.into())))
            .collect::<Option<_>>()?,
    };
    let mut distinct = Vec::new();
    values.retain(|value| {
        let is_new = !distinct.contains(value);
        distinct.push(value.clone());
        is_new
    });
    let max = if attribute.multiple { MAX_VALUES } else { 1 };
    if values.len() > max {
        let message = format!("At most {max} values of the attribute are allowed.");
        return validator.check(&field, Err(message));
    }
    Some(values)
}

/// Validates a text.
pub fn check_text(text: &str) -> Result<String, String> {
    text::check_line(text, MAX_TEXT)
}

/// Parses the id of a product, whose type belongs to the feature `product`.
fn product_id(validator: &mut Validator, field: &str, id: &str) -> Option<Uuid> {
    match decode(id) {
        Some(("prod", uuid)) => Some(uuid),
        _ => validator.check(field, Err("This is not the id of a product.")),
    }
}

/// Reports the fields with products and categories that do not exist.
async fn check_references(
    db: &impl Connection,
    validator: &mut Validator,
    checked: &[(String, &Model, Vec<Typed>)],
) -> Result<()> {
    type Pick = fn(&Typed) -> Option<Uuid>;
    let product: Pick = |value| match value {
        Typed::Product(id) => Some(*id),
        _ => None,
    };
    let category: Pick = |value| match value {
        Typed::Category(id) => Some(*id),
        _ => None,
    };
    for (table, name, noun, pick) in [
        ("products", "productIds", "product", product),
        ("categories", "categoryIds", "category", category),
    ] {
        let all = checked.iter().flat_map(|(.., values)| values);
        let ids: Vec<_> = all.filter_map(pick).collect();
        let existing = repository::existing_ids(db, table, &ids).await?;
        for (path, _, values) in checked {
            let mut named = values.iter().filter_map(pick);
            if named.any(|id| !existing.contains(&id)) {
                validator.refuse(row::missing(&format!("{path}.{name}"), noun));
            }
        }
    }
    Ok(())
}

/// Converts the error of a write: something that the values refer to was deleted since they were checked.
pub fn map_missing(error: DbError, field: &str) -> Error {
    if is_foreign_key_violation(&error) {
        let message = "An attribute, a choice or a referenced object was deleted meanwhile.";
        return UserError::new(UserErrorCode::NotFound, field, message).into();
    }
    error.into()
}
