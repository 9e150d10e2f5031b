//! The audit entries of discounts.

use super::Discount;
use crate::core::clock::Timestamp;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::platform::audit::service::Entry;
use crate::sales::discount::entity::Kind;

/// Returns the entry of a change of a discount. `before` is `None` for a new one, `after` for a deleted one.
pub(super) fn entry(
    action: &'static str,
    (before, after): (Option<&Discount>, Option<&Discount>),
    currency: Currency,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(discount) = after.or(before) {
        entry = entry.about(discount.row.id).called(&discount.row.name);
    }
    let values = |discount: Option<&Discount>| {
        discount.map_or_else(Default::default, |discount| values(discount, currency))
    };
    let pairs = values(before).into_iter().zip(values(after));
    for (field, (before, after)) in FIELDS.into_iter().zip(pairs) {
        entry = entry.change(field, before, after);
    }
    let ids = |discount: Option<&Discount>| {
        discount.map(|discount| {
            let categories = discount.categories.iter().map(|id| id.encode());
            let products = discount.products.iter().map(|id| id.encode());
            categories.chain(products).collect::<Vec<_>>().join(", ")
        })
    };
    let (before, after) = (ids(before), ids(after));
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    entry.change_text("targets", Some(&before), Some(&after))
}

const FIELDS: [&str; 13] = [
    "name",
    "code",
    "kind",
    "value",
    "target",
    "minAmount",
    "minQuantity",
    "startsAt",
    "endsAt",
    "combinable",
    "active",
    "usageLimit",
    "perCustomerLimit",
];

fn values(discount: &Discount, currency: Currency) -> [Option<String>; 13] {
    let row = &discount.row;
    let money = |minor| Decimal::from_minor(minor, currency).to_string();
    let count = |count: i32| count.to_string();
    let kind = match row.kind {
        Kind::Percent => "PERCENT",
        Kind::Fixed => "FIXED",
        Kind::FreeShipping => "FREE_SHIPPING",
    };
    let value = match row.kind {
        Kind::Percent => {
            let ppm = u32::try_from(row.value).unwrap_or_default();
            Some(format!("{} %", Decimal::from_ppm(ppm)))
        }
        Kind::Fixed => Some(money(row.value)),
        Kind::FreeShipping => None,
    };
    [
        Some(row.name.clone()),
        row.code.clone(),
        Some(kind.to_owned()),
        value,
        Some(format!("{:?}", row.target).to_uppercase()),
        row.min_amount.map(money),
        row.min_quantity.map(count),
        row.starts_at.and_then(Timestamp::format),
        row.ends_at.and_then(Timestamp::format),
        Some(row.combinable.to_string()),
        Some(row.active.to_string()),
        row.usage_limit.map(count),
        row.per_customer_limit.map(count),
    ]
}
