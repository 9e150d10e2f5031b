//! What stands in a row of Shopify's, by our rules.

use crate::import_export::service::paths::Path;
use crate::import_export::service::row::{Checks, Row, RowIssue};
use crate::import_export::service::{cells as values, html, paths};
use crate::money::Currency;
use crate::product::Status;
use crate::product::service::batch::{FoundBy, Wanted};
use crate::{slug, text};

/// Where products go that say nothing of it.
const FALLBACK_CATEGORY: &str = "Imported";

/// The fields of a row by their columns.
pub struct Cells<'a> {
    pub header: &'a [String],
    pub fields: &'a [&'a str],
}

impl<'a> Cells<'a> {
    /// What a column holds, trimmed; nothing when the file lacks it.
    pub fn get(&self, name: &str) -> &'a str {
        let place = self.header.iter().position(|column| is(column, name));
        let field = place.and_then(|place| self.fields.get(place));
        field.map_or("", |field| field.trim())
    }

    fn has(&self, name: &str) -> bool {
        self.header.iter().any(|column| is(column, name))
    }
}

/// What the first row of a product says.
pub fn row(
    line: u64,
    cells: &Cells<'_>,
    currency: Currency,
    notices: &mut Checks,
) -> Result<Row, Vec<RowIssue>> {
    let mut checks = Checks::new(line);
    if cells.get("title").is_empty() {
        checks.add(
            "Title",
            "The first row of a product has its title, and its other rows follow at once.",
        );
        return checks.finish(None);
    }
    let slug = checks.check("Handle", handle(cells.get("handle"), notices));
    let name = checks.check("Title", text::check_name(cells.get("title")));
    let price = checks.check(
        "Variant Price",
        values::price(cells.get("variant price"), currency),
    );
    // An apostrophe keeps spreadsheets from taking it for a number.
    let sku = Some(cells.get("variant sku").trim_start_matches('\'')).filter(|sku| !sku.is_empty());
    let sku = cells
        .has("variant sku")
        .then(|| sku.map(text::check_sku).transpose());
    let sku = sku.and_then(|sku| checks.check("Variant SKU", sku));
    let body = cells
        .has("body (html)")
        .then(|| html::to_text(cells.get("body (html)")));
    let body = body.and_then(|text| checks.check("Body (HTML)", text::check_description(&text)));
    let quantity = quantity(cells.get("variant inventory qty"), notices);
    let stock = checks.check("Variant Inventory Qty", quantity);
    let status = status(cells, notices);
    let paths = checks.check("Product Category", category(cells).transpose());
    let fallback = || vec![FALLBACK_CATEGORY.to_owned()];
    let row = name.zip(price).map(|(name, price)| Row {
        line,
        product: Wanted {
            found_by: FoundBy::Slug,
            name,
            price,
            sku,
            slug,
            description: body,
            stock: stock.flatten(),
            status,
        },
        otherwise: paths.as_ref().is_some_and(Option::is_none).then(fallback),
        pictures: Vec::new(),
        paths: paths.flatten().into_iter().collect(),
    });
    checks.finish(row)
}

/// The handle as a slug: Shopify allows more than we do.
fn handle(handle: &str, notices: &mut Checks) -> Result<String, &'static str> {
    if handle.is_empty() {
        return Err("A product needs a handle.");
    }
    if let Ok(slug) = slug::check(handle) {
        return Ok(slug);
    }
    let slug = slug::check(&slug::from_name(handle, ""))?;
    notices.add("Handle", format!("The handle became the slug {slug}."));
    Ok(slug)
}

/// Shopify counts below zero when it sells what it does not have.
fn quantity(cell: &str, notices: &mut Checks) -> Result<Option<i32>, &'static str> {
    match cell.strip_prefix('-') {
        Some(debt) if values::stock(debt)?.is_some() => {
            notices.add(
                "Variant Inventory Qty",
                format!("A stock is not below zero: {cell} became 0."),
            );
            Ok(Some(0))
        }
        _ => values::stock(cell),
    }
}

/// What has a status that we do not know is not put up for sale.
fn status(cells: &Cells<'_>, notices: &mut Checks) -> Option<Status> {
    let cell = cells.get("status");
    match values::status(cell) {
        Ok(Some(status)) => return Some(status),
        Ok(None) => {}
        Err(_) => {
            let cell = values::short(cell);
            let message = format!("The status {cell} is not known: the product is a draft.");
            notices.add("Status", message);
            return Some(Status::Draft);
        }
    }
    match cells.get("published").to_ascii_lowercase().as_str() {
        "true" => Some(Status::Active),
        "false" => Some(Status::Draft),
        _ => None,
    }
}

/// The category that a row names, if it does.
fn category(cells: &Cells<'_>) -> Option<Result<Path, String>> {
    let (category, kind) = (cells.get("product category"), cells.get("type"));
    if !category.is_empty() {
        let names = category.split('>').map(|name| name.trim().to_owned());
        return Some(paths::check(names));
    }
    (!kind.is_empty()).then(|| paths::check(std::iter::once(kind.to_owned())))
}

/// Whether a column is the one of this name.
pub fn is(column: &str, name: &str) -> bool {
    column.trim().eq_ignore_ascii_case(name)
}
