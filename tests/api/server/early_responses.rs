//! Early error responses: a client reads the response to a request that is refused before its body was read.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tempfile::TempDir;

use crate::harness::{Process, TYPENAME_BODY, TYPENAME_REQUEST};

const TIMEOUT: Duration = Duration::from_mins(1);
const MULTIPART: &str = "Content-Type: multipart/form-data; boundary=seam\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

fn serve(settings: &[&str]) -> (Process, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings: Vec<_> = settings.iter().copied().chain(["--demo=off"]).collect();
    (Process::serve(folder.path(), &settings), folder)
}

fn connect(server: &Process) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// Sends a whole request before reading the response. Fails on connection errors.
fn exchange(server: &Process, head: &str, body: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let chunks = body.chunks(10_000).flat_map(|chunk| {
        let head = format!("{:x}\r\n", chunk.len()).into_bytes();
        [head.as_slice(), chunk, b"\r\n"].concat()
    });
    chunks.chain(*b"0\r\n\r\n").collect()
}

/// Requests that are refused by their head: request line, headers, expected status and code.
const REFUSED: [(&str, &str, &str, &str); 9] = [
    ("POST /graphql", MULTIPART, "400", "PREFLIGHT_REQUIRED"),
    (
        "POST /graphql",
        "Content-Type: text/plain\r\n",
        "415",
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    ("POST /graphql", "", "415", "UNSUPPORTED_MEDIA_TYPE"),
    (
        "POST /graphql",
        "Content-Type: application/json\r\nAccept: image/png\r\n",
        "406",
        "NOT_ACCEPTABLE",
    ),
    ("PUT /graphql", JSON, "405", "METHOD_NOT_ALLOWED"),
    ("DELETE /graphql", MULTIPART, "405", "METHOD_NOT_ALLOWED"),
    ("POST /nowhere", MULTIPART, "404", "NOT_FOUND"),
    ("POST /health/live", JSON, "405", "METHOD_NOT_ALLOWED"),
    (
        "POST /graphql",
        "Content-Type: multipart/form-data; boundary=\"\"\r\napollo-require-preflight: 1\r\n",
        "400",
        "BAD_REQUEST",
    ),
];

#[test]
fn a_response_is_read_by_a_client_that_sends_the_whole_body_first() {
    let (server, _folder) = serve(&[]);
    for size in [70, 300_000, 5_000_000] {
        let body = vec![b'x'; size];
        for (line, headers, status, code) in REFUSED {
            for expect in ["", "Expect: 100-continue\r\n"] {
                let head = format!(
                    "{line} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{headers}{expect}"
                );
                let sized = format!("{head}Content-Length: {size}\r\n\r\n");
                let in_chunks = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
                for response in [
                    exchange(&server, &sized, &body),
                    exchange(&server, &in_chunks, &chunked(&body)),
                ] {
                    let has_status = response.starts_with(&format!("HTTP/1.1 {status} "));
                    assert!(
                        has_status && response.contains(code),
                        "{line} {size}: {response}"
                    );
                    assert!(response.contains("connection: close"), "{response}");
                }
            }
        }
    }
}

#[test]
fn no_response_of_200_refused_uploads_is_lost() {
    let (server, _folder) = serve(&[]);
    let body = vec![b'x'; 200_000];
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\n{MULTIPART}Content-Length: {}\r\n\r\n",
        body.len()
    );
    for _ in 0..200 {
        let mut stream = connect(&server);
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        let mut status = [0; 13];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 400 ");
    }
}

#[test]
fn a_body_that_is_too_large_or_not_authorized_is_answered_after_it_was_sent() {
    let (server, _folder) = serve(&[]);
    let json = vec![b' '; (1 << 20) + 1];
    let head = format!("POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{JSON}");
    let sized = format!("{head}Content-Length: {}\r\n\r\n", json.len());
    let in_chunks = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for (head, body) in [(sized, json.clone()), (in_chunks, chunked(&json))] {
        let response = exchange(&server, &head, &body);
        assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    }
    let upload = [
        "--seam\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n",
        r#"{"query": "mutation($file: Upload!) { uploadAvatar(file: $file) { user { id } } }", "variables": {"file": null}}"#,
        "\r\n--seam\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"0\": [\"variables.file\"]}\r\n",
        "--seam\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.png\"\r\n\r\n",
    ];
    let body = [upload.concat().as_bytes(), &vec![b'x'; 5_000_000]].concat();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: Bearer none\r\napollo-require-preflight: 1\r\n{MULTIPART}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let response = exchange(&server, &head, &body);
    assert!(response.starts_with("HTTP/1.1 401 "), "{response}");
}

#[test]
fn refused_headers_get_a_response_after_they_were_sent() {
    let (server, _folder) = serve(&[]);
    let long = "x".repeat(3_000_000);
    for (head, status) in [
        (format!("GET /{long} HTTP/1.1\r\nHost: shop\r\n\r\n"), "414"),
        (
            format!("GET / HTTP/1.1\r\nHost: shop\r\nx: {long}\r\n\r\n"),
            "431",
        ),
        (format!("{long}\r\n\r\n"), "414"),
        (format!("GET / HTTP/1.1\r\n no header\r\n{long}"), "400"),
    ] {
        let response = exchange(&server, &head, b"");
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{response}"
        );
    }
}

#[test]
fn a_connection_is_used_again_after_a_small_body_was_refused() {
    let (server, _folder) = serve(&[]);
    let mut stream = connect(&server);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for _ in 0..3 {
        let body = "x".repeat(30_000);
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: shop\r\n{MULTIPART}Content-Length: 30000\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (status, length) = head(&mut reader);
        assert_eq!(status, 400);
        reader.read_exact(&mut vec![0; length]).unwrap();
    }
    stream.write_all(TYPENAME_REQUEST.as_bytes()).unwrap();
    let (status, length) = head(&mut reader);
    let mut response = vec![0; length];
    reader.read_exact(&mut response).unwrap();
    assert_eq!(
        (status, response.as_slice()),
        (200, TYPENAME_BODY.as_bytes())
    );
}

#[test]
fn a_refused_body_gets_no_100_continue() {
    let (server, _folder) = serve(&[]);
    let expect = "Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n";
    let refused = format!("POST /graphql HTTP/1.1\r\nHost: shop\r\n{MULTIPART}{expect}");
    let response = exchange(&server, &refused, b"");
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    // Other bodies are accepted.
    let body = "{\"query\":\"{__typename}\"}";
    let mut stream = connect(&server);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{JSON}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut invitation = [0; 25];
    stream.read_exact(&mut invitation).unwrap();
    assert_eq!(&invitation, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.ends_with(TYPENAME_BODY), "{response}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_http_2_a_refusal_with_status_200_follows_the_whole_body() {
    const CHUNK: usize = 16 << 10;
    const CHUNKS: usize = 200;
    let (server, _folder) = serve(&[]);
    let stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let connected = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut client, connection) = connected.unwrap();
    tokio::spawn(connection);
    let head = "--seam\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n\
                {\"query\":\"mutation($file: Upload!) { uploadAvatar(file: $file) { avatar { id } } }\",\"variables\":{\"file\":null}}\r\n\
                --seam\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"0\":[\"variables.file\"]}\r\n\
                --seam\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let chunks = (0..CHUNKS).map(move |index| {
        count.fetch_add(1, Ordering::Relaxed);
        let chunk = if index == 0 {
            head.to_owned()
        } else {
            "x".repeat(CHUNK)
        };
        Ok::<_, Infallible>(Bytes::from(chunk))
    });
    let request = Request::post("http://shop/graphql")
        .header("content-type", "multipart/form-data; boundary=seam")
        .header("apollo-require-preflight", "true")
        .body(Body::from_stream(futures_util::stream::iter(chunks)))
        .unwrap();
    let response = client.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    // Clients such as curl 7 send the whole body unless the response is an error status, and hang if the response
    // came earlier.
    assert_eq!(sent.load(Ordering::Relaxed), CHUNKS);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(body.contains("UNAUTHENTICATED"), "{body}");
}

/// Reads the status and content length of a response.
fn head(reader: &mut impl BufRead) -> (u16, usize) {
    let lines: Vec<_> = reader
        .lines()
        .map(|line| line.unwrap().to_lowercase())
        .take_while(|line| !line.is_empty())
        .collect();
    assert!(
        lines.iter().all(|line| line != "connection: close"),
        "{lines:?}"
    );
    let mut rest = lines.iter();
    let length = rest.find_map(|line| line.strip_prefix("content-length: "));
    let status = lines[0].split(' ').nth(1).unwrap();
    (status.parse().unwrap(), length.unwrap().parse().unwrap())
}
