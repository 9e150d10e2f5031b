//! Objects as files: `s3s-fs` with corrections for multipart uploads, folders and left-over files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use async_trait::async_trait;
use bytes::BytesMut;
use futures_util::stream::try_unfold;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateBucketInput, CreateBucketOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput,
    ETag, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
    Range, StreamingBlob, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};

use super::parts::{Upload, internal, name};

/// The number of bytes per read.
const PIECE: usize = 256 * 1024;

/// The files of a folder. Implements only the S3 operations that this program uses.
pub(super) struct Files {
    files: FileSystem,
    folder: PathBuf,
}

/// Deletes uploads that a killed process has left. They can't be finished, because the credentials that they began
/// with are gone.
pub(super) fn clear_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_upload = name.starts_with(".upload");
        let is_head = name.starts_with(".bucket-") && name.contains(".upload-");
        if is_upload || is_head {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Files {
    /// Serves an existing folder.
    pub(super) fn new(folder: &Path) -> anyhow::Result<Self> {
        let files = FileSystem::new(folder);
        Ok(Self {
            files: files.map_err(|error| anyhow::anyhow!("{error:?}"))?,
            folder: folder.to_owned(),
        })
    }

    /// Deletes the metadata files of an object, which `s3s-fs` leaves behind.
    async fn delete_metadata(&self, bucket: &str, key: &str) {
        let name = name(bucket, key);
        for end in ["metadata.json", "internal.json"] {
            // They may not exist.
            _ = tokio::fs::remove_file(self.folder.join(format!("{name}.{end}"))).await;
        }
    }

    /// Deletes the parts of a finished or aborted upload. One may have been in transit during the abort.
    async fn delete_parts(&self, id: &str) -> S3Result<()> {
        let part = format!(".upload_id-{id}.part-");
        let mut files = tokio::fs::read_dir(&self.folder).await.map_err(internal)?;
        while let Some(file) = files.next_entry().await.map_err(internal)? {
            if file.file_name().to_string_lossy().starts_with(&part) {
                _ = tokio::fs::remove_file(file.path()).await;
            }
        }
        Ok(())
    }

    /// Whether a key is a folder, which is not an object although it can be opened.
    fn is_folder(&self, bucket: &str, key: &str) -> bool {
        self.folder.join(bucket).join(key).is_dir()
    }
}

type S3Reply<T> = S3Result<S3Response<T>>;

#[async_trait]
impl S3 for Files {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Reply<HeadBucketOutput> {
        self.files.head_bucket(request).await
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Reply<CreateBucketOutput> {
        self.files.create_bucket(request).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Reply<GetObjectOutput> {
        let path = self.folder.join(&request.input.bucket);
        let path = path.join(&request.input.key);
        if path.is_dir() {
            return Err(s3_error!(NoSuchKey));
        }
        let range = request.input.range;
        let mut found = self.files.get_object(request).await?;
        found.output.body = Some(read(&path, range).await?);
        Ok(found)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Reply<HeadObjectOutput> {
        if self.is_folder(&request.input.bucket, &request.input.key) {
            return Err(s3_error!(NoSuchKey));
        }
        self.files.head_object(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Reply<PutObjectOutput> {
        self.files.put_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Reply<DeleteObjectOutput> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        if self.is_folder(&bucket, &key) {
            return Ok(S3Response::new(DeleteObjectOutput::default()));
        }
        let done = self.files.delete_object(request).await?;
        self.delete_metadata(&bucket, &key).await;
        Ok(done)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Reply<ListObjectsV2Output> {
        self.files.list_objects_v2(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Reply<CreateMultipartUploadOutput> {
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Reply<UploadPartOutput> {
        let input = request.input;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let upload = Upload::find(&self.folder, &input.upload_id)?;
        let tag = upload.store(input.part_number, body).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(tag)),
            ..UploadPartOutput::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Reply<CompleteMultipartUploadOutput> {
        let input = request.input;
        let upload = Upload::find(&self.folder, &input.upload_id)?;
        let parts = input.multipart_upload.and_then(|upload| upload.parts);
        let (bucket, key) = (input.bucket, input.key);
        let finished = upload.finish(bucket.clone(), key.clone(), parts.unwrap_or_default());
        let tag = finished.await?;
        // Also parts that the request did not list.
        self.delete_parts(&input.upload_id).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            e_tag: Some(ETag::Strong(tag)),
            bucket: Some(bucket),
            key: Some(key),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Reply<AbortMultipartUploadOutput> {
        let id = request.input.upload_id.clone();
        let done = self.files.abort_multipart_upload(request).await;
        self.delete_parts(&id).await?;
        done.map_err(no_such_upload)
    }
}

/// Streams a range of a file in large pieces.
async fn read(path: &Path, range: Option<Range>) -> S3Result<StreamingBlob> {
    let mut file = File::open(path).await.map_err(internal)?;
    let bytes = file.metadata().await.map_err(internal)?.len();
    let range = range.map_or(Ok(0..bytes), |range| range.check(bytes))?;
    let start = SeekFrom::Start(range.start);
    file.seek(start).await.map_err(internal)?;
    let pieces = try_unfold(file.take(range.end - range.start), async |mut file| {
        let mut piece = BytesMut::with_capacity(PIECE);
        let count = file.read_buf(&mut piece).await?;
        Ok::<_, io::Error>((count > 0).then(|| (piece.freeze(), file)))
    });
    Ok(StreamingBlob::wrap(pieces))
}

/// Maps the errors of an unknown or finished upload to the code of the protocol.
fn no_such_upload(error: s3s::S3Error) -> s3s::S3Error {
    match error.code() {
        S3ErrorCode::AccessDenied | S3ErrorCode::InvalidRequest => s3_error!(NoSuchUpload),
        _ => error,
    }
}
