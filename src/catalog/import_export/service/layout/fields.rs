//! Converts a row of another shop's file to a product.

use std::sync::Arc;

use super::headings::{Cells, Field};
use super::variants::variant;
use super::{AmountFormat, details};
use crate::catalog::import_export::service::cells as values;
use crate::catalog::import_export::service::paths::Path;
use crate::catalog::import_export::service::row::{Checks, ColumnNames, Row, RowIssue};
use crate::catalog::product::Status;
use crate::catalog::product::service::ProductFields;
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::catalog::product::service::variants::Choice;
use crate::core::{slug, text};

/// Category of products without a category.
const FALLBACK_CATEGORY: &str = "Imported";

/// Returns the category of a new product without a category.
pub fn fallback_category() -> Path {
    vec![FALLBACK_CATEGORY.to_owned()]
}

/// Shared state for converting rows.
pub struct Context<'a> {
    pub money: &'a mut AmountFormat,
    pub names: &'a Arc<ColumnNames>,
    pub notices: &'a mut Checks,
}

/// Converts the first row of a product. `paths` are its categories, and `options` the values of its first variant, if
/// it has options.
pub fn row(
    line: u64,
    cells: &Cells<'_>,
    paths: Result<Vec<Path>, String>,
    options: Option<Vec<Choice>>,
    mut context: Context<'_>,
) -> Result<Row, Vec<RowIssue>> {
    let mut checks = Checks::new(line);
    let names = context.names.clone();
    let product = product(cells, &mut context, &mut checks);
    let variant = variant(line, cells, options, &mut context, &mut checks);
    let paths = checks.check(cells.name(Field::Category), paths);
    let row = product.map(|fields| Row {
        line,
        product: ImportedProduct {
            found_by: if fields.slug.is_some() {
                FoundBy::Slug
            } else {
                FoundBy::SkuThenSlug
            },
            fields,
            variants: vec![variant],
            related: None,
        },
        fallback_path: paths
            .as_ref()
            .is_some_and(Vec::is_empty)
            .then(fallback_category),
        attributes: Vec::new(),
        images: Vec::new(),
        paths: paths.unwrap_or_default(),
        names,
        may_drop_sku: true,
    });
    checks.finish(row)
}

/// Converts the fields of a product, except for those of its variants. `None` without a valid name.
pub fn product(
    cells: &Cells<'_>,
    context: &mut Context<'_>,
    checks: &mut Checks,
) -> Option<ProductFields> {
    let notices = &mut *context.notices;
    let slug = cells.has(Field::Handle).then(|| handle(cells, notices));
    let slug = slug.and_then(|slug| checks.check(cells.name(Field::Handle), slug));
    let name = text::check_name(cells.get(Field::Name));
    let name = checks.check(cells.name(Field::Name), name);
    let mut details = details::details(cells, notices);
    if let Some(html) = description(cells) {
        let column = cells.name(Field::Description);
        let description = details::description(&html, column, notices);
        details.description_html = checks.check(column, description).into();
    }
    Some(ProductFields {
        name: Some(name?),
        slug,
        status: status(cells, notices),
        details,
        ..ProductFields::default()
    })
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

/// Returns the description, or else the summary. `None` if the file has neither column.
fn description(cells: &Cells<'_>) -> Option<String> {
    let has_any = cells.has(Field::Description) || cells.has(Field::Summary);
    let long = Some(cells.get(Field::Description)).filter(|text| !text.is_empty());
    let text = long.unwrap_or_else(|| cells.get(Field::Summary));
    // WooCommerce writes line breaks this way.
    has_any.then(|| text.replace("\\n", "\n"))
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
