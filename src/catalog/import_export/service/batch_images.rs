//! Images of the rows of a batch.

use super::row::Row;
use crate::catalog::product::ProductId;
use crate::catalog::product::service::batch::{Images, ImportBatch, Put};
use crate::catalog::product_image::service::{KnownImages, Source};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::infra::database::Transaction;

/// Reads the images of the products of these rows, if variants show images.
pub async fn known_images(
    transaction: &Transaction,
    rows: &[Row],
    batch: &ImportBatch,
) -> Result<KnownImages> {
    let mut variants = rows.iter().flat_map(|row| &row.product.variants);
    if !variants.any(|variant| matches!(variant.image, Patch::Set(_))) {
        return Ok(KnownImages::default());
    }
    KnownImages::read(transaction, &batch.ids()).await
}

/// Returns the images of a product that the variants of a row show.
pub fn images_of(row: &Row, product: ProductId, known: &KnownImages) -> Images {
    let variants = row.product.variants.iter();
    let pairs = variants.filter_map(|variant| match &variant.image {
        Patch::Set(url) => Some((url.clone(), known.find(product, url)?)),
        Patch::Keep | Patch::Clear => None,
    });
    pairs.collect()
}

/// Returns the images to fetch: those of the row, and those that its variants show.
pub fn sources(row: &Row, put: &Put) -> Vec<Source> {
    let mut sources = row.images.clone();
    for (variant, url) in &put.missing_images {
        let known = sources.iter().position(|source| source.url == *url);
        let index = known.unwrap_or(sources.len());
        if known.is_none() {
            sources.push(Source {
                url: url.clone(),
                alt: String::new(),
                variants: Vec::new(),
            });
        }
        if let Some(source) = sources.get_mut(index) {
            source.variants.push(variant.encode());
        }
    }
    sources
}
