//! The API of uploads for resolvers.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::poll_fn;

use super::file_distributor::FileDistributor;
use super::parts::{Limits, Parts};
use crate::core::error::{Error, Result};
use crate::core::text::is_invisible;

/// The maximum length of a file name, which is truncated, and of a media type.
const MAX_NAME: usize = 200;

/// The files of a request. Clones share them.
#[derive(Clone)]
pub struct Uploads(Arc<Mutex<FileDistributor>>);

/// A stream of a file's bytes. If it is dropped early, the rest of the file is skipped.
pub struct FileStream {
    /// The file name sent by the client: one line without a path. Untrusted.
    pub name: Option<String>,
    /// The media type sent by the client, such as `text/csv`. Untrusted.
    pub content_type: Option<String>,
    uploads: Uploads,
    index: usize,
    ended: bool,
}

impl Uploads {
    /// Creates the files of a body from the names of their parts.
    pub fn new(parts: Parts, names: Vec<String>, limits: Limits) -> Self {
        Self(Arc::new(Mutex::new(FileDistributor::new(
            parts, names, limits,
        ))))
    }

    /// Opens a file; see [`Upload::open`](super::Upload::open).
    pub async fn open(&self, index: usize, field: &'static str, max: u64) -> Result<FileStream> {
        self.lock().take(index, field, max)?;
        let mut file = FileStream {
            name: None,
            content_type: None,
            uploads: self.clone(),
            index,
            ended: false,
        };
        let head = poll_fn(|cx| self.lock().poll_head(index, cx)).await?;
        file.name = head.file_name.as_deref().and_then(sanitize_file_name);
        file.content_type = head.content_type.filter(|kind| kind.len() <= MAX_NAME);
        Ok(file)
    }

    /// Reads to the end of a body without files.
    ///
    /// # Errors
    /// Returns the error of an unexpected or malformed part.
    pub async fn expect_no_files(&self) -> Result<()> {
        poll_fn(|cx| self.lock().poll_end_without_files(cx)).await
    }

    /// Returns the error that ended the upload, if any.
    pub fn failure(&self) -> Option<Error> {
        self.lock().failure().cloned()
    }

    /// Ends the upload because the request is complete.
    pub fn close(&self) {
        self.lock()
            .fail(Error::BadRequest("The request is already complete."));
    }

    fn lock(&self) -> MutexGuard<'_, FileDistributor> {
        // After a panic of the parser every later step fails.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for FileStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let index = self.index;
        let chunk = self.uploads.lock().poll_chunk(index, cx);
        let chunk = chunk.map(Result::transpose);
        if matches!(chunk, Poll::Ready(None | Some(Err(_)))) {
            self.ended = true;
        }
        chunk
    }
}

impl Drop for FileStream {
    fn drop(&mut self) {
        self.uploads.lock().abandon(self.index);
    }
}

/// Returns a file name without folders, which some clients send, and without invisible characters.
fn sanitize_file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible = last.chars();
    let visible = visible.filter(|character| !character.is_control() && !is_invisible(*character));
    let visible: String = visible.take(MAX_NAME).collect();
    let visible = visible.trim();
    (!matches!(visible, "" | "." | "..")).then(|| visible.to_owned())
}
