//! Multipart uploads as S3 clients send them: the embedded store responds as an external one does.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use wares::infra::storage::PART_BYTES;

use crate::harness::{Store, on_both_stores};

const KEY: &str = "products/prod_1/a.png";

/// A multipart upload of [`KEY`].
struct Upload<'a> {
    client: Client,
    store: &'a Store,
    id: String,
}

impl<'a> Upload<'a> {
    async fn begin(store: &'a Store) -> Self {
        let client = store.client();
        let begun = client.create_multipart_upload().bucket(&store.bucket);
        let begun = begun.key(KEY).send().await.unwrap();
        let id = begun.upload_id.unwrap();
        Self { client, store, id }
    }

    /// Sends a part of `length` equal bytes.
    async fn send(&self, number: i32, byte: u8, length: usize) -> Result<CompletedPart, String> {
        let part = self.client.upload_part().bucket(&self.store.bucket);
        let part = part.key(KEY).upload_id(&self.id).part_number(number);
        let sent = part.body(vec![byte; length].into()).send().await;
        let sent = sent.map_err(|error| error.code().unwrap_or_default().to_owned())?;
        let part = CompletedPart::builder().part_number(number);
        Ok(part.set_e_tag(sent.e_tag).build())
    }

    async fn finish(&self, parts: &[&CompletedPart]) -> Result<(), String> {
        let parts = parts.iter().map(|part| (*part).clone()).collect();
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts));
        let finished = self.client.complete_multipart_upload();
        let finished = finished.bucket(&self.store.bucket).key(KEY);
        let finished = finished.upload_id(&self.id);
        let finished = finished.multipart_upload(parts.build()).send().await;
        let code = |error: &dyn ProvideErrorMetadata| error.code().unwrap_or_default().to_owned();
        finished.map(drop).map_err(|error| code(&error))
    }

    /// Returns the runs of the object: a byte, and the number of its repetitions.
    async fn object(&self) -> Vec<(u8, usize)> {
        let object = self.client.get_object().bucket(&self.store.bucket);
        let object = object.key(KEY).send().await.unwrap();
        let bytes = object.body.collect().await.unwrap().to_vec();
        let runs = bytes.chunk_by(|a, b| a == b);
        runs.map(|run| (run[0], run.len())).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_in_any_order_and_repeated_parts_are_accepted() {
    on_both_stores(async |store| {
        let upload = Upload::begin(store).await;
        let last = upload.send(7, b'c', 10).await.unwrap();
        let before = upload.send(2, b'x', PART_BYTES).await.unwrap();
        let first = upload.send(1, b'a', PART_BYTES + 3).await.unwrap();
        let second = upload.send(2, b'b', PART_BYTES).await.unwrap();
        // A part that is not listed is left out.
        upload.send(3, b'y', 5).await.unwrap();
        let stale = upload.finish(&[&first, &before, &last]).await;
        assert_eq!(stale.unwrap_err(), "InvalidPart");
        upload.finish(&[&first, &second, &last]).await.unwrap();
        let runs = [(b'a', PART_BYTES + 3), (b'b', PART_BYTES), (b'c', 10)];
        assert_eq!(upload.object().await, runs);
        if store.is_embedded {
            assert_eq!(store.leftovers(), [""; 0]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_parts_are_refused_and_can_be_corrected() {
    on_both_stores(async |store| {
        let upload = Upload::begin(store).await;
        let small = upload.send(1, b'a', 10).await.unwrap();
        let second = upload.send(2, b'b', PART_BYTES).await.unwrap();
        let refused = async |parts: &[&CompletedPart]| upload.finish(parts).await.unwrap_err();
        assert_eq!(refused(&[&small, &second]).await, "EntityTooSmall");
        let unknown = CompletedPart::builder().part_number(9).e_tag("\"0\"");
        assert_eq!(refused(&[&unknown.build()]).await, "InvalidPart");
        // The external store is less strict.
        if store.is_embedded {
            assert_eq!(refused(&[&second, &small]).await, "InvalidPartOrder");
            let number = upload.send(0, b'x', 1).await;
            assert_eq!(number.unwrap_err(), "InvalidArgument");
        }
        let first = upload.send(1, b'a', PART_BYTES).await.unwrap();
        upload.finish(&[&first, &second]).await.unwrap();
        assert_eq!(
            upload.object().await,
            [(b'a', PART_BYTES), (b'b', PART_BYTES)]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_upload_rejects_parts() {
    on_both_stores(async |store| {
        let upload = Upload::begin(store).await;
        let part = upload.send(1, b'a', 10).await.unwrap();
        upload.finish(&[&part]).await.unwrap();
        let late = upload.send(2, b'b', 10).await.unwrap_err();
        // The external store fails here.
        assert!(late == "NoSuchUpload" || !store.is_embedded, "{late}");

        let upload = Upload::begin(store).await;
        let part = upload.send(1, b'b', 10).await.unwrap();
        let abort = upload.client.abort_multipart_upload();
        let abort = abort.bucket(&store.bucket).key(KEY).upload_id(&upload.id);
        abort.send().await.unwrap();
        let late = upload.send(2, b'b', 10).await.unwrap_err();
        assert!(late == "NoSuchUpload" || !store.is_embedded, "{late}");
        let finished = upload.finish(&[&part]).await.unwrap_err();
        assert!(
            finished == "NoSuchUpload" || !store.is_embedded,
            "{finished}"
        );
        assert_eq!(upload.object().await, [(b'a', 10)]);
        if store.is_embedded {
            assert_eq!(store.leftovers(), [""; 0]);
        }
    })
    .await;
}
