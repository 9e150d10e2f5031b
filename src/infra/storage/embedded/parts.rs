//! Multipart uploads. A part is a file, written in large pieces because each write runs on a blocking thread. The
//! parts are joined with [`io::copy`], which lets the kernel copy.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::StreamExt;
use s3s::dto::{CompletedPart, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// The number of bytes per write.
const PIECE: usize = 256 * 1024;
/// The minimum size of every part but the last in bytes, and the maximum part number.
const MIN_PART_BYTES: u64 = 5 << 20;
const MAX_PART_NUMBER: i32 = 10_000;

/// A multipart upload, stored by `s3s-fs` in a folder.
#[derive(Clone)]
pub(super) struct Upload {
    folder: PathBuf,
    id: Uuid,
}

impl Upload {
    /// Finds an upload.
    ///
    /// # Errors
    /// `NoSuchUpload`.
    pub(super) fn find(folder: &Path, id: &str) -> S3Result<Self> {
        let id = Uuid::parse_str(id).map_err(|_| s3_error!(NoSuchUpload))?;
        let upload = Self {
            folder: folder.to_owned(),
            id,
        };
        upload.expect()?;
        Ok(upload)
    }

    /// Stores a part and replaces one with the same number. Returns its `ETag`.
    ///
    /// # Errors
    /// `NoSuchUpload` when the upload ends meanwhile, and errors of the body.
    pub(super) async fn store(&self, number: i32, body: StreamingBlob) -> S3Result<String> {
        if !(1..=MAX_PART_NUMBER).contains(&number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part numbers must be 1 to 10000."
            ));
        }
        let path = self.part(number);
        // Each attempt has its own file: an aborted one may still be writing.
        let temporary = TemporaryFile(path.with_extension(Uuid::now_v7().to_string()));
        write(&temporary.0, body).await?;
        let upload = self.clone();
        on_thread(move || {
            let tag = tag(&temporary.0).map_err(internal)?;
            fs::rename(&temporary.0, &path).map_err(internal)?;
            // If the upload was aborted meanwhile, nothing else would delete this part.
            upload.expect().inspect_err(|_| _ = fs::remove_file(path))?;
            Ok(tag)
        })
        .await
    }

    /// Joins the parts to an object. Returns its `ETag`.
    ///
    /// # Errors
    /// `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `NoSuchBucket`.
    pub(super) async fn finish(
        self,
        bucket: String,
        key: String,
        parts: Vec<CompletedPart>,
    ) -> S3Result<String> {
        on_thread(move || self.join(&bucket, &key, &parts)).await
    }

    fn join(&self, bucket: &str, key: &str, parts: &[CompletedPart]) -> S3Result<String> {
        let object = object(&self.folder, bucket, key)?;
        let files = self.check(parts)?;
        let temporary = TemporaryFile(self.folder.join(format!(".upload_id-{}.whole", self.id)));
        let mut whole = File::create(&temporary.0).map_err(internal)?;
        for file in &files {
            let mut part = File::open(file).map_err(internal)?;
            io::copy(&mut part, &mut whole).map_err(internal)?;
        }
        drop(whole);
        let name = name(bucket, key);
        let beside = |end: &str| self.folder.join(format!("{name}.{end}"));
        let tag = format!("{}-{}", tag(&temporary.0).map_err(internal)?, files.len());
        let metadata = serde_json::json!({"e_tag": tag}).to_string();
        // The metadata must exist before the object, and is deleted with it.
        let upload_file = beside(&format!("upload-{}.metadata.json", self.id));
        fs::rename(upload_file, beside("metadata.json")).map_err(internal)?;
        fs::write(beside("internal.json"), metadata).map_err(internal)?;
        if let Some(parent) = object.parent() {
            fs::create_dir_all(parent).map_err(internal)?;
        }
        fs::rename(&temporary.0, &object).map_err(internal)?;
        // Remaining files are deleted at the next start.
        _ = fs::remove_file(self.upload_file());
        Ok(tag)
    }

    /// Returns the files of these parts, after checking that they match the client's list.
    fn check(&self, parts: &[CompletedPart]) -> S3Result<Vec<PathBuf>> {
        if !parts.is_sorted_by(|a, b| a.part_number < b.part_number) {
            return Err(s3_error!(InvalidPartOrder));
        }
        let mut files = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let path = self.part(part.part_number.unwrap_or_default());
            let found = tag(&path).map_err(|_| s3_error!(InvalidPart))?;
            if part.e_tag.as_ref().map(s3s::dto::ETag::value) != Some(found.as_str()) {
                return Err(s3_error!(InvalidPart));
            }
            let bytes = fs::metadata(&path).map_err(internal)?.len();
            if bytes < MIN_PART_BYTES && index + 1 < parts.len() {
                return Err(s3_error!(EntityTooSmall));
            }
            files.push(path);
        }
        if files.is_empty() {
            return Err(s3_error!(
                InvalidPart,
                "An object must have at least one part."
            ));
        }
        Ok(files)
    }

    fn expect(&self) -> S3Result<()> {
        if self.upload_file().exists() {
            return Ok(());
        }
        Err(s3_error!(NoSuchUpload))
    }

    /// Returns the file that `s3s-fs` creates when an upload begins, and deletes when it ends.
    fn upload_file(&self) -> PathBuf {
        self.folder.join(format!(".upload-{}.json", self.id))
    }

    fn part(&self, number: i32) -> PathBuf {
        let name = format!(".upload_id-{}.part-{number}", self.id);
        self.folder.join(name)
    }
}

/// Returns the name prefix of the metadata files that `s3s-fs` stores beside an object.
pub(super) fn name(bucket: &str, key: &str) -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!(".bucket-{}.object-{}", encode(bucket), encode(key))
}

/// Returns the path of an object, which is always inside the folder of its bucket.
fn object(folder: &Path, bucket: &str, key: &str) -> S3Result<PathBuf> {
    let is_name = |part: Component| matches!(part, Component::Normal(_));
    if !Path::new(key).components().all(is_name) || !is_single(bucket) {
        return Err(s3_error!(InvalidArgument));
    }
    let bucket = folder.join(bucket);
    if !bucket.is_dir() {
        return Err(s3_error!(NoSuchBucket));
    }
    Ok(bucket.join(key))
}

fn is_single(bucket: &str) -> bool {
    let mut parts = Path::new(bucket).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(_)), None)
    )
}

/// Returns an `ETag` that differs from those of all earlier versions of the file.
fn tag(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    let written = metadata.modified()?.duration_since(UNIX_EPOCH);
    let written = written.map_err(|_| ErrorKind::InvalidData)?.as_nanos();
    Ok(format!("{:x}-{written:x}", metadata.len()))
}

/// A file that is deleted on drop unless it was renamed.
struct TemporaryFile(PathBuf);

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}

async fn write(path: &Path, mut body: StreamingBlob) -> S3Result<()> {
    let path = path.to_owned();
    let mut file = on_thread(move || File::create(path).map_err(internal)).await?;
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
        if bytes >= PIECE || is_last {
            let full = std::mem::take(&mut piece);
            bytes = 0;
            file = on_thread(move || append(file, &full).map_err(internal)).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn append(mut file: File, piece: &[Bytes]) -> io::Result<File> {
    for bytes in piece {
        file.write_all(bytes)?;
    }
    Ok(file)
}

async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> S3Result<T> + Send + 'static,
) -> S3Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(S3Error::with_source(
            S3ErrorCode::InternalError,
            Box::new(error),
        ))
    })
}

pub(super) fn internal(error: io::Error) -> S3Error {
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}
