//! Products as rows of an imported file describe them.

use std::borrow::Cow;

use crate::catalog::product::service::ProductFields;
use crate::catalog::product::service::variants::ImportedVariant;

/// A product of one or more imported rows.
#[derive(Clone, Debug)]
pub struct ImportedProduct {
    pub found_by: FoundBy,
    /// The name is always present. The prices, SKUs and stocks are those of the variants, and the categories are
    /// passed to [`ImportBatch::put`](super::ImportBatch::put).
    pub fields: ProductFields,
    /// At least one. Several have the same options, and values of all of them. A cleared SKU doesn't apply to a product
    /// without options that is found by its name.
    pub variants: Vec<ImportedVariant>,
    /// The slugs of all related products.
    pub related: Option<Vec<String>>,
}

/// The key that imported rows identify their product by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// An SKU, then the slug. A row without both: the name, if only one product has it.
    SkuThenSlug,
    /// The slug.
    Slug,
    /// The slug, then the SKU of the first variant.
    SlugThenSku,
}

/// An error in a field of an imported row.
#[derive(Clone, Debug)]
pub struct FieldError {
    /// Line of the row. Default: the first one of the product.
    pub line: Option<u64>,
    pub field: &'static str,
    pub message: Cow<'static, str>,
}

impl FieldError {
    pub(super) const fn new(field: &'static str, message: &'static str) -> Self {
        Self {
            line: None,
            field,
            message: Cow::Borrowed(message),
        }
    }
}

impl ImportedProduct {
    pub fn name(&self) -> &str {
        self.fields.name.as_deref().unwrap_or_default()
    }

    /// The SKUs of the variants, in the order of their rows.
    pub fn skus(&self) -> impl Iterator<Item = &String> {
        self.variants.iter().filter_map(ImportedVariant::sku)
    }

    /// The SKUs that identify the product.
    pub(super) fn identifying_skus(&self) -> impl Iterator<Item = &String> {
        let count = match self.found_by {
            FoundBy::SkuThenSlug => usize::MAX,
            FoundBy::SlugThenSku => 1,
            FoundBy::Slug => 0,
        };
        let variants = self.variants.iter().take(count);
        variants.filter_map(ImportedVariant::sku)
    }

    /// Whether the product is identified by its name only.
    pub(super) fn is_found_by_name(&self) -> bool {
        self.found_by == FoundBy::SkuThenSlug
            && self.fields.slug.is_none()
            && self.skus().next().is_none()
    }
}
