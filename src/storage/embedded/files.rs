//! Objects as files: what `s3s-fs` does, with its rough edges taken off.

use std::path::{Path, PathBuf};
use std::{fs, io};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateBucketInput, CreateBucketOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

/// The files of a folder. Only what this program asks of an S3 server is there.
pub(super) struct Files {
    files: FileSystem,
    folder: PathBuf,
}

/// Removes what a process that was killed has left: parts of uploads that nobody can finish, because the keys they were
/// begun with are gone.
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
    /// The files of this folder, which is there.
    pub(super) fn new(folder: &Path) -> anyhow::Result<Self> {
        let files = FileSystem::new(folder);
        Ok(Self {
            files: files.map_err(|error| anyhow::anyhow!("{error:?}"))?,
            folder: folder.to_owned(),
        })
    }

    /// What `s3s-fs` keeps beside an object, and does not remove with it.
    async fn forget(&self, bucket: &str, key: &str) {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let name = format!(".bucket-{}.object-{}", encode(bucket), encode(key));
        for end in ["metadata.json", "internal.json"] {
            // What is not there need not be removed.
            _ = tokio::fs::remove_file(self.folder.join(format!("{name}.{end}"))).await;
        }
    }

    /// Parts of an upload that is over: one may have been under way when it was given up.
    async fn forget_parts(&self, id: &str) -> S3Result<()> {
        let part = format!(".upload_id-{id}.part-");
        let mut files = tokio::fs::read_dir(&self.folder).await.map_err(internal)?;
        while let Some(file) = files.next_entry().await.map_err(internal)? {
            if file.file_name().to_string_lossy().starts_with(&part) {
                _ = tokio::fs::remove_file(file.path()).await;
            }
        }
        Ok(())
    }

    /// A folder is no object, though it can be opened.
    fn is_folder(&self, bucket: &str, key: &str) -> bool {
        self.folder.join(bucket).join(key).is_dir()
    }
}

type Answer<T> = S3Result<S3Response<T>>;

#[async_trait]
impl S3 for Files {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.files.head_bucket(request).await
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> Answer<CreateBucketOutput> {
        self.files.create_bucket(request).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        if self.is_folder(&request.input.bucket, &request.input.key) {
            return Err(s3_error!(NoSuchKey));
        }
        self.files.get_object(request).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        if self.is_folder(&request.input.bucket, &request.input.key) {
            return Err(s3_error!(NoSuchKey));
        }
        self.files.head_object(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        self.files.put_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> Answer<DeleteObjectOutput> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        if self.is_folder(&bucket, &key) {
            return Ok(S3Response::new(DeleteObjectOutput::default()));
        }
        let done = self.files.delete_object(request).await?;
        self.forget(&bucket, &key).await;
        Ok(done)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> Answer<ListObjectsV2Output> {
        self.files.list_objects_v2(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        let done = self.files.upload_part(request).await;
        done.map_err(no_such_upload)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        let done = self.files.complete_multipart_upload(request).await;
        done.map_err(no_such_upload)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let id = request.input.upload_id.clone();
        let done = self.files.abort_multipart_upload(request).await;
        self.forget_parts(&id).await?;
        done.map_err(no_such_upload)
    }
}

fn internal(error: io::Error) -> s3s::S3Error {
    s3s::S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}

/// What an upload that is over or was never begun is called by the protocol.
fn no_such_upload(error: s3s::S3Error) -> s3s::S3Error {
    match error.code() {
        S3ErrorCode::AccessDenied | S3ErrorCode::InvalidRequest => s3_error!(NoSuchUpload),
        _ => error,
    }
}
