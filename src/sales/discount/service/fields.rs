//! The fields of a discount: validation.

use std::collections::HashSet;

use super::Discount;
use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::core::clock::Timestamp;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::sales::discount::entity::{Kind, Model, Target};
use crate::sales::discount::list::code_key;

/// The maximum length of a name, in characters.
const MAX_NAME: usize = 100;
/// The maximum length of a code, in characters.
pub const MAX_CODE: usize = 50;
/// The maximum number of categories or products of a discount.
const MAX_TARGETS: usize = 250;

/// The fields of a discount, as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct DiscountInput {
    pub name: Patch<String>,
    pub code: Patch<String>,
    pub kind: Patch<Kind>,
    pub percent: Patch<Decimal>,
    pub amount: Patch<Decimal>,
    pub category_ids: Patch<Vec<String>>,
    pub product_ids: Patch<Vec<String>>,
    pub min_amount: Patch<Decimal>,
    pub min_quantity: Patch<i32>,
    pub starts_at: Patch<Timestamp>,
    pub ends_at: Patch<Timestamp>,
    pub combinable: Patch<bool>,
    pub active: Patch<bool>,
    pub usage_limit: Patch<i32>,
    pub per_customer_limit: Patch<i32>,
}

/// The value of a discount, if the client has sent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Absent,
    /// The error is reported.
    Invalid,
    Value(i64),
}

/// Checked fields of a discount. Absent fields keep their values.
#[derive(Clone, Debug)]
pub(super) struct DiscountFields {
    name: Option<String>,
    code: Patch<String>,
    kind: Option<Kind>,
    percent: Given,
    amount: Given,
    categories: Option<Vec<CategoryId>>,
    products: Option<Vec<ProductId>>,
    min_amount: Patch<i64>,
    min_quantity: Patch<i32>,
    starts_at: Patch<Timestamp>,
    ends_at: Patch<Timestamp>,
    combinable: Option<bool>,
    active: Option<bool>,
    usage_limit: Patch<i32>,
    per_customer_limit: Patch<i32>,
}

impl DiscountInput {
    /// Checks all fields that do not depend on the others.
    pub(super) fn check(self, validator: &mut Validator, currency: Currency) -> DiscountFields {
        let name = validator.required("name", self.name);
        let percent = given(validator, "percent", &self.percent, |percent| {
            above_0(percent.to_ppm()?.into())
        });
        let amount = given(validator, "amount", &self.amount, |amount| {
            above_0(amount.to_price(currency)?)
        });
        let combinable = validator.required("combinable", self.combinable);
        DiscountFields {
            name: name.and_then(|name| validator.check("name", text::check_line(&name, MAX_NAME))),
            code: validator.patch("code", self.code, |code| check_code(&code)),
            kind: validator.required("kind", self.kind),
            percent,
            amount,
            categories: check_ids(validator, "categoryIds", self.category_ids),
            products: check_ids(validator, "productIds", self.product_ids),
            min_amount: validator.patch("minAmount", self.min_amount, |amount: Decimal| {
                amount.to_price(currency)
            }),
            min_quantity: validator.patch("minQuantity", self.min_quantity, at_least_1),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            combinable,
            active: validator.required("active", self.active),
            usage_limit: validator.patch("usageLimit", self.usage_limit, at_least_1),
            per_customer_limit: validator.patch(
                "perCustomerLimit",
                self.per_customer_limit,
                at_least_1,
            ),
        }
    }
}

fn given(
    validator: &mut Validator,
    field: &str,
    patch: &Patch<Decimal>,
    check: impl FnOnce(Decimal) -> Result<i64, String>,
) -> Given {
    match patch {
        Patch::Keep | Patch::Clear => Given::Absent,
        Patch::Set(value) => {
            let checked = validator.check(field, check(*value));
            checked.map_or(Given::Invalid, Given::Value)
        }
    }
}

fn above_0(number: i64) -> Result<i64, String> {
    if number > 0 {
        Ok(number)
    } else {
        Err("This must be greater than 0.".to_owned())
    }
}

fn at_least_1(count: i32) -> Result<i32, &'static str> {
    if count > 0 {
        Ok(count)
    } else {
        Err("This must be at least 1.")
    }
}

fn check_code(code: &str) -> Result<String, String> {
    let code = text::check_line(code, MAX_CODE)?;
    if code.contains(char::is_whitespace) {
        return Err("A code must not contain spaces.".to_owned());
    }
    Ok(code)
}

/// Parses ids. Null is an empty list.
fn check_ids<Id: TypedId>(
    validator: &mut Validator,
    field: &str,
    ids: Patch<Vec<String>>,
) -> Option<Vec<Id>> {
    let ids = match ids {
        Patch::Keep => return None,
        Patch::Clear => Vec::new(),
        Patch::Set(ids) => ids,
    };
    if ids.len() > MAX_TARGETS {
        let message = format!("At most {MAX_TARGETS} ids are allowed.");
        return validator.check(field, Err(message));
    }
    let distinct: HashSet<_> = ids.iter().collect();
    if distinct.len() < ids.len() {
        return validator.check(field, Err("The ids contain duplicates."));
    }
    let parsed = ids.iter().filter_map(|id| validator.id(field, id));
    Some(parsed.collect())
}

impl DiscountFields {
    /// Applies the fields to a discount. The validator gets the errors of fields that do not fit together.
    pub(super) fn apply(mut self, before: &Discount, validator: &mut Validator) -> Discount {
        let keeps_targets = self.categories.is_none() && self.products.is_none();
        let categories = self.categories.take();
        let categories = categories.unwrap_or_else(|| before.categories.clone());
        let products = self.products.take();
        let products = products.unwrap_or_else(|| before.products.clone());
        if !categories.is_empty() && !products.is_empty() {
            let message = "A discount has either `categoryIds` or `productIds`.";
            validator.check::<()>("productIds", Err(message));
        }
        let target = match (categories.is_empty(), products.is_empty()) {
            // A discount whose targets were all deleted does not become one of everything.
            (true, true) if keeps_targets => before.row.target,
            (true, true) => Target::Order,
            (false, _) => Target::Categories,
            (true, false) => Target::Products,
        };
        Discount {
            row: self.apply_to_row(&before.row, target, validator),
            categories,
            products,
        }
    }

    /// Returns the kind and its value. Each kind has a field for its value.
    fn value(&self, before: &Model, validator: &mut Validator) -> (Kind, i64) {
        let kind = self.kind.unwrap_or(before.kind);
        let (own, others) = match kind {
            Kind::Percent => (
                Some(("percent", self.percent)),
                vec![("amount", self.amount)],
            ),
            Kind::Fixed => (
                Some(("amount", self.amount)),
                vec![("percent", self.percent)],
            ),
            Kind::FreeShipping => {
                let others = vec![("percent", self.percent), ("amount", self.amount)];
                (None, others)
            }
        };
        for (field, given) in others {
            if given != Given::Absent {
                validator.check::<()>(field, Err("A discount of this kind does not have it."));
            }
        }
        let Some((field, given)) = own else {
            return (kind, 0);
        };
        let value = match given {
            Given::Value(value) => value,
            Given::Invalid => 0,
            Given::Absent if kind == before.kind && before.value > 0 => before.value,
            Given::Absent => {
                validator.check::<()>(field, Err("A discount of this kind requires it."));
                0
            }
        };
        (kind, value)
    }

    fn apply_to_row(self, before: &Model, target: Target, validator: &mut Validator) -> Model {
        let (kind, value) = self.value(before, validator);
        let code = self.code.apply_to(before.code.clone());
        let row = Model {
            code_key: code.as_deref().map(code_key),
            code,
            name: self.name.unwrap_or_else(|| before.name.clone()),
            kind,
            value,
            target,
            min_amount: self.min_amount.apply_to(before.min_amount),
            min_quantity: self.min_quantity.apply_to(before.min_quantity),
            starts_at: self.starts_at.apply_to(before.starts_at),
            ends_at: self.ends_at.apply_to(before.ends_at),
            combinable: self.combinable.unwrap_or(before.combinable),
            active: self.active.unwrap_or(before.active),
            usage_limit: self.usage_limit.apply_to(before.usage_limit),
            per_customer_limit: self.per_customer_limit.apply_to(before.per_customer_limit),
            ..before.clone()
        };
        if matches!((row.starts_at, row.ends_at), (Some(start), Some(end)) if end <= start) {
            validator.check::<()>("endsAt", Err("This must be after `startsAt`."));
        }
        Model {
            name_key: text::sort_key(&row.name),
            ..row
        }
    }
}
