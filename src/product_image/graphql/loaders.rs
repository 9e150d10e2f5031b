//! How pictures of products are looked up.

use std::collections::HashMap;

use crate::error::Result;
use crate::loader::{Load, LoadContext};
use crate::media::{ImageId, Picture};
use crate::product::ProductId;
use crate::product_image::service;

/// Loads the gallery of a product that the viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImagesOf(pub ProductId);

impl Load<ImagesOf> for LoadContext {
    type Value = Vec<Picture>;

    async fn load(&self, keys: &[ImagesOf]) -> Result<HashMap<ImagesOf, Vec<Picture>>> {
        let products: Vec<_> = keys.iter().map(|key| key.0).collect();
        let galleries = service::of_products(&self.state.db, &products).await?;
        let found = galleries.into_iter();
        Ok(found.map(|(id, rows)| (ImagesOf(id), rows)).collect())
    }
}

crate::load_by_id!(
    /// Loads a picture.
    ById,
    ImageId,
    Picture,
    service
);
