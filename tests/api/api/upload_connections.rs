//! Uploads over TCP connections: back-pressure, memory, and cleanup after disconnects.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wares::accounts::user::Role;

use crate::harness::{App, Backend, Form, Process, database_flag, http_post};

/// The timeout of the processing of 65 MiB of rows by a debug build, which is limited by the processor alone.
const TIMEOUT: Duration = Duration::from_mins(3);

/// A server process and the access token of an admin.
struct Server {
    process: Process,
    token: String,
    app: App,
    _folder: TempDir,
}

impl Server {
    async fn start(settings: &[&str]) -> Self {
        let app = App::start(Backend::Sqlite, &[]).await;
        app.user("admin@shop.example", Role::Admin).await;
        let folder = tempfile::tempdir().unwrap();
        let flag = database_flag(&app.address);
        let arguments: Vec<_> = [flag.as_str(), "--demo=off"]
            .iter()
            .chain(settings)
            .copied()
            .collect();
        let process = Process::serve(folder.path(), &arguments);
        let token = process.sign_in("admin@shop.example");
        Self {
            process,
            token,
            app,
            _folder: folder,
        }
    }

    /// Begins an upload whose `Content-Length` is `length`.
    fn begin(&self, token: &str, body: &[u8], length: usize) -> TcpStream {
        self.process.begin_upload(token, body, length)
    }
}

/// Returns a request that imports a file, up to its content.
fn import() -> Form {
    Form::import().begin("name=\"0\"")
}

fn read_to_end(mut stream: TcpStream) -> String {
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unauthorized_upload_gets_a_response_and_the_connection_is_closed() {
    let server = Server::start(&[]).await;
    let started_at = Instant::now();
    let stream = server.begin("not-one", &import().open(), 4 << 20);
    let response = read_to_end(stream);
    assert!(started_at.elapsed() < Duration::from_secs(5));
    assert!(response.starts_with("HTTP/1.1 401"), "{response}");
    assert!(
        response.contains("connection: close") && response.contains("UNAUTHENTICATED"),
        "{response}"
    );

    // A client that continues to send can read the response, within a limit.
    let mut stream = server.begin("not-one", &import().open(), 4 << 20);
    stream.write_all(&vec![b'x'; 100_000]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    stream.write_all(&vec![b'x'; 50_000]).unwrap();
    let response = read_to_end(stream);
    assert!(response.contains("UNAUTHENTICATED"), "{response}");

    // The connection stays open after a completely read request.
    let whole = import().raw(b"name,price\nThing,1.50\n\r\n").end();
    let mut stream = server.begin(&server.token, &whole, whole.len());
    for _ in 0..2 {
        let mut response = [0; 4_096];
        let count = stream.read(&mut response).unwrap();
        let response = String::from_utf8_lossy(&response[..count]);
        assert!(
            response.starts_with("HTTP/1.1 200") && !response.contains("connection: close"),
            "{response}"
        );
        write!(stream, "GET /health/live HTTP/1.1\r\nHost: shop\r\n\r\n").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_client_leaves_no_resources_behind() {
    let server = Server::start(&[]).await;
    let file = b"Thing,1.50\n".repeat(30_000);
    let length = import().open().len() + 50_000_000;
    // The database pool opens more connections under load.
    let files = server.process.open_files() + 8;
    let memory = server.process.memory();
    for number in 0..400 {
        let whole = import().raw(b"name,price\n").raw(&file).open();
        // Ends at any position: in the head, the map or the file.
        let end = (number * 7_919) % whole.len();
        let stream = server.begin(&server.token, &whole[..end], length);
        if number % 2 == 0 {
            // With unread bytes, closing resets the connection.
            _ = stream.shutdown(Shutdown::Both);
        }
    }
    // The received 65 MiB are processed for a while.
    let started_at = Instant::now();
    while server.process.open_files() > files || server.process.memory() > memory + (40 << 10) {
        assert!(
            started_at.elapsed() < TIMEOUT,
            "{files} open files became {}, {memory} KiB became {}",
            server.process.open_files(),
            server.process.memory()
        );
        // The allocator returns memory during allocations.
        http_post(&server.process.address, "{\"query\":\"{ __typename }\"}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.app.count("products").await, 0);
    // The server still responds.
    let whole = import().raw(b"name,price\nThing,1.50\n\r\n").end();
    let mut stream = server.begin(&server.token, &whole, whole.len());
    let mut response = [0; 12];
    stream.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_takes_bounded_memory_and_a_refused_one_is_not_read() {
    let server = Server::start(&["--import-max-bytes=100000000"]).await;
    // Few rows with few long words, so that a slow machine does not spend minutes on their search index.
    let description = "incomprehensibly-long-winded ".repeat(100);
    let line = format!("Thing,1.50,{description}\n").repeat(20);
    let line = line.as_bytes();
    let (rows, first, tail) = (1_000, 300, b"\r\n--seam--\r\n");
    let begin = import().raw(b"name,price,description\n").open();
    let length = begin.len() + rows * line.len() + tail.len();
    let mut stream = server.begin(&server.token, &begin, length);
    let send = |stream: &mut TcpStream, count| {
        for _ in 0..count {
            stream.write_all(line).unwrap();
        }
        server.process.memory()
    };
    // All fixed memory of an import is allocated after the first 18 MiB. 42 MiB follow.
    let before = send(&mut stream, first);
    let grown = send(&mut stream, rows - first).saturating_sub(before);
    stream.write_all(tail).unwrap();
    let mut response = [0; 12];
    stream.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 200");
    assert!(
        grown < 28 << 10,
        "memory of {before} KiB grew by {grown} KiB"
    );

    // Unread bytes fill the socket buffers of both sides, and then block the client.
    let mut stream = server.begin("not-one", &begin, 1 << 30);
    let mut taken = 0;
    let stopped = loop {
        match stream.write(line) {
            Ok(count) => taken += count,
            Err(error) => break error.kind(),
        }
        assert!(taken < 64 << 20, "{taken} bytes were accepted");
    };
    assert!(
        matches!(
            stopped,
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::WouldBlock
        ),
        "{stopped}"
    );
}
