//! URLs of objects: presigned, public, and the headers of their responses.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use wares::core::clock::Timestamp;
use wares::infra::storage::Storage;

use crate::harness::{
    Store, config_in_folder, embedded_store, fetch, fetch_at, moto, on_both_stores, serve_embedded,
    system_time,
};
use crate::infra::storage::{open, put, read};

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
    let folder = tempfile::tempdir().unwrap();
    let public = "--s3-public-endpoint=http://images.example.com";
    let mut config = config_in_folder(folder.path(), &[public]);
    let storage = serve_embedded(&mut config).await;
    let address = config.listen.to_string();
    let url = storage.url("a.png", system_time());
    assert_eq!(url, "http://images.example.com/wares/a.png");
    let lifetime = Duration::from_mins(10);
    let signed = storage.presigned_put("a.png", "image/png", 7, lifetime, system_time());
    let signed = signed.unwrap();
    // The host is signed too, so this is the URL that a browser requests.
    assert!(signed.url.starts_with(&url), "{}", signed.url);
    let reply = fetch_at(&address, "PUT", &signed.url, &signed.headers, b"picture").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = fetch_at(&address, "GET", &url, &[], b"").await;
    assert_eq!(reply.body, b"picture");
}

#[test]
fn url_of_a_server_on_all_addresses_is_its_loopback_address() {
    let folder = tempfile::tempdir().unwrap();
    for (listen, public, url) in [
        ("0.0.0.0:8000", "", "http://127.0.0.1:8000"),
        ("[::]:8000", "", "http://[::1]:8000"),
        ("192.168.1.7:8000", "", "http://192.168.1.7:8000"),
        ("192.168.1.7:80", "", "http://192.168.1.7"),
        (
            "0.0.0.0:8000",
            "http://192.168.1.7:8000",
            "http://192.168.1.7:8000",
        ),
    ] {
        let public = format!("--public-url={public}");
        let public = [public.as_str()];
        let flags = if public == ["--public-url="] {
            &[][..]
        } else {
            &public
        };
        let config = config_in_folder(folder.path(), flags);
        assert_eq!(config.public_url(listen.parse().unwrap()), url);
    }
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
