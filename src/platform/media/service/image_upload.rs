//! Streaming upload of an image: its metadata is removed while it arrives, and it is decoded before a row references
//! it.
//!
//! A file that fits into one part stays in memory until it is decoded, so that a rejected file never reaches the
//! store. A larger one is uploaded in parts while it arrives, and becomes an object after it is decoded. A PNG is
//! decoded on the way. Other formats are read back, and deleted if they are rejected.

use std::io::Cursor;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::large_upload::LargeUpload;
use super::pending_deletion::PendingDeletion;
use super::sizes::{ImageOwner, resize_job};
use super::{explain, refuse};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::database::Transaction;
use crate::infra::image::{Cleaned, Cleaner, Header, Kind, Limits, Refusal};
use crate::infra::storage::Buffer;
use crate::platform::jobs::service::enqueue;
use crate::state::State;

/// The maximum number of bytes of an image held in memory without a buffer.
const MAX_UNPOOLED_BYTES: usize = 64 << 10;
/// Bytes to process before the task yields.
const MAX_SLICE_BYTES: usize = 16 << 10;
/// Time for a client to fill a buffer while other uploads wait for one.
const FILL_TIMEOUT: Duration = Duration::from_secs(30);

/// A stored image that no row references yet. On drop it is deleted.
#[derive(Debug)]
pub struct Stored {
    pub key: String,
    pub content_type: &'static str,
    /// Displayed width in pixels.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub placeholder: String,
    header: Header,
    pending_deletion: PendingDeletion,
}

impl Stored {
    /// Creates the columns of an image row.
    pub(super) fn new(
        key: String,
        header: Header,
        bytes: u64,
        placeholder: String,
        pending_deletion: PendingDeletion,
    ) -> Result<Self> {
        Ok(Self {
            key,
            content_type: header.kind.content_type(),
            width: i32::try_from(header.width).map_err(Error::internal)?,
            height: i32::try_from(header.height).map_err(Error::internal)?,
            bytes: i32::try_from(bytes).map_err(Error::internal)?,
            placeholder,
            header,
            pending_deletion,
        })
    }

    /// Keeps the object: the transaction stores a row of `O` that refers to it. Its sizes are made after the commit.
    /// Call [`mark_committed`](Self::mark_committed) then.
    pub async fn keep<O: ImageOwner>(
        &self,
        transaction: &Transaction,
        now: Timestamp,
    ) -> Result<()> {
        self.pending_deletion.cancel(transaction).await?;
        let job = resize_job::<O>(&self.key, self.header)?;
        enqueue(transaction, [job], now).await?;
        Ok(())
    }

    /// Reschedules the deletion while other files of the same request arrive.
    pub async fn renew(&mut self) -> Result<()> {
        self.pending_deletion.renew().await
    }

    /// Marks the row as committed.
    pub fn mark_committed(self) {
        self.pending_deletion.mark_committed();
    }
}

/// Stores the image of a stream in `folder`. `field` is the argument that errors name.
///
/// # Errors
/// `BAD_USER_INPUT` if the file is not an accepted image, `SERVICE_UNAVAILABLE` if the store can't be reached or is
/// overloaded, and the errors of the stream.
pub async fn store(
    state: &State,
    folder: &str,
    field: &str,
    mut source: impl Stream<Item = Result<Bytes>> + Send + Unpin,
) -> Result<Stored> {
    let mut image_upload = ImageUpload::new(state, folder, field);
    while let Some(chunk) = source.next().await {
        image_upload.take(chunk?).await?;
    }
    image_upload.finish().await
}

/// Generates a random object key, which can't be guessed and is never reused.
pub fn random_key(folder: &str, kind: Kind) -> String {
    let name = u128::from_be_bytes(rand::random());
    format!("{folder}/{name:032x}.{}", kind.extension())
}

struct ImageUpload<'a> {
    state: &'a State,
    folder: &'a str,
    field: &'a str,
    limits: Limits,
    cleaner: Cleaner,
    /// The current part, while it is small enough to need no buffer.
    small_buffer: BytesMut,
    /// The current part, once it is larger.
    buffer: Option<Buffer>,
    /// When the buffer was acquired.
    since: Instant,
    large: Option<LargeUpload>,
    written: u64,
}

impl<'a> ImageUpload<'a> {
    fn new(state: &'a State, folder: &'a str, field: &'a str) -> Self {
        let limits = Limits {
            pixels: state.config.uploads.image_max_pixels,
        };
        Self {
            state,
            folder,
            field,
            limits,
            cleaner: Cleaner::new(limits),
            small_buffer: BytesMut::new(),
            buffer: None,
            since: Instant::now(),
            large: None,
            written: 0,
        }
    }

    async fn take(&mut self, mut chunk: Bytes) -> Result<()> {
        while chunk.len() > MAX_SLICE_BYTES {
            self.take_slice(chunk.split_to(MAX_SLICE_BYTES)).await?;
            // A slice may decompress to 1,000 times its size.
            tokio::task::yield_now().await;
        }
        self.take_slice(chunk).await
    }

    async fn take_slice(&mut self, chunk: Bytes) -> Result<()> {
        let is_late = self.buffer.is_some() && self.since.elapsed() > FILL_TIMEOUT;
        if is_late && self.state.storage.all_buffers_used() {
            return Err(Error::RequestTimeout);
        }
        let cleaned = self.cleaner.push(chunk);
        for cleaned in cleaned.map_err(|refusal| self.refuse(refusal))? {
            self.add(cleaned).await?;
        }
        Ok(())
    }

    async fn add(&mut self, mut cleaned: Bytes) -> Result<()> {
        self.written += cleaned.len() as u64;
        while !cleaned.is_empty() {
            if let Some(buffer) = &mut self.buffer {
                let count = buffer.fill(&cleaned);
                cleaned.advance(count);
                if !cleaned.is_empty() {
                    self.send_part().await?;
                }
            } else if self.small_buffer.len() + cleaned.len() <= MAX_UNPOOLED_BYTES {
                self.small_buffer.extend_from_slice(&cleaned);
                return Ok(());
            } else {
                let mut buffer = self.state.storage.buffer().await?;
                buffer.fill(&std::mem::take(&mut self.small_buffer));
                self.buffer = Some(buffer);
                self.since = Instant::now();
            }
        }
        Ok(())
    }

    /// Uploads the current part while the next one is filled.
    async fn send_part(&mut self) -> Result<()> {
        if self.large.is_none() {
            let unknown = || Refusal("The image header is too long.".into());
            let header = self.cleaner.header();
            let header = header.ok_or_else(|| self.refuse(unknown()))?;
            let key = self.key(header);
            let kind = header.kind.content_type();
            let upload = self.state.storage.begin(&key, kind).await?;
            let pending_deletion =
                PendingDeletion::create(self.state, &key, Some(upload.id())).await?;
            let by_rows = self
                .cleaner
                .is_decodable_by_rows()
                .then_some(&self.state.image_pool);
            self.large = Some(LargeUpload {
                key,
                upload,
                pending_deletion,
                follower: by_rows
                    .and_then(|image_pool| image_pool.start_streaming(header, self.limits)),
            });
        }
        let part = self.take_part();
        if let Some(large) = &mut self.large {
            large.pending_deletion.renew().await?;
            large.push(self.field, part).await?;
        }
        Ok(())
    }

    fn take_part(&mut self) -> Bytes {
        let small_buffer = std::mem::take(&mut self.small_buffer);
        self.buffer
            .take()
            .map_or(small_buffer.freeze(), Buffer::freeze)
    }

    async fn finish(mut self) -> Result<Stored> {
        let cleaner = std::mem::replace(&mut self.cleaner, Cleaner::new(self.limits));
        let taken = cleaner.finish().map_err(|refusal| self.refuse(refusal))?;
        self.add(taken.rest()).await?;
        match self.large.take() {
            None => self.finish_small(taken).await,
            Some(large) => self.finish_large(large, taken).await,
        }
    }

    async fn finish_small(mut self, cleaned: Cleaned) -> Result<Stored> {
        let header = cleaned.header;
        let bytes = self.take_part();
        let (limits, content) = (self.limits, Cursor::new(bytes.clone()));
        let examine = move || cleaned.examine(content, limits);
        let pixels = header.pixels();
        let placeholder = self.state.image_pool.run(pixels, examine).await;
        let placeholder = placeholder.map_err(Error::internal)?;
        let placeholder = placeholder.map_err(|failure| explain(self.field, failure))?;
        let key = self.key(header);
        let pending_deletion = PendingDeletion::create(self.state, &key, None).await?;
        let kind = header.kind.content_type();
        self.state.storage.put(&key, kind, bytes).await?;
        Stored::new(key, header, self.written, placeholder, pending_deletion)
    }

    async fn finish_large(mut self, mut large: LargeUpload, cleaned: Cleaned) -> Result<Stored> {
        let header = cleaned.header;
        large.push(self.field, self.take_part()).await?;
        let explain = |failure| explain(self.field, failure);
        if let Some(follower) = large.follower.take() {
            let shrunk = follower.finish().await.map_err(explain)?;
            let placeholder = shrunk.placeholder(header).map_err(explain)?;
            large.upload.finish().await?;
            return Stored::new(
                large.key,
                header,
                self.written,
                placeholder,
                large.pending_deletion,
            );
        }
        large.upload.finish().await?;
        let reader = self.state.storage.reader(&large.key, self.written);
        let limits = self.limits;
        let examine = move || cleaned.examine(reader, limits);
        let pixels = header.pixels();
        let placeholder = self.state.image_pool.run(pixels, examine).await;
        let placeholder = placeholder.map_err(Error::internal)?;
        let placeholder = placeholder.map_err(explain)?;
        Stored::new(
            large.key,
            header,
            self.written,
            placeholder,
            large.pending_deletion,
        )
    }

    fn key(&self, header: Header) -> String {
        random_key(self.folder, header.kind)
    }

    fn refuse(&self, refusal: Refusal) -> Error {
        refuse(self.field, refusal)
    }
}
