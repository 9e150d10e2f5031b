//! The variant of a row.

use super::columns::{Cells, Column, OPTIONS};
use crate::catalog::import_export::service::cells::{self, flag};
use crate::catalog::import_export::service::layout::AmountFormat;
use crate::catalog::import_export::service::layout::options::{
    OptionCells, OptionNames, check_distinct, choices,
};
use crate::catalog::import_export::service::row::{Checks, RowIssue, source};
use crate::catalog::import_export::service::skus;
use crate::catalog::product::service::variants::{
    ImportedVariant, VariantFields, check_barcode, check_option_name, check_weight,
};
use crate::core::patch::Patch;
use crate::core::text;

/// Message for an invalid weight.
const WEIGHT: &str = "The weight must be a whole number of grams from 0 to 1000000000.";
const UNITS: &str = "This must be a whole number from 0 to 2147483647.";

/// Returns the option cells of a row.
pub fn option_cells<'a>(cells: &Cells<'a>) -> [OptionCells<'a>; OPTIONS.len()] {
    let filled = |column| cells.filled(column).unwrap_or_default();
    OPTIONS.map(|(name, value)| OptionCells {
        name_heading: name.heading(),
        name: filled(name),
        value_heading: value.heading(),
        value: filled(value),
    })
}

/// Returns the names of the options in the first row of a product.
pub fn option_names(cells: &Cells<'_>, checks: &mut Checks) -> OptionNames {
    let mut names: OptionNames = [None, None, None];
    for ((name_column, value_column), name) in OPTIONS.into_iter().zip(&mut names) {
        let (heading, cell) = (name_column.heading(), cells.filled(name_column));
        *name = match cell {
            Some(cell) => checks.check(heading, check_option_name(cell)),
            None if cells.filled(value_column).is_some() => {
                checks.add(heading, "The name of the option is required.");
                None
            }
            None => None,
        };
    }
    check_distinct(&names, Column::Option1Name.heading(), checks);
    names
}

/// Whether a row has a value of an option.
pub fn has_values(cells: &Cells<'_>) -> bool {
    OPTIONS
        .iter()
        .any(|(_, value)| cells.filled(*value).is_some())
}

/// Converts the cells of a variant.
pub fn variant(
    line: u64,
    cells: &Cells<'_>,
    names: &OptionNames,
    money: &mut AmountFormat,
    (checks, notices): (&mut Checks, &mut Vec<RowIssue>),
) -> ImportedVariant {
    let options = choices(option_cells(cells), names, checks);
    let price = cells.filled(Column::Price);
    let price = price.map(|cell| money.numbers.price(cell, money.currency));
    let price = price.and_then(|price| checks.check(Column::Price.heading(), price));
    let compare_at_price = patch(cells, Column::CompareAtPrice, checks, |cell| {
        money.numbers.price(cell, money.currency)
    });
    let mut units = |column: Column, checks: &mut Checks, message| {
        let units = money.numbers.whole(cells.text(column), message);
        checks.check(column.heading(), units).flatten()
    };
    let weight = units(Column::Weight, checks, WEIGHT).map(check_weight);
    let weight = weight.and_then(|grams| checks.check(Column::Weight.heading(), grams));
    let low_stock_at = units(Column::LowStockAt, checks, UNITS);
    let backorder_limit = units(Column::BackorderLimit, checks, UNITS);
    let stock = money.numbers.stock(cells.text(Column::Stock));
    let stock = checks.check(Column::Stock.heading(), stock).flatten();
    let mut flag = |column: Column| {
        checks
            .check(column.heading(), flag(cells.text(column)))
            .flatten()
    };
    let (requires_shipping, tracked) = (flag(Column::RequiresShipping), flag(Column::Tracked));
    let active = flag(Column::Active);
    let image = patch(cells, Column::VariantImage, checks, |cell| {
        let address = text::clean_line(cell);
        source(address.trim(), "").map(|source| source.url)
    });
    ImportedVariant {
        line,
        fields: VariantFields {
            options,
            sku: sku(line, cells, checks, notices),
            barcode: patch(cells, Column::Barcode, checks, check_barcode),
            price,
            compare_at_price,
            stock,
            backorder_limit,
            tracked,
            low_stock_at: cleared_if_blank(cells, Column::LowStockAt, low_stock_at),
            weight: cleared_if_blank(cells, Column::Weight, weight),
            requires_shipping,
            active,
            ..VariantFields::default()
        },
        backorder: None,
        image,
    }
}

/// Converts a cell that clears the field if it is blank.
fn patch<T, E: Into<String>>(
    cells: &Cells<'_>,
    column: Column,
    checks: &mut Checks,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Patch<T> {
    match (cells.get(column), cells.filled(column)) {
        (None, _) => Patch::Keep,
        (Some(_), None) => Patch::Clear,
        (Some(_), Some(cell)) => checks.check(column.heading(), parse(cell)).into(),
    }
}

fn cleared_if_blank<T>(cells: &Cells<'_>, column: Column, value: Option<T>) -> Patch<T> {
    match value {
        Some(value) => Patch::Set(value),
        None if cells.get(column).is_some_and(cells::is_blank) => Patch::Clear,
        None => Patch::Keep,
    }
}

/// Converts the SKU. An empty cell clears it.
fn sku(
    line: u64,
    cells: &Cells<'_>,
    checks: &mut Checks,
    notices: &mut Vec<RowIssue>,
) -> Patch<String> {
    let placeholder = cells
        .filled(Column::Sku)
        .filter(|sku| skus::is_placeholder(sku));
    if let Some(placeholder) = placeholder {
        notices.push(RowIssue {
            line,
            column: Some(Column::Sku.heading().to_owned()),
            message: skus::ignored_placeholder(placeholder),
        });
        return Patch::Keep;
    }
    patch(cells, Column::Sku, checks, text::check_sku)
}
