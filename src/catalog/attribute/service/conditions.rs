//! Conditions of filters: from the codes that clients know to ids.

use std::collections::HashSet;

use uuid::Uuid;

use crate::catalog::attribute::entity::{Kind, Model, choice};
use crate::catalog::attribute::list::{AttributeCondition, Wanted};
use crate::catalog::attribute::repository;
use crate::core::error::{Error, Result};
use crate::core::range::Range;
use crate::infra::database::Connection;

/// A condition as a client sends it.
#[derive(Clone, Debug)]
pub struct ConditionInput {
    pub code: String,
    pub values: WantedInput,
}

/// The values that satisfy a condition, as a client sends them.
#[derive(Clone, Debug)]
pub enum WantedInput {
    Texts(Vec<String>),
    /// In millionths.
    Number(Range<i64>),
    Boolean(bool),
    /// The codes of choices.
    Choices(Vec<String>),
    /// In days since 1970.
    Date(Range<i64>),
    Products(Vec<Uuid>),
    Categories(Vec<Uuid>),
}

impl WantedInput {
    const fn kind(&self) -> Kind {
        match self {
            Self::Texts(_) => Kind::Text,
            Self::Number(_) => Kind::Number,
            Self::Boolean(_) => Kind::Boolean,
            Self::Choices(_) => Kind::Choice,
            Self::Date(_) => Kind::Date,
            Self::Products(_) => Kind::ProductReference,
            Self::Categories(_) => Kind::CategoryReference,
        }
    }
}

/// Looks up the attributes and choices that conditions name, with at most two statements. An unknown code matches nothing.
///
/// # Errors
/// `BAD_USER_INPUT` for an attribute of another type and for one that is not filterable. `field` is the path of the list.
pub async fn resolve(
    db: &impl Connection,
    conditions: Vec<ConditionInput>,
    field: &str,
) -> Result<Vec<AttributeCondition>> {
    let codes: HashSet<_> = conditions.iter().map(|one| one.code.clone()).collect();
    let codes: Vec<_> = codes.into_iter().collect();
    let attributes = repository::find_by_codes(db, &codes).await?;
    let with_choices = attributes.iter().filter(|row| row.kind == Kind::Choice);
    let with_choices: Vec<_> = with_choices.map(|row| row.id).collect();
    let choices = repository::choices_of(db, &with_choices).await?;
    let resolved = conditions.into_iter().zip(0..).map(|(one, index)| {
        let attribute = attributes.iter().find(|row| row.code == one.code);
        attribute.map_or_else(
            || Ok(AttributeCondition::unsatisfiable()),
            |attribute| resolve_one(attribute, &choices, one, &format!("{field}.{index}")),
        )
    });
    resolved.collect()
}

fn resolve_one(
    attribute: &Model,
    choices: &[choice::Model],
    condition: ConditionInput,
    field: &str,
) -> Result<AttributeCondition> {
    let refuse = |message: String| Error::bad_input(field, message);
    if !attribute.filterable {
        return Err(refuse(format!(
            "The attribute {:?} is not filterable.",
            attribute.code
        )));
    }
    if attribute.kind != condition.values.kind() {
        return Err(refuse(format!(
            "The attribute {:?} has values of the type {}.",
            attribute.code,
            attribute.kind.as_str()
        )));
    }
    let values = match condition.values {
        WantedInput::Texts(texts) => Wanted::Texts(texts),
        WantedInput::Number(range) => Wanted::Number(range),
        WantedInput::Boolean(value) => Wanted::Boolean(value),
        WantedInput::Choices(codes) => {
            let own = choices
                .iter()
                .filter(|row| row.attribute_id == attribute.id);
            let named = own.filter(|row| codes.contains(&row.code));
            Wanted::Choices(named.map(|row| row.id).collect())
        }
        WantedInput::Date(range) => Wanted::Date(range),
        WantedInput::Products(ids) => Wanted::Products(ids),
        WantedInput::Categories(ids) => Wanted::Categories(ids),
    };
    Ok(AttributeCondition {
        attribute: attribute.id,
        owner: attribute.owner,
        values,
    })
}
