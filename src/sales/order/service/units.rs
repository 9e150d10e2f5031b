//! Units of lines that an admin fulfills or cancels.

use std::collections::HashMap;

use crate::catalog::product::entity::variant::VariantId;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::validation::Validator;
use crate::sales::order::entity::line::Model;
use crate::sales::order_id::OrderLineId;
use crate::sales::row;

/// The maximum number of lines of an input, which is that of an order.
const MAX_LINES: usize = 100;
/// The maximum number of units of a line of an order.
const MAX_UNITS: i32 = 10_000;

/// Units of a line, as a client sent them.
#[derive(Clone, Debug)]
pub struct UnitsInput {
    pub line_id: String,
    pub quantity: i32,
}

/// Checks the form of `lines`, and records the errors of all.
pub fn check(validator: &mut Validator, given: &[UnitsInput]) -> Vec<(OrderLineId, i32)> {
    if given.is_empty() || given.len() > MAX_LINES {
        let message = format!("Give 1 to {MAX_LINES} lines.");
        validator.check::<()>("lines", Err(message));
        return Vec::new();
    }
    let checked = given.iter().enumerate().filter_map(|(index, units)| {
        let id = validator.id(&format!("lines.{index}.lineId"), &units.line_id);
        let is_valid = (1..=MAX_UNITS).contains(&units.quantity);
        let quantity = is_valid
            .then_some(units.quantity)
            .ok_or_else(|| format!("The quantity must be from 1 to {MAX_UNITS}."));
        let quantity = validator.check(&format!("lines.{index}.quantity"), quantity);
        Some((id?, quantity?))
    });
    checked.collect()
}

/// Units of a line of an order.
#[derive(Clone, Debug)]
pub struct LineUnits {
    pub line: Model,
    pub units: i32,
}

/// Takes units out of the open ones of the lines of an order. A line that is given twice is counted together.
///
/// # Errors
/// `NOT_FOUND` for a line of another order, `CONFLICT` for more units than are open.
pub fn take_open(lines: &[Model], wanted: &[(OrderLineId, i32)]) -> Result<Vec<LineUnits>> {
    let by_id: HashMap<_, _> = lines.iter().map(|line| (line.id, line)).collect();
    let mut taken: HashMap<OrderLineId, i32> = HashMap::new();
    let mut validator = Validator::default();
    for (index, (id, units)) in wanted.iter().enumerate() {
        let Some(line) = by_id.get(id) else {
            validator.refuse(row::missing(
                &format!("lines.{index}.lineId"),
                "line of this order",
            ));
            continue;
        };
        let sum = taken.entry(*id).or_default();
        *sum += units;
        if *sum > line.open() {
            let field = format!("lines.{index}.quantity");
            let message = match line.open() {
                0 => "No units of this line are left.".to_owned(),
                1 => "Only 1 unit of this line is left.".to_owned(),
                open => format!("Only {open} units of this line are left."),
            };
            let error = UserError::new(UserErrorCode::Conflict, field.as_str(), message);
            validator.refuse(error);
        }
    }
    validator.finish()?;
    let units = lines.iter().filter_map(|line| {
        let units = *taken.get(&line.id)?;
        let line = line.clone();
        Some(LineUnits { line, units })
    });
    Ok(units.collect())
}

/// Returns all open units of an order.
pub fn all_open(lines: &[Model]) -> Vec<LineUnits> {
    let open = lines.iter().filter(|line| line.open() > 0);
    open.map(|line| LineUnits {
        units: line.open(),
        line: line.clone(),
    })
    .collect()
}

/// Returns the units by line.
pub fn by_line(units: &[LineUnits]) -> Vec<(OrderLineId, i32)> {
    units.iter().map(|one| (one.line.id, one.units)).collect()
}

/// Returns the units that stock levels count, by variant.
pub fn tracked(units: &[LineUnits]) -> Vec<(VariantId, i64)> {
    let mut by_variant: Vec<(VariantId, i64)> = Vec::new();
    for one in units.iter().filter(|one| one.line.tracked) {
        let (variant, count) = (one.line.variant_id, i64::from(one.units));
        match by_variant.iter_mut().find(|(id, _)| *id == variant) {
            Some((_, sum)) => *sum += count,
            None => by_variant.push((variant, count)),
        }
    }
    by_variant
}

/// Returns the number of units.
pub fn total(units: &[LineUnits]) -> i32 {
    units.iter().map(|one| one.units).sum()
}

/// Describes units for the audit log: `2 x RED-M, 1 x Teapot`.
pub fn describe(units: &[LineUnits]) -> String {
    let described = units.iter().map(|one| {
        let name = one.line.sku.as_deref().unwrap_or(&one.line.name);
        format!("{} x {name}", one.units)
    });
    described.collect::<Vec<_>>().join(", ")
}
