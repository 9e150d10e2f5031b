//! Requests for embedded objects at the listener of the API.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Version};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use wares::platform::jobs::Queue;

use crate::catalog::image_failures::{
    on_both_databases_with_failing_store, small, upload_and_get_ids, wait_until_settled,
};
use crate::harness::{App, Backend, FailingStore, HttpResponse, fetch_at, sqlite_app, system_time};

const LIFETIME: Duration = Duration::from_mins(10);

/// An application with a public URL, and an object in its store.
struct Server {
    app: App,
    address: String,
}

impl Server {
    async fn start(settings: &[&str]) -> Self {
        let app = App::start(Backend::Sqlite, settings).await;
        let content = Bytes::from_static(b"picture");
        let stored = app
            .state
            .storage
            .put("products/a.png", "image/png", content);
        stored.await.unwrap();
        let address = app.state.config.listen.to_string();
        Self { app, address }
    }

    async fn fetch(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> HttpResponse {
        let headers = headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let url = format!("http://shop.example{path}");
        fetch_at(&self.address, method, &url, &headers, b"").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn image_and_upload_urls_begin_with_the_public_url() {
    // A phone's view of a shop on the local network, and a proxy that terminates TLS and passes the Host header.
    for public in ["http://192.168.1.7:8000", "https://api.shop.example"] {
        let server = Server::start(&[&format!("--public-url={public}")]).await;
        let storage = &server.app.state.storage;
        let url = storage.url("products/a.png", system_time());
        assert_eq!(url, format!("{public}/wares/products/a.png"));
        let response = fetch_at(&server.address, "GET", &url, &[], b"").await;
        assert_eq!(
            (response.status, &response.body[..]),
            (200, &b"picture"[..])
        );

        let signed = storage.presigned_put("new.png", "image/png", 7, LIFETIME, system_time());
        let signed = signed.unwrap();
        assert!(signed.url.starts_with(&format!("{public}/wares/new.png?")));
        let put = async |url: &str| {
            let response = fetch_at(&server.address, "PUT", url, &signed.headers, b"picture");
            response.await.status
        };
        // The host is signed.
        let other = signed.url.replace(public, "http://other.example");
        assert_eq!(put(&other).await, 403);
        assert_eq!(put(&signed.url).await, 200);
        assert!(storage.head("new.png").await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_reads_and_uploads_objects() {
    let server = Server::start(&["--public-url=http://192.168.1.7:8000"]).await;
    let storage = &server.app.state.storage;
    let stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let shaken = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut client, connection) = shaken.unwrap();
    tokio::spawn(connection);
    let signed = storage.presigned_put("new.png", "image/png", 300_000, LIFETIME, system_time());
    let signed = signed.unwrap();
    let mut put = Request::put(&signed.url);
    for (name, value) in &signed.headers {
        put = put.header(name, value);
    }
    let put = put.body(Body::from(vec![7; 300_000])).unwrap();
    let response = client.send_request(put).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, Version::HTTP_2)
    );
    let get = Request::get(storage.url("new.png", system_time()));
    let response = client
        .send_request(get.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body == vec![7; 300_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_those_of_s3() {
    let server = Server::start(&[]).await;
    let get = async |headers: &[(&str, &str)]| {
        server.fetch("GET", "/wares/products/a.png", headers).await
    };
    let whole = get(&[("accept-encoding", "gzip")]).await;
    assert_eq!(whole.status, 200);
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-length", "7"),
        ("accept-ranges", "bytes"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(whole.all_sent(name), [value], "{whole:?}");
    }
    assert_eq!(whole.header("content-encoding"), None);
    assert!(whole.header("x-request-id").is_some(), "{whole:?}");
    assert!(whole.header("last-modified").is_some(), "{whole:?}");
    let tag = whole.sent("etag").unwrap();

    let head = server.fetch("HEAD", "/wares/products/a.png", &[]).await;
    assert_eq!((head.status, head.sent("content-length")), (200, Some("7")));
    assert_eq!(head.sent("etag"), Some(tag));
    let part = get(&[("range", "bytes=2-4")]).await;
    assert_eq!((part.status, &part.body[..]), (206, &b"ctu"[..]));
    assert_eq!(part.sent("content-range"), Some("bytes 2-4/7"));
    assert_eq!(get(&[("range", "bytes=7-")]).await.status, 416);
    let known = get(&[("if-none-match", tag)]).await;
    assert_eq!((known.status, known.sent("etag")), (304, Some(tag)));
    assert_eq!(known.body, b"");
    assert_eq!(get(&[("if-none-match", "\"other\"")]).await.status, 200);
    assert_eq!(get(&[("if-match", "\"other\"")]).await.status, 412);
    let missing = server.fetch("GET", "/wares/products/b.png", &[]).await;
    assert_eq!(missing.status, 404);
    assert!(String::from_utf8_lossy(&missing.body).contains("<Code>NoSuchKey</Code>"));

    let preflight = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "PUT"),
    ];
    let preflight = server.fetch("OPTIONS", "/wares/new.png", &preflight).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.all_sent("access-control-allow-origin"), ["*"]);
    assert!(
        preflight
            .header("access-control-allow-methods")
            .unwrap()
            .contains("put")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_to_the_bucket_only_if_it_is_their_first_segment() {
    let server = Server::start(&[]).await;
    let query = "?query=%7B__typename%7D";
    for (path, status, is_api) in [
        // Only the API has routes outside of the bucket.
        ("//wares/products/a.png", 404, true),
        ("/%77ares/products/a.png", 404, true),
        ("/wares%2fproducts/a.png", 404, true),
        ("/WARES/products/a.png", 404, true),
        ("/waresproducts/a.png", 404, true),
        ("/graphql/../wares/products/a.png", 404, true),
        ("/./wares/products/a.png", 404, true),
        // In the bucket a key is no path of the API, and no path of the file system.
        ("/wares/../graphql", 404, false),
        (&format!("/wares/../graphql{query}"), 403, false),
        ("/wares/%2e%2e/graphql", 404, false),
        ("/wares/..%2fgraphql", 404, false),
        ("/wares/..%2f.server", 404, false),
        ("/wares/.server", 404, false),
        ("/wares/products/../../.server", 404, false),
        ("/wares//etc/passwd", 404, false),
        ("/wares/%2fetc%2fpasswd", 404, false),
        ("/wares/a%00.png", 404, false),
        ("/wares/products", 404, false),
        ("/wares/products/", 404, false),
        ("/wares/products/a.png/b.png", 404, false),
        ("/wares/products/./a.png", 404, false),
        (&format!("/wares/{}", "a".repeat(400)), 404, false),
        ("/wares", 403, false),
        ("/wares/", 403, false),
        ("/wares?list-type=2", 403, false),
        // S3 decodes keys.
        ("/wares/products%2fa%2epng", 200, false),
    ] {
        let response = server.fetch("GET", path, &[]).await;
        let body = String::from_utf8_lossy(&response.body);
        assert_eq!(response.status, status, "{path}: {body}");
        assert_eq!(
            body.contains("The API is at /graphql"),
            is_api,
            "{path}: {body}"
        );
        assert!(!body.contains("__typename"), "{path}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_form_is_refused_before_its_file_is_read() {
    let server = Server::start(&[]).await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na.png\r\n--x\r\nContent-Disposition: \
                form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
    let headers = [
        (
            "content-type".to_owned(),
            "multipart/form-data; boundary=x".to_owned(),
        ),
        ("content-length".to_owned(), "1000000000".to_owned()),
    ];
    let body = [form.as_bytes(), &vec![7; 100_000]].concat();
    let response = fetch_at(
        &server.address,
        "POST",
        "http://shop/wares",
        &headers,
        &body,
    )
    .await;
    assert!(matches!(response.status, 400..=405), "{response:?}");
    assert_eq!(server.app.objects(), ["products/a.png"]);
    assert_eq!(server.app.unfinished_uploads(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn external_store_leaves_no_route() {
    let store = FailingStore::start().await;
    let app = App::with_store(Backend::Sqlite, &[], &store).await;
    let content = Bytes::from_static(b"picture");
    app.state
        .storage
        .put("a.png", "image/png", content)
        .await
        .unwrap();
    let address = app.state.config.listen.to_string();
    for path in ["/wares/a.png", "/wares", "/wares/"] {
        let url = format!("http://shop{path}");
        let response = fetch_at(&address, "GET", &url, &[], b"").await;
        assert_eq!(response.status, 404, "{path}: {response:?}");
        assert!(String::from_utf8_lossy(&response.body).contains("NOT_FOUND"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn object_requests_take_no_permits_of_queries() {
    let app = sqlite_app().await;
    // As many as one client may hold.
    let limit = &app.state.concurrency.objects;
    let permits: Vec<_> = std::iter::from_fn(|| limit.try_acquire(None).ok()).collect();
    assert_eq!(permits.len(), 256);
    let data = app
        .anonymous()
        .data("{ products { totalCount } }", json!({}))
        .await;
    assert_eq!(data["products"]["totalCount"], 0);
    let address = app.state.config.listen.to_string();
    let ready = fetch_at(&address, "GET", "http://shop/health/ready", &[], b"").await;
    assert_eq!(ready.status, 200);
    // A read waits for a permit.
    let read = fetch_at(&address, "GET", "http://shop/wares/a.png", &[], b"");
    let (response, ()) = tokio::join!(read, async { drop(permits) });
    assert_eq!(response.status, 404);
}

#[tokio::test]
async fn removing_an_image_lists_no_objects() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let ids = upload_and_get_ids(admin, product, &[&small()]).await;
        app.run_all_image_jobs().await;
        assert!(store.objects().len() > 1, "{:?}", store.objects());
        let input = json!({ "id": ids[0] });
        let removed = app
            .admin()
            .await
            .run_mutation("deleteProductImage", input, "image { id }")
            .await;
        assert_eq!(removed["userErrors"], json!([]));
        app.advance(Duration::from_hours(2));
        app.run_due_jobs(Queue::IMAGES).await;
        wait_until_settled(app, store, &[]).await;
        assert_eq!(store.count_requests("list-type"), 0);
        assert!(store.count_requests("DELETE ") > 1);
    })
    .await;
}
