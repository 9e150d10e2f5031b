//! Reads an object as a seekable file, for image decoders.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

use bytes::Bytes;
use tokio::runtime::Handle;

use crate::core::error::{Error, Result};

use super::Storage;
use super::error::{failed, protocol_error};

/// The number of bytes per request.
const WINDOW: u64 = 512 * 1024;

/// Reads an object in ranges. Blocks, so it must not be used on a thread of the async runtime. An error of the store
/// becomes an [`io::Error`], from which [`ObjectReader::cause`] extracts it.
#[derive(Debug)]
pub struct ObjectReader {
    storage: Storage,
    runtime: Handle,
    key: String,
    bytes: u64,
    position: u64,
    /// The offset of the window in the object.
    start: u64,
    window: Bytes,
    /// The `ETag` of the first response.
    version: Option<String>,
}

/// An error of the store inside an [`io::Error`].
#[derive(Debug)]
struct StorageIoError(Error);

impl std::fmt::Display for StorageIoError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.message())
    }
}

impl std::error::Error for StorageIoError {}

impl ObjectReader {
    pub(super) fn new(storage: Storage, key: String, bytes: u64) -> Self {
        Self {
            storage,
            runtime: Handle::current(),
            key,
            bytes,
            position: 0,
            start: 0,
            window: Bytes::new(),
            version: None,
        }
    }

    /// Returns the store's error inside an error of a reader, if there is one.
    pub fn cause(error: &io::Error) -> Option<Error> {
        let inner = error.get_ref()?.downcast_ref::<StorageIoError>();
        inner.map(|failed| failed.0.clone())
    }

    /// Returns the bytes of the window from the current position.
    fn buffered(&self) -> &[u8] {
        let offset = self.position.checked_sub(self.start);
        let offset = offset.and_then(|offset| usize::try_from(offset).ok());
        offset
            .and_then(|offset| self.window.get(offset..))
            .unwrap_or_default()
    }

    async fn fetch(&mut self) -> Result<()> {
        let store = self.storage.store()?;
        let last = (self.position + WINDOW).min(self.bytes) - 1;
        let range = format!("bytes={}-{last}", self.position);
        let request = store.client.get_object().bucket(&store.bucket);
        let got = request.key(&self.key).range(range).send().await;
        let got = got.map_err(failed("read", &self.key))?;
        let is_same = self.version.is_none() || self.version == got.e_tag;
        let body = got
            .body
            .collect()
            .await
            .map_err(failed("read", &self.key))?;
        self.window = body.into_bytes();
        self.start = self.position;
        self.version = got.e_tag;
        // Bytes of two different versions must not be mixed.
        if !is_same || self.window.len() as u64 != last + 1 - self.start {
            self.window = Bytes::new();
            return Err(protocol_error("an object changed while it was read"));
        }
        Ok(())
    }
}

impl BufRead for ObjectReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.buffered().is_empty() && self.position < self.bytes {
            let runtime = self.runtime.clone();
            let fetched = runtime.block_on(self.fetch());
            fetched.map_err(|error| io::Error::other(StorageIoError(error)))?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount as u64;
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        let position = match target {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.bytes.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
