//! The files of objects. A file is received under a temporary name and renamed when it is on disk, so that an object
//! is always complete, also after a power failure.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use s3s::dto::{ETag, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::folder::{create_folder, sync};

/// The number of bytes per write and per read. Each runs on a blocking thread; a reader buffers as much.
const WRITE_PIECE: usize = 256 * 1024;
const READ_PIECE: u64 = 64 * 1024;
/// The number of attempts to create a file in a folder that is deleted concurrently because it became empty.
const MAX_ATTEMPTS: u32 = 100;

/// A received file. It is deleted on drop unless it was renamed.
pub(super) struct TemporaryFile {
    path: PathBuf,
    file: File,
}

impl TemporaryFile {
    /// Creates an empty file in this folder.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{}.tmp", Uuid::now_v7()));
        let file = File::create_new(&path)?;
        Ok(Self { path, file })
    }

    /// Receives a body into a file in this folder.
    ///
    /// # Errors
    /// `IncompleteBody` if the body ends with an error; `missing` if there is no such folder.
    pub(super) async fn receive(
        folder: PathBuf,
        mut body: StreamingBlob,
        missing: S3ErrorCode,
    ) -> S3Result<Self> {
        let create = move || Self::create(&folder).map_err(|error| or_missing(error, missing));
        let mut file = on_thread(create).await?;
        let (mut piece, mut bytes) = (Vec::<Bytes>::new(), 0);
        loop {
            let next = body.next().await.transpose();
            let next =
                next.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?;
            let is_last = next.is_none();
            if let Some(next) = next {
                bytes += next.len();
                piece.push(next);
            }
            if bytes >= WRITE_PIECE || is_last {
                let full = std::mem::take(&mut piece);
                bytes = 0;
                file = on_thread(move || file.append(&full).map_err(internal)).await?;
            }
            if is_last {
                return Ok(file);
            }
        }
    }

    fn append(mut self, piece: &[Bytes]) -> io::Result<Self> {
        for bytes in piece {
            self.file.write_all(bytes)?;
        }
        Ok(self)
    }

    /// Appends a copy of another file, which the kernel makes.
    pub(super) fn append_file(&mut self, mut other: File) -> io::Result<()> {
        io::copy(&mut other, &mut self.file).map(drop)
    }

    /// Renames the file without waiting until it is on disk. Returns its `ETag`.
    pub(super) fn rename(self, path: &Path) -> io::Result<String> {
        let tag = tag(&self.file.metadata()?);
        fs::rename(&self.path, path)?;
        Ok(tag)
    }

    /// Stores the file as an object. When this returns, the file and its name are on disk. Returns its `ETag`.
    pub(super) fn publish(self, path: &Path) -> io::Result<String> {
        self.file.sync_all()?;
        let tag = tag(&self.file.metadata()?);
        let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
        let mut attempts = 1..MAX_ATTEMPTS;
        loop {
            create_folder(folder)?;
            match fs::rename(&self.path, path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    attempts.next().ok_or(error)?
                }
                renamed => break renamed?,
            };
        }
        sync(folder)?;
        Ok(tag)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.path);
    }
}

/// Returns an `ETag` that differs from those of all other files at the same path.
pub(super) fn tag(metadata: &Metadata) -> String {
    let mut hash = Sha256::new();
    hash.update(metadata.ino().to_le_bytes());
    hash.update(metadata.len().to_le_bytes());
    hash.update(metadata.mtime().to_le_bytes());
    hash.update(metadata.mtime_nsec().to_le_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}

/// Returns the media type of an object, by its extension. It is not stored, so that it can't be that of a page.
pub(super) fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "jpg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

/// An open object.
pub(super) struct ObjectFile {
    pub(super) file: File,
    pub(super) metadata: Metadata,
}

impl ObjectFile {
    /// Opens an object.
    ///
    /// # Errors
    /// `NoSuchKey`.
    pub(super) fn open(path: &Path) -> S3Result<Self> {
        let missing = |error| or_missing(error, S3ErrorCode::NoSuchKey);
        let file = File::open(path).map_err(missing)?;
        let metadata = file.metadata().map_err(internal)?;
        // A folder can be opened too.
        if !metadata.is_file() {
            return Err(S3ErrorCode::NoSuchKey.into());
        }
        Ok(Self { file, metadata })
    }

    pub(super) fn tag(&self) -> ETag {
        ETag::Strong(tag(&self.metadata))
    }

    /// Streams a range of bytes.
    pub(super) fn read(self, range: std::ops::Range<u64>) -> StreamingBlob {
        let end = range.end;
        let file = Arc::new(self.file);
        StreamingBlob::wrap(try_unfold(range.start, move |start| {
            let file = file.clone();
            async move {
                let length = (end - start).min(READ_PIECE);
                if length == 0 {
                    return Ok(None);
                }
                let read = move || {
                    let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
                    file.read_exact_at(&mut piece, start).map(|()| piece)
                };
                let piece = spawn_blocking(read).await.map_err(io::Error::other)??;
                Ok::<_, io::Error>(Some((Bytes::from(piece), start + length)))
            }
        }))
    }
}

/// Deletes an object, if it exists, and the folders in `bucket` that became empty.
pub(super) fn delete(path: &Path, bucket: &Path) -> S3Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Err(error) = fs::remove_file(path) {
        let error = or_missing(error, S3ErrorCode::NoSuchKey);
        return match error.code() {
            S3ErrorCode::NoSuchKey => Ok(()),
            _ => Err(error),
        };
    }
    let mut folders = path.ancestors().skip(1);
    // Fails if the folder is not empty.
    while folders
        .next()
        .is_some_and(|folder| folder != bucket && fs::remove_dir(folder).is_ok())
    {}
    Ok(())
}

pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> S3Result<T> + Send + 'static,
) -> S3Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(internal(io::Error::other(error))))
}

/// Logs an error of the file system and returns the error for the client.
pub(super) fn internal(error: io::Error) -> S3Error {
    tracing::error!(%error, "embedded object store failed");
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}

/// Returns this error if a file does not exist or can't exist, for example because its name is too long.
pub(super) fn or_missing(error: io::Error, missing: S3ErrorCode) -> S3Error {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
            S3Error::with_source(missing, Box::new(error))
        }
        _ => internal(error),
    }
}
