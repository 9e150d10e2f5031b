//! An assertion of debug builds: a transaction that writes to a table of the catalog has to call
//! [`Transaction::touch`](super::Transaction::touch). A forgotten call would leave stale responses in the read cache.

use std::sync::atomic::{AtomicBool, Ordering};

use super::changed_parts::ChangedParts;

/// The tables that the catalog is read from.
pub const CATALOG_TABLES: [&str; 35] = [
    "attribute_choices",
    "attribute_values",
    "attributes",
    "categories",
    "category_images",
    "category_index",
    "category_index_words",
    "category_search",
    "category_slugs",
    "category_words",
    "product_categories",
    "price_history",
    "product_images",
    "product_index",
    "product_index_words",
    "product_option_values",
    "product_options",
    "product_relations",
    "product_search",
    "product_slugs",
    "product_tags",
    "product_type_attributes",
    "product_types",
    "product_words",
    "products",
    "search_generation",
    "search_synonym_terms",
    "search_synonyms",
    "search_variants",
    "shipping_methods",
    "shipping_zones",
    "stock_levels",
    "variant_values",
    "variants",
    "zone_countries",
];

/// The parts of the catalog that a statement writes to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Targets {
    products: bool,
    categories: bool,
}

impl Targets {
    /// Reads them from the text of a statement. Always empty in release builds.
    pub(super) fn of(sql: &str) -> Self {
        if !cfg!(debug_assertions) {
            return Self::default();
        }
        let sql = sql.to_ascii_lowercase();
        let mut words = sql
            .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .filter(|word| !word.is_empty());
        // The name of a table may also be that of a column, as in `cart_lines`.
        let table = match words.next() {
            Some("insert") => words
                .find(|word| *word == "into")
                .and_then(|_| words.next()),
            Some("delete") => words
                .find(|word| *word == "from")
                .and_then(|_| words.next()),
            Some("update") => words.next(),
            Some("with") => words.find(|word| CATALOG_TABLES.contains(word)),
            _ => None,
        };
        let table = table.filter(|table| CATALOG_TABLES.contains(table));
        let table = table.unwrap_or_default();
        let starts_with = |names: &[&str]| names.iter().any(|name| table.starts_with(name));
        // `Query.shop` returns the countries that are shipped to.
        let is_of_shop = starts_with(&["shipping_", "zone_countries"]);
        let of_product = [
            "attribute",
            "price_history",
            "product",
            "stock_levels",
            "variant",
        ];
        Self {
            products: is_of_shop || starts_with(&of_product),
            categories: is_of_shop || table.starts_with("categor"),
        }
    }
}

/// The parts of the catalog that the statements of a transaction have written to.
#[derive(Debug, Default)]
pub(super) struct Written {
    products: AtomicBool,
    categories: AtomicBool,
}

impl Written {
    /// Adds the targets of a statement that has changed rows.
    pub(super) fn add(&self, targets: Targets) {
        self.products.fetch_or(targets.products, Ordering::Relaxed);
        self.categories
            .fetch_or(targets.categories, Ordering::Relaxed);
    }

    /// Returns whether all of them were touched.
    pub(super) fn is_covered(&self, touched: &ChangedParts) -> bool {
        let is_written = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        (!is_written(&self.products) || touched.has_products())
            && (!is_written(&self.categories) || touched.has_categories())
    }
}
