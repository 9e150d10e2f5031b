//! Fields that describe a product: brand, tags, texts for search engines, the description as HTML, the scheduled
//! publication, and related products.

use std::collections::HashSet;

use super::relations::check_related;
use crate::catalog::attribute::ProductTypeId;
use crate::catalog::product::entity::{Model, ProductId};
use crate::core::clock::Timestamp;
use crate::core::html::RichText;
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;

/// The maximum number of tags of a product.
pub const MAX_TAGS: usize = 50;
/// The maximum length of a brand in characters.
pub const MAX_BRAND: usize = 100;

/// The maximum length of a title for search engines in characters.
const MAX_SEO_TITLE: usize = 200;
/// The maximum length of a description for search engines in characters.
const MAX_SEO_DESCRIPTION: usize = 500;

/// The fields as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct DetailsInput {
    pub brand: Patch<String>,
    pub tags: Patch<Vec<String>>,
    pub seo_title: Patch<String>,
    pub seo_description: Patch<String>,
    pub description_html: Patch<String>,
    pub available_from: Patch<Timestamp>,
    /// The ids of all related products.
    pub related: Patch<Vec<String>>,
    /// The id of the product type.
    pub product_type: Patch<String>,
}

/// Checked fields. Absent fields keep their values.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub brand: Patch<String>,
    /// All tags, each once regardless of case.
    pub tags: Option<Vec<String>>,
    pub seo_title: Patch<String>,
    pub seo_description: Patch<String>,
    /// Replaces the plain text too. Cleared, it removes the formatting and keeps the text.
    pub description_html: Patch<RichText>,
    /// The time when the product becomes active. Only for drafts.
    pub available_from: Patch<Timestamp>,
    /// All related products.
    pub related: Option<Vec<ProductId>>,
    pub product_type: Patch<ProductTypeId>,
}

impl DetailsInput {
    pub(super) fn check(self, validator: &mut Validator) -> Details {
        let brand = validator.patch("brand", self.brand, |brand| check_brand(&brand));
        let tags = match self.tags {
            Patch::Keep => None,
            Patch::Clear => Some(Vec::new()),
            Patch::Set(tags) => Some(check_each_tag(validator, &tags)),
        };
        let seo_title =
            validator.patch("seoTitle", self.seo_title, |title| check_seo_title(&title));
        let seo_description = validator.patch("seoDescription", self.seo_description, |text| {
            check_seo_description(&text)
        });
        let description_html = validator.patch("descriptionHtml", self.description_html, |html| {
            RichText::parse(&html)
        });
        let related = match self.related {
            Patch::Keep => None,
            Patch::Clear => Some(Vec::new()),
            Patch::Set(ids) => Some(check_related(validator, &ids)),
        };
        let product_type = validator.patch("productTypeId", self.product_type, |id| {
            ProductTypeId::parse(&id, "").map_err(|error| error.message().to_owned())
        });
        Details {
            brand,
            tags,
            seo_title,
            seo_description,
            description_html,
            available_from: self.available_from,
            related,
            product_type,
        }
    }
}

impl Details {
    /// Returns the product type that the product gets.
    pub(super) const fn product_type(&self) -> Option<ProductTypeId> {
        match self.product_type {
            Patch::Set(id) => Some(id),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Sets the fields that are columns of the product.
    pub(super) fn apply(self, product: &mut Model) {
        product.brand = self.brand.apply_to(product.brand.take());
        product.seo_title = self.seo_title.apply_to(product.seo_title.take());
        product.seo_description = self
            .seo_description
            .apply_to(product.seo_description.take());
        product.available_from = self.available_from.apply_to(product.available_from);
        product.product_type_id = self.product_type.apply_to(product.product_type_id);
        match self.description_html {
            Patch::Keep => {}
            Patch::Clear => product.description_html = None,
            Patch::Set(RichText { html, text }) => {
                product.description_html = html;
                product.description = text;
            }
        }
    }
}

/// Validates and normalises a brand.
pub fn check_brand(brand: &str) -> Result<String, String> {
    text::check_line(brand, MAX_BRAND)
}

/// Validates and normalises a title for search engines.
pub fn check_seo_title(title: &str) -> Result<String, String> {
    text::check_line(title, MAX_SEO_TITLE)
}

/// Validates and normalises a description for search engines.
pub fn check_seo_description(description: &str) -> Result<String, String> {
    text::check_line(description, MAX_SEO_DESCRIPTION)
}

/// Validates and normalises tags. Of equal tags the first remains.
///
/// # Errors
/// The reason for the first invalid tag.
pub fn check_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let tags = tags.into_iter().map(text::check_tag);
    let tags = distinct(tags.collect::<Result<_, _>>()?);
    if tags.len() > MAX_TAGS {
        return Err(too_many_tags());
    }
    Ok(tags)
}

/// Like [`check_tags`], with an error for each invalid tag.
fn check_each_tag(validator: &mut Validator, tags: &[String]) -> Vec<String> {
    if tags.len() > MAX_TAGS {
        validator.check::<()>("tags", Err(too_many_tags()));
        return Vec::new();
    }
    let tags = tags.iter().zip(0_usize..);
    let tags = tags.filter_map(|(tag, number)| {
        validator.check(&format!("tags.{number}"), text::check_tag(tag))
    });
    distinct(tags.collect())
}

fn too_many_tags() -> String {
    format!("At most {MAX_TAGS} tags are allowed.")
}

fn distinct(mut tags: Vec<String>) -> Vec<String> {
    let mut keys = HashSet::new();
    tags.retain(|tag| keys.insert(text::tag_key(tag)));
    tags
}
