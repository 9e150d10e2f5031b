//! Objects that come in parts. A part is a file, written in large pieces: each is a trip to a thread that may wait. The parts
//! become an object by the kernel's own copying.

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

/// How many bytes are written at once.
const PIECE: usize = 256 * 1024;
/// How many bytes a part has at least, unless it is the last, and the highest number of one.
const SMALLEST: u64 = 5 << 20;
const HIGHEST: i32 = 10_000;

/// An upload that has begun, as `s3s-fs` keeps it in a folder.
#[derive(Clone)]
pub(super) struct Upload {
    folder: PathBuf,
    id: Uuid,
}

impl Upload {
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

    /// Stores a part, in the place of one that has this number; gives its tag.
    ///
    /// # Errors
    /// `NoSuchUpload` when the upload is over meanwhile, and what the body gives.
    pub(super) async fn store(&self, number: i32, body: StreamingBlob) -> S3Result<String> {
        if !(1..=HIGHEST).contains(&number) {
            return Err(s3_error!(InvalidArgument, "A part's number is 1 to 10000."));
        }
        let path = self.part(number);
        // Each try has a file of its own: one that was broken off may still be writing.
        let draft = Draft(path.with_extension(Uuid::now_v7().to_string()));
        write(&draft.0, body).await?;
        let upload = self.clone();
        on_thread(move || {
            let tag = tag(&draft.0).map_err(internal)?;
            fs::rename(&draft.0, &path).map_err(internal)?;
            // Given up meanwhile: then nobody removes what comes later.
            upload.expect().inspect_err(|_| _ = fs::remove_file(path))?;
            Ok(tag)
        })
        .await
    }

    /// Makes the object of its parts; gives its tag.
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
        let draft = Draft(self.folder.join(format!(".upload_id-{}.whole", self.id)));
        let mut whole = File::create(&draft.0).map_err(internal)?;
        for file in &files {
            let mut part = File::open(file).map_err(internal)?;
            io::copy(&mut part, &mut whole).map_err(internal)?;
        }
        drop(whole);
        let name = name(bucket, key);
        let beside = |end: &str| self.folder.join(format!("{name}.{end}"));
        let tag = format!("{}-{}", tag(&draft.0).map_err(internal)?, files.len());
        let known = serde_json::json!({"e_tag": tag}).to_string();
        // What is known of an object is there before it is, and goes with it.
        let begun = beside(&format!("upload-{}.metadata.json", self.id));
        fs::rename(begun, beside("metadata.json")).map_err(internal)?;
        fs::write(beside("internal.json"), known).map_err(internal)?;
        if let Some(parent) = object.parent() {
            fs::create_dir_all(parent).map_err(internal)?;
        }
        fs::rename(&draft.0, &object).map_err(internal)?;
        // What is left is removed at the next start.
        _ = fs::remove_file(self.begun());
        Ok(tag)
    }

    /// The files of these parts, which are what the client means.
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
            if bytes < SMALLEST && index + 1 < parts.len() {
                return Err(s3_error!(EntityTooSmall));
            }
            files.push(path);
        }
        if files.is_empty() {
            return Err(s3_error!(InvalidPart, "An object has a part at least."));
        }
        Ok(files)
    }

    fn expect(&self) -> S3Result<()> {
        if self.begun().exists() {
            return Ok(());
        }
        Err(s3_error!(NoSuchUpload))
    }

    /// The file that `s3s-fs` makes when an upload begins, and removes when it is over.
    fn begun(&self) -> PathBuf {
        self.folder.join(format!(".upload-{}.json", self.id))
    }

    fn part(&self, number: i32) -> PathBuf {
        let name = format!(".upload_id-{}.part-{number}", self.id);
        self.folder.join(name)
    }
}

/// How the files begin that `s3s-fs` keeps beside an object.
pub(super) fn name(bucket: &str, key: &str) -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!(".bucket-{}.object-{}", encode(bucket), encode(key))
}

/// Where an object is: never outside of the folder of its bucket.
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

/// What tells a file from all that were there before it.
fn tag(path: &Path) -> io::Result<String> {
    let known = fs::metadata(path)?;
    let written = known.modified()?.duration_since(UNIX_EPOCH);
    let written = written.map_err(|_| ErrorKind::InvalidData)?.as_nanos();
    Ok(format!("{:x}-{written:x}", known.len()))
}

/// A file that is removed unless it got another name.
struct Draft(PathBuf);

impl Drop for Draft {
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
