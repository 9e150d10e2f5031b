//! Objects in the embedded store and in an external one.

use std::io::{BufRead, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use wares::infra::storage::{ObjectReader, PART_BYTES, Storage};

use crate::harness::{
    HttpResponse, Store, config_in_folder, embedded_store, fetch, keys, moto, moto_store, names_in,
    on_both_stores, system_time,
};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Returns the content of an object and its media type.
pub async fn read(storage: &Storage, key: &str) -> Option<(Vec<u8>, Option<String>)> {
    let mut object = storage.get(key).await.unwrap()?;
    let mut bytes = Vec::new();
    while let Some(piece) = object.stream.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(bytes.len() as u64, object.bytes);
    Some((bytes, object.content_type))
}

pub async fn put(storage: &Storage, key: &str) {
    let bytes = Bytes::from_static(b"picture");
    storage.put(key, "image/png", bytes).await.unwrap();
}

/// Returns bytes without repetition.
fn noise(length: usize) -> Bytes {
    (0..length as u64)
        .map(|index| (index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8)
        .collect()
}

/// Returns a browser's response.
pub async fn open(storage: &Storage, key: &str) -> HttpResponse {
    fetch("GET", &storage.url(key, system_time()), &[], b"").await
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_object_can_be_read_until_deleted() {
    on_both_stores(async |Store { storage, .. }| {
        let key = "products/prod_1/a.png";
        assert_eq!(read(storage, key).await, None);
        assert_eq!(storage.head(key).await.unwrap(), None);
        for length in [0, 1, 300_000] {
            let bytes = noise(length);
            storage.put(key, "image/png", bytes.clone()).await.unwrap();
            let (got, content_type) = read(storage, key).await.unwrap();
            assert!(got == bytes, "{length}");
            assert_eq!(content_type.as_deref(), Some("image/png"));
            let head = storage.head(key).await.unwrap().unwrap();
            assert_eq!(head.bytes, length as u64);
            assert_eq!(head.content_type.as_deref(), Some("image/png"));
        }
        let reply = open(storage, key).await;
        assert_eq!(reply.header("content-type"), Some("image/png"));
        assert_eq!(reply.header("cache-control"), Some(IMMUTABLE));
        storage.delete(key).await.unwrap();
        assert_eq!(read(storage, key).await, None);
        storage.delete(key).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn multipart_upload_creates_one_object() {
    on_both_stores(async |Store { storage, .. }| {
        let key = "products/prod_1/large.jpg";
        let bytes = noise(2 * PART_BYTES + 12_345);
        let mut upload = storage.begin(key, "image/jpeg").await.unwrap();
        assert!(!upload.id().is_empty());
        for start in (0..bytes.len()).step_by(PART_BYTES) {
            let part = bytes.slice(start..(start + PART_BYTES).min(bytes.len()));
            upload.push(part).await.unwrap();
        }
        assert_eq!(storage.head(key).await.unwrap(), None);
        assert_eq!(upload.finish().await.unwrap(), bytes.len() as u64);
        let (got, content_type) = read(storage, key).await.unwrap();
        assert!(got == bytes);
        assert_eq!(content_type.as_deref(), Some("image/jpeg"));
        let reply = open(storage, key).await;
        assert_eq!(reply.header("cache-control"), Some(IMMUTABLE));
        // One that is smaller than a part, and an empty one.
        for length in [10, 0] {
            let mut upload = storage.begin(key, "image/jpeg").await.unwrap();
            if length > 0 {
                upload.push(noise(length)).await.unwrap();
            }
            assert_eq!(upload.finish().await.unwrap(), length as u64);
            assert_eq!(
                storage.head(key).await.unwrap().unwrap().bytes,
                length as u64
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn aborted_upload_leaves_nothing() {
    on_both_stores(async |store| {
        let storage = &store.storage;
        let key = "products/prod_1/never.jpg";
        let mut upload = storage.begin(key, "image/jpeg").await.unwrap();
        let id = upload.id().to_owned();
        upload.push(noise(PART_BYTES)).await.unwrap();
        upload.push(noise(PART_BYTES)).await.unwrap();
        upload.abort().await.unwrap();
        assert_eq!(storage.head(key).await.unwrap(), None);
        // Again, and an upload that never existed.
        storage.abort(key, &id).await.unwrap();
        let never = "00000000-0000-4000-8000-000000000000";
        storage.abort(key, never).await.unwrap();
        if store.is_embedded {
            assert_eq!(store.leftovers(), Vec::<String>::new());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_upload_is_aborted() {
    let store = embedded_store().await;
    let mut upload = store
        .storage
        .begin("dropped.jpg", "image/jpeg")
        .await
        .unwrap();
    upload.push(noise(PART_BYTES)).await.unwrap();
    upload.push(noise(PART_BYTES)).await.unwrap();
    assert!(!store.leftovers().is_empty());
    drop(upload);
    for _ in 0..1_000 {
        if store.leftovers().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", store.leftovers());
}

#[tokio::test(flavor = "multi_thread")]
async fn leftover_uploads_are_deleted_at_start() {
    let store = embedded_store().await;
    put(&store.storage, "kept.png").await;
    let uploads = store.folder().join(".uploads");
    let upload = uploads.join("00000000-0000-4000-8000-000000000000");
    std::fs::create_dir(&upload).unwrap();
    std::fs::write(upload.join("1"), "x").unwrap();
    std::fs::write(uploads.join("0.tmp"), "x").unwrap();
    assert_eq!(store.leftovers().len(), 2);
    let again = store.restart().await;
    assert_eq!(again.leftovers(), Vec::<String>::new());
    assert!(read(&again.storage, "kept.png").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn folder_of_version_0_1_can_be_read() {
    let store = embedded_store().await;
    put(&store.storage, "products/prod_1/a.png").await;
    let metadata = ".bucket-d2FyZXM.object-cHJvZHVjdHMvcHJvZF8xL2EucG5n";
    for name in [
        &format!("{metadata}.metadata.json"),
        &format!("{metadata}.internal.json"),
        ".upload_id-00000000-0000-4000-8000-000000000000.part-1",
        ".upload-00000000-0000-4000-8000-000000000000.json",
        ".bucket-d2FyZXM.object-YQ.upload-00000000-0000-4000-8000-000000000000.metadata.json",
        ".tmp.0.internal.part",
    ] {
        std::fs::write(store.folder().join(name), "x").unwrap();
    }
    let location = r#"{"address":"127.0.0.1:1","id":"a","secret":"b"}"#;
    std::fs::write(store.folder().join(".server"), location).unwrap();
    let again = store.restart().await;
    let mut names = names_in(&again.folder());
    names.sort();
    assert_eq!(names, [".server", ".uploads", "wares"]);
    let (bytes, content_type) = read(&again.storage, "products/prod_1/a.png").await.unwrap();
    assert_eq!(bytes, b"picture");
    assert_eq!(content_type.as_deref(), Some("image/png"));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_object_leaves_no_folder_and_its_key_can_be_used_again() {
    let store = embedded_store().await;
    let storage = &store.storage;
    for key in ["products/a/1.png", "products/a/1/160.png"] {
        put(storage, key).await;
    }
    storage.delete("products/a/1/160.png").await.unwrap();
    // A folder is no object.
    storage.delete("products/a").await.unwrap();
    assert_eq!(
        names_in(&store.folder().join("wares/products/a")),
        ["1.png"]
    );
    // While the folder is deleted and created concurrently, no object is lost.
    let key = |number: usize| format!("products/a/1/{number}.png");
    let round_trip = async |number: usize| {
        for _ in 0..50 {
            put(storage, &key(number)).await;
            assert!(storage.head(&key(number)).await.unwrap().is_some());
            storage.delete(&key(number)).await.unwrap();
        }
    };
    tokio::join!(round_trip(1), round_trip(2), round_trip(3));
    storage.delete("products/a/1.png").await.unwrap();
    assert_eq!(names_in(&store.folder().join("wares")), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn object_reader_seeks_like_a_file() {
    on_both_stores(async |Store { storage, .. }| {
        let bytes = noise(1_300_000);
        storage
            .put("file.bin", "image/png", bytes.clone())
            .await
            .unwrap();
        let mut reader = storage.reader("file.bin", bytes.len() as u64);
        let mut missing = storage.reader("missing.bin", 10);
        let mut empty = storage.reader("missing.bin", 0);
        let done = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).unwrap();
            assert!(all == bytes);
            assert!(reader.fill_buf().unwrap().is_empty());
            for (target, place) in [
                (SeekFrom::Start(1_000_000), 1_000_000),
                (SeekFrom::Current(-999_990), 20),
                (SeekFrom::End(-10), 1_299_990),
                (SeekFrom::Start(524_283), 524_283),
            ] {
                assert_eq!(reader.seek(target).unwrap(), place);
                let mut ten = [0; 10];
                reader.read_exact(&mut ten).unwrap();
                let place = usize::try_from(place).unwrap();
                assert_eq!(ten, bytes[place..place + 10]);
            }
            reader.seek(SeekFrom::Start(2_000_000)).unwrap();
            assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
            assert!(reader.seek(SeekFrom::Current(-3_000_000)).is_err());
            assert_eq!(empty.read(&mut [0; 10]).unwrap(), 0);
            let error = missing.fill_buf().unwrap_err();
            ObjectReader::cause(&error).unwrap()
        });
        assert_eq!(done.await.unwrap().code().as_str(), "SERVICE_UNAVAILABLE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_object_fails_the_reader() {
    on_both_stores(async |Store { storage, .. }| {
        let bytes = noise(1_300_000);
        storage
            .put("file.bin", "image/png", bytes.clone())
            .await
            .unwrap();
        let mut reader = storage.reader("file.bin", bytes.len() as u64);
        let (mut reader, first) = tokio::task::spawn_blocking(move || {
            let first = reader.fill_buf().unwrap().len();
            reader.consume(first);
            (reader, first)
        })
        .await
        .unwrap();
        assert!(first > 0);
        let other: Bytes = bytes.iter().map(|byte| !byte).collect();
        storage.put("file.bin", "image/png", other).await.unwrap();
        let read = tokio::task::spawn_blocking(move || reader.fill_buf().map(<[u8]>::len));
        assert!(read.await.unwrap().is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_private_and_deleted_with_their_object() {
    let store = embedded_store().await;
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.folder()), 0o700);
    assert_eq!(mode(store.folder().join(".server")), 0o600);
    let objects = || names_in(&store.folder().join("wares"));
    put(&store.storage, "a.png").await;
    assert_eq!(objects(), ["a.png"]);
    store.storage.delete("a.png").await.unwrap();
    assert_eq!(objects(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_one_folder() {
    let store = embedded_store().await;
    let folder = store.folder();
    let config = config_in_folder(folder.parent().unwrap(), &[]);
    let mut upload = store.storage.begin("b.png", "image/png").await.unwrap();
    upload.push(noise(PART_BYTES)).await.unwrap();
    let second = Storage::connect(&config).await.unwrap();
    put(&second, "a.png").await;
    assert!(read(&store.storage, "a.png").await.is_some());
    // The start of the second deleted nothing of the first, and both have the same credentials.
    upload.finish().await.unwrap();
    assert!(read(&second, "b.png").await.is_some());
    let lifetime = Duration::from_mins(10);
    let sign =
        |storage: &Storage| storage.presigned_put("c.png", "image/png", 7, lifetime, system_time());
    let key_of = |url: &str| url.split("X-Amz-Credential=").nth(1).unwrap()[..32].to_owned();
    let (first, second) = (sign(&store.storage).unwrap(), sign(&second).unwrap());
    assert_eq!(key_of(&first.url), key_of(&second.url));
}

#[tokio::test(flavor = "multi_thread")]
async fn presigned_put_survives_a_restart() {
    let store = embedded_store().await;
    let lifetime = Duration::from_mins(10);
    let signed = store
        .storage
        .presigned_put("c.png", "image/png", 7, lifetime, system_time());
    let key_of = |url: &str| url.split("X-Amz-Credential=").nth(1).unwrap()[..32].to_owned();
    let before = key_of(&signed.unwrap().url);
    let store = store.restart().await;
    let signed = store
        .storage
        .presigned_put("c.png", "image/png", 7, lifetime, system_time());
    assert_eq!(key_of(&signed.unwrap().url), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_bucket_is_created_in_development_only() {
    let store = moto_store().await;
    let endpoint = format!("--s3-endpoint={}", moto().await);
    let bucket = |name: &str| format!("--s3-bucket={name}-{}", uuid::Uuid::now_v7().simple());
    let (made, elsewhere) = (bucket("made"), bucket("elsewhere"));
    let connect = async |bucket: &str, more: &str| {
        let config = config_in_folder(store.folder().parent().unwrap(), &[&endpoint, bucket, more]);
        Storage::connect_with(&config, keys()).await
    };
    let error = connect(&made, "--env=production").await.unwrap_err();
    assert!(
        error.to_string().starts_with("bucket made-")
            && error.to_string().contains("does not exist"),
        "{error}"
    );
    connect(&made, "--env=development").await.unwrap();
    connect(&made, "--env=production").await.unwrap();
    let storage = connect(&elsewhere, "--s3-region=eu-central-1")
        .await
        .unwrap();
    put(&storage, "a.png").await;
    assert!(read(&storage, "a.png").await.is_some());
}
