//! The fields of a product as clients send them, and as they are applied.

use super::batch::CategorizedProduct;
use super::rules::{check_categories, check_stock};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::Status;
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::validation::Form;
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
}

impl ProductInput {
    /// Checks all fields. The result is only valid if the form has no errors.
    pub(super) fn check(self, form: &mut Form, currency: Currency) -> ProductFields {
        let name = form.required("name", self.name);
        let name = name.and_then(|name| form.check("name", text::check_name(&name)));
        let slug = form.required("slug", self.slug);
        let slug = slug.and_then(|slug| form.check("slug", slug::check(&slug)));
        let sku = form.patch("sku", self.sku, |sku| text::check_sku(&sku));
        let description = form.patch("description", self.description, |text| {
            text::check_description(&text)
        });
        let price = form.required("price", self.price);
        let price = price.and_then(|price| form.check("price", price.to_price(currency)));
        let stock = form.required("stock", self.stock);
        let stock = stock.and_then(|stock| form.check("stock", check_stock(stock)));
        if let Some(expected) = self.expected_stock {
            form.check("expectedStock", check_stock(expected));
        }
        let status = form.required("status", self.status);
        let category = form.required("categoryId", self.category);
        let category = category.and_then(|id| form.id("categoryId", &id));
        let additional = match self.additional {
            Patch::Keep => None,
            Patch::Clear => Some(Vec::new()),
            Patch::Set(ids) => Some(check_categories(form, "categoryIds", &ids)),
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
        product.sku = self.sku.over(product.sku);
        product.description = self.description.unwrap_or(product.description);
        product.price = self.price.unwrap_or(product.price);
        product.stock = self.stock.unwrap_or(product.stock);
        product.status = self.status.unwrap_or(product.status);
        product.category_id = self.category.unwrap_or(product.category_id);
        let additional = self.additional.as_deref();
        CategorizedProduct::new(product, additional.unwrap_or(before.additional()))
    }
}
