//! What resolvers see of an upload.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::poll_fn;

use super::intake::Intake;
use super::parts::{Limits, Parts};
use crate::core::error::{Error, Result};
use crate::core::text::is_invisible;

/// How many characters of a file's name are kept, and how long a media type may be.
const MAX_NAME: usize = 200;

/// The files of a request, for its resolvers. Clones share them.
#[derive(Clone)]
pub struct Uploads(Arc<Mutex<Intake>>);

/// The bytes of a file, as they come. Dropped before its end, it leaves the rest unread.
pub struct FileStream {
    /// What the client calls the file: one line without a path. Not to be trusted.
    pub name: Option<String>,
    /// What the client says that it is, such as `text/csv`. Not to be trusted.
    pub content_type: Option<String>,
    uploads: Uploads,
    index: usize,
    ended: bool,
}

impl Uploads {
    /// The files that follow in a body, by the names of their parts.
    pub fn new(parts: Parts, names: Vec<String>, limits: Limits) -> Self {
        Self(Arc::new(Mutex::new(Intake::new(parts, names, limits))))
    }

    /// Begins to read a file; see [`Upload::open`](super::Upload::open).
    pub async fn open(&self, index: usize, field: &'static str, most: u64) -> Result<FileStream> {
        self.lock().take(index, field, most)?;
        let mut file = FileStream {
            name: None,
            content_type: None,
            uploads: self.clone(),
            index,
            ended: false,
        };
        let head = poll_fn(|cx| self.lock().poll_head(index, cx)).await?;
        file.name = head.file_name.as_deref().and_then(plain_name);
        file.content_type = head.content_type.filter(|kind| kind.len() <= MAX_NAME);
        Ok(file)
    }

    /// Makes sure that nothing follows where no file is expected.
    ///
    /// # Errors
    /// Whatever is wrong with what follows.
    pub async fn expect_nothing(&self) -> Result<()> {
        poll_fn(|cx| self.lock().poll_nothing(cx)).await
    }

    /// What ended the upload, if anything did.
    pub fn failure(&self) -> Option<Error> {
        self.lock().failure().cloned()
    }

    /// Ends the upload: the request has been answered.
    pub fn close(&self) {
        self.lock()
            .fail(Error::BadRequest("The request has been answered."));
    }

    fn lock(&self) -> MutexGuard<'_, Intake> {
        // A panic of the parser leaves what every later step refuses.
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
        self.uploads.lock().leave(self.index);
    }
}

/// The name of a file without the folders that some clients put before it, and without what can't be seen.
fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = last.chars();
    let seen = seen.filter(|letter| !letter.is_control() && !is_invisible(*letter));
    let seen: String = seen.take(MAX_NAME).collect();
    let seen = seen.trim();
    (!matches!(seen, "" | "." | "..")).then(|| seen.to_owned())
}
