//! Converts the columns of a variant in another shop's file.

use super::fields::Context;
use super::headings::{Cells, Field};
use super::weights;
use crate::catalog::import_export::service::cells::{self as values, shorten};
use crate::catalog::import_export::service::row::{Checks, source};
use crate::catalog::import_export::service::skus;
use crate::catalog::product::service::variants::{
    Choice, ImportedVariant, VariantFields, check_barcode,
};
use crate::core::patch::Patch;
use crate::core::text;

/// Converts the variant of a row. `options` are its values; `None` for the only variant of a product without options.
pub fn variant(
    line: u64,
    cells: &Cells<'_>,
    options: Option<Vec<Choice>>,
    context: &mut Context<'_>,
    checks: &mut Checks,
) -> ImportedVariant {
    let (price, compare_at_price) = prices(cells, context, checks);
    let sku = checks.check(cells.name(Field::Sku), sku(cells, context.notices));
    let stock = quantity(cells, context);
    let stock = checks.check(cells.name(Field::Stock), stock).flatten();
    let weight = weights::field(cells).map(|field| {
        let grams = weights::grams(cells, field, &mut context.money.numbers);
        checks.check(cells.name(field), grams).flatten()
    });
    let low_stock_at = low_stock(cells, context);
    let notices = &mut *context.notices;
    ImportedVariant {
        line,
        fields: VariantFields {
            options,
            sku: sku.unwrap_or_default(),
            barcode: barcode(cells, notices),
            price,
            compare_at_price,
            stock,
            tracked: tracked(cells),
            low_stock_at,
            weight: weight.map_or(Patch::Keep, |grams| grams.map_or(Patch::Clear, Patch::Set)),
            requires_shipping: flag(cells, Field::RequiresShipping, notices),
            ..VariantFields::default()
        },
        backorder: backorder(cells),
        image: image(cells, notices),
    }
}

/// Returns the price and the compare-at price.
fn prices(
    cells: &Cells<'_>,
    context: &mut Context<'_>,
    checks: &mut Checks,
) -> (Option<i64>, Patch<i64>) {
    let compared = cells.headings.compare_at_price();
    let is_on_sale = !cells.get(Field::SalePrice).is_empty();
    let current = if is_on_sale {
        Field::SalePrice
    } else {
        Field::Price
    };
    let money = &mut *context.money;
    let price = money.numbers.price(cells.get(current), money.currency);
    let price = checks.check(cells.name(current), price);
    let cell = cells.get(compared);
    if !cells.has(compared) {
        return (price, Patch::Keep);
    }
    if cell.is_empty() || (compared == Field::Price && !is_on_sale) {
        return (price, Patch::Clear);
    }
    let compare_at = money.numbers.price(cell, money.currency);
    let compare_at = checks.check(cells.name(compared), compare_at);
    if compare_at == Some(0) || (compare_at.is_some() && compare_at == price) {
        let message = "The compare-at price is ignored: it is not above the price.";
        context.notices.add(cells.name(compared), message);
        return (price, Patch::Clear);
    }
    (price, compare_at.into())
}

/// Parses the SKU. An empty cell clears it; a missing column or a placeholder keeps the current SKU.
fn sku(cells: &Cells<'_>, notices: &mut Checks) -> Result<Patch<String>, &'static str> {
    if !cells.has(Field::Sku) {
        return Ok(Patch::Keep);
    }
    // Spreadsheets use a leading apostrophe to mark text.
    let cell = cells.get(Field::Sku).trim_start_matches('\'');
    if cell.is_empty() {
        return Ok(Patch::Clear);
    }
    if skus::is_placeholder(cell) {
        notices.add(cells.name(Field::Sku), skus::ignored_placeholder(cell));
        return Ok(Patch::Keep);
    }
    text::check_sku(cell).map(Patch::Set)
}

/// Parses the stock. Some shops export negative stock for oversold products, others a word for unlimited stock.
fn quantity(cells: &Cells<'_>, context: &mut Context<'_>) -> Result<Option<i32>, String> {
    let cell = cells.get(Field::Stock);
    let column = cells.name(Field::Stock);
    let numbers = &mut context.money.numbers;
    match cell.strip_prefix('-') {
        Some(debt) if numbers.stock(debt)?.is_some() => {
            let message = format!(
                "The stock must be at least 0: {} was replaced by 0.",
                shorten(cell)
            );
            context.notices.add(column, message);
            Ok(Some(0))
        }
        _ if cell.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
            let message = format!(
                "The stock {} is ignored: it is not a number.",
                shorten(cell)
            );
            context.notices.add(column, message);
            Ok(None)
        }
        _ => numbers.stock(cell),
    }
}

/// Whether the stock is counted: a system is named that does, or the stock is a number.
fn tracked(cells: &Cells<'_>) -> Option<bool> {
    if cells.has(Field::Tracker) {
        return Some(!cells.get(Field::Tracker).is_empty());
    }
    let is_in_stock = values::flag(cells.get(Field::InStock)).ok().flatten()?;
    Some(!is_in_stock || !cells.get(Field::Stock).is_empty())
}

/// An invalid threshold is left out.
fn low_stock(cells: &Cells<'_>, context: &mut Context<'_>) -> Patch<i32> {
    if !cells.has(Field::LowStock) {
        return Patch::Keep;
    }
    match context.money.numbers.stock(cells.get(Field::LowStock)) {
        Ok(units) => units.map_or(Patch::Clear, Patch::Set),
        Err(why) => {
            let message = format!("The value is ignored: {why}");
            context.notices.add(cells.name(Field::LowStock), message);
            Patch::Keep
        }
    }
}

/// Whether the variant can be sold below 0.
fn backorder(cells: &Cells<'_>) -> Option<bool> {
    match cells.get(Field::Backorders).to_ascii_lowercase().as_str() {
        "" => None,
        "continue" | "notify" | "true" | "yes" | "1" => Some(true),
        _ => Some(false),
    }
}

/// An invalid barcode is left out.
fn barcode(cells: &Cells<'_>, notices: &mut Checks) -> Patch<String> {
    if !cells.has(Field::Barcode) {
        return Patch::Keep;
    }
    match cells.get(Field::Barcode).trim_start_matches('\'') {
        "" => Patch::Clear,
        cell => match check_barcode(cell) {
            Ok(barcode) => Patch::Set(barcode),
            Err(why) => {
                let message = format!("The value is ignored: {why}");
                notices.add(cells.name(Field::Barcode), message);
                Patch::Keep
            }
        },
    }
}

fn flag(cells: &Cells<'_>, field: Field, notices: &mut Checks) -> Option<bool> {
    let flag = values::flag(cells.get(field));
    flag.unwrap_or_else(|why| {
        notices.add(cells.name(field), format!("The value is ignored: {why}"));
        None
    })
}

/// An image that can't be fetched is left out.
fn image(cells: &Cells<'_>, notices: &mut Checks) -> Patch<String> {
    if !cells.has(Field::VariantImage) {
        return Patch::Keep;
    }
    match cells.get(Field::VariantImage) {
        "" => Patch::Clear,
        url => match source(url, "") {
            Ok(source) => Patch::Set(source.url),
            Err(why) => {
                let message = format!("The image can't be fetched. {why}");
                notices.add(cells.name(Field::VariantImage), message);
                Patch::Keep
            }
        },
    }
}
