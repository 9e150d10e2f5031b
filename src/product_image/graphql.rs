//! Pictures in the API.

use std::collections::HashMap;

use async_graphql::{ID, Object};

use super::entity::{ImageId, Model};
use super::service;
use crate::error::Result;
use crate::id::TypedId;
use crate::loader::{Load, LoadContext};
use crate::product::ProductId;

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Image(pub Model);

/// A picture, with what a storefront needs to lay it out before it has loaded.
#[Object]
impl Image {
    /// Opaque and stable: `img_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Where its bytes are served from. Null while this shop has no object store to serve them from; show the
    /// `placeholder` then.
    async fn url(&self) -> Option<String> {
        None
    }

    /// In pixels.
    async fn width(&self) -> i32 {
        self.0.width
    }

    /// In pixels.
    async fn height(&self) -> i32 {
        self.0.height
    }

    /// The size of the file.
    async fn bytes(&self) -> i32 {
        self.0.bytes
    }

    /// What the file is, such as `image/png`.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// What the picture shows, for those who can't see it. May be empty.
    async fn alt(&self) -> &str {
        &self.0.alt
    }

    /// A tiny picture to show while the real one loads: a `data:` URI, ready for an `src`.
    async fn placeholder(&self) -> Option<&str> {
        self.0.placeholder.as_deref()
    }
}

/// Loads the gallery of a product that the viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImagesOf(pub ProductId);

impl Load<ImagesOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[ImagesOf]) -> Result<HashMap<ImagesOf, Vec<Model>>> {
        let products: Vec<_> = keys.iter().map(|key| key.0).collect();
        let galleries = service::of_products(&self.db, &products).await?;
        let found = galleries.into_iter();
        Ok(found.map(|(id, rows)| (ImagesOf(id), rows)).collect())
    }
}

crate::load_by_id!(
    /// Loads a picture.
    ById,
    ImageId,
    Model,
    service
);
