//! A picture on its way into the store: cleaned as it comes, and decoded before anything names it.
//!
//! What fits into one part waits in memory until it has been decoded, so nothing that is refused reaches the store. A
//! larger one goes there part by part while it comes, and becomes an object when it has been decoded: a PNG on the way. Any
//! other is read back to be decoded, and removed when it is refused.

use std::io::Cursor;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::claim::Claim;
use super::sizes::resize_task;
use super::{explain, refuse};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::database::Transaction;
use crate::infra::image::{Cleaned, Cleaner, Follower, Header, Kind, Limits, Refusal};
use crate::infra::storage::{Buffer, MultipartUpload};
use crate::platform::jobs::service as outbox;
use crate::state::State;

/// How many bytes of an image are held in memory without a buffer.
const FREE: usize = 64 << 10;
/// How much is cleaned before other tasks get their turn.
const SLICE: usize = 16 << 10;
/// How long a client may take to fill a buffer while others wait for one.
const TURN: Duration = Duration::from_secs(30);

/// A picture that is in the store, and in no row yet. Dropped, it is removed from there.
#[derive(Debug)]
pub struct Stored {
    pub key: String,
    pub content_type: &'static str,
    /// In pixels, as it is shown.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub placeholder: String,
    header: Header,
    claim: Claim,
}

impl Stored {
    /// What a row is to know of a picture of this header and so many bytes.
    pub(super) fn new(
        key: String,
        header: Header,
        bytes: u64,
        placeholder: String,
        claim: Claim,
    ) -> Result<Self> {
        Ok(Self {
            key,
            content_type: header.kind.content_type(),
            width: i32::try_from(header.width).map_err(Error::internal)?,
            height: i32::try_from(header.height).map_err(Error::internal)?,
            bytes: i32::try_from(bytes).map_err(Error::internal)?,
            placeholder,
            header,
            claim,
        })
    }

    /// Makes it stay: the transaction stores a row that names it. Its sizes are made when that is committed, and
    /// [`release`](Self::release) follows.
    pub async fn keep(&self, transaction: &Transaction, now: Timestamp) -> Result<()> {
        self.claim.keep(transaction).await?;
        let task = resize_task(&self.key, self.header)?;
        outbox::queue_tasks(transaction, [task], now).await?;
        Ok(())
    }

    /// Keeps it from being removed while others of its request still come.
    pub async fn renew(&mut self) -> Result<()> {
        self.claim.renew().await
    }

    /// The row is stored.
    pub fn release(self) {
        self.claim.release();
    }
}

/// Stores the picture that comes as this stream, below this folder of the store. `field` is the argument that is to
/// blame for it.
///
/// # Errors
/// `BAD_USER_INPUT` when it is no picture that is taken, `SERVICE_UNAVAILABLE` when the store is away or too much is going
/// on, and what the stream gives.
pub async fn store(
    state: &State,
    folder: &str,
    field: &str,
    mut source: impl Stream<Item = Result<Bytes>> + Send + Unpin,
) -> Result<Stored> {
    let mut intake = Intake::new(state, folder, field);
    while let Some(chunk) = source.next().await {
        intake.take(chunk?).await?;
    }
    intake.finish().await
}

/// A key that nobody can guess and that is never used again.
pub fn random_key(folder: &str, kind: Kind) -> String {
    let name = u128::from_be_bytes(rand::random());
    format!("{folder}/{name:032x}.{}", kind.extension())
}

struct Intake<'a> {
    state: &'a State,
    folder: &'a str,
    field: &'a str,
    limits: Limits,
    cleaner: Cleaner,
    /// What has come of the current part, as long as that is little.
    little: BytesMut,
    /// All that has come of it, when it is more.
    buffer: Option<Buffer>,
    /// Since when it has that.
    since: Instant,
    large: Option<Large>,
    written: u64,
}

/// An upload in parts that is under way.
struct Large {
    key: String,
    upload: MultipartUpload,
    claim: Claim,
    /// What decodes it on the way.
    follower: Option<Follower>,
}

impl Large {
    async fn push(&mut self, field: &str, part: Bytes) -> Result<()> {
        if let Some(follower) = &mut self.follower {
            let pushed = follower.push(part.clone()).await;
            pushed.map_err(|failure| explain(field, failure))?;
        }
        self.upload.push(part).await
    }
}

impl<'a> Intake<'a> {
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
            little: BytesMut::new(),
            buffer: None,
            since: Instant::now(),
            large: None,
            written: 0,
        }
    }

    async fn take(&mut self, mut chunk: Bytes) -> Result<()> {
        while chunk.len() > SLICE {
            self.take_slice(chunk.split_to(SLICE)).await?;
            // A slice may unpack to a thousand times its size.
            tokio::task::yield_now().await;
        }
        self.take_slice(chunk).await
    }

    async fn take_slice(&mut self, chunk: Bytes) -> Result<()> {
        let is_late = self.buffer.is_some() && self.since.elapsed() > TURN;
        if is_late && self.state.storage.is_crowded() {
            return Err(Error::RequestTimeout);
        }
        let kept = self.cleaner.push(chunk);
        for kept in kept.map_err(|refusal| self.refuse(refusal))? {
            self.add(kept).await?;
        }
        Ok(())
    }

    async fn add(&mut self, mut kept: Bytes) -> Result<()> {
        self.written += kept.len() as u64;
        while !kept.is_empty() {
            if let Some(buffer) = &mut self.buffer {
                let count = buffer.fill(&kept);
                kept.advance(count);
                if !kept.is_empty() {
                    self.send_part().await?;
                }
            } else if self.little.len() + kept.len() <= FREE {
                self.little.extend_from_slice(&kept);
                return Ok(());
            } else {
                let mut buffer = self.state.storage.buffer().await?;
                buffer.fill(&std::mem::take(&mut self.little));
                self.buffer = Some(buffer);
                self.since = Instant::now();
            }
        }
        Ok(())
    }

    /// Sends the current part to the store, and begins the next one while it is on its way.
    async fn send_part(&mut self) -> Result<()> {
        if self.large.is_none() {
            let unknown = || Refusal("The header of the picture is too long.".into());
            let header = self.cleaner.header();
            let header = header.ok_or_else(|| self.refuse(unknown()))?;
            let key = self.key(header);
            let kind = header.kind.content_type();
            let upload = self.state.storage.begin(&key, kind).await?;
            let claim = Claim::make(self.state, &key, Some(upload.id())).await?;
            let by_rows = self.cleaner.comes_by_rows().then_some(&self.state.pictures);
            self.large = Some(Large {
                key,
                upload,
                claim,
                follower: by_rows.and_then(|pictures| pictures.follow(header, self.limits)),
            });
        }
        let part = self.take_part();
        if let Some(large) = &mut self.large {
            large.claim.renew().await?;
            large.push(self.field, part).await?;
        }
        Ok(())
    }

    fn take_part(&mut self) -> Bytes {
        let little = std::mem::take(&mut self.little);
        self.buffer.take().map_or(little.freeze(), Buffer::freeze)
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
        let placeholder = self.state.pictures.run(pixels, examine).await?;
        let placeholder = placeholder.map_err(|failure| explain(self.field, failure))?;
        let key = self.key(header);
        let claim = Claim::make(self.state, &key, None).await?;
        let kind = header.kind.content_type();
        self.state.storage.put(&key, kind, bytes).await?;
        Stored::new(key, header, self.written, placeholder, claim)
    }

    async fn finish_large(mut self, mut large: Large, cleaned: Cleaned) -> Result<Stored> {
        let header = cleaned.header;
        large.push(self.field, self.take_part()).await?;
        let explain = |failure| explain(self.field, failure);
        if let Some(follower) = large.follower.take() {
            let shrunk = follower.finish().await.map_err(explain)?;
            let placeholder = shrunk.placeholder(header).map_err(explain)?;
            large.upload.finish().await?;
            return Stored::new(large.key, header, self.written, placeholder, large.claim);
        }
        large.upload.finish().await?;
        let reader = self.state.storage.reader(&large.key, self.written);
        let limits = self.limits;
        let examine = move || cleaned.examine(reader, limits);
        let pixels = header.pixels();
        let placeholder = self.state.pictures.run(pixels, examine).await?;
        let placeholder = placeholder.map_err(explain)?;
        Stored::new(large.key, header, self.written, placeholder, large.claim)
    }

    fn key(&self, header: Header) -> String {
        random_key(self.folder, header.kind)
    }

    fn refuse(&self, refusal: Refusal) -> Error {
        refuse(self.field, refusal)
    }
}
