//! Multipart uploads. An upload is a folder, and a part is a file in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use s3s::dto::{CompletedPart, ETag, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use uuid::Uuid;

use super::object_file::{TemporaryFile, internal, on_thread, or_missing, tag};

/// The minimum size of every part but the last in bytes, and the maximum part number.
const MIN_PART_BYTES: u64 = 5 << 20;
const MAX_PART_NUMBER: i32 = 10_000;

/// A multipart upload.
pub(super) struct Upload(PathBuf);

impl Upload {
    /// Begins an upload below this folder. Returns its id.
    pub(super) fn begin(uploads: &Path) -> S3Result<String> {
        let id = Uuid::now_v7().to_string();
        fs::create_dir(uploads.join(&id)).map_err(internal)?;
        Ok(id)
    }

    /// Returns the upload with this id, which may have ended.
    ///
    /// # Errors
    /// `NoSuchUpload` if it is not an id.
    pub(super) fn new(uploads: &Path, id: &str) -> S3Result<Self> {
        let id = Uuid::parse_str(id).map_err(|_| s3_error!(NoSuchUpload))?;
        Ok(Self(uploads.join(id.to_string())))
    }

    /// Stores a part and replaces one with the same number. Returns its `ETag`.
    ///
    /// # Errors
    /// `NoSuchUpload` also when the upload ends meanwhile, and errors of the body.
    pub(super) async fn store(self, number: i32, body: StreamingBlob) -> S3Result<String> {
        if !(1..=MAX_PART_NUMBER).contains(&number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part numbers must be 1 to 10000."
            ));
        }
        let part = self.part(number);
        // Each attempt has its own file: an aborted one may still be writing.
        let file = TemporaryFile::receive(self.0, body, S3ErrorCode::NoSuchUpload).await?;
        on_thread(move || file.rename(&part).map_err(no_such_upload)).await
    }

    /// Joins the parts to an object. Returns its `ETag`.
    ///
    /// # Errors
    /// `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`.
    pub(super) fn complete(&self, object: &Path, parts: &[CompletedPart]) -> S3Result<String> {
        let files = self.check(parts)?;
        let mut whole = TemporaryFile::create(&self.0).map_err(no_such_upload)?;
        for file in files {
            whole.append_file(file).map_err(internal)?;
        }
        let tag = whole.publish(object).map_err(internal)?;
        // The object is stored. Remaining files are deleted at the next start.
        _ = self.end();
        Ok(tag)
    }

    /// Ends the upload and deletes its parts.
    ///
    /// # Errors
    /// `NoSuchUpload`.
    pub(super) fn end(&self) -> S3Result<()> {
        // Renamed first, so that a part that is being received can't be added to the folder while it is deleted.
        let ended = self.0.with_extension("ended");
        fs::rename(&self.0, &ended).map_err(no_such_upload)?;
        fs::remove_dir_all(&ended).map_err(internal)
    }

    /// Opens these parts, after checking that they match the client's list.
    fn check(&self, parts: &[CompletedPart]) -> S3Result<Vec<File>> {
        if !self.0.is_dir() {
            return Err(s3_error!(NoSuchUpload));
        }
        if !parts.is_sorted_by(|a, b| a.part_number < b.part_number) {
            return Err(s3_error!(InvalidPartOrder));
        }
        let mut files = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let path = self.part(part.part_number.unwrap_or_default());
            let file = File::open(path).map_err(|_| s3_error!(InvalidPart))?;
            let metadata = file.metadata().map_err(internal)?;
            if part.e_tag.as_ref().map(ETag::value) != Some(tag(&metadata).as_str()) {
                return Err(s3_error!(InvalidPart));
            }
            if metadata.len() < MIN_PART_BYTES && index + 1 < parts.len() {
                return Err(s3_error!(EntityTooSmall));
            }
            files.push(file);
        }
        if files.is_empty() {
            let message = "An object must have at least one part.";
            return Err(S3Error::with_message(S3ErrorCode::InvalidPart, message));
        }
        Ok(files)
    }

    fn part(&self, number: i32) -> PathBuf {
        self.0.join(number.to_string())
    }
}

fn no_such_upload(error: std::io::Error) -> S3Error {
    or_missing(error, S3ErrorCode::NoSuchUpload)
}
