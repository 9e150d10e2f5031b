//! Resized variants of images. A job creates them once, soon after the upload. So no visitor waits for resizing or
//! can cause it, and the API needs no route that serves images.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{explain, failure};
use crate::core::error::{Error, Result};
use crate::core::retry::Failure;
use crate::infra::image::{self, GeneratedSize, Header, Kind, Limits, ladder};
use crate::platform::jobs::service::NewJob;
use crate::platform::jobs::{Job, JobContext, Queue, RetryPolicy};
use crate::state::State;

/// Time after which resizing is no longer tried.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Maximum time for which resizing waits for uploads, and the interval of the checks.
const MAX_WAIT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Maximum number of objects of one image that are deleted at once.
const MAX_DELETIONS: usize = 4;

/// A stored size of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub kind: Kind,
}

/// Returns the object key of a size.
pub fn size_key(key: &str, size: Size) -> String {
    let stem = key.rsplit_once('.').map_or(key, |(stem, _)| stem);
    format!("{stem}/{}.{}", size.width, size.kind.extension())
}

/// A feature whose rows refer to stored images.
pub trait ImageOwner: Send + 'static {
    /// The kind of the jobs that make the sizes of its images.
    const RESIZE: &'static str;

    /// Records that the sizes of an image are in the store. Returns whether a row refers to the image.
    fn set_sized(state: &State, key: &str) -> impl Future<Output = Result<bool>> + Send;
}

/// The job that makes the sizes of an image and stores them.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Resize<O> {
    key: String,
    header: Header,
    #[serde(skip)]
    owner: PhantomData<fn() -> O>,
}

impl<O: ImageOwner> Job for Resize<O> {
    const KIND: &'static str = O::RESIZE;
    const QUEUE: Queue = Queue::IMAGES;
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT.for_at_most(LIFETIME);

    fn subject(&self) -> Option<String> {
        Some(self.key.clone())
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        let (state, key) = (&context.state, &self.key);
        let resized = async {
            if make(state, key, self.header).await? && O::set_sized(state, key).await? {
                return Ok(());
            }
            // The image was deleted in the meantime, before its sizes were stored.
            remove_sizes(state, key).await
        };
        resized.await.map_err(failure)
    }
}

/// The job that makes the sizes of an image.
pub(super) fn resize_job<O: ImageOwner>(key: &str, header: Header) -> Result<NewJob> {
    NewJob::new(&Resize::<O> {
        key: key.to_owned(),
        header,
        owner: PhantomData,
    })
}

/// Makes the sizes. Returns whether the image exists.
async fn make(state: &State, key: &str, header: Header) -> Result<bool> {
    let Some(head) = state.storage.head(key).await? else {
        return Ok(false);
    };
    wait_for_uploads(state).await;
    // Checked at upload already, with the limit of that time.
    let limits = Limits { pixels: u32::MAX };
    let reader = state.storage.reader(key, head.bytes);
    // One is stored while the next is made. A longer queue would only use more memory.
    let (sender, mut made) = mpsc::channel::<GeneratedSize>(1);
    let send = move |made| match sender.blocking_send(made) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let work = move || image::make_sizes(header, reader, limits, send);
    let making = state.image_pool.run(header.pixels(), work);
    let storing = async move {
        while let Some(made) = made.recv().await {
            let size = Size {
                width: made.width,
                kind: made.kind,
            };
            let (key, kind) = (size_key(key, size), made.kind.content_type());
            state.storage.put(&key, kind, made.bytes.into()).await?;
        }
        // Closed before the join, so that the producer stops when nothing can be stored.
        drop(made);
        Ok(())
    };
    let (done, stored): (_, Result<()>) = tokio::join!(making, storing);
    stored?;
    done.map_err(Error::internal)?
        .map_err(|error| explain("file", error))?;
    Ok(true)
}

/// Waits while uploads are running: both at once would use too much memory.
async fn wait_for_uploads(state: &State) {
    let begun = Instant::now();
    while state.storage.is_busy() && begun.elapsed() < MAX_WAIT {
        sleep(POLL_INTERVAL).await;
    }
}

/// Deletes the sizes of an image.
pub async fn remove_sizes(state: &State, key: &str) -> Result<()> {
    let original = key.rsplit_once('.').map(|(_, extension)| extension);
    let original = original.and_then(Kind::from_extension);
    let kinds = [
        Some(Kind::WebP),
        original.filter(|kind| *kind != Kind::WebP),
    ];
    let kinds = kinds.into_iter().flatten();
    let sizes = kinds.flat_map(|kind| ladder::WIDTHS.map(|width| Size { width, kind }));
    let keys: Vec<_> = sizes.map(|size| size_key(key, size)).collect();
    // Deleted by name: to list the stored ones would cost more than to delete those that do not exist.
    stream::iter(keys)
        .map(|key| async move { state.storage.delete(&key).await })
        .buffer_unordered(MAX_DELETIONS)
        .try_collect()
        .await
}
