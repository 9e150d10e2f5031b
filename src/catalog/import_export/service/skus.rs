//! SKUs that are none.

use super::cells;

/// What people and programs write where there is no SKU, in lower case.
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

/// Whether a SKU stands for none, such as `N/A` or `-`: products that share it are not one.
pub fn is_placeholder(sku: &str) -> bool {
    let sku = sku.trim();
    let lower = sku.to_lowercase();
    PLACEHOLDERS.contains(&lower.as_str())
        || (!sku.is_empty() && !sku.contains(char::is_alphanumeric))
}

/// The notice of a SKU that was left out.
pub fn left_out(sku: &str) -> String {
    format!(
        "{} is no SKU: the product is imported without it.",
        cells::short(sku)
    )
}
