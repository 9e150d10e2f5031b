//! Audit entries of product changes.

use super::rules::links;
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::Model;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::platform::audit::service::Entry;

/// Creates the audit entry of a change. `before` is `None` for a new product, `after` for a deleted one.
pub(super) fn entry(
    action: &'static str,
    before: Option<&Model>,
    after: Option<&Model>,
    currency: Currency,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(product) = after.or(before) {
        entry = entry.about(product.id).called(&product.name);
    }
    let values = |product: Option<&Model>| {
        product.map_or_else(Default::default, |product| values(product, currency))
    };
    let pairs = values(before).into_iter().zip(values(after));
    for (field, (before, after)) in FIELDS.into_iter().zip(pairs) {
        entry = entry.change(field, before, after);
    }
    let text = |product: Option<&Model>| product.map(|product| product.description.clone());
    let (before, after) = (text(before), text(after));
    entry.change_text("description", before.as_deref(), after.as_deref())
}

/// Fields whose values are recorded unabridged.
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

/// Adds the categories before and after to an entry.
pub(super) fn with_categories(
    entry: Entry,
    before: Option<(&Model, &[CategoryId])>,
    after: Option<(&Model, &[CategoryId])>,
) -> Entry {
    let ids = |placed: Option<(&Model, &[CategoryId])>| {
        placed.map(|(product, further)| {
            let ids = category_set(product, further);
            let ids = ids.into_iter().map(TypedId::encode);
            ids.collect::<Vec<_>>().join(", ")
        })
    };
    entry.change("categoryIds", ids(before), ids(after))
}

/// Returns all categories of a product, sorted by ID.
pub(super) fn category_set(product: &Model, further: &[CategoryId]) -> Vec<CategoryId> {
    let links = links(product, further);
    let mut ids: Vec<_> = links.into_iter().map(|link| link.category_id).collect();
    ids.sort_unstable();
    ids
}
