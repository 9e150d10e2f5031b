//! The server lifecycle: first start, concurrent starts, shutdown.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wares::infra::database::Database;

use crate::harness::{
    Backend, Process, database_flag, empty_database, error_line, fresh_database, http_get,
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_second_start_keeps_the_data_of_the_first() {
    let folder = folder();
    for _ in 0..2 {
        let mut server = Process::serve(folder.path(), &[]);
        assert!(folder.path().join("data/wares.db").exists());
        let response = http_get(
            &server.address,
            "/graphql?query=%7Bproducts%7BtotalCount%7D%7D",
        );
        assert!(
            response.contains("{\"data\":{\"products\":{\"totalCount\":48}}}"),
            "{response}"
        );
        assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
        server.signal("TERM");
        assert!(server.wait());
    }
}

#[test]
fn the_banner_shows_the_addresses() {
    let folder = folder();
    let said = Process::startup_output(folder.path(), &["--shop-name=Corner"]);
    assert!(said.contains("Corner is running"), "{said}");
    assert!(said.contains("/graphql, in a browser"), "{said}");
    let data = folder.path().join("data/wares.db").canonicalize().unwrap();
    assert!(said.contains(data.to_str().unwrap()), "{said}");
    assert!(!said.contains("npm"), "{said}");
    // In a checkout, the storefront too.
    let storefront = folder.path().join("examples/storefront");
    std::fs::create_dir_all(&storefront).unwrap();
    std::fs::write(storefront.join("package.json"), "{}").unwrap();
    let said = Process::startup_output(folder.path(), &[]);
    let command = "cd examples/storefront && npm ci && npm run dev";
    assert!(said.contains(command), "{said}");
}

#[test]
fn systemd_is_notified_of_start_and_shutdown() {
    let folder = folder();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let timeout = Some(Duration::from_secs(30));
    socket.set_read_timeout(timeout).unwrap();
    let receive = || {
        let mut bytes = [0; 100];
        let count = socket.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    };
    let mut command = Process::command(folder.path(), &["--demo=off"]);
    command.env("NOTIFY_SOCKET", folder.path().join("notify"));
    let mut server = Process::serve_command(folder.path(), command);
    assert_eq!(receive(), "READY=1");
    assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
    server.signal("TERM");
    assert_eq!(receive(), "STOPPING=1");
    assert!(server.wait());
}

#[test]
fn the_log_of_production_is_json_with_the_requests_id() {
    let folder = folder();
    let log = folder.path().join("log");
    let secret = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    let mut child = Process::command(
        folder.path(),
        &[
            "--env=production",
            "--migrate=on",
            "--listen=127.0.0.1:0",
            secret,
        ],
    )
    .stdout(Stdio::null())
    .stderr(std::fs::File::create(&log).unwrap())
    .spawn()
    .unwrap();
    let read = || std::fs::read_to_string(&log).unwrap();
    let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line);
    let wait_for = |message: &str| {
        let begun = Instant::now();
        loop {
            // The last line may be incomplete.
            let mut lines = read()
                .lines()
                .map(parse)
                .filter_map(Result::ok)
                .collect::<Vec<_>>();
            lines.retain(|line| line["message"] == message);
            if let Some(line) = lines.pop() {
                return line;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", read());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let address = wait_for("listening")["address"]
        .as_str()
        .unwrap()
        .to_owned();
    let response = http_get(&address, "/graphql?query=%7Bproducts%7BtotalCount%7D%7D");
    let answered = wait_for("request completed");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(read().lines().all(|line| parse(line).is_ok()), "{}", read());
    // The demo catalogue is not created in production.
    assert!(response.contains("\"totalCount\":0"), "{response}");
    let id = answered["span"]["id"].as_str().unwrap();
    assert!(
        response.contains(&format!("x-request-id: {id}")),
        "{response}"
    );
    // Durations are rounded to tenths of a millisecond.
    let duration = answered["duration_ms"].to_string();
    let (_, decimals) = duration.split_once('.').unwrap();
    assert_eq!(decimals.len(), 1, "{duration}");
    assert_eq!(
        (&answered["status"], &answered["path"]),
        (&200.into(), &"/graphql".into())
    );
}

#[test]
fn a_server_whose_output_is_not_read_still_serves() {
    let folder = folder();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = Process::command(folder.path(), &["schema"]);
    let line = error_line(&command.stdout(full.try_clone().unwrap()).output().unwrap());
    assert!(line.contains("standard output"), "{line}");
    // All other tests start `serve` with its output discarded. Here writing it fails.
    let server = Process::serve_with(folder.path(), &[], full.into());
    assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_concurrent_starts_migrate_and_fill_once() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = folder();
        let flag = database_flag(&empty_database(backend, folder.path()).await);
        let servers: Vec<_> = std::thread::scope(|scope| {
            let start = || Process::serve(folder.path(), &[&flag, "--database-max-connections=2"]);
            let starts: Vec<_> = (0..10).map(|_| scope.spawn(start)).collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap())
                .collect()
        });
        for server in &servers {
            let response = http_get(
                &server.address,
                "/graphql?query=%7Bproducts%7BtotalCount%7D%7D",
            );
            assert!(
                response.contains("\"totalCount\":48"),
                "{backend:?}: {response}"
            );
        }
    }
}

/// Sends the head of a request, and waits for `100 Continue`.
fn begin_request(address: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    let mut head = [0; 25];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn a_request_in_flight_is_finished_before_the_server_stops() {
    let folder = folder();
    let mut server = Process::serve(folder.path(), &[]);
    let body = r#"{"query":"{ products { totalCount } }"}"#;
    let mut stream = begin_request(&server.address, body);
    server.signal("TERM");
    // New connections are refused from now on.
    let begun = Instant::now();
    while TcpStream::connect(&server.address).is_ok() {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "the server still listens"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.contains("\"totalCount\":48"), "{response}");
    assert!(server.wait());
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let folder = folder();
    let mut server = Process::serve(folder.path(), &[]);
    let _never_ending = begin_request(&server.address, "x");
    server.signal("TERM");
    let begun = Instant::now();
    while TcpStream::connect(&server.address).is_ok() {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "the server still listens"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    server.signal("INT");
    assert!(server.wait());
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "it waited for the request"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_statement_does_not_delay_shutdown() {
    let folder = folder();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let mut server = Process::serve(folder.path(), &[&database_flag(&address)]);
    let db = Database::connect(&address, 1).await.unwrap();
    let lock = db.begin().await.unwrap();
    let sql = "LOCK TABLE products IN ACCESS EXCLUSIVE MODE";
    sea_orm::ConnectionTrait::execute_unprepared(&lock, sql)
        .await
        .unwrap();
    let body = r#"{"query":"{ products { totalCount } }"}"#;
    let mut stream = begin_request(&server.address, body);
    stream.write_all(body.as_bytes()).unwrap();
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    let begun = Instant::now();
    assert!(server.wait());
    assert!(begun.elapsed() < Duration::from_secs(8));
    lock.rollback().await.unwrap();
    db.close().await.unwrap();
}
