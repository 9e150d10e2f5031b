//! Stores the demo images like uploads. A job does this after the shop was filled, so that no start waits for it and
//! only one of several servers does it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{DemoImage, DemoProduct, PRODUCTS};
use super::painter::Painter;
use crate::catalog::product::{self, ProductId};
use crate::catalog::product_image::service::{self as product_image, Described};
use crate::core::error::{Error, Result};
use crate::core::retry::Failure;
use crate::platform::jobs::{Job, JobContext, Queue, RetryPolicy};
use crate::platform::media::service::{Stored, failure, store_many};
use crate::state::State;

/// The job that draws and stores the images.
#[derive(Debug, Serialize, Deserialize)]
pub struct DrawImages {}

impl Job for DrawImages {
    const KIND: &'static str = "demo.draw_images";
    const QUEUE: Queue = Queue::FETCHES;
    const RETRY: RetryPolicy = RetryPolicy::UNLIMITED;

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        fill_pictures(&context.state).await.map_err(failure)
    }
}

/// Adds images to the products of the demo catalog that have none.
pub async fn fill_pictures(state: &State) -> Result<()> {
    let wanted = wanted(state).await?;
    let draw = move || draw(&wanted);
    let drawn = tokio::task::spawn_blocking(draw).await;
    let drawn = drawn.map_err(Error::internal)??;
    let (places, files): (Vec<_>, Vec<_>) = drawn.into_iter().unzip();
    let folders = places.iter().map(|(id, _)| product_image::folder(*id));
    let stored = store_many(state, folders.zip(files).collect()).await?;
    add(state, places, stored).await
}

/// Returns the demo products in the shop that have no images.
async fn wanted(state: &State) -> Result<Vec<(ProductId, &'static DemoProduct)>> {
    let db = state.db.reader();
    let demos: HashMap<_, _> = PRODUCTS
        .iter()
        .copied()
        .flatten()
        .map(|demo| (demo.slug, demo))
        .collect();
    let slugs: Vec<_> = demos.keys().copied().collect();
    let products = product::service::find_by_slugs(db, &slugs).await?;
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let galleries = product_image::of_products(&state.db, &ids, None).await?;
    let bare = products
        .into_iter()
        .filter(|product| !galleries.contains_key(&product.id));
    let found = bare.filter_map(|product| Some((product.id, *demos.get(product.slug.as_str())?)));
    Ok(found.collect())
}

/// The product of an image, and the image to draw.
type Place = (ProductId, &'static DemoImage);

fn draw(wanted: &[(ProductId, &'static DemoProduct)]) -> Result<Vec<(Place, Vec<u8>)>> {
    let mut painter = Painter::default();
    let mut drawn = Vec::new();
    for (id, demo) in wanted {
        for image in demo.images {
            let file = painter.draw(image).map_err(Error::internal)?;
            drawn.push(((*id, image), file));
        }
    }
    Ok(drawn)
}

async fn add(state: &State, places: Vec<Place>, stored: Vec<Stored>) -> Result<()> {
    let now = state.clock.now();
    let transaction = state.db.begin_exclusive().await?;
    let described = places
        .into_iter()
        .zip(&stored)
        .map(|((product, image), stored)| {
            let described = Described {
                alt: image.alt.to_owned(),
                source_url: None,
            };
            (product, stored, described)
        });
    product_image::add_catalogue(&transaction, described.collect(), now).await?;
    transaction.commit().await?;
    let pictures = stored.len();
    stored.into_iter().for_each(Stored::release);
    tracing::info!(pictures, "demo images stored");
    Ok(())
}
