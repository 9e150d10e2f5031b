//! Objects as files: the S3 operations that this program and its clients use.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use hyper::HeaderMap;
use hyper::header::{CACHE_CONTROL, ETAG, HeaderValue};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, PutObjectInput,
    PutObjectOutput, Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::folder::UPLOADS;
use super::multipart::Upload;
use super::object_file::{
    ObjectFile, TemporaryFile, content_type, delete, internal, on_thread, or_missing,
};
use crate::infra::storage::CACHE_CONTROL as IMMUTABLE;

/// The objects of one bucket.
pub(super) struct Files {
    bucket: String,
    objects: PathBuf,
    uploads: PathBuf,
}

impl Files {
    /// Serves an existing folder.
    pub(super) fn new(folder: &Path, bucket: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
            objects: folder.join(bucket),
            uploads: folder.join(UPLOADS),
        }
    }

    /// Returns the path of an object. No segment of a key is empty or begins with a dot, because such a key could
    /// escape the bucket or name a folder.
    ///
    /// # Errors
    /// `NoSuchBucket`, `NoSuchKey`.
    fn path(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        if bucket != self.bucket {
            return Err(s3_error!(NoSuchBucket));
        }
        let is_plain =
            |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\0');
        if !key.split('/').all(is_plain) {
            return Err(s3_error!(NoSuchKey));
        }
        Ok(self.objects.join(key))
    }

    /// Opens an object, unless the client has it.
    async fn open(
        &self,
        (bucket, key): (&str, &str),
        (if_match, if_none_match): (Option<ETagCondition>, Option<ETagCondition>),
    ) -> S3Result<ObjectFile> {
        let path = self.path(bucket, key)?;
        let object = on_thread(move || ObjectFile::open(&path)).await?;
        let tag = object.tag();
        let differs = |wanted: ETagCondition| {
            wanted
                .into_etag()
                .is_some_and(|wanted| !wanted.strong_cmp(&tag))
        };
        if if_match.is_some_and(differs) {
            return Err(s3_error!(PreconditionFailed));
        }
        let is_known =
            |known: ETagCondition| known.into_etag().is_none_or(|known| known.weak_cmp(&tag));
        if if_none_match.is_some_and(is_known) {
            let mut error = s3_error!(NotModified);
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
            headers.extend(tag.to_http_header().ok().map(|tag| (ETAG, tag)));
            error.set_headers(headers);
            return Err(error);
        }
        Ok(object)
    }
}

type S3Reply<T> = S3Result<S3Response<T>>;

#[async_trait]
impl S3 for Files {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Reply<HeadBucketOutput> {
        if request.input.bucket != self.bucket {
            return Err(s3_error!(NoSuchBucket));
        }
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Reply<GetObjectOutput> {
        let input = request.input;
        let conditions = (input.if_match, input.if_none_match);
        let object = self.open((&input.bucket, &input.key), conditions).await?;
        let bytes = object.metadata.len();
        let range = match input.range {
            Some(range) => range.check(bytes)?,
            None => 0..bytes,
        };
        let last = range.end.saturating_sub(1);
        let content_range = format!("bytes {}-{last}/{bytes}", range.start);
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: Some(IMMUTABLE.to_owned()),
            content_length: Some(length(range.end - range.start)?),
            content_range: input.range.map(|_| content_range),
            content_type: Some(content_type(&input.key).to_owned()),
            e_tag: Some(object.tag()),
            last_modified: Some(modified(&object)?),
            body: Some(object.read(range)),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Reply<HeadObjectOutput> {
        let input = request.input;
        let conditions = (input.if_match, input.if_none_match);
        let object = self.open((&input.bucket, &input.key), conditions).await?;
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: Some(IMMUTABLE.to_owned()),
            content_length: Some(length(object.metadata.len())?),
            content_type: Some(content_type(&input.key).to_owned()),
            e_tag: Some(object.tag()),
            last_modified: Some(modified(&object)?),
            ..HeadObjectOutput::default()
        }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Reply<PutObjectOutput> {
        let input = request.input;
        let path = self.path(&input.bucket, &input.key)?;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let uploads = self.uploads.clone();
        let file = TemporaryFile::receive(uploads, body, S3ErrorCode::InternalError).await?;
        let publish = move || {
            let published = file.publish(&path);
            published.map_err(|error| or_missing(error, S3ErrorCode::KeyTooLongError))
        };
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(on_thread(publish).await?)),
            ..PutObjectOutput::default()
        }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Reply<DeleteObjectOutput> {
        let path = self.path(&request.input.bucket, &request.input.key)?;
        let bucket = self.objects.clone();
        on_thread(move || delete(&path, &bucket)).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Reply<CreateMultipartUploadOutput> {
        let (bucket, key) = (request.input.bucket, request.input.key);
        self.path(&bucket, &key)?;
        let uploads = self.uploads.clone();
        let id = on_thread(move || Upload::begin(&uploads)).await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(bucket),
            key: Some(key),
            upload_id: Some(id),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Reply<UploadPartOutput> {
        let input = request.input;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let upload = Upload::new(&self.uploads, &input.upload_id)?;
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
        let path = self.path(&input.bucket, &input.key)?;
        let upload = Upload::new(&self.uploads, &input.upload_id)?;
        let parts = input.multipart_upload.and_then(|upload| upload.parts);
        let parts = parts.unwrap_or_default();
        let tag = on_thread(move || upload.complete(&path, &parts)).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            e_tag: Some(ETag::Strong(tag)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Reply<AbortMultipartUploadOutput> {
        let upload = Upload::new(&self.uploads, &request.input.upload_id)?;
        on_thread(move || upload.end()).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

fn length(bytes: u64) -> S3Result<i64> {
    i64::try_from(bytes).map_err(|_| s3_error!(InternalError))
}

fn modified(object: &ObjectFile) -> S3Result<Timestamp> {
    Ok(object.metadata.modified().map_err(internal)?.into())
}
