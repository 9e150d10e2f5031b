//! Slow and idle connections: each is closed after a timeout, without blocking others.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::client::conn::http2;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tempfile::TempDir;

use crate::harness::{
    Process, TYPENAME_BODY, TYPENAME_REQUEST, http_get, http_post, send_keep_alive,
};

/// The timeout of any operation of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The number of concurrent clients.
const CLIENT_COUNT: usize = 100;

fn serve(settings: &[&str]) -> (Process, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings: Vec<_> = settings.iter().copied().chain(["--demo=off"]).collect();
    (Process::serve(folder.path(), &settings), folder)
}

fn connect(server: &Process) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// Reads until the server closes the connection.
fn read_to_close(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        let kind = error.kind();
        assert_eq!(
            kind,
            ErrorKind::ConnectionReset,
            "the connection was not reset"
        );
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a request on a keep-alive connection. Returns whether there was a response.
fn sends_request(stream: &TcpStream) -> bool {
    send_keep_alive(stream).is_some()
}

fn assert_alive(server: &Process) {
    let started_at = Instant::now();
    let response = http_get(
        &server.address,
        "/graphql?query=%7Bproducts%7BtotalCount%7D%7D",
    );
    assert!(response.contains("\"totalCount\":0"), "{response}");
    assert!(started_at.elapsed() < Duration::from_secs(10));
    let head = response.to_lowercase();
    assert!(head.contains("x-content-type-options: nosniff") && !head.contains("\r\nserver:"));
}

#[test]
fn slow_request_headers_time_out() {
    let (server, _folder) = serve(&["--header-timeout=1s", "--idle-timeout=1h"]);
    let silent: Vec<_> = (0..CLIENT_COUNT).map(|_| connect(&server)).collect();
    let half: Vec<_> = (0..CLIENT_COUNT).map(|_| connect(&server)).collect();
    for mut stream in &half {
        stream
            .write_all(b"GET /graphql HTTP/1.1\r\nHost: sh")
            .unwrap();
    }
    // A client that sends only the HTTP/2 preface.
    let mut preface = connect(&server);
    preface
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    // After a request, a connection may be idle, but the next request must not be incomplete.
    let idle = connect(&server);
    assert!(sends_request(&idle));
    let mut stopped = connect(&server);
    assert!(sends_request(&stopped));
    stopped.write_all(b"GET /graphql HTTP/1.1\r\n").unwrap();
    let mut slow = connect(&server);
    let mut written = 0;
    for byte in TYPENAME_REQUEST.bytes().cycle() {
        // Sends single bytes slowly until the server closes the connection.
        if slow.write_all(&[byte]).is_err() || written > 300 {
            break;
        }
        written += 1;
        std::thread::sleep(Duration::from_millis(100));
        if byte == b'/' {
            assert_alive(&server);
        }
    }
    assert!(
        written < TYPENAME_REQUEST.len(),
        "the slow request was accepted"
    );
    for stream in silent.iter().chain(&half).chain([&stopped]) {
        assert_eq!(read_to_close(stream), "");
    }
    assert!(!read_to_close(&preface).contains("HTTP/1.1"));
    assert!(sends_request(&idle));
    assert_alive(&server);
}

#[test]
fn an_idle_keep_alive_connection_is_closed() {
    let (server, _folder) = serve(&["--idle-timeout=2s", "--header-timeout=1h"]);
    let stream = connect(&server);
    for _ in 0..2 {
        assert!(sends_request(&stream));
    }
    let started_at = Instant::now();
    assert_eq!(read_to_close(&stream), "");
    assert!(started_at.elapsed() > Duration::from_millis(1_500));
}

#[test]
fn an_incomplete_body_times_out() {
    let (server, _folder) = serve(&["--body-timeout=1s"]);
    let head = "POST /graphql HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n";
    for rest in [
        "Content-Length: 100\r\n\r\n{\"query\":",
        "Content-Length: 100\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"que\r\n",
    ] {
        let mut stream = connect(&server);
        stream.write_all([head, rest].concat().as_bytes()).unwrap();
        let response = read_to_close(&stream);
        assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
        assert!(
            response.contains("\"code\":\"REQUEST_TIMEOUT\""),
            "{response}"
        );
    }
    assert_alive(&server);
}

#[test]
fn a_too_large_body_is_not_read() {
    let (server, _folder) = serve(&[]);
    let head = "POST /graphql HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n";
    assert_alive(&server);
    let before = server.memory();
    // A large `Content-Length` without a body.
    let mut stream = connect(&server);
    let announced = format!("{head}Content-Length: {}\r\n\r\n", (1 << 20) + 1);
    stream.write_all(announced.as_bytes()).unwrap();
    assert!(read_to_close(&stream).starts_with("HTTP/1.1 413 "));
    // A chunked body without an end.
    let mut stream = connect(&server);
    let started_at = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    stream.write_all(started_at.as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(1 << 16));
    let mut sent = 0;
    while stream.write_all(chunk.as_bytes()).is_ok() {
        sent += chunk.len();
        assert!(sent < 100 << 20, "the endless body is read");
    }
    assert!(read_to_close(&stream).starts_with("HTTP/1.1 413 "));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 8 << 10, "{grown} KiB more");
    assert_alive(&server);
}

#[test]
fn a_client_that_does_not_read_the_response_is_disconnected() {
    let (server, _folder) = serve(&["--write-timeout=1s", "--idle-timeout=1h"]);
    assert_alive(&server);
    // Not files: workers open connections to the database at any time.
    let before = server.open_sockets();
    let mut stream = connect(&server);
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let types = "types%7Bname%20description%20fields%7Bname%20description%20args%7Bname%20description%7D%7D%7D";
    let large_request =
        format!("GET /graphql?query=%7B__schema%7B{types}%7D%7D HTTP/1.1\r\nHost: shop\r\n\r\n");
    // More data than the socket buffers hold.
    let started_at = Instant::now();
    let mut hung_up = false;
    while started_at.elapsed() < TIMEOUT && !hung_up {
        hung_up = match stream.write_all(large_request.as_bytes()) {
            Ok(()) => false,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        };
    }
    assert!(hung_up, "the connection is still open");
    while server.open_sockets() > before {
        assert!(
            started_at.elapsed() < TIMEOUT * 2,
            "the connection is still open"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_alive(&server);
}

#[test]
fn the_number_of_connections_is_limited_by_the_setting() {
    let (server, _folder) = serve(&["--max-connections=20", "--max-connections-per-client=20"]);
    let mut held: Vec<_> = (0..20).map(|_| connect(&server)).collect();
    for stream in &held {
        assert!(sends_request(stream));
    }
    for _ in 0..CLIENT_COUNT {
        assert!(
            !sends_request(&connect(&server)),
            "a connection above the limit was served"
        );
    }
    for stream in &held {
        assert!(sends_request(stream));
    }
    let log_entries = server.log().matches("MAX_CONNECTIONS").count();
    assert_eq!(log_entries, 1);
    // A closed connection frees a slot, as soon as the server notices it.
    held.pop().unwrap().shutdown(Shutdown::Both).unwrap();
    let started_at = Instant::now();
    while !sends_request(&connect(&server)) {
        assert!(started_at.elapsed() < TIMEOUT);
    }
}

#[test]
fn request_headers_are_bounded_in_size() {
    let (server, _folder) = serve(&[]);
    let head = "GET /health/live HTTP/1.1\r\nHost: shop\r\n";
    let large = format!("x-filler: {}\r\n", "x".repeat(1_000));
    for (request, status) in [
        ([head, &large.repeat(2_000), "\r\n"].concat(), "431"),
        ([head, &"x: y\r\n".repeat(2_000), "\r\n"].concat(), "431"),
        (head.replace("live", &"l".repeat(200_000)) + "\r\n", "414"),
    ] {
        let mut stream = connect(&server);
        // The server may close the connection before all is sent.
        _ = stream.write_all(request.as_bytes());
        let response = read_to_close(&stream);
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{response}"
        );
    }
    let fine = head.replace("live", &"l".repeat(10_000))
        + &"x: y\r\n".repeat(90)
        + "Connection: close\r\n\r\n";
    let mut stream = connect(&server);
    stream.write_all(fine.as_bytes()).unwrap();
    let response = read_to_close(&stream);
    assert!(response.starts_with("HTTP/1.1 404 "), "{response}");
}

#[test]
fn idle_connections_do_not_delay_shutdown() {
    let (mut server, _folder) = serve(&[]);
    let silent = connect(&server);
    let mut half = connect(&server);
    half.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let idle = connect(&server);
    assert!(sends_request(&idle));
    server.signal("TERM");
    assert!(server.wait());
    assert!(
        server.log().contains("stopped") && !server.log().contains("aborting in-flight requests")
    );
    for stream in [&silent, &half, &idle] {
        assert!(!read_to_close(stream).contains("200"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_works_with_prior_knowledge() {
    let (server, _folder) = serve(&["--idle-timeout=2s"]);
    let stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let shaken = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (client, connection) = shaken.unwrap();
    let connection = tokio::spawn(connection);
    let asks = (0..20).map(|_| {
        let mut client = client.clone();
        async move {
            let large_request = "http://shop/graphql?query=%7B__typename%7D";
            let large_request = Request::get(large_request).body(Body::empty()).unwrap();
            let response = client.send_request(large_request).await.unwrap();
            assert_eq!(
                (response.status().as_u16(), response.version()),
                (200, Version::HTTP_2)
            );
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, TYPENAME_BODY);
        }
    });
    futures_util::future::join_all(asks).await;
    // No more requests follow.
    let ended = tokio::time::timeout(TIMEOUT, connection).await.unwrap();
    ended.unwrap().unwrap();
    drop(client);
    let response = http_post(&server.address, "{\"query\":\"{__typename}\"}");
    assert!(response.ends_with(TYPENAME_BODY));
}
