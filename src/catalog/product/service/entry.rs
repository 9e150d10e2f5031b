//! What the log keeps of a change of a product.

use super::rules::links;
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::Model;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::platform::audit::service::Entry;

/// The entry of a change: nothing before it was made, nothing after it was removed.
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

/// The fields that the log keeps whole.
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

/// The same, with all categories that the product was and is in.
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

/// All categories that a product is in, in no matter which order.
pub(super) fn category_set(product: &Model, further: &[CategoryId]) -> Vec<CategoryId> {
    let links = links(product, further);
    let mut ids: Vec<_> = links.into_iter().map(|link| link.category_id).collect();
    ids.sort_unstable();
    ids
}
