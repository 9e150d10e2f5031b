//! Writes products in the format of Shopify: a row for each variant and each image. The first one has the fields of the
//! product.

use super::product::ExportedProduct;
use crate::catalog::import_export::service::csv;
use crate::catalog::import_export::service::layout::{NO_OPTION, SHOPIFY_EXPORTED};
use crate::catalog::product::Status;
use crate::catalog::product::service::variants::StockedVariant;
use crate::core::html::from_text;

/// The cells of a row.
struct Row([String; SHOPIFY_EXPORTED.len()]);

impl Row {
    fn set(&mut self, heading: &str, text: impl Into<String>) {
        let mut cells = SHOPIFY_EXPORTED.iter().zip(&mut self.0);
        if let Some((_, cell)) = cells.find(|(known, _)| **known == heading) {
            *cell = text.into();
        }
    }
}

pub fn write(text: &mut Vec<u8>, product: &ExportedProduct<'_>) {
    let (variants, images) = (product.variants(), &product.images);
    for number in 0..variants.len().max(images.len()) {
        let mut row = Row([const { String::new() }; SHOPIFY_EXPORTED.len()]);
        row.set("Handle", product.found.product.slug.clone());
        if number == 0 {
            set_product(&mut row, product);
        }
        if let Some(variant) = variants.get(number) {
            set_variant(&mut row, product, variant);
        }
        if let Some(image) = images.get(number) {
            row.set("Image Src", product.url(image));
            row.set("Image Position", (number + 1).to_string());
            row.set("Image Alt Text", image.alt.clone());
        }
        let cells = row.0.iter().map(String::as_str);
        csv::write(text, cells.chain(product.attributes(number)));
    }
}

fn set_product(row: &mut Row, exported: &ExportedProduct<'_>) {
    let product = &exported.found.product;
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let html = product.description_html.clone();
    row.set("Title", product.name.clone());
    row.set(
        "Body (HTML)",
        html.unwrap_or_else(|| from_text(&product.description)),
    );
    row.set("Vendor", optional(&product.brand));
    row.set("Type", exported.categories.clone());
    row.set("Tags", exported.found.tags.join(", "));
    row.set("Published", (product.status == Status::Active).to_string());
    row.set("SEO Title", optional(&product.seo_title));
    row.set("SEO Description", optional(&product.seo_description));
    row.set("Status", product.status.as_str().to_lowercase());
    let names = ["Option1 Name", "Option2 Name", "Option3 Name"];
    for (heading, option) in names.into_iter().zip(&exported.set.options) {
        row.set(heading, option.row.name.clone());
    }
    if exported.set.options.is_empty() {
        row.set("Option1 Name", "Title");
    }
}

fn set_variant(row: &mut Row, product: &ExportedProduct<'_>, (variant, level): &StockedVariant) {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let compare_at = variant.compare_at_price.map(|minor| product.price(minor));
    let grams = variant.weight.map(|grams| grams.to_string());
    let headings = ["Option1 Value", "Option2 Value", "Option3 Value"];
    for (heading, value) in headings.into_iter().zip(product.values(variant)) {
        row.set(heading, value);
    }
    if product.set.options.is_empty() {
        row.set("Option1 Value", NO_OPTION);
    }
    let policy = if level.backorder_limit > 0 {
        "continue"
    } else {
        "deny"
    };
    row.set("Variant SKU", optional(&variant.sku));
    row.set("Variant Grams", grams.unwrap_or_default());
    row.set(
        "Variant Inventory Tracker",
        if variant.tracked { "shopify" } else { "" },
    );
    row.set("Variant Inventory Qty", level.on_hand.to_string());
    row.set("Variant Inventory Policy", policy);
    row.set("Variant Fulfillment Service", "manual");
    row.set("Variant Price", product.price(variant.price));
    row.set("Variant Compare At Price", compare_at.unwrap_or_default());
    row.set(
        "Variant Requires Shipping",
        variant.requires_shipping.to_string(),
    );
    row.set("Variant Barcode", optional(&variant.barcode));
    row.set("Variant Image", product.image_url(variant.image_id));
    row.set("Variant Weight Unit", "g");
}
