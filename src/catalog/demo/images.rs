//! Stores the images of the demo catalog. A job does this after the import, so that it does not delay startup and only
//! one of several servers does it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::IMAGES;
use super::painter::Painter;
use crate::catalog::import_export::service::csv_rows;
use crate::catalog::product;
use crate::catalog::product_image::service::{self as product_image, ImageDetails};
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
        store_demo_images(&context.state).await.map_err(failure)
    }
}

/// Adds the images of the demo catalog to its products. Products that have images are left unchanged.
pub async fn store_demo_images(state: &State) -> Result<()> {
    let rows: Vec<[String; 5]> = csv_rows(IMAGES).await?;
    let slugs: Vec<_> = rows.iter().map(|[slug, ..]| slug.as_str()).collect();
    let products = product::service::find_by_slugs(state.db.reader(), &slugs).await?;
    let mut products: HashMap<_, _> = products.into_iter().map(|row| (row.slug, row.id)).collect();
    let ids: Vec<_> = products.values().copied().collect();
    let galleries = product_image::find_by_products(&state.db, &ids, None).await?;
    products.retain(|_, id| !galleries.contains_key(id));

    let draw = move || {
        let mut painter = Painter::default();
        let mut drawn = Vec::new();
        for [slug, alt, motif, background, foreground] in rows {
            if let Some(product) = products.get(&slug) {
                let file = painter.draw(&motif, [&background, &foreground])?;
                drawn.push(((*product, alt), file));
            }
        }
        anyhow::Ok(drawn)
    };
    let drawn = tokio::task::spawn_blocking(draw).await;
    let drawn = drawn.map_err(Error::internal)?.map_err(Error::internal)?;
    let (images, files): (Vec<_>, Vec<_>) = drawn.into_iter().unzip();
    let folders = images.iter().map(|(id, _)| product_image::folder(*id));
    let stored = store_many(state, folders.zip(files).collect()).await?;

    let now = state.clock.now();
    let transaction = state.db.begin_exclusive().await?;
    let images = images.into_iter().zip(&stored);
    let images = images.map(|((product, alt), stored)| {
        let source_url = None;
        (product, stored, ImageDetails { alt, source_url })
    });
    product_image::add_catalog_images(&transaction, images.collect(), now).await?;
    transaction.commit().await?;
    let images = stored.len();
    stored.into_iter().for_each(Stored::mark_committed);
    tracing::info!(images, "stored the images of the demo shop");
    Ok(())
}
