//! Export formats of other shops.

use super::headings::{Field, Known};
use crate::catalog::import_export::service::paths::{self, Path};

/// Export format of a shop.
#[derive(Debug)]
pub struct Format {
    /// Name of the shop.
    pub name: &'static str,
    /// The headings that identify its files.
    pub required_headings: &'static [&'static str],
    pub known: Known,
    pub separators: Separators,
    pub variants: Variants,
}

/// How categories are written in a cell.
#[derive(Clone, Copy, Debug)]
pub struct Separators {
    /// Separator of the categories of a product, and of its images.
    pub values: char,
    /// Separator of the levels of a category.
    pub levels: char,
    /// Root of all categories, which is removed.
    pub root: Option<&'static str>,
}

impl Separators {
    /// Parses the categories in a cell.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn paths(&self, cell: &str) -> Result<Vec<Path>, String> {
        let mut paths: Vec<Path> = Vec::new();
        let mut path = String::new();
        for part in cell.split(self.values) {
            // A backslash escapes a separator in a name.
            if let Some(open) = part.strip_suffix('\\') {
                path.push_str(open);
                path.push(self.values);
                continue;
            }
            path.push_str(part);
            let names = std::mem::take(&mut path);
            let names = names.split(self.levels).map(str::trim);
            let mut names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
            if names.len() > 1 && names.first().copied() == self.root {
                names.remove(0);
            }
            if names.is_empty() {
                continue;
            }
            let names = paths::check(names.into_iter().map(ToOwned::to_owned))?;
            if !paths.contains(&names) {
                paths.push(names);
            }
        }
        paths.truncate(paths::MAX_PATHS);
        Ok(paths)
    }
}

/// Rows that are variants of the preceding product.
#[derive(Clone, Copy, Debug)]
pub enum Variants {
    /// Rows whose type begins with one of these, in lowercase.
    OfKind(&'static [&'static str]),
    /// Rows with the same name.
    SameName,
    /// The format has no variants.
    Absent,
}

pub const FORMATS: [Format; 7] = [
    Format {
        name: "Magento",
        required_headings: &["sku", "product_type", "attribute_set_code", "price"],
        known: &[
            (Field::StoreView, &["store_view_code"]),
            (Field::Kind, &["product_type"]),
            (Field::Sku, &["sku"]),
            (Field::Name, &["name"]),
            (Field::Handle, &["url_key"]),
            (Field::Published, &["product_online"]),
            (Field::Description, &["description"]),
            (Field::Summary, &["short_description"]),
            (Field::Stock, &["qty"]),
            (Field::Price, &["price"]),
            (Field::Category, &["categories"]),
            (Field::Images, &["base_image"]),
        ],
        separators: Separators {
            values: ',',
            levels: '/',
            root: Some("Default Category"),
        },
        variants: Variants::Absent,
    },
    Format {
        name: "PrestaShop",
        required_headings: &["product id"],
        known: &[
            (Field::Id, &["product id"]),
            (Field::Published, &["active (0/1)", "active", "status"]),
            (Field::Name, &["name *", "name", "name*"]),
            (
                Field::Category,
                &["categories (x,y,z...)", "categories", "category"],
            ),
            (
                Field::Price,
                &[
                    "price tax excluded or price tax included",
                    "price tax excluded",
                    "price tax included",
                    "price (tax excl.)",
                    "price (tax incl.)",
                ],
            ),
            (Field::Sku, &["reference #", "reference"]),
            (Field::Stock, &["quantity"]),
            (Field::Summary, &["summary", "short description"]),
            (Field::Description, &["description"]),
            (Field::Images, &["image urls (x,y,z...)", "image"]),
        ],
        separators: Separators {
            values: ',',
            levels: '/',
            root: Some("Home"),
        },
        variants: Variants::Absent,
    },
    Format {
        name: "BigCommerce",
        required_headings: &["item type", "product name", "price"],
        known: &[
            (Field::Kind, &["item type"]),
            (Field::Id, &["product id"]),
            (Field::Name, &["product name"]),
            (Field::Sku, &["product code/sku", "product sku"]),
            (Field::Description, &["product description"]),
            (Field::Price, &["price"]),
            (Field::Published, &["product visible?", "product visible"]),
            (Field::Stock, &["current stock level", "stock level"]),
            (Field::Category, &["category", "category string"]),
            (
                Field::Images,
                &["product image url - 1", "product image file - 1"],
            ),
        ],
        separators: Separators {
            values: ';',
            levels: '/',
            root: None,
        },
        variants: Variants::OfKind(&["sku", "rule"]),
    },
    Format {
        name: "Square",
        required_headings: &["item name", "variation name", "price"],
        known: &[
            (Field::Name, &["item name"]),
            (Field::Sku, &["sku"]),
            (Field::Description, &["description"]),
            (Field::Price, &["price"]),
            (
                Field::Category,
                &["category", "categories", "reporting category"],
            ),
            (Field::Option1, &["variation name"]),
        ],
        separators: Separators {
            values: ',',
            levels: '>',
            root: None,
        },
        variants: Variants::SameName,
    },
    Format {
        name: "Wix",
        required_headings: &["handleid", "fieldtype", "name", "price"],
        known: &[
            (Field::Id, &["handleid"]),
            (Field::Kind, &["fieldtype"]),
            (Field::Name, &["name"]),
            (Field::Description, &["description"]),
            (Field::Images, &["productimageurl"]),
            (Field::Category, &["collection"]),
            (Field::Sku, &["sku"]),
            (Field::Price, &["price"]),
            (Field::Published, &["visible"]),
            (Field::Stock, &["inventory"]),
        ],
        separators: Separators {
            values: ';',
            levels: '>',
            root: None,
        },
        variants: Variants::OfKind(&["variant", "choice"]),
    },
    // The newer BigCommerce export, with category IDs instead of names.
    Format {
        name: "BigCommerce",
        required_headings: &["item", "id", "name", "inventory tracking", "price"],
        known: &[
            (Field::Kind, &["item"]),
            (Field::Id, &["id"]),
            (Field::Name, &["name"]),
            (Field::Sku, &["sku"]),
            (Field::Description, &["description"]),
            (Field::Price, &["price"]),
            (Field::Published, &["is visible"]),
            (Field::Stock, &["current stock"]),
        ],
        separators: Separators {
            values: ';',
            levels: '/',
            root: None,
        },
        variants: Variants::OfKind(&["variant", "image", "video", "rule"]),
    },
    Format {
        name: "Magento 1",
        required_headings: &["sku", "attribute_set", "type", "name", "price"],
        known: &[
            (Field::Kind, &["type"]),
            (Field::Sku, &["sku"]),
            (Field::Name, &["name"]),
            (Field::Handle, &["url_key"]),
            (Field::Description, &["description"]),
            (Field::Summary, &["short_description"]),
            (Field::Stock, &["qty"]),
            (Field::Price, &["price"]),
        ],
        separators: Separators {
            values: ',',
            levels: '/',
            root: None,
        },
        variants: Variants::Absent,
    },
];
