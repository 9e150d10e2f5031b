//! Accesses the object store of a running server directly with the AWS SDK.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_http_client::Builder;
use bytes::Bytes;
use serde_json::Value;

/// The part size that Wares uses.
const PART_BYTES: usize = 5 << 20;
const BUCKET: &str = "wares";

/// Connects to the embedded object store of the Wares process with this data folder, at its address.
pub fn connect(folder: &Path, address: &str) -> Result<Client> {
    let place = std::fs::read(folder.join("objects/.server"))?;
    let place: Value = serde_json::from_slice(&place)?;
    let text = |name: &str| {
        place[name]
            .as_str()
            .context("the `.server` file is incomplete")
    };
    let keys = Credentials::new(text("id")?, text("secret")?, None, None, "bench");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(keys)
        .endpoint_url(format!("http://{address}"))
        .force_path_style(true)
        .region(Region::new("us-east-1"))
        .http_client(Builder::new().build_http())
        .build();
    Ok(Client::from_conf(config))
}

/// Stores a file as a multipart upload, reading the next part while one is sent. Returns the duration.
pub async fn put(client: &Client, key: &str, file: &Path) -> Result<Duration> {
    let mut file = File::open(file)?;
    let begun = Instant::now();
    let upload = client.create_multipart_upload().bucket(BUCKET).key(key);
    let upload = upload.send().await?;
    let upload = upload.upload_id.context("an upload without an id")?;
    let mut parts = Vec::new();
    let mut under_way = None;
    for number in 1.. {
        let mut part = Vec::with_capacity(PART_BYTES);
        (&mut file).take(PART_BYTES as u64).read_to_end(&mut part)?;
        let is_last = part.is_empty();
        if let Some(task) = under_way.take() {
            let done: tokio::task::JoinHandle<Result<CompletedPart>> = task;
            parts.push(done.await??);
        }
        if is_last {
            break;
        }
        let request = client.upload_part().bucket(BUCKET).key(key);
        let request = request.upload_id(&upload).part_number(number);
        let request = request.body(ByteStream::from(Bytes::from(part)));
        under_way = Some(tokio::spawn(async move {
            let sent = request.send().await?;
            let part = CompletedPart::builder().part_number(number);
            Ok(part.set_e_tag(sent.e_tag).build())
        }));
    }
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts));
    let complete = client.complete_multipart_upload().bucket(BUCKET).key(key);
    let complete = complete.upload_id(&upload).multipart_upload(parts.build());
    complete.send().await?;
    Ok(begun.elapsed())
}

/// Stores a file in one request. Returns the duration.
pub async fn put_at_once(client: &Client, key: &str, file: &Path) -> Result<Duration> {
    let begun = Instant::now();
    let body = ByteStream::from_path(file).await?;
    let put = client.put_object().bucket(BUCKET).key(key).body(body);
    put.send().await?;
    Ok(begun.elapsed())
}
