//! The columns of Shopify's product files.

use crate::catalog::import_export::service::layout::headings::{Field, Known};

/// The headings until 2024, and since then.
pub const KNOWN: Known = &[
    (Field::Handle, &["handle", "url handle"]),
    (Field::Name, &["title"]),
    (Field::Description, &["body (html)", "description"]),
    (Field::Category, &["product category"]),
    (Field::Kind, &["type"]),
    (
        Field::Published,
        &["published", "published on online store"],
    ),
    (Field::Status, &["status"]),
    (Field::Sku, &["variant sku", "sku"]),
    (Field::Price, &["variant price", "price"]),
    (
        Field::Stock,
        &["variant inventory qty", "inventory quantity"],
    ),
    (Field::Images, &["image src", "product image url"]),
    (Field::ImagePosition, &["image position"]),
    (Field::ImageAlt, &["image alt text"]),
    (Field::Option1Name, &["option1 name"]),
    (Field::Option1, &["option1 value"]),
    (Field::Option2Name, &["option2 name"]),
    (Field::Option2, &["option2 value"]),
    (Field::Option3Name, &["option3 name"]),
    (Field::Option3, &["option3 value"]),
    (
        Field::CompareAtPrice,
        &["variant compare at price", "compare-at price"],
    ),
    (Field::Barcode, &["variant barcode", "barcode"]),
    (Field::Grams, &["variant grams", "weight value (grams)"]),
    (
        Field::WeightUnit,
        &["variant weight unit", "weight unit for display"],
    ),
    (
        Field::RequiresShipping,
        &["variant requires shipping", "requires shipping"],
    ),
    (
        Field::Tracker,
        &["variant inventory tracker", "inventory tracker"],
    ),
    (
        Field::Backorders,
        &[
            "variant inventory policy",
            "continue selling when out of stock",
        ],
    ),
    (
        Field::FulfillmentService,
        &["variant fulfillment service", "fulfillment service"],
    ),
    (Field::VariantImage, &["variant image", "variant image url"]),
    (Field::Brand, &["vendor"]),
    (Field::Tags, &["tags"]),
    (Field::SeoTitle, &["seo title"]),
    (Field::SeoDescription, &["seo description"]),
];
/// A file with one heading of each group is a Shopify export.
pub const REQUIRED_HEADINGS: [&[&str]; 3] = [
    &["handle", "url handle"],
    &["title"],
    &["variant price", "price"],
];

/// The columns of an export. Shopify reads the headings that it wrote until 2024, as other programs do.
pub const EXPORTED: [&str; 31] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "SEO Title",
    "SEO Description",
    "Variant Image",
    "Variant Weight Unit",
    "Status",
];
