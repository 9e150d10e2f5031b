//! A product to export.

use crate::catalog::product::entity::variant;
use crate::catalog::product::service::batch::CategorizedProduct;
use crate::catalog::product::service::variants::{StockedVariant, VariantSet};
use crate::catalog::product_image::entity::Model as Image;
use crate::core::money::Decimal;
use crate::platform::media::ImageId;
use crate::state::State;

/// A product with its categories, related products, images and variants.
#[derive(Debug)]
pub struct ExportedProduct<'a> {
    pub state: &'a State,
    pub found: CategorizedProduct,
    /// Its categories, as in a cell.
    pub categories: String,
    pub set: VariantSet,
    /// The slugs of related products.
    pub related: Vec<String>,
    /// Its images by position.
    pub images: Vec<Image>,
    /// The cells of the attributes of the product.
    pub attributes: Vec<String>,
    /// The cells of the attributes of each variant.
    pub variant_attributes: Vec<Vec<String>>,
}

impl ExportedProduct<'_> {
    pub fn price(&self, minor: i64) -> String {
        Decimal::from_minor(minor, self.state.config.shop_currency).to_string()
    }

    /// The variants in their order.
    pub fn variants(&self) -> &[StockedVariant] {
        &self.set.variants
    }

    /// Returns the cells of the attributes in a row: those of the variant, and in the first row those of the product.
    pub fn attributes(&self, number: usize) -> impl Iterator<Item = &str> {
        let own = self.variant_attributes.get(number);
        let cells = self.attributes.iter().enumerate();
        cells.map(move |(index, cell)| {
            let of_variant = own.and_then(|cells| cells.get(index));
            match of_variant {
                Some(text) if !text.is_empty() => text,
                _ if number == 0 => cell,
                _ => "",
            }
        })
    }

    /// Returns the value of each option that a variant has.
    pub fn values(&self, variant: &variant::Model) -> Vec<&str> {
        let ids: Vec<_> = variant.values().collect();
        let options = self.set.options.iter().map(|option| {
            let mut values = option.values.iter();
            let value = values.find(|value| ids.contains(&value.id));
            value.map_or("", |value| value.name.as_str())
        });
        options.collect()
    }

    /// Returns the URL of an image of the product: the one it was fetched from, else that of its file.
    pub fn url(&self, image: &Image) -> String {
        image.source_url.clone().unwrap_or_else(|| {
            let now = self.state.clock.now();
            self.state.storage.url(&image.object_key, now)
        })
    }

    /// Returns the URL of the image that a variant shows; empty if it shows none.
    pub fn image_url(&self, id: Option<ImageId>) -> String {
        let mut images = self.images.iter();
        let image = images.find(|image| Some(image.id) == id);
        image.map_or_else(String::new, |image| self.url(image))
    }
}
