//! Inputs of values, and of conditions on values in filters.

use async_graphql::{ID, InputObject, MaybeUndefined};
use uuid::Uuid;

use crate::catalog::attribute::list::{MAX_CONDITION_VALUES, MAX_CONDITIONS};
use crate::catalog::attribute::service::{ConditionInput, Given, ValueInput, WantedInput};
use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::patch::Patch;
use crate::core::range::{DateRange, NumberRange};
use crate::core::text;

/// The maximum length of a code or a text in a filter in characters.
const MAX_FILTER_TEXT: usize = 500;

/// The new values of one attribute. Give the field for its type; null or an empty list removes the values.
#[derive(Clone, Debug, InputObject)]
pub struct AttributeValueInput {
    /// The code of the attribute.
    code: String,
    /// For `TEXT`: one line of 1 to 500 characters.
    text: MaybeUndefined<String>,
    /// For `NUMBER`, in the unit of the attribute: -10,000,000,000 to 10,000,000,000, at most 6 decimals.
    number: MaybeUndefined<Decimal>,
    /// For `BOOLEAN`.
    boolean: MaybeUndefined<bool>,
    /// For `CHOICE`: the codes of the choices. One unless the attribute is `multiple`; at most 50.
    choices: MaybeUndefined<Vec<String>>,
    /// For `DATE`.
    date: MaybeUndefined<Date>,
    /// For `PRODUCT_REFERENCE`: the ids of the products. One unless the attribute is `multiple`; at most 50.
    product_ids: MaybeUndefined<Vec<ID>>,
    /// For `CATEGORY_REFERENCE`: the ids of the categories. One unless the attribute is `multiple`; at most 50.
    category_ids: MaybeUndefined<Vec<ID>>,
}

impl AttributeValueInput {
    /// Returns the input of the service. `field` is its path.
    ///
    /// # Errors
    /// Values of several types, and codes that can't exist.
    pub fn check(self, field: &str) -> Result<ValueInput> {
        text::check_lookup(&self.code, MAX_FILTER_TEXT, &format!("{field}.code"))?;
        if let MaybeUndefined::Value(choices) = &self.choices {
            let path = format!("{field}.choices");
            for choice in choices {
                text::check_lookup(choice, MAX_FILTER_TEXT, &path)?;
            }
        }
        let patches = [
            given(self.text, Given::Text),
            given(self.number, Given::Number),
            given(self.boolean, Given::Boolean),
            given(self.choices, Given::Choices),
            given(self.date, Given::Date),
            given(self.product_ids, |ids| Given::Products(texts(ids))),
            given(self.category_ids, |ids| Given::Categories(texts(ids))),
        ];
        let mut values = Patch::Keep;
        for patch in patches {
            match (&values, &patch) {
                (_, Patch::Keep) | (Patch::Set(_), Patch::Clear) => {}
                (Patch::Set(_), Patch::Set(_)) => {
                    let message = "Give values of one type.";
                    return Err(Error::bad_input(field, message));
                }
                _ => values = patch,
            }
        }
        Ok(ValueInput {
            code: self.code,
            values,
        })
    }
}

fn given<T>(sent: MaybeUndefined<T>, to_given: impl FnOnce(T) -> Given) -> Patch<Given> {
    sent.map_value(to_given).into()
}

fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

/// Condition on the values of an attribute that a product or one of its active variants has. Give the field for the type of
/// the attribute.
#[derive(Clone, Debug, InputObject)]
pub struct AttributeFilter {
    /// The code of the attribute, which must be `filterable`. An unknown code matches nothing.
    code: String,
    /// For `TEXT`: one of these texts, spelled exactly so. 1 to 100.
    texts: Option<Vec<String>>,
    /// For `NUMBER`: within this range, in the unit of the attribute.
    number: Option<NumberRange>,
    /// For `BOOLEAN`. A product without a value matches neither.
    boolean: Option<bool>,
    /// For `CHOICE`: one of the choices with these codes. 1 to 100; unknown codes match nothing.
    choices: Option<Vec<String>>,
    /// For `DATE`: within this period.
    date: Option<DateRange>,
    /// For `PRODUCT_REFERENCE`: one of the products with these ids. 1 to 100.
    product_ids: Option<Vec<ID>>,
    /// For `CATEGORY_REFERENCE`: one of the categories with these ids. 1 to 100.
    category_ids: Option<Vec<ID>>,
}

/// Returns the conditions of a filter. `field` is its path.
///
/// # Errors
/// `BAD_USER_INPUT` for too many conditions, and for one without values or with values of several types.
pub fn to_conditions(filters: Vec<AttributeFilter>, field: &str) -> Result<Vec<ConditionInput>> {
    if filters.len() > MAX_CONDITIONS {
        let message = format!("At most {MAX_CONDITIONS} attributes are allowed.");
        return Err(Error::bad_input(field, message));
    }
    let conditions = filters.into_iter().zip(0..).map(|(filter, index)| {
        let path = format!("{field}.{index}");
        text::check_lookup(&filter.code, MAX_FILTER_TEXT, &path)?;
        Ok(ConditionInput {
            code: filter.code.clone(),
            values: filter.wanted(&path)?,
        })
    });
    conditions.collect()
}

impl AttributeFilter {
    fn wanted(self, field: &str) -> Result<WantedInput> {
        let mut wanted = Vec::new();
        if let Some(values) = self.texts {
            let values = lookups(values, field)?;
            wanted.push(WantedInput::Texts(
                values.iter().map(|value| text::normalise(value)).collect(),
            ));
        }
        if let Some(range) = self.number {
            wanted.push(WantedInput::Number(
                range.check(&format!("{field}.number"))?,
            ));
        }
        wanted.extend(self.boolean.map(WantedInput::Boolean));
        if let Some(codes) = self.choices {
            wanted.push(WantedInput::Choices(lookups(codes, field)?));
        }
        if let Some(range) = self.date {
            wanted.push(WantedInput::Date(range.check(&format!("{field}.date"))?));
        }
        if let Some(ids) = self.product_ids {
            wanted.push(WantedInput::Products(uuids::<ProductId>(&ids, field)?));
        }
        if let Some(ids) = self.category_ids {
            wanted.push(WantedInput::Categories(uuids::<CategoryId>(&ids, field)?));
        }
        let last = wanted.pop().filter(|_| wanted.is_empty());
        last.ok_or_else(|| Error::bad_input(field, "Give the values of one type."))
    }
}

fn check_number(number: usize, field: &str) -> Result<()> {
    if number == 0 || number > MAX_CONDITION_VALUES {
        let message = format!("Give 1 to {MAX_CONDITION_VALUES} values.");
        return Err(Error::bad_input(field, message));
    }
    Ok(())
}

fn lookups(values: Vec<String>, field: &str) -> Result<Vec<String>> {
    check_number(values.len(), field)?;
    for value in &values {
        text::check_lookup(value, MAX_FILTER_TEXT, field)?;
    }
    Ok(values)
}

fn uuids<Id: TypedId>(ids: &[ID], field: &str) -> Result<Vec<Uuid>> {
    check_number(ids.len(), field)?;
    let ids = ids.iter().map(|id| Ok(Id::parse(id, field)?.into()));
    ids.collect()
}
