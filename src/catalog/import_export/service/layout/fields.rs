//! Converts a row of another shop's file to a product.

use std::sync::Arc;

use super::headings::{Cells, Field};
use super::{AmountFormat, details};
use crate::catalog::import_export::service::paths::Path;
use crate::catalog::import_export::service::row::{Checks, ColumnNames, Row, RowIssue};
use crate::catalog::import_export::service::{cells as values, skus};
use crate::catalog::product::Status;
use crate::catalog::product::service::ProductFields;
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::core::patch::Patch;
use crate::core::{slug, text};

/// Category of products without a category.
const FALLBACK_CATEGORY: &str = "Imported";

/// Shared state for converting rows.
pub struct Context<'a> {
    pub money: &'a mut AmountFormat,
    pub names: &'a Arc<ColumnNames>,
    pub notices: &'a mut Checks,
}

/// Converts the first row of a product. `paths` are its categories.
pub fn row(
    line: u64,
    cells: &Cells<'_>,
    paths: Result<Vec<Path>, String>,
    context: Context<'_>,
) -> Result<Row, Vec<RowIssue>> {
    let Context {
        money,
        names,
        notices,
    } = context;
    let mut checks = Checks::new(line);
    let of = |field| cells.name(field);
    let slug = cells.has(Field::Handle).then(|| handle(cells, notices));
    let slug = slug.and_then(|slug| checks.check(of(Field::Handle), slug));
    let name = text::check_name(cells.get(Field::Name));
    let name = checks.check(of(Field::Name), name);
    let price = money.numbers.price(cells.get(Field::Price), money.currency);
    let price = checks.check(of(Field::Price), price);
    let sku = checks.check(of(Field::Sku), sku(cells, notices));
    let mut details = details::details(cells, notices);
    if let Some(html) = description(cells) {
        let column = of(Field::Description);
        let description = details::description(&html, column, notices);
        details.description_html = checks.check(column, description).into();
    }
    let quantity = quantity(cells, money, notices);
    let stock = checks.check(of(Field::Stock), quantity);
    let status = status(cells, notices);
    let paths = checks.check(of(Field::Category), paths);
    let fallback = || vec![FALLBACK_CATEGORY.to_owned()];
    let row = name.zip(price).map(|(name, price)| Row {
        line,
        product: ImportedProduct {
            found_by: if slug.is_some() {
                FoundBy::Slug
            } else {
                FoundBy::SkuThenSlug
            },
            fields: ProductFields {
                name: Some(name),
                price: Some(price),
                sku: sku.unwrap_or_default(),
                slug,
                stock: stock.flatten(),
                status,
                details,
                ..ProductFields::default()
            },
        },
        fallback_path: paths.as_ref().is_some_and(Vec::is_empty).then(fallback),
        images: Vec::new(),
        paths: paths.unwrap_or_default(),
        names: names.clone(),
        may_drop_sku: true,
    });
    checks.finish(row)
}

/// Converts a handle to a slug. Other shops allow more characters.
fn handle(cells: &Cells<'_>, notices: &mut Checks) -> Result<String, &'static str> {
    let handle = cells.get(Field::Handle);
    if handle.is_empty() {
        return Err("A product requires a handle.");
    }
    if let Ok(slug) = slug::check(handle) {
        return Ok(slug);
    }
    let slug = slug::check(&slug::from_name(handle, ""))?;
    let message = format!("The handle was converted to the slug {slug}.");
    notices.add(cells.name(Field::Handle), message);
    Ok(slug)
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

/// Returns the description, or else the summary. `None` if the file has neither column.
fn description(cells: &Cells<'_>) -> Option<String> {
    let has_any = cells.has(Field::Description) || cells.has(Field::Summary);
    let long = Some(cells.get(Field::Description)).filter(|text| !text.is_empty());
    let text = long.unwrap_or_else(|| cells.get(Field::Summary));
    // WooCommerce writes line breaks this way.
    has_any.then(|| text.replace("\\n", "\n"))
}

/// Parses the stock. Some shops export negative stock for oversold products, others a word for unlimited stock.
fn quantity(
    cells: &Cells<'_>,
    money: &mut AmountFormat,
    notices: &mut Checks,
) -> Result<Option<i32>, String> {
    let cell = cells.get(Field::Stock);
    let column = cells.name(Field::Stock);
    match cell.strip_prefix('-') {
        Some(debt) if money.numbers.stock(debt)?.is_some() => {
            let message = format!(
                "The stock must be at least 0: {} was replaced by 0.",
                values::shorten(cell)
            );
            notices.add(column, message);
            Ok(Some(0))
        }
        _ if cell.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
            let message = format!(
                "The stock {} is ignored: it is not a number.",
                values::shorten(cell)
            );
            notices.add(column, message);
            Ok(None)
        }
        _ => money.numbers.stock(cell),
    }
}

/// Parses the status. An unknown status becomes `DRAFT`, so that the product is not offered for sale.
fn status(cells: &Cells<'_>, notices: &mut Checks) -> Option<Status> {
    let cell = cells.get(Field::Status);
    match values::status(cell) {
        Ok(Some(status)) => return Some(status),
        Ok(None) => {}
        Err(_) => {
            let cell = values::shorten(cell);
            let message =
                format!("The status {cell} is unknown: the product is imported as a draft.");
            notices.add(cells.name(Field::Status), message);
            return Some(Status::Draft);
        }
    }
    match cells.get(Field::Published).to_ascii_lowercase().as_str() {
        "" => None,
        "true" | "1" | "1.0" | "yes" | "y" => Some(Status::Active),
        _ => Some(Status::Draft),
    }
}
