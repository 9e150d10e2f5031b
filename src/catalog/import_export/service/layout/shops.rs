//! Export formats of other shops.

use super::headings::{Field, Known};

/// Export format of a shop.
#[derive(Debug)]
pub struct Format {
    /// Name of the shop.
    pub name: &'static str,
    /// The headings that identify its files.
    pub required_headings: &'static [&'static str],
    pub known: Known,
    /// Separators of the categories of a product, and of the levels of a category.
    pub separator: char,
    pub levels: char,
    /// Root of all categories, which is removed.
    pub root: Option<&'static str>,
    pub variants: Variants,
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

pub const FORMATS: [Format; 8] = [
    Format {
        name: "WooCommerce",
        required_headings: &["name", "regular price"],
        known: &[
            (Field::Id, &["id"]),
            (Field::Kind, &["type"]),
            (Field::Sku, &["sku"]),
            (Field::Name, &["name"]),
            (Field::Published, &["published"]),
            (Field::Description, &["description"]),
            (Field::Summary, &["short description"]),
            (Field::Stock, &["stock"]),
            (Field::Price, &["regular price"]),
            (Field::Category, &["categories"]),
            (Field::Images, &["images"]),
            (Field::Parent, &["parent"]),
            (Field::Brand, &["brands"]),
            (Field::Tags, &["tags"]),
        ],
        separator: ',',
        levels: '>',
        root: None,
        variants: Variants::OfKind(&["variation"]),
    },
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
        separator: ',',
        levels: '/',
        root: Some("Default Category"),
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
        separator: ',',
        levels: '/',
        root: Some("Home"),
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
        separator: ';',
        levels: '/',
        root: None,
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
        separator: ',',
        levels: '>',
        root: None,
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
        separator: ';',
        levels: '>',
        root: None,
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
        separator: ';',
        levels: '/',
        root: None,
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
        separator: ',',
        levels: '/',
        root: None,
        variants: Variants::Absent,
    },
];
