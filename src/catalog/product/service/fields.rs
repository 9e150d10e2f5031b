//! The fields of a product as clients send them, and as they are applied.

use super::batch::CategorizedProduct;
use super::details::{Details, DetailsInput};
use super::rules::{check_categories, check_stock};
use crate::catalog::attribute::service::ValueInput;
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::Status;
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::{slug, text};

/// The fields of a product as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct ProductInput {
    pub name: Patch<String>,
    pub slug: Patch<String>,
    pub sku: Patch<String>,
    pub description: Patch<String>,
    pub price: Patch<Decimal>,
    pub stock: Patch<i32>,
    /// The stock that the client has read. An update fails if the product has another one.
    pub expected_stock: Option<i32>,
    pub status: Patch<Status>,
    /// The id of the primary category.
    pub category: Patch<String>,
    /// The ids of all additional categories.
    pub additional: Patch<Vec<String>>,
    pub details: DetailsInput,
    /// New values of attributes, checked when they are set.
    pub attributes: Vec<ValueInput>,
}

/// Checked fields of a product. Absent fields keep their values.
#[derive(Clone, Debug, Default)]
pub struct ProductFields {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub sku: Patch<String>,
    pub description: Option<String>,
    /// Minor units.
    pub price: Option<i64>,
    pub stock: Option<i32>,
    pub status: Option<Status>,
    /// The primary category.
    pub category: Option<CategoryId>,
    /// All additional categories.
    pub additional: Option<Vec<CategoryId>>,
    pub details: Details,
}

impl ProductInput {
    /// Checks all fields. The result is only valid if the form has no errors.
    pub(super) fn check(self, validator: &mut Validator, currency: Currency) -> ProductFields {
        let name = validator.required("name", self.name);
        let name = name.and_then(|name| validator.check("name", text::check_name(&name)));
        let slug = validator.required("slug", self.slug);
        let slug = slug.and_then(|slug| validator.check("slug", slug::check(&slug)));
        let sku = validator.patch("sku", self.sku, |sku| text::check_sku(&sku));
        let has_description = self.description != Patch::Keep;
        let description = validator.patch("description", self.description, |text| {
            text::check_description(&text)
        });
        let has_html = matches!(self.details.description_html, Patch::Set(_));
        if has_html && has_description {
            let message = "Give either `description` or `descriptionHtml`.";
            validator.check::<()>("descriptionHtml", Err(message));
        }
        let price = validator.required("price", self.price);
        let price = price.and_then(|price| validator.check("price", price.to_price(currency)));
        let stock = validator.required("stock", self.stock);
        let stock = stock.and_then(|stock| validator.check("stock", check_stock(stock)));
        if let Some(expected) = self.expected_stock {
            validator.check("expectedStock", check_stock(expected));
        }
        let status = validator.required("status", self.status);
        let category = validator.required("categoryId", self.category);
        let category = category.and_then(|id| validator.id("categoryId", &id));
        let additional = match self.additional {
            Patch::Keep => None,
            Patch::Clear => Some(Vec::new()),
            Patch::Set(ids) => Some(check_categories(validator, "categoryIds", &ids)),
        };
        ProductFields {
            name,
            slug,
            sku,
            description: match description {
                Patch::Keep => None,
                Patch::Clear => Some(String::new()),
                Patch::Set(text) => Some(text),
            },
            price,
            stock,
            status,
            category,
            additional,
            details: self.details.check(validator),
        }
    }
}

impl ProductFields {
    /// Returns the product with these fields. Its version and time of change stay the same.
    ///
    /// A new primary category replaces the former one, unless `additional` names that.
    pub(super) fn apply(self, before: &CategorizedProduct) -> CategorizedProduct {
        let mut product = before.product.clone();
        if let Some(name) = self.name {
            product.name_key = text::sort_key(&name);
            product.name = name;
        }
        product.slug = self.slug.unwrap_or(product.slug);
        product.sku = self.sku.apply_to(product.sku);
        if let Some(text) = self.description.filter(|text| *text != product.description) {
            product.description = text;
            product.description_html = None;
        }
        product.price = self.price.unwrap_or(product.price);
        product.stock = self.stock.unwrap_or(product.stock);
        if let Some(status) = self.status.filter(|status| *status != product.status) {
            product.status = status;
            // The schedule was for the former status.
            product.available_from = None;
        }
        product.category_id = self.category.unwrap_or(product.category_id);
        let additional = self.additional.as_deref();
        let mut details = self.details;
        let tags = details.tags.take().unwrap_or_else(|| before.tags.clone());
        let related = details
            .related
            .take()
            .unwrap_or_else(|| before.related.clone());
        details.apply(&mut product);
        let additional = additional.unwrap_or(before.additional());
        CategorizedProduct {
            related,
            ..CategorizedProduct::new(product, additional, tags)
        }
    }
}
