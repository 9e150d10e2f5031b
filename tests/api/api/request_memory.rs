//! The memory limit for request bodies in progress, in total and per client. Small requests never wait.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Process, TYPENAME_BODY, connect_from, http_post};

/// The maximum growth of the server's memory in KiB.
const MAX_GROWTH: usize = 96 << 10;

/// Sends these bytes on a keep-alive connection, until the server stops reading for 20 ms.
fn send_partially(server: &Process, bytes: &[u8]) -> TcpStream {
    let mut stream = connect_from(&server.address, "127.0.0.1");
    let moment = Some(Duration::from_millis(20));
    stream.set_write_timeout(moment).unwrap();
    _ = stream.write_all(bytes);
    stream
}

fn post(size: usize) -> String {
    format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    )
}

/// Returns a query in a body of this size.
fn body(size: usize) -> String {
    let query = "{\"query\":\"{__typename}\",\"extensions\":{\"x\":\"\"}}";
    query.replace(
        "\"x\":\"\"",
        &format!("\"x\":\"{}\"", "x".repeat(size - query.len())),
    )
}

#[test]
fn incomplete_bodies_take_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    http_post(&server.address, &body(1 << 20));
    let before = server.memory();
    let size = 1 << 20;
    let whole = body(size);
    let sized = [post(size).as_bytes(), &whole.as_bytes()[..size - 1]].concat();
    let in_chunks = post(size).replace(
        &format!("Content-Length: {size}"),
        "Transfer-Encoding: chunked",
    );
    let chunk = format!("{:x}\r\n{whole}", size + 1);
    let in_chunks = [in_chunks, chunk].concat();
    let held: Vec<_> = (0..200)
        .map(|number| match number % 2 {
            0 => send_partially(&server, &sized),
            _ => send_partially(&server, in_chunks.as_bytes()),
        })
        .collect();
    assert!(http_post(&server.address, "{\"query\":\"{__typename}\"}").ends_with(TYPENAME_BODY));
    assert!(http_post(&server.address, &body(16_000)).ends_with(TYPENAME_BODY));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < MAX_GROWTH, "{grown} KiB more");
    // Each client has its own share.
    let mut other = connect_from(&server.address, "127.0.0.2");
    other.write_all(post(size).as_bytes()).unwrap();
    other.write_all(whole.as_bytes()).unwrap();
    let mut response = String::new();
    other.read_to_string(&mut response).unwrap();
    assert!(response.ends_with(TYPENAME_BODY), "{response}");
    // A request that waits too long is refused.
    let mut last = held.last().unwrap();
    let mut response = String::new();
    last.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.contains("SERVICE_UNAVAILABLE"), "{response}");
}

#[test]
fn incomplete_headers_and_file_maps_take_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    http_post(&server.address, &body(1 << 20));
    let before = server.memory();
    let line = format!("x: {}\r\n", "x".repeat(8_000));
    let fields = format!("GET /graphql HTTP/1.1\r\nHost: shop\r\n{}", line.repeat(8));
    let uri = format!("GET /{}", "x".repeat(65_000));
    let upload = format!(
        "POST /graphql HTTP/1.1\r\nHost: shop\r\napollo-require-preflight: 1\r\nContent-Type: multipart/form-data; boundary=seam\r\n\
         Content-Length: 5000000\r\n\r\n--seam\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{}",
        "x".repeat(99_000)
    );
    let held: Vec<_> = (0..600)
        .map(|number| send_partially(&server, [&fields, &uri, &upload][number % 3].as_bytes()))
        .collect();
    assert!(http_post(&server.address, "{\"query\":\"{__typename}\"}").ends_with(TYPENAME_BODY));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < MAX_GROWTH, "{grown} KiB more");
    drop(held);
}

#[test]
fn large_requests_of_one_client_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    // Three times the limit of a client.
    let whole = body(1 << 20);
    let clients: Vec<_> = (0..24)
        .map(|_| {
            let mut stream = connect_from(&server.address, "127.0.0.1");
            let request = [post(whole.len()), whole.clone()].concat();
            std::thread::spawn(move || {
                stream.write_all(request.as_bytes()).unwrap();
                let mut response = String::new();
                stream.read_to_string(&mut response).unwrap();
                response
            })
        })
        .collect();
    for client in clients {
        let response = client.join().unwrap();
        assert!(response.ends_with(TYPENAME_BODY), "{response}");
    }
}
