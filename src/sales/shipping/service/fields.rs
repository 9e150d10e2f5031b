//! The fields of a shipping method: validation.

use super::Method;
use super::zones::MAX_NAME;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::sales::shipping::entity::{Kind, PriceBy, method, rate};
use crate::sales::tax::TaxClassId;

/// The maximum number of brackets of a method.
pub const MAX_BRACKETS: usize = 50;
/// The maximum number of days until delivery.
const MAX_DAYS: i32 = 365;
/// The maximum position.
const MAX_POSITION: i32 = 1_000_000;
/// The maximum length of a description, in characters.
const MAX_TEXT: usize = 1_000;

/// A price from a weight or an amount on, as a client sends it.
#[derive(Clone, Copy, Debug)]
pub struct BracketInput {
    pub from: Decimal,
    pub price: Decimal,
}

/// The fields of a method, as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct MethodInput {
    pub name: Patch<String>,
    pub description: Patch<String>,
    pub kind: Patch<Kind>,
    pub price_by: Patch<PriceBy>,
    pub brackets: Patch<Vec<BracketInput>>,
    pub tax_class_id: Patch<String>,
    pub min_days: Patch<i32>,
    pub max_days: Patch<i32>,
    pub active: Patch<bool>,
    pub position: Patch<i32>,
}

/// Checked fields of a method. Absent fields keep their values.
#[derive(Clone, Debug)]
pub(super) struct MethodFields {
    name: Option<String>,
    description: Patch<String>,
    kind: Option<Kind>,
    price_by: Option<PriceBy>,
    brackets: Option<Vec<BracketInput>>,
    tax_class_id: Patch<TaxClassId>,
    min_days: Patch<i32>,
    max_days: Patch<i32>,
    active: Option<bool>,
    position: Option<i32>,
}

impl MethodInput {
    /// Checks all fields that do not depend on the others.
    pub(super) fn check(self, validator: &mut Validator) -> MethodFields {
        let name = validator.required("name", self.name);
        let description = |text: String| match text.trim() {
            "" => Ok(String::new()),
            _ => text::check_description(&text)
                .map_err(ToOwned::to_owned)
                .and_then(at_most),
        };
        MethodFields {
            name: name.and_then(|name| validator.check("name", text::check_line(&name, MAX_NAME))),
            description: validator.patch("description", self.description, description),
            kind: validator.required("kind", self.kind),
            price_by: validator.required("priceBy", self.price_by),
            brackets: validator.required("brackets", self.brackets),
            tax_class_id: validator.patch("taxClassId", self.tax_class_id, |id| {
                TaxClassId::parse(&id, "taxClassId").map_err(|error| error.message().to_owned())
            }),
            min_days: validator.patch("minDays", self.min_days, check_days),
            max_days: validator.patch("maxDays", self.max_days, check_days),
            active: validator.required("active", self.active),
            position: validator
                .required("position", self.position)
                .and_then(|position| validator.check("position", check_position(position))),
        }
    }
}

fn at_most(text: String) -> Result<String, String> {
    if text.chars().nth(MAX_TEXT).is_some() {
        return Err(format!("At most {MAX_TEXT} characters are allowed."));
    }
    Ok(text)
}

fn check_days(days: i32) -> Result<i32, String> {
    if (0..=MAX_DAYS).contains(&days) {
        Ok(days)
    } else {
        Err(format!("This must be from 0 to {MAX_DAYS} days."))
    }
}

fn check_position(position: i32) -> Result<i32, String> {
    if (0..=MAX_POSITION).contains(&position) {
        Ok(position)
    } else {
        Err(format!("This must be from 0 to {MAX_POSITION}."))
    }
}

impl MethodFields {
    /// Applies the fields to a method. The validator gets the errors of fields that do not fit together.
    pub(super) fn apply(
        self,
        method: &Method,
        validator: &mut Validator,
        currency: Currency,
    ) -> Method {
        let before = &method.row;
        let row = method::Model {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            description: self
                .description
                .apply_to(Some(before.description.clone()))
                .unwrap_or_default(),
            kind: self.kind.unwrap_or(before.kind),
            price_by: self.price_by.unwrap_or(before.price_by),
            tax_class_id: self.tax_class_id.apply_to(before.tax_class_id),
            min_days: self.min_days.apply_to(before.min_days),
            max_days: self.max_days.apply_to(before.max_days),
            active: self.active.unwrap_or(before.active),
            position: self.position.unwrap_or(before.position),
            ..before.clone()
        };
        if matches!((row.min_days, row.max_days), (Some(min), Some(max)) if min > max) {
            validator.check::<()>("maxDays", Err("This must not be less than `minDays`."));
        }
        let rates = match self.brackets {
            Some(brackets) => check_brackets(validator, &brackets, &row, currency),
            None if row.price_by != before.price_by => {
                let message = "Give the brackets, because their unit changes.";
                validator.check::<()>("brackets", Err(message));
                Vec::new()
            }
            None => method.rates.clone(),
        };
        Method { row, rates }
    }
}

fn check_brackets(
    validator: &mut Validator,
    brackets: &[BracketInput],
    row: &method::Model,
    currency: Currency,
) -> Vec<rate::Model> {
    if brackets.is_empty() || brackets.len() > MAX_BRACKETS {
        let message = format!("A method has 1 to {MAX_BRACKETS} brackets.");
        validator.check::<()>("brackets", Err(message));
        return Vec::new();
    }
    let mut rates: Vec<rate::Model> = Vec::with_capacity(brackets.len());
    for (index, bracket) in brackets.iter().enumerate() {
        let path = |field: &str| format!("brackets.{index}.{field}");
        let from = match row.price_by {
            PriceBy::Weight => bracket.from.to_whole(),
            PriceBy::Amount => bracket.from.to_price(currency),
        };
        let from = validator.check(&path("from"), from);
        let price = validator.check(&path("price"), bracket.price.to_price(currency));
        let (Some(from), Some(price)) = (from, price) else {
            continue;
        };
        if rates.iter().any(|rate| rate.lower_bound == from) {
            validator.check::<()>(&path("from"), Err("Another bracket begins there."));
            continue;
        }
        rates.push(rate::Model {
            method_id: row.id,
            lower_bound: from,
            price,
        });
    }
    rates.sort_by_key(|rate| rate.lower_bound);
    rates
}
