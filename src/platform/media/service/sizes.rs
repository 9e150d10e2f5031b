//! Resized variants of images. A job creates them once, soon after the upload. So no visitor waits for resizing or
//! can cause it, and the API needs no route that serves images.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{explain, failure};
use crate::core::error::{Error, Result};
use crate::core::retry::Failure;
use crate::infra::image::{self, Header, Kind, Limits, Made};
use crate::platform::jobs::entity::{Kind as TaskKind, Model as Task};
use crate::platform::jobs::service::NewTask;
use crate::state::State;

/// Time after which resizing is no longer tried.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Maximum time for which resizing waits for uploads, and the interval of the checks.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(200);

/// A stored size of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub kind: Kind,
}

/// Returns the object key of a size.
pub fn size_key(key: &str, size: Size) -> String {
    format!("{}{}.{}", folder(key), size.width, size.kind.extension())
}

/// Returns the folder of an image's sizes.
fn folder(key: &str) -> String {
    let stem = key.rsplit_once('.').map_or(key, |(stem, _)| stem);
    format!("{stem}/")
}

/// Creates the job that resizes an image.
pub(super) fn resize_task(key: &str, header: Header) -> Result<NewTask> {
    Ok(NewTask {
        kind: TaskKind::Resize,
        subject: key.to_owned(),
        body: serde_json::to_string(&header).map_err(Error::internal)?,
        wait: Duration::ZERO,
        lifetime: LIFETIME,
    })
}

/// Resizes an image and stores the results. Returns whether the image still exists.
pub async fn make_sizes(state: &State, task: &Task) -> Result<bool, Failure> {
    let header = serde_json::from_str(&task.body);
    let header = header.map_err(|error| Failure::Permanent(error.to_string()))?;
    make(state, &task.subject, header).await.map_err(failure)
}

async fn make(state: &State, key: &str, header: Header) -> Result<bool> {
    let Some(head) = state.storage.head(key).await? else {
        return Ok(false);
    };
    give_way(state).await;
    // Checked at upload already, with the limit of that time.
    let limits = Limits { pixels: u32::MAX };
    let reader = state.storage.reader(key, head.bytes);
    // One is stored while the next is made. A longer queue would only use more memory.
    let (sender, mut made) = mpsc::channel::<Made>(1);
    let send = move |made| match sender.blocking_send(made) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let work = move || image::make_sizes(header, reader, limits, send);
    let making = state.pictures.run(header.pixels(), work);
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
    done?.map_err(|fault| explain("file", fault))?;
    Ok(true)
}

/// Waits while uploads are running: both at once would use too much memory.
async fn give_way(state: &State) {
    let begun = Instant::now();
    while state.storage.is_busy() && begun.elapsed() < PATIENCE {
        sleep(LOOK).await;
    }
}

/// Deletes the sizes of an image.
pub async fn remove_sizes(state: &State, key: &str) -> Result<()> {
    state.storage.delete_below(&folder(key)).await
}
