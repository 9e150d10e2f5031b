//! Weights in the units of other shops.

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::numbers::Numbers;
use crate::catalog::product::service::variants::check_weight;

/// Message for an invalid weight.
const WEIGHT: &str = "The weight must be a number such as 0.5.";

/// The fields with a weight, and grams per unit as a fraction.
const UNITS: [(Field, i128, i128); 4] = [
    (Field::Grams, 1, 1),
    (Field::Kilograms, 1_000, 1),
    (Field::Pounds, 45_359_237, 100_000),
    (Field::Ounces, 28_349_523_125, 1_000_000_000),
];

/// Returns the field of the weight that the file has.
pub fn field(cells: &Cells<'_>) -> Option<Field> {
    let mut units = UNITS.iter().map(|(field, ..)| *field);
    units.find(|field| cells.has(*field))
}

/// Parses the weight in grams, rounded. `None` for an empty cell.
///
/// # Errors
/// A message for the author of the file.
pub fn grams(
    cells: &Cells<'_>,
    field: Field,
    numbers: &mut Numbers,
) -> Result<Option<i32>, String> {
    let Some(number) = numbers.decimal(cells.get(field), WEIGHT)? else {
        return Ok(None);
    };
    let unit = UNITS.iter().find(|(known, ..)| *known == field);
    let (numerator, denominator) = unit.map_or((1, 1), |(_, above, below)| (*above, *below));
    let (whole, decimals) = number.split_once('.').unwrap_or((&number, ""));
    // More decimals do not change the grams.
    let decimals = &decimals[..decimals.len().min(9)];
    let scale: i128 = decimals.bytes().map(|_| 10).product();
    let units: i128 = format!("{whole}{decimals}")
        .parse()
        .map_err(|_| WEIGHT.to_owned())?;
    let divisor = scale * denominator;
    let grams = units
        .checked_mul(numerator)
        .map(|units| (2 * units + divisor).div_euclid(2 * divisor));
    let grams = grams.and_then(|grams| i32::try_from(grams).ok());
    let checked = grams.ok_or(WEIGHT).and_then(check_weight);
    Ok(Some(checked?))
}
