//! The audit entries of products.

use super::batch::CategorizedProduct;
use crate::catalog::product::entity::Model;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::platform::audit::service::Entry;

/// Returns the entry of a change. `before` is `None` for a new product, `after` for a deleted one.
pub(super) fn entry(
    action: &'static str,
    before: Option<&CategorizedProduct>,
    after: Option<&CategorizedProduct>,
    currency: Currency,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(CategorizedProduct { product, .. }) = after.or(before) {
        entry = entry.about(product.id).called(&product.name);
    }
    let values = |product: Option<&CategorizedProduct>| {
        product.map_or_else(Default::default, |found| values(&found.product, currency))
    };
    let pairs = values(before).into_iter().zip(values(after));
    for (field, (before, after)) in FIELDS.into_iter().zip(pairs) {
        entry = entry.change(field, before, after);
    }
    let text = |product: Option<&CategorizedProduct>| {
        product.map(|found| found.product.description.clone())
    };
    let (old_text, new_text) = (text(before), text(after));
    let entry = entry.change_text("description", old_text.as_deref(), new_text.as_deref());
    let ids = |product: Option<&CategorizedProduct>| product.map(category_ids);
    let scheduled =
        |product: Option<&CategorizedProduct>| product?.product.available_from?.format();
    let product_type = |product: Option<&CategorizedProduct>| {
        product?.product.product_type_id.map(TypedId::encode)
    };
    let get = |field: fn(&Model) -> Option<&str>| {
        let [before, after] = [before, after].map(|found| found.map(|found| &found.product));
        (before.and_then(field), after.and_then(field))
    };
    let (old_html, new_html) = get(|product| product.description_html.as_deref());
    let (old_brand, new_brand) = get(|product| product.brand.as_deref());
    let (old_title, new_title) = get(|product| product.seo_title.as_deref());
    let (old_seo, new_seo) = get(|product| product.seo_description.as_deref());
    let tags = |product: Option<&CategorizedProduct>| {
        let tags = &product?.tags;
        (!tags.is_empty()).then(|| tags.join(", "))
    };
    entry
        .change("categoryIds", ids(before), ids(after))
        .change_text("brand", old_brand, new_brand)
        .change("tags", tags(before), tags(after))
        .change(
            "relatedProductIds",
            before.and_then(related_ids),
            after.and_then(related_ids),
        )
        .change("productTypeId", product_type(before), product_type(after))
        .change("availableFrom", scheduled(before), scheduled(after))
        .change_text("seoTitle", old_title, new_title)
        .change_text("seoDescription", old_seo, new_seo)
        .change_text("descriptionHtml", old_html, new_html)
}

/// The fields whose values are recorded in full.
const FIELDS: [&str; 7] = [
    "name",
    "slug",
    "sku",
    "price",
    "stock",
    "status",
    "categoryId",
];

fn values(product: &Model, currency: Currency) -> [Option<String>; 7] {
    [
        Some(product.name.clone()),
        Some(product.slug.clone()),
        product.sku.clone(),
        Some(Decimal::from_minor(product.price, currency).to_string()),
        Some(product.stock.to_string()),
        Some(product.status.as_str().to_owned()),
        Some(product.category_id.encode()),
    ]
}

/// All categories of a product, independent of their order.
fn category_ids(product: &CategorizedProduct) -> String {
    let mut ids = product.categories.clone();
    ids.sort_unstable();
    join(&ids)
}

/// The related products, if any were read.
fn related_ids(product: &CategorizedProduct) -> Option<String> {
    (!product.related.is_empty()).then(|| join(&product.related))
}

fn join<Id: TypedId>(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| id.encode()).collect();
    ids.join(", ")
}
