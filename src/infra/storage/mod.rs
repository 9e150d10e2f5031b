//! The object store: an external S3 server or the embedded one. Objects are immutable and may be cached anywhere.
//!
//! Errors are [`Error::Storage`], which clients may retry; a missing object is not an error. Every operation ends:
//! within about 12 seconds when the store does not respond, or when its transfer stalls.

mod bucket;
mod buffer_pool;
mod connect;
mod embedded;
mod error;
mod multipart;
mod object;
mod object_url;
mod reader;
mod stall_detector;

pub use buffer_pool::Buffer;
pub use embedded::ObjectService;
pub use multipart::{MultipartUpload, PART_BYTES};
pub use object::{Head, Object};
pub use object_url::PresignedPut;
pub use reader::ObjectReader;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::SharedCredentialsProvider;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures_util::stream::{StreamExt, unfold};

use crate::config::Config;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};

use self::bucket::BucketStatus;
use self::buffer_pool::BufferPool;
use self::embedded::Embedded;
use self::error::{failed, has_code, is_missing_object, length, protocol_error};
use self::object_url::ObjectUrls;
use self::stall_detector::StallDetector;

/// Keys are never reused, so objects may be cached without a limit.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// A connection to the object store. Cheap to clone.
#[derive(Clone)]
pub struct Storage(Option<Arc<Store>>);

struct Store {
    client: Client,
    bucket: String,
    bucket_status: BucketStatus,
    object_urls: ObjectUrls,
    embedded: Option<Embedded>,
    /// Whether the hash of a body is signed as well. Not needed where TLS or the process itself protects the body
    /// from changes in transit.
    signs_bodies: bool,
    buffers: BufferPool,
    place: String,
}

impl Storage {
    /// Connects to the configured store, or opens the embedded one if none is configured. Creates a missing bucket
    /// in development. A store that is not available is [watched](Self::watch). The URLs of embedded objects begin
    /// with `PUBLIC_URL` or the listen address, whose port must not be 0.
    ///
    /// # Errors
    /// Returns one line for the operator: credentials are missing or rejected, or the bucket does not exist.
    pub async fn connect(config: &Config) -> anyhow::Result<Self> {
        connect::connect(config, None).await
    }

    /// Same as [`connect`](Self::connect) with these credentials instead of those of AWS's default provider chain.
    pub async fn connect_with(
        config: &Config,
        keys: SharedCredentialsProvider,
    ) -> anyhow::Result<Self> {
        connect::connect(config, Some(keys)).await
    }

    /// Returns a store for a command that needs no objects: every operation fails.
    pub fn absent() -> Self {
        Self(None)
    }

    /// Returns the location of the objects for the operator: a folder or a bucket.
    pub fn place(&self) -> &str {
        self.0.as_ref().map_or("nowhere", |store| &store.place)
    }

    /// Whether the embedded store is used.
    pub fn is_embedded(&self) -> bool {
        let store = self.0.as_ref();
        store.is_some_and(|store| store.embedded.is_some())
    }

    /// Returns the service that responds to requests for embedded objects. `None` if the store is external.
    pub fn object_service(&self) -> Option<&ObjectService> {
        let embedded = self.0.as_ref()?.embedded.as_ref()?;
        Some(embedded.service())
    }

    /// Waits for a buffer for one more part of [`PART_BYTES`] bytes.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if none is free within 20 seconds, [`Error::Storage`] without a store.
    pub async fn buffer(&self) -> Result<Buffer> {
        self.store()?.buffers.acquire().await
    }

    /// Returns whether a large upload is being sent to the store.
    pub fn is_busy(&self) -> bool {
        self.0.as_ref().is_some_and(|store| store.buffers.is_used())
    }

    /// Whether all buffers are in use.
    pub fn all_buffers_used(&self) -> bool {
        self.0.as_ref().is_some_and(|store| store.buffers.is_full())
    }

    fn store(&self) -> Result<&Arc<Store>> {
        let absent = || Error::storage(anyhow::anyhow!("this command has no object store"));
        self.0.as_ref().ok_or_else(absent)
    }

    /// Stores an object of a few MiB.
    ///
    /// # Errors
    /// [`Error::Storage`]; the object may have been stored all the same.
    pub async fn put(&self, key: &str, content_type: &str, bytes: Bytes) -> Result<()> {
        let store = self.store()?;
        let request = store.client.put_object().bucket(&store.bucket).key(key);
        let request = request
            .content_type(content_type)
            .cache_control(CACHE_CONTROL)
            .body(ByteStream::from(bytes.clone()));
        let stall_detector = StallDetector::of(bytes);
        let mut request = request.customize().interceptor(stall_detector.clone());
        if !store.signs_bodies {
            request = request.disable_payload_signing();
        }
        let sent = request.config_override(connect::without_timeout()).send();
        stall_detector
            .watch(sent)
            .await
            .map_err(failed("store", key))?;
        Ok(())
    }

    /// Begins a multipart upload, for an object that is large or of unknown size.
    pub async fn begin(&self, key: &str, content_type: &str) -> Result<MultipartUpload> {
        let store = self.store()?;
        let request = store.client.create_multipart_upload();
        let request = request.bucket(&store.bucket).key(key);
        let request = request
            .content_type(content_type)
            .cache_control(CACHE_CONTROL);
        let begun = request.send().await.map_err(failed("begin", key))?;
        let id = begun
            .upload_id
            .ok_or_else(|| protocol_error("no upload id in the response"))?;
        Ok(MultipartUpload::new(self.clone(), key.to_owned(), id))
    }

    /// Returns an object, or `None` if it does not exist.
    ///
    /// # Errors
    /// [`Error::Storage`], also later in its stream.
    pub async fn get(&self, key: &str) -> Result<Option<Object>> {
        let store = self.store()?;
        let request = store.client.get_object().bucket(&store.bucket).key(key);
        let got = match request.send().await {
            Ok(got) => got,
            Err(error) if is_missing_object(&error) => return Ok(None),
            Err(error) => return Err(failed("read", key)(error)),
        };
        let key = key.to_owned();
        let stream = unfold(Some((got.body, key)), async |rest| {
            let (mut body, key) = rest?;
            match body.next().await? {
                Ok(bytes) => Some((Ok(bytes), Some((body, key)))),
                Err(error) => Some((Err(failed("read", &key)(error)), None)),
            }
        });
        Ok(Some(Object {
            bytes: length(got.content_length)?,
            content_type: got.content_type,
            stream: stream.boxed(),
        }))
    }

    /// Returns the metadata of an object, or `None` if it does not exist.
    pub async fn head(&self, key: &str) -> Result<Option<Head>> {
        let store = self.store()?;
        let request = store.client.head_object().bucket(&store.bucket).key(key);
        match request.send().await {
            Ok(head) => Ok(Some(Head {
                bytes: length(head.content_length)?,
                content_type: head.content_type,
            })),
            Err(error) if is_missing_object(&error) => Ok(None),
            Err(error) => Err(failed("get the metadata of", key)(error)),
        }
    }

    /// Returns a seekable reader of an object of `bytes` bytes. Created in the async runtime, used on a blocking
    /// thread.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn reader(&self, key: &str, bytes: u64) -> ObjectReader {
        ObjectReader::new(self.clone(), key.to_owned(), bytes)
    }

    /// Deletes an object. Succeeds if it does not exist.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn delete(&self, key: &str) -> Result<()> {
        let store = self.store()?;
        let request = store.client.delete_object().bucket(&store.bucket).key(key);
        match request.send().await {
            Err(error) if !is_missing_object(&error) => Err(failed("delete", key)(error)),
            _ => Ok(()),
        }
    }

    /// Aborts a multipart upload and deletes its parts. Succeeds if it does not exist.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn abort(&self, key: &str, upload_id: &str) -> Result<()> {
        let store = self.store()?;
        let request = store.client.abort_multipart_upload().bucket(&store.bucket);
        match request.key(key).upload_id(upload_id).send().await {
            Err(error) if !has_code(&error, "NoSuchUpload") => Err(failed("abort", key)(error)),
            _ => Ok(()),
        }
    }

    /// Returns the URL for reading an object. A presigned URL is valid for at least an hour and a half, unless the
    /// signing credentials expire earlier. It stays the same for half an hour, so that caches can match it. It must
    /// not be stored. Without a store, returns the key.
    pub fn url(&self, key: &str, now: Timestamp) -> String {
        match &self.0 {
            Some(store) => store.object_urls.get(key, now),
            None => key.to_owned(),
        }
    }

    /// Returns a presigned upload for an object of exactly this type and size, valid until `lifetime` after `now`.
    /// Not every store rejects another type or size: check the stored object.
    ///
    /// # Errors
    /// [`Error::Storage`] without a store.
    pub fn presigned_put(
        &self,
        key: &str,
        content_type: &str,
        bytes: u64,
        lifetime: Duration,
        now: Timestamp,
    ) -> Result<PresignedPut> {
        let object_urls = &self.store()?.object_urls;
        object_urls.put(key, content_type, bytes, lifetime, now)
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Storage")
            .field(&self.place())
            .finish()
    }
}
