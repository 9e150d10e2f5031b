//! The embedded object store: an S3 service whose objects are files in the data folder.
//!
//! Objects can be read without a signature, for browsers. All other requests must be signed with the credentials that
//! are stored beside the objects. The server passes requests for the bucket to the service, and the S3 client of this
//! process calls it without a connection. Several processes may use one folder.

mod access;
mod connector;
mod files;
mod folder;
mod multipart;
mod object_file;
mod service;

use std::path::PathBuf;

use anyhow::Context;
use aws_sdk_s3::config::{Credentials, SharedHttpClient};

use crate::config::Config;

use self::folder::{FolderLock, Keys};

pub use self::service::ObjectService;

/// The store of this process.
pub(super) struct Embedded {
    service: ObjectService,
    keys: Keys,
    _lock: FolderLock,
}

impl Embedded {
    /// Opens the store in the data folder. Returns it with the folder of its files.
    ///
    /// # Errors
    /// Returns one line for the operator: the folder can't be created or locked.
    pub(super) async fn open(config: &Config) -> anyhow::Result<(Self, PathBuf)> {
        config.create_data_folder()?;
        let folder = config.data_dir.join("objects");
        let bucket = config.storage.bucket();
        let opened = folder::open(&folder, bucket).await;
        let (lock, keys) =
            opened.with_context(|| format!("can't use the images in {}", folder.display()))?;
        let service = ObjectService::new(&folder, bucket, &keys);
        let store = Self {
            service,
            keys,
            _lock: lock,
        };
        Ok((store, folder))
    }

    /// Returns the service for requests that the server receives.
    pub(super) fn service(&self) -> &ObjectService {
        &self.service
    }

    /// Returns an HTTP client whose requests call the service.
    pub(super) fn http_client(&self) -> SharedHttpClient {
        connector::http_client(self.service.clone())
    }

    /// Returns the credentials of the store.
    pub(super) fn credentials(&self) -> Credentials {
        let Keys { id, secret } = &self.keys;
        Credentials::new(id, secret, None, None, "embedded")
    }
}
