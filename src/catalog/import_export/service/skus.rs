//! Placeholder SKUs.

use super::cells;

/// Common placeholders for a missing SKU, in lowercase.
const PLACEHOLDERS: [&str; 20] = [
    "n/a",
    "#n/a",
    "n.a.",
    "n.a",
    "na",
    "nan",
    "null",
    "nil",
    "none",
    "no sku",
    "nosku",
    "tbd",
    "tba",
    "tbc",
    "todo",
    "unknown",
    "undefined",
    "#ref!",
    "#value!",
    "#name?",
];

/// Whether a SKU is a placeholder, such as `N/A` or `-`. Products with the same placeholder are different products.
pub fn is_placeholder(sku: &str) -> bool {
    let sku = sku.trim();
    let lower = sku.to_lowercase();
    PLACEHOLDERS.contains(&lower.as_str())
        || (!sku.is_empty() && !sku.contains(char::is_alphanumeric))
}

/// Returns the message for an ignored placeholder.
pub fn ignored_placeholder(sku: &str) -> String {
    format!(
        "{} is not a SKU: the product is imported without it.",
        cells::shorten(sku)
    )
}
