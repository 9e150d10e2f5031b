//! An object store that is down, hangs, or refuses.

use std::time::{Duration, Instant};

use axum::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;
use wares::core::error::{Error, Result};
use wares::core::id::TypedId;
use wares::infra::storage::{PART_BYTES, Storage};

use crate::harness::sample_image::jpeg;
use crate::harness::{
    App, Backend, FailingStore, Process, Proxy, StoreFailure, Traffic, config_in_folder,
    embedded_store, error_line, keys, moto, system_time,
};

/// The timeout of each operation.
const LIMIT: Duration = Duration::from_secs(15);

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Returns an external store behind a proxy.
async fn behind_a_proxy() -> (Storage, Proxy) {
    let proxy = Proxy::before(moto().await);
    let bucket = format!("--s3-bucket=wares-{}", Uuid::now_v7().simple());
    let endpoint = format!("--s3-endpoint={}", proxy.endpoint);
    let config = config_in_folder(folder().path(), &[&bucket, &endpoint]);
    let storage = Storage::connect_with(&config, keys()).await.unwrap();
    (storage, proxy)
}

/// Fails unless the work ends in time with a retryable error.
async fn unavailable<T>(what: &str, work: impl Future<Output = Result<T>>) {
    let begun = Instant::now();
    let error = work
        .await
        .err()
        .unwrap_or_else(|| panic!("{what} went well"));
    assert!(begun.elapsed() < LIMIT, "{what} took {:?}", begun.elapsed());
    assert!(matches!(error, Error::Storage(_)), "{what}: {error:?}");
    assert_eq!(error.code().as_str(), "SERVICE_UNAVAILABLE", "{what}");
    assert_eq!(error.retry_after_seconds(), Some(5), "{what}");
    let message = error.message();
    assert_eq!(
        message,
        "The image store can't be reached. Try again in a moment."
    );
}

/// Runs all operations on a store that has stopped working. Operations that began before must fail too.
async fn all_fail(storage: &Storage, proxy: &Proxy, traffic: Traffic) {
    let bytes = Bytes::from(vec![7; PART_BYTES]);
    let begin = async || storage.begin("large.png", "image/png").await.unwrap();
    let (mut next, mut last, given_up) = (begin().await, begin().await, begin().await);
    next.push(bytes.clone()).await.unwrap();
    last.push(bytes.clone()).await.unwrap();
    let small = Bytes::from_static(b"picture");
    storage
        .put("a.png", "image/png", small.clone())
        .await
        .unwrap();
    let mut reader = storage.reader("a.png", 7);
    proxy.set(traffic);
    let reads = async {
        let read = tokio::task::spawn_blocking(move || {
            let read = std::io::Read::read(&mut reader, &mut [0; 7]);
            read.map_err(|error| wares::infra::storage::ObjectReader::cause(&error).unwrap())
        });
        read.await.unwrap()
    };
    let parts = async {
        next.push(bytes.clone()).await?;
        next.push(bytes.clone()).await
    };
    tokio::join!(
        unavailable("a put", storage.put("b.png", "image/png", small)),
        unavailable(
            "a large put",
            storage.put("c.png", "image/png", bytes.clone())
        ),
        unavailable("a get", storage.get("a.png")),
        unavailable("a head", storage.head("a.png")),
        unavailable("a delete", storage.delete("a.png")),
        unavailable("a begin", storage.begin("d.png", "image/png")),
        unavailable("a part", parts),
        unavailable("a finish", last.finish()),
        unavailable("an abort", given_up.abort()),
        unavailable("a reader", reads),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_store_returns_unavailable_in_time() {
    let (storage, proxy) = behind_a_proxy().await;
    Box::pin(all_fail(&storage, &proxy, Traffic::Hangs)).await;
    // Creating a URL sends no request.
    assert!(
        storage
            .url("a.png", system_time())
            .contains("X-Amz-Signature=")
    );
    proxy.set(Traffic::Flows);
    assert!(storage.head("a.png").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_store_returns_unavailable_until_it_is_back() {
    let (storage, proxy) = behind_a_proxy().await;
    Box::pin(all_fail(&storage, &proxy, Traffic::Breaks)).await;
    proxy.set(Traffic::Flows);
    assert!(storage.head("a.png").await.unwrap().is_some());
    assert!(storage.head("b.png").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_read_returns_an_error() {
    let (storage, proxy) = behind_a_proxy().await;
    let bytes = Bytes::from(vec![7; 16 << 20]);
    storage.put("a.png", "image/png", bytes).await.unwrap();
    for traffic in [Traffic::Hangs, Traffic::Breaks] {
        proxy.set(Traffic::Flows);
        let object = storage.get("a.png").await.unwrap().unwrap();
        proxy.set(traffic);
        let read = async {
            use futures_util::TryStreamExt;
            object
                .stream
                .try_fold(0, async |sum, piece| Ok(sum + piece.len()))
                .await
        };
        unavailable("the rest of an object", read).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_store_does_not_time_out() {
    let (storage, proxy) = behind_a_proxy().await;
    let mut upload = storage.begin("large.png", "image/png").await.unwrap();
    // Slower than the stall timeout for a part, and than the timeout of operations without a body.
    proxy.set(Traffic::Trickles(370_000));
    let begun = Instant::now();
    upload.push(Bytes::from(vec![7; PART_BYTES])).await.unwrap();
    upload.push(Bytes::from_static(b"end")).await.unwrap();
    assert!(
        begun.elapsed() > Duration::from_secs(13),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(upload.finish().await.unwrap(), PART_BYTES as u64 + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn command_without_store_returns_an_error() {
    let storage = Storage::absent();
    unavailable("a head", storage.head("a.png")).await;
    assert_eq!(storage.url("a.png", system_time()), "a.png");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_reported() {
    let store = embedded_store().await;
    let url = store.storage.url("a.png", system_time());
    let (endpoint, _) = url.split_once("/wares").unwrap();
    let endpoint = format!("--s3-endpoint={endpoint}");
    let config = config_in_folder(folder().path(), &[&endpoint]);
    let error = Storage::connect_with(&config, keys()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the credentials do not allow access to bucket wares"),
        "{error}"
    );
    assert!(
        !format!("{error:?}").contains("a secret of the tests"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_store_settings_fail_the_start() {
    let secret = "hunter2";
    for (endpoint, with_keys, words) in [
        ("http://127.0.0.1:1", false, "AWS_ACCESS_KEY_ID"),
        ("ftp://s3.example.com", true, "S3_ENDPOINT"),
        ("s3.example.com", true, "S3_ENDPOINT"),
        ("https://ann:hunter2@s3.example.com", true, "S3_ENDPOINT"),
        ("https://s3.example.com?x=1", true, "S3_ENDPOINT"),
    ] {
        let folder = folder();
        let mut command = Process::command(folder.path(), &["--log=trace", "--listen=127.0.0.1:0"]);
        command.env("S3_ENDPOINT", endpoint);
        if with_keys {
            command
                .env("AWS_ACCESS_KEY_ID", "AKID")
                .env("AWS_SECRET_ACCESS_KEY", secret);
        }
        let begun = Instant::now();
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        assert!(begun.elapsed() < LIMIT, "{endpoint}: {:?}", begun.elapsed());
        let line = error_line(&output);
        assert!(line.contains(words), "{endpoint}: {line}");
        let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let told = all.lines().filter(|line| line.contains(secret));
        let told: Vec<_> = told.filter(|line| !line.contains("ann:hunter2")).collect();
        assert!(told.is_empty(), "{told:?}");
    }
}

/// Returns the response of the readiness probe: its status and the status in its body.
async fn readiness(app: &App) -> (u16, String) {
    let probe = app.anonymous();
    let ready = probe.request(Method::GET, "/health/ready", &[], "").await;
    let told = ready.json["status"].as_str().unwrap().to_owned();
    (ready.status.as_u16(), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn server_starts_without_store_and_recovers() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        for trouble in [StoreFailure::Breaks, StoreFailure::Fails] {
            let store = FailingStore::start().await;
            store.inject_failure(trouble, |_| true);
            let app = App::with_store(backend, &[], &store).await;
            assert!(app.state.storage.is_unavailable());
            assert_eq!(readiness(&app).await, (200, "degraded".to_owned()));
            let home = app.shop().root("home", 0).await;
            let pot = app.shop().product("pot", &home, |_| ()).await;
            let (admin, file) = (app.admin().await, jpeg(40, 30));
            let upload = async || {
                admin
                    .upload_images(&pot.id.encode(), &[&file], &Value::Null)
                    .await
            };
            let refused = upload().await;
            assert_eq!(refused.code(), "SERVICE_UNAVAILABLE", "{:?}", refused.json);
            assert_eq!(app.count("product_images").await, 0);
            let data = app
                .anonymous()
                .data("{ products { totalCount } }", json!({}))
                .await;
            assert_eq!(data["products"]["totalCount"], 1);

            store.end_failure();
            let watcher = tokio::spawn(app.state.storage.clone().watch());
            while app.state.storage.is_unavailable() {
                sleep(Duration::from_millis(50)).await;
            }
            watcher.abort();
            assert_eq!(readiness(&app).await, (200, "ok".to_owned()));
            let taken = upload().await;
            assert_eq!(
                taken.json["data"]["uploadProductImages"]["userErrors"],
                json!([])
            );
            assert_eq!(app.count("product_images").await, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_without_s3_logs_the_image_folder() {
    let folder = folder();
    let arguments = [
        "--env=production",
        "--migrate=on",
        "--log-format=text",
        "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF",
    ];
    let log = Process::serve(folder.path(), &arguments).log();
    assert!(log.contains("images are files of this machine"), "{log}");
    assert!(log.contains("S3_BUCKET"), "{log}");
    assert!(log.contains("set PUBLIC_URL"), "{log}");
}
