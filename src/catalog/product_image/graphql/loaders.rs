//! Data loaders of product images.

use std::collections::{HashMap, HashSet};

use async_graphql::Context;
use uuid::Uuid;

use crate::accounts::avatar::graphql as avatar;
use crate::catalog::category_image::graphql as category_image;
use crate::catalog::product::ProductId;
use crate::catalog::product_image::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::platform::media::graphql::Image;
use crate::platform::media::{ImageId, StoredImage};

/// Loads the images of a product that the viewer may see, or the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImagesOf {
    product: ProductId,
    first: Option<u32>,
}

/// Returns the images of a product that the viewer may see, or the first of them.
pub async fn load_first_images(
    ctx: &Context<'_>,
    product: ProductId,
    first: Option<u32>,
) -> Result<Vec<Image>> {
    let found = ctx.load(ImagesOf { product, first }).await?;
    Ok(found.unwrap_or_default().into_iter().map(Image).collect())
}

impl Load<ImagesOf> for LoadContext {
    type Value = Vec<StoredImage>;

    async fn load(&self, keys: &[ImagesOf]) -> Result<HashMap<ImagesOf, Vec<StoredImage>>> {
        // One statement for all keys: it reads the largest number requested, and the others are truncated below.
        let all = keys.iter().any(|key| key.first.is_none());
        let max = keys.iter().filter_map(|key| key.first).max();
        let max = max.filter(|_| !all);
        let products: HashSet<_> = keys.iter().map(|key| key.product).collect();
        let products: Vec<_> = products.into_iter().collect();
        let galleries = service::find_by_products(&self.state.db, &products, max).await?;
        let found = keys.iter().filter_map(|key| {
            let gallery = galleries.get(&key.product)?.iter();
            let size = key.first.map_or(usize::MAX, |first| first as usize);
            Some((*key, gallery.take(size).cloned().collect()))
        });
        Ok(found.collect())
    }
}

crate::load_by_id!(
    /// Loads product images by ID.
    ById,
    ImageId,
    StoredImage,
    service
);

impl NodeType for Image {
    const PREFIX: &'static str = ImageId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if let Some(image) = ctx.load(ById(id.into())).await? {
            return Ok(Some(Self(image)));
        }
        match ctx.load(category_image::ById(id.into())).await? {
            Some(image) => Ok(Some(Self(image))),
            None => avatar::find(ctx, id.into()).await,
        }
    }
}
