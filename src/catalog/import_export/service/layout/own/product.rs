//! The product of the first of its rows.

use super::columns::{Cells, Column};
use crate::catalog::import_export::service::cells;
use crate::catalog::import_export::service::row::Checks;
use crate::catalog::product::service::{
    Details, MAX_RELATED, ProductFields, check_brand, check_seo_description, check_seo_title,
    check_tags,
};
use crate::core::clock::Timestamp;
use crate::core::html::RichText;
use crate::core::patch::Patch;
use crate::core::{slug, text};

/// Converts the fields of a product, except for those of its variants and its categories. `None` without a valid name.
pub fn fields(cells: &Cells<'_>, checks: &mut Checks) -> Option<ProductFields> {
    let name = text::check_name(cells.text(Column::Name));
    let name = checks.check(Column::Name.heading(), name);
    let slug = cells.filled(Column::Slug).map(text::clean_line);
    let slug = slug.and_then(|slug| checks.check(Column::Slug.heading(), slug::check(&slug)));
    let description = cells.get(Column::Description).map(text::check_description);
    let description =
        description.and_then(|text| checks.check(Column::Description.heading(), text));
    let status = cells::status(cells.text(Column::Status));
    let status = checks.check(Column::Status.heading(), status);
    let details = details(cells, checks);
    // The HTML contains the text.
    let is_rich = matches!(details.description_html, Patch::Set(_));
    Some(ProductFields {
        name: Some(name?),
        slug,
        description: description.filter(|_| !is_rich),
        status: status.flatten(),
        details,
        ..ProductFields::default()
    })
}

/// Converts the columns that describe a product. An empty cell clears the field; an empty `description_html` removes
/// the formatting.
fn details(cells: &Cells<'_>, checks: &mut Checks) -> Details {
    let tags = cells
        .get(Column::Tags)
        .map(|tags| check_tags(cells::split_tags(tags)));
    let tags = tags.and_then(|tags| checks.check(Column::Tags.heading(), tags));
    let mut line =
        |column: Column, check: fn(&str) -> Result<String, String>| match cells.get(column) {
            None => Patch::Keep,
            Some(line) if cells::is_blank(line) => Patch::Clear,
            Some(line) => checks.check(column.heading(), check(line)).into(),
        };
    Details {
        brand: line(Column::Brand, check_brand),
        tags,
        seo_title: line(Column::SeoTitle, check_seo_title),
        seo_description: line(Column::SeoDescription, check_seo_description),
        description_html: match cells.get(Column::DescriptionHtml) {
            None => Patch::Keep,
            Some(html) if cells::is_blank(html) => Patch::Clear,
            Some(html) => checks
                .check(Column::DescriptionHtml.heading(), RichText::parse(html))
                .into(),
        },
        available_from: match cells.get(Column::AvailableFrom) {
            None => Patch::Keep,
            Some(time) if cells::is_blank(time) => Patch::Clear,
            Some(time) => {
                let time = Timestamp::parse_rfc3339(text::clean_line(time).trim());
                let time = time.map_err(|_| "Write the date and time as 2026-03-01T12:00:00Z.");
                checks.check(Column::AvailableFrom.heading(), time).into()
            }
        },
        related: None,
        product_type: Patch::Keep,
    }
}

/// Converts the slugs of the related products. `None` if the column is missing.
pub fn related(cells: &Cells<'_>, checks: &mut Checks) -> Option<Vec<String>> {
    let cell = cells.get(Column::RelatedProducts)?;
    let slugs = cell.split(',').filter(|slug| !cells::is_blank(slug));
    let slugs: Result<Vec<_>, _> = slugs
        .map(|slug| slug::check(text::clean_line(slug).trim()))
        .collect();
    let slugs = checks.check(Column::RelatedProducts.heading(), slugs)?;
    if slugs.len() > MAX_RELATED {
        let message = format!("At most {MAX_RELATED} related products are allowed.");
        checks.add(Column::RelatedProducts.heading(), message);
    }
    Some(slugs)
}
