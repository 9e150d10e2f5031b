//! Fetches images from the URLs in imports. After the import, one job per product fetches its images in order.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::gallery::{self, ImageDetails, MAX_IMAGES};
use super::known::KnownImages;
use crate::catalog::product::service::variants::show_image;
use crate::catalog::product::{self, ProductId};
use crate::catalog::product_image::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::retry::Failure;
use crate::infra::database::Transaction;
use crate::platform::jobs::service::{NewJob, enqueue};
use crate::platform::jobs::{Job, JobContext, Queue};
use crate::platform::media::service::{self as media, Stored, failure};
use crate::state::State;

/// The time after which a job begins no new image and is rescheduled. Shorter than its lease.
const TIME_SLICE: Duration = Duration::from_mins(5);

/// An image to fetch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    pub url: String,
    /// Alternative text.
    pub alt: String,
    /// The ids of variants that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
}

/// The images of a product to fetch, in order.
#[derive(Clone, Debug)]
pub struct ImagesToFetch {
    pub product: ProductId,
    pub sources: Vec<Source>,
}

/// Queues jobs for the images that products do not have from these URLs yet.
pub async fn queue_fetches(
    transaction: &Transaction,
    wanted: Vec<ImagesToFetch>,
    now: Timestamp,
) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let products: Vec<_> = wanted.iter().map(|wanted| wanted.product).collect();
    let known = KnownImages::read(transaction, &products).await?;
    let mut queued = HashSet::new();
    let mut jobs = Vec::new();
    for mut wanted in wanted {
        let product = wanted.product;
        wanted.sources.retain(|source| {
            let is_missing = known.find(product, &source.url).is_none();
            is_missing && queued.insert((product, source.url.clone()))
        });
        if !wanted.sources.is_empty() {
            jobs.push(NewJob::new(&FetchImages {
                product: product.encode(),
                sources: wanted.sources,
            })?);
        }
    }
    enqueue(transaction, jobs, now).await?;
    Ok(())
}

/// The job that fetches the images of a product.
#[derive(Debug, Serialize, Deserialize)]
pub struct FetchImages {
    /// The id of the product.
    product: String,
    sources: Vec<Source>,
}

impl Job for FetchImages {
    const KIND: &'static str = "product_image.fetch";
    const QUEUE: Queue = Queue::FETCHES;

    fn subject(&self) -> Option<String> {
        Some(self.product.clone())
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        let product = ProductId::parse(&self.product, "id").map_err(failure)?;
        fetch(&context.state, product, self.sources).await
    }
}

async fn fetch(state: &State, product: ProductId, sources: Vec<Source>) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut again = None;
    for source in sources {
        if begun.elapsed() > TIME_SLICE {
            again = Some("images remaining".to_owned());
            break;
        }
        match fetch_one(state, product, source).await {
            Ok(()) => {}
            Err(Failure::Temporary(why)) => again = Some(why),
            // Continue with the other images.
            Err(Failure::Permanent(why)) => {
                tracing::warn!(product = product.encode(), why, "image fetch failed");
            }
        }
    }
    again.map_or(Ok(()), |why| Err(Failure::Temporary(why)))
}

async fn fetch_one(state: &State, product: ProductId, source: Source) -> Result<(), Failure> {
    let wanted = is_missing(state, product, &source.url).await;
    if !wanted.map_err(failure)? {
        return assign(state, product, &source).await.map_err(failure);
    }
    let max_bytes = state.config.uploads.direct_image_max_bytes;
    let folder = gallery::folder(product);
    let stored = media::fetch(state, &folder, &source.url, max_bytes).await?;
    add(state, product, source, stored).await.map_err(failure)
}

async fn add(state: &State, product: ProductId, source: Source, stored: Stored) -> Result<()> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let gallery = gallery::lock(&transaction, product).await?;
    let mut sources = gallery.1.iter().map(|image| image.source_url.as_ref());
    if sources.any(|known| known == Some(&source.url)) {
        // Another job has added it.
        transaction.rollback().await?;
        return assign(state, product, &source).await;
    }
    let details = ImageDetails {
        alt: source.alt,
        source_url: Some(source.url),
    };
    let added = gallery::append(&transaction, &gallery, vec![(&stored, details)], now).await?;
    if let Some(image) = added.first() {
        show_image(&transaction, &gallery.0, image.id, &source.variants, now).await?;
    }
    transaction.commit().await?;
    stored.mark_committed();
    Ok(())
}

/// Assigns an image that the product already has to the variants that show it.
async fn assign(state: &State, product: ProductId, source: &Source) -> Result<()> {
    if source.variants.is_empty() || !product::service::exists(state.db.reader(), product).await? {
        return Ok(());
    }
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (product, images) = gallery::lock(&transaction, product).await?;
    let mut images = images.iter();
    let image = images.find(|image| image.source_url.as_ref() == Some(&source.url));
    if let Some(image) = image {
        show_image(&transaction, &product, image.id, &source.variants, now).await?;
    }
    Ok(transaction.commit().await?)
}

/// Whether the product exists, has room in its gallery, and does not have the image yet.
async fn is_missing(state: &State, product: ProductId, url: &str) -> Result<bool> {
    let db = state.db.reader();
    if !product::service::exists(db, product).await? {
        return Ok(false);
    }
    let images = repository::find_by_products(db, &[product], None).await?;
    let mut sources = images.iter().map(|image| image.source_url.as_deref());
    Ok(images.len() < MAX_IMAGES && !sources.any(|known| known == Some(url)))
}
