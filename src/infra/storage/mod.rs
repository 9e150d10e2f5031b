//! The object store: an S3 server, ours inside the process or any other. Objects are never changed once they are there,
//! and everybody may keep a copy of them.
//!
//! What goes wrong here is [`Error::Storage`], which clients may try again; that an object is missing is no error. Every
//! operation ends: within about 12 seconds when the store does not answer, and as long as bytes move it may go on.

mod address;
mod bucket;
mod buffer_pool;
mod connect;
mod embedded;
mod fault;
mod multipart;
mod object;
mod pulse;
mod reader;

pub use address::PresignedPut;
pub use buffer_pool::Buffer;
pub use multipart::{MultipartUpload, PART};
pub use object::{Head, Object};
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

use self::address::Addresses;
use self::bucket::Watched;
use self::buffer_pool::BufferPool;
use self::embedded::Embedded;
use self::fault::{failed, has_code, is_missing_object, length, odd};
use self::pulse::Pulse;

/// Keys are never used twice, so that what is kept under one may be kept for ever.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// A connection to the object store. Cheap to clone.
#[derive(Clone)]
pub struct Storage(Option<Arc<Store>>);

struct Store {
    client: Client,
    bucket: String,
    watched: Watched,
    addresses: Addresses,
    /// The server inside the process, which ends with this.
    embedded: Option<Embedded>,
    /// Whether the hash of what is sent is signed with the rest: needless where TLS or the process itself sees to it that
    /// nobody changes it on the way.
    signs_bodies: bool,
    buffers: BufferPool,
    place: String,
}

impl Storage {
    /// Connects as the settings say, and starts the S3 server inside the process when they name no other. The bucket is
    /// made in development when it is missing. A store that is away is [waited for](Self::watch).
    ///
    /// # Errors
    /// One line for the operator: there are no keys, or they are refused, the bucket is missing.
    pub async fn connect(config: &Config) -> anyhow::Result<Self> {
        connect::connect(config, None).await
    }

    /// The same with keys that are given, not those that the tools of AWS would find.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_with(
        config: &Config,
        keys: SharedCredentialsProvider,
    ) -> anyhow::Result<Self> {
        connect::connect(config, Some(keys)).await
    }

    /// What a command has that needs no objects: every operation answers that the store can't be reached.
    pub fn absent() -> Self {
        Self(None)
    }

    /// Where the objects are, for the operator: a folder or a bucket.
    pub fn place(&self) -> &str {
        self.0.as_ref().map_or("nowhere", |store| &store.place)
    }

    /// Whether the objects are files of the S3 server inside the process.
    pub fn is_embedded(&self) -> bool {
        let store = self.0.as_ref();
        store.is_some_and(|store| store.embedded.is_some())
    }

    /// Waits for a buffer for one more part of [`PART`] bytes.
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

    /// Returns whether all [buffers](Self::buffer) are in use.
    pub fn is_crowded(&self) -> bool {
        self.0.as_ref().is_some_and(|store| store.buffers.is_full())
    }

    fn store(&self) -> Result<&Arc<Store>> {
        let absent = || Error::storage(anyhow::anyhow!("this command has no object store"));
        self.0.as_ref().ok_or_else(absent)
    }

    /// Stores an object of a few MiB.
    ///
    /// # Errors
    /// [`Error::Storage`]; the object may be there all the same.
    pub async fn put(&self, key: &str, content_type: &str, bytes: Bytes) -> Result<()> {
        let store = self.store()?;
        let request = store.client.put_object().bucket(&store.bucket).key(key);
        let request = request
            .content_type(content_type)
            .cache_control(CACHE_CONTROL)
            .body(ByteStream::from(bytes.clone()));
        let pulse = Pulse::of(bytes);
        let mut request = request.customize().interceptor(pulse.clone());
        if !store.signs_bodies {
            request = request.disable_payload_signing();
        }
        let sent = request.config_override(connect::unlimited()).send();
        pulse.watch(sent).await.map_err(failed("store", key))?;
        Ok(())
    }

    /// Begins an object whose size is not known yet, or that is large.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn begin(&self, key: &str, content_type: &str) -> Result<MultipartUpload> {
        let store = self.store()?;
        let request = store.client.create_multipart_upload();
        let request = request.bucket(&store.bucket).key(key);
        let request = request
            .content_type(content_type)
            .cache_control(CACHE_CONTROL);
        let begun = request.send().await.map_err(failed("begin", key))?;
        let id = begun.upload_id.ok_or_else(|| odd("an upload has no id"))?;
        Ok(MultipartUpload::new(self.clone(), key.to_owned(), id))
    }

    /// An object; none when there is none under this key.
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

    /// What is known of an object; none when there is none under this key.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn head(&self, key: &str) -> Result<Option<Head>> {
        let store = self.store()?;
        let request = store.client.head_object().bucket(&store.bucket).key(key);
        match request.send().await {
            Ok(head) => Ok(Some(Head {
                bytes: length(head.content_length)?,
                content_type: head.content_type,
            })),
            Err(error) if is_missing_object(&error) => Ok(None),
            Err(error) => Err(failed("look at", key)(error)),
        }
    }

    /// Reads an object of `bytes` bytes at any place of it, on a thread that may wait. To be made on a thread of the runtime.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn reader(&self, key: &str, bytes: u64) -> ObjectReader {
        ObjectReader::new(self.clone(), key.to_owned(), bytes)
    }

    /// Removes an object. That there is none is fine.
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

    /// Removes all objects whose keys begin with this prefix, which ends in `/`.
    ///
    /// # Errors
    /// [`Error::Storage`]; some may be gone then.
    pub async fn delete_below(&self, prefix: &str) -> Result<()> {
        let store = self.store()?;
        // An empty one would be all there is.
        if !prefix.ends_with('/') || prefix.len() < 2 {
            return Err(odd(&format!(
                "{prefix:?} is no prefix of objects to remove"
            )));
        }
        let list = store.client.list_objects_v2().bucket(&store.bucket);
        let mut pages = list.prefix(prefix).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("list", prefix))?;
            let keys = page.contents.into_iter().flatten();
            // One by one: not every store takes the checksum of a list of them.
            for key in keys.filter_map(|object| object.key) {
                self.delete(&key).await?;
            }
        }
        Ok(())
    }

    /// Gives an upload up, and frees what it has stored. That there is none is fine.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn abort(&self, key: &str, upload_id: &str) -> Result<()> {
        let store = self.store()?;
        let request = store.client.abort_multipart_upload().bucket(&store.bucket);
        match request.key(key).upload_id(upload_id).send().await {
            Err(error) if !has_code(&error, "NoSuchUpload") => Err(failed("give up", key)(error)),
            _ => Ok(()),
        }
    }

    /// Where clients read an object. A signed address is good for an hour and a half at least, and the same for half an
    /// hour, so that caches know it again, unless the keys that sign end
    /// before; it is never to be stored. Without a store: the key.
    pub fn url(&self, key: &str, now: Timestamp) -> String {
        match &self.0 {
            Some(store) => store.addresses.get(key, now),
            None => key.to_owned(),
        }
    }

    /// Where a client puts an object itself: of exactly this type and so many bytes, and no later than `lifetime` after
    /// `now`. Not every store refuses another type or length: look at what arrived.
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
        let addresses = &self.store()?.addresses;
        addresses.put(key, content_type, bytes, lifetime, now)
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        formatter.debug_tuple("Storage").field(&place).finish()
    }
}
