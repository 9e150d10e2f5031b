//! Writes products in our own format: a row for each variant. The first one has the fields of the product.

use super::product::ExportedProduct;
use crate::catalog::import_export::service::csv;
use crate::catalog::import_export::service::layout::{Column, EXPORTED_COLUMNS, OPTIONS};
use crate::catalog::product::service::variants::StockedVariant;
use crate::core::clock::Timestamp;

/// The cells of a row.
struct Row([String; EXPORTED_COLUMNS]);

impl Row {
    fn set(&mut self, column: Column, text: impl Into<String>) {
        if let Some(cell) = self.0.get_mut(column as usize) {
            *cell = text.into();
        }
    }
}

pub fn write(text: &mut Vec<u8>, product: &ExportedProduct<'_>) {
    for (number, variant) in product.variants().iter().enumerate() {
        let mut row = Row([const { String::new() }; EXPORTED_COLUMNS]);
        row.set(Column::Slug, product.found.product.slug.clone());
        if number == 0 {
            set_product(&mut row, product);
        }
        set_variant(&mut row, product, variant);
        let cells = row.0.iter().map(String::as_str);
        csv::write(text, cells.chain(product.attributes(number)));
    }
}

fn set_product(row: &mut Row, exported: &ExportedProduct<'_>) {
    let product = &exported.found.product;
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    row.set(Column::Name, product.name.clone());
    row.set(Column::Description, product.description.clone());
    row.set(Column::Categories, exported.categories.clone());
    row.set(Column::Status, product.status.as_str());
    row.set(Column::Brand, optional(&product.brand));
    row.set(Column::Tags, exported.found.tags.join(", "));
    row.set(Column::SeoTitle, optional(&product.seo_title));
    row.set(Column::SeoDescription, optional(&product.seo_description));
    row.set(Column::DescriptionHtml, optional(&product.description_html));
    let available_from = product.available_from.and_then(Timestamp::format);
    row.set(Column::AvailableFrom, available_from.unwrap_or_default());
    row.set(Column::RelatedProducts, exported.related.join(", "));
    for ((name, _), option) in OPTIONS.into_iter().zip(&exported.set.options) {
        row.set(name, option.row.name.clone());
    }
}

fn set_variant(row: &mut Row, product: &ExportedProduct<'_>, (variant, level): &StockedVariant) {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
    let compare_at = variant.compare_at_price.map(|minor| product.price(minor));
    for ((_, column), value) in OPTIONS.into_iter().zip(product.values(variant)) {
        row.set(column, value);
    }
    row.set(Column::Price, product.price(variant.price));
    row.set(Column::Sku, optional(&variant.sku));
    row.set(Column::Stock, level.on_hand.to_string());
    row.set(Column::Barcode, optional(&variant.barcode));
    row.set(Column::CompareAtPrice, compare_at.unwrap_or_default());
    row.set(Column::Weight, number(variant.weight));
    row.set(
        Column::RequiresShipping,
        variant.requires_shipping.to_string(),
    );
    row.set(Column::Tracked, variant.tracked.to_string());
    row.set(Column::BackorderLimit, level.backorder_limit.to_string());
    row.set(Column::LowStockAt, number(variant.low_stock_at));
    row.set(Column::Active, variant.active.to_string());
    row.set(Column::VariantImage, product.image_url(variant.image_id));
}
