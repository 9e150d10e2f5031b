//! Validation of the host of a request (RFC 9112, section 3.2).

use std::io::{Read, Write};
use std::net::TcpStream;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;

use crate::harness::Process;

fn send(server: &Process, version: &str, target: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let request = format!("GET {target} HTTP/{version}\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn a_request_without_one_valid_host_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    let target = "/graphql?query=%7B__typename%7D";
    for headers in [
        "",
        "Host: shop\r\nHost: shop\r\n",
        "Host: shop\r\nhost: other\r\n",
        "Host:\r\n",
        "Host:  \r\n",
        "Host: a b\r\n",
        "Host: shop,other\r\n",
        "Host: shop/path\r\n",
        "Host: http://shop\r\n",
        "Host: user@shop\r\n",
        "Host: shop:port\r\n",
        "Host: shop:80:80\r\n",
        "Host: shop:99999\r\n",
        "Host: shop:-1\r\n",
        "Host: :80\r\n",
        "Host: [::1\r\n",
        "Host: sh\u{f6}p\r\n",
        "Host: shop?x\r\n",
        "Host: shop#x\r\n",
        "Host: <shop>\r\n",
    ] {
        let response = send(&server, "1.1", target, headers);
        assert!(
            response.starts_with("HTTP/1.1 400 "),
            "{headers}: {response}"
        );
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("x-request-id: "), "{head}");
        let body: Value = serde_json::from_str(body).unwrap();
        let code = &body["errors"][0]["extensions"]["code"];
        assert_eq!(code, "BAD_REQUEST", "{headers}");
    }
    for headers in [
        "Host: shop\r\n",
        "host: SHOP.example:8000\r\n",
        "Host: shop:\r\n",
        "Host: 127.0.0.1:80\r\n",
        "Host: [::1]:8000\r\n",
        "Host: my_shop\r\n",
        "Host: xn--shp-sna.example.\r\n",
    ] {
        let response = send(&server, "1.1", target, headers);
        assert!(
            response.starts_with("HTTP/1.1 200 "),
            "{headers}: {response}"
        );
    }
    // The host of an absolute target takes precedence, but the header is still required.
    let absolute = format!("http://shop{target}");
    assert!(send(&server, "1.1", &absolute, "Host: shop\r\n").contains(" 200 "));
    assert!(send(&server, "1.1", &absolute, "").contains(" 400 "));
    // HTTP/1.0 does not require the header.
    assert!(send(&server, "1.0", "/health/live", "").contains(" 200 "));
    assert!(send(&server, "1.0", "/health/live", "Host: a b\r\n").contains(" 400 "));
    assert!(send(&server, "1.1", "/health/live", "").contains(" 400 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_http_2_the_authority_is_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    let stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let shaken = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut client, connection) = shaken.unwrap();
    tokio::spawn(connection);
    for (host, status) in [(None, 200), (Some("shop"), 200), (Some("other"), 400)] {
        let mut request = Request::get("http://shop/graphql?query=%7B__typename%7D");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = client.send_request(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{host:?}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["data"].is_object(), status == 200);
    }
}
