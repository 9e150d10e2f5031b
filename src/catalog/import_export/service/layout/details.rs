//! Converts the description, the brand, the tags and the texts for search engines in another shop's file. Other shops
//! have other limits, so a value that exceeds ours is left out.

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::cells::split_tags;
use crate::catalog::import_export::service::row::Checks;
use crate::catalog::product::service::{
    Details, MAX_TAGS, check_brand, check_seo_description, check_seo_title, check_tags,
};
use crate::core::html::{self, MAX_HTML, RichText};
use crate::core::patch::Patch;
use crate::core::text;

/// Converts the fields, except for the description.
pub fn details(cells: &Cells<'_>, notices: &mut Checks) -> Details {
    Details {
        brand: line(cells, Field::Brand, check_brand, notices),
        tags: tags(cells, notices),
        seo_title: line(cells, Field::SeoTitle, check_seo_title, notices),
        seo_description: line(cells, Field::SeoDescription, check_seo_description, notices),
        ..Details::default()
    }
}

/// Converts an HTML description. Without the formatting if it is too large.
pub fn description(
    html: &str,
    column: &str,
    notices: &mut Checks,
) -> Result<RichText, &'static str> {
    if html.len() <= MAX_HTML {
        return RichText::parse(html);
    }
    let text = text::check_description(&html::to_text(html))?;
    let message =
        format!("Only the text is imported: at most {MAX_HTML} bytes of HTML are allowed.");
    notices.add(column, message);
    Ok(RichText { html: None, text })
}

/// An empty cell clears the field.
fn line(
    cells: &Cells<'_>,
    field: Field,
    check: fn(&str) -> Result<String, String>,
    notices: &mut Checks,
) -> Patch<String> {
    if !cells.has(field) {
        return Patch::Keep;
    }
    match cells.get(field) {
        "" => Patch::Clear,
        cell => match check(cell) {
            Ok(line) => Patch::Set(line),
            Err(why) => {
                notices.add(cells.name(field), format!("The value is ignored: {why}"));
                Patch::Keep
            }
        },
    }
}

fn tags(cells: &Cells<'_>, notices: &mut Checks) -> Option<Vec<String>> {
    if !cells.has(Field::Tags) {
        return None;
    }
    let all: Vec<_> = split_tags(cells.get(Field::Tags)).collect();
    let mut valid: Vec<_> = all
        .iter()
        .copied()
        .filter(|tag| text::check_tag(tag).is_ok())
        .collect();
    valid.truncate(MAX_TAGS);
    if valid.len() < all.len() {
        let message = format!(
            "{} tags are ignored: a product has at most {MAX_TAGS}, each of at most {} characters.",
            all.len() - valid.len(),
            text::MAX_TAG
        );
        notices.add(cells.name(Field::Tags), message);
    }
    check_tags(valid).ok()
}
