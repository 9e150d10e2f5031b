//! Objects in the embedded store and in an external one.

use std::io::{BufRead, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use bytes::Bytes;
use futures_util::StreamExt;
use wares::core::clock::Timestamp;
use wares::infra::storage::{ObjectReader, PART_BYTES, Storage};

use crate::harness::{
    HttpResponse, Store, config_in_folder, embedded_store, fetch, keys, moto, moto_store,
    on_both_stores, system_time,
};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Returns the content of an object and its media type.
async fn read(storage: &Storage, key: &str) -> Option<(Vec<u8>, Option<String>)> {
    let mut object = storage.get(key).await.unwrap()?;
    let mut bytes = Vec::new();
    while let Some(piece) = object.stream.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(bytes.len() as u64, object.bytes);
    Some((bytes, object.content_type))
}

async fn put(storage: &Storage, key: &str) {
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
async fn open(storage: &Storage, key: &str) -> HttpResponse {
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
async fn delete_prefix_deletes_only_objects_with_the_prefix() {
    on_both_stores(async |Store { storage, .. }| {
        for key in ["a/1.png", "a/b/2.png", "ab/3.png", "a.png", "c/a/4.png"] {
            put(storage, key).await;
        }
        storage.delete_prefix("a/").await.unwrap();
        for (key, stays) in [
            ("a/1.png", false),
            ("a/b/2.png", false),
            ("ab/3.png", true),
            ("a.png", true),
            ("c/a/4.png", true),
        ] {
            assert_eq!(storage.head(key).await.unwrap().is_some(), stays, "{key}");
        }
        storage.delete_prefix("a/").await.unwrap();
        storage.delete_prefix("never/was/").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_prefix_deletes_more_than_one_list_page() {
    let store = embedded_store().await;
    let storage = &store.storage;
    put(storage, "many/0.png").await;
    // Created as files beside the first: a thousand requests would be slow.
    let folder = store.folder().join("wares/many");
    for number in 1..=1_500 {
        std::fs::write(folder.join(format!("{number}.png")), "x").unwrap();
    }
    storage.delete_prefix("many/").await.unwrap();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
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
    for name in [
        ".upload_id-00000000-0000-4000-8000-000000000000.part-1",
        ".upload-00000000-0000-4000-8000-000000000000.json",
        ".bucket-d2FyZXM.object-YQ.upload-00000000-0000-4000-8000-000000000000.metadata.json",
        ".tmp.0.internal.part",
    ] {
        std::fs::write(store.folder().join(name), "x").unwrap();
    }
    assert_eq!(store.leftovers().len(), 4);
    let again = store.restart().await;
    assert_eq!(again.leftovers(), Vec::<String>::new());
    assert!(read(&again.storage, "kept.png").await.is_some());
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
async fn presigned_url_works_and_is_stable_for_half_an_hour() {
    on_both_stores(async |store| {
        let storage = &store.storage;
        // Names that no key of ours has, to test the encoding.
        for key in ["plain.png", "a b/c+d&e=f?g#h%20/\u{fc}~'(1)*.png"] {
            put(storage, key).await;
            let reply = open(storage, key).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            assert!(reply.body.ends_with(b"picture"), "{reply:?}");
        }
        let hour = |minutes: i64| Timestamp::from_seconds(3_600_000 + minutes * 60);
        let url = |minutes| storage.url("plain.png", hour(minutes));
        assert_eq!(url(0), url(29));
        if store.is_embedded {
            assert!(url(0).ends_with("/wares/plain.png"), "{}", url(0));
            assert_eq!(url(0), url(1_000_000));
        } else {
            assert!(url(0).contains("X-Amz-Expires=7200"), "{}", url(0));
            assert_ne!(url(29), url(30));
            assert!(!url(0).contains("a secret of the tests"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn public_url_replaces_the_bucket_url() {
    let folder = tempfile::tempdir().unwrap();
    let flag = "--s3-public-url=https://pictures.example.com/shop/";
    let config = config_in_folder(folder.path(), &[flag]);
    let storage = Storage::connect(&config).await.unwrap();
    assert_eq!(
        storage.url("products/a b.png", system_time()),
        "https://pictures.example.com/shop/products/a%20b.png"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn public_endpoint_is_used_for_presigned_urls() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let listen = format!("--s3-embedded-listen=127.0.0.1:{port}");
    let public = format!("--s3-public-endpoint=http://localhost:{port}");
    let folder = tempfile::tempdir().unwrap();
    let config = config_in_folder(folder.path(), &[&listen, &public]);
    let storage = Storage::connect(&config).await.unwrap();
    let url = storage.url("a.png", system_time());
    assert_eq!(url, format!("http://localhost:{port}/wares/a.png"));
    let lifetime = Duration::from_mins(10);
    let signed = storage.presigned_put("a.png", "image/png", 7, lifetime, system_time());
    let signed = signed.unwrap();
    // The host is signed too, so this is the URL that a browser requests.
    assert!(signed.url.starts_with(&url), "{}", signed.url);
    let reply = fetch("PUT", &signed.url, &signed.headers, b"picture").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(fetch("GET", &url, &[], b"").await.body, b"picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn presigned_put_stores_the_object() {
    on_both_stores(async |Store { storage, .. }| {
        let lifetime = Duration::from_mins(10);
        let signed = storage.presigned_put("direct.png", "image/png", 7, lifetime, system_time());
        let signed = signed.unwrap();
        let reply = fetch("PUT", &signed.url, &signed.headers, b"picture").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let (bytes, content_type) = read(storage, "direct.png").await.unwrap();
        assert_eq!(bytes, b"picture");
        assert_eq!(content_type.as_deref(), Some("image/png"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presigned_put_rejects_other_content() {
    let store = embedded_store().await;
    let storage = &store.storage;
    let lifetime = Duration::from_mins(10);
    let sign = |now| storage.presigned_put("direct.png", "image/png", 7, lifetime, now);
    let signed = sign(system_time()).unwrap();
    let with = |length: &str, content_type: &str| {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            header("content-length", length),
            header("content-type", content_type),
        ]
    };
    let late = system_time().before(Duration::from_mins(11));
    let late = sign(late).unwrap();
    let other_key = signed.url.replace("direct.png", "other.png");
    let longer = signed
        .url
        .replace("X-Amz-Expires=600", "X-Amz-Expires=6000");
    let (bare, _) = signed.url.split_once('?').unwrap();
    let right = signed.headers.clone();
    for (what, url, headers, body) in [
        (
            "another length",
            &signed.url,
            with("8", "image/png"),
            "pictures",
        ),
        ("less", &signed.url, with("6", "image/png"), "pictur"),
        (
            "another type",
            &signed.url,
            with("7", "text/html"),
            "picture",
        ),
        ("another key", &other_key, right.clone(), "picture"),
        ("more time", &longer, right.clone(), "picture"),
        ("too late", &late.url, right.clone(), "picture"),
        ("no signature", &bare.to_owned(), right, "picture"),
    ] {
        let reply = fetch("PUT", url, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 403, "{what}: {reply:?}");
    }
    assert_eq!(storage.head("direct.png").await.unwrap(), None);
    assert_eq!(storage.head("other.png").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthenticated_client_can_only_read_objects() {
    let store = embedded_store().await;
    let storage = &store.storage;
    put(storage, "products/prod_1/a.png").await;
    let url = storage.url("products/prod_1/a.png", system_time());
    let (bucket, _) = url.split_once("/products").unwrap();
    let (root, _) = bucket.rsplit_once('/').unwrap();
    assert_eq!(fetch("GET", &url, &[], b"").await.status, 200);
    assert_eq!(fetch("HEAD", &url, &[], b"").await.status, 200);
    let length = [("content-length".to_owned(), "1".to_owned())];
    for (method, address, body) in [
        ("PUT", url.clone(), "x"),
        ("POST", url.clone(), "x"),
        ("DELETE", url.clone(), ""),
        ("POST", format!("{url}?uploads"), ""),
        ("GET", format!("{url}?response-content-type=text/html"), ""),
        ("GET", format!("{url}?uploadId=1"), ""),
        ("GET", format!("{bucket}/"), ""),
        ("GET", format!("{bucket}/?list-type=2"), ""),
        ("HEAD", format!("{bucket}/"), ""),
        ("PUT", format!("{root}/other/"), ""),
        ("DELETE", format!("{bucket}/"), ""),
        ("GET", format!("{root}/"), ""),
    ] {
        let headers = if body.is_empty() { &[][..] } else { &length };
        let reply = fetch(method, &address, headers, body.as_bytes()).await;
        assert!(
            matches!(reply.status, 400..=405 | 501),
            "{method} {address}: {reply:?}"
        );
    }
    for hidden in [
        "/../.server",
        "/%2e%2e/.server",
        "/..%2f.server",
        "/products/../../.server",
        "/products/%2e%2e/%2e%2e/.server",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/products",
        "/products/",
        "/products/prod_1/b.png",
    ] {
        let reply = fetch("GET", &format!("{bucket}{hidden}"), &[], b"").await;
        assert!(matches!(reply.status, 400..=404), "{hidden}: {reply:?}");
    }
    assert!(
        storage
            .head("products/prod_1/a.png")
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_have_cors_and_content_security_headers() {
    let store = embedded_store().await;
    put(&store.storage, "a.png").await;
    let reply = open(&store.storage, "a.png").await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let url = store.storage.url("a.png", system_time());
    let reply = fetch("OPTIONS", &url, &[], b"").await;
    assert_eq!(reply.status, 200);
    let methods = reply.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("put"), "{methods}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_private_and_deleted_with_their_object() {
    let store = embedded_store().await;
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.folder()), 0o700);
    assert_eq!(mode(store.folder().join(".server")), 0o600);
    let count = || std::fs::read_dir(store.folder()).unwrap().count();
    put(&store.storage, "warm-up.png").await;
    let before = count();
    put(&store.storage, "a.png").await;
    assert!(count() > before);
    store.storage.delete("a.png").await.unwrap();
    assert_eq!(count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_one_folder() {
    let store = embedded_store().await;
    let folder = store.folder();
    let config = config_in_folder(folder.parent().unwrap(), &[]);
    let second = Storage::connect(&config).await.unwrap();
    put(&second, "a.png").await;
    assert!(read(&store.storage, "a.png").await.is_some());
    assert_eq!(
        second.url("a.png", system_time()),
        store.storage.url("a.png", system_time())
    );
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

/// Returns other credentials at each call. The first ones expire soon.
#[derive(Debug, Default)]
struct RotatingCredentials(AtomicU32);

impl ProvideCredentials for RotatingCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        let (seconds, _) = system_time().since_epoch();
        let left = if round == 0 { 120 } else { 3_600 };
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds + left);
        let id = format!("AKID{}", round.min(1));
        future::ProvideCredentials::ready(Ok(Credentials::new(id, "s", None, Some(end), "tests")))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expiring_credentials_are_renewed_before_signing() {
    let endpoint = format!("--s3-endpoint={}", moto().await);
    let bucket = format!("--s3-bucket=rotating-{}", uuid::Uuid::now_v7().simple());
    let folder = tempfile::tempdir().unwrap();
    let config = config_in_folder(folder.path(), &[&endpoint, &bucket]);
    let keys = SharedCredentialsProvider::new(RotatingCredentials::default());
    let storage = Storage::connect_with(&config, keys).await.unwrap();
    for _ in 0..1_000 {
        if storage.url("a.png", system_time()).contains("AKID1") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{}", storage.url("a.png", system_time()));
}
