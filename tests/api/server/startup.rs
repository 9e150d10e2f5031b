//! Start before the database is available, and shutdown under load.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{
    Backend, Process, Traffic, database_flag, error_line, fresh_database, http_get, send_keep_alive,
};
use crate::infra::database_faults::through;

/// The timeout of any operation of a test.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A starting server process. Its log is the file `log` in the folder.
struct StartingServer<'a> {
    child: Child,
    folder: &'a Path,
}

impl<'a> StartingServer<'a> {
    fn new(folder: &'a Path, arguments: &[&str]) -> Self {
        let child = Process::command(folder, arguments)
            .arg("--listen=127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// Waits for a log line with this text, and returns the word after it.
    fn wait_for_word(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let log = self.log();
            if let Some((_, rest)) = log.split_once(words)
                && rest.contains('\n')
            {
                return rest.split_whitespace().next().unwrap_or("").to_owned();
            }
            assert!(begun.elapsed() < TIMEOUT, "{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for StartingServer<'_> {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn startup_waits_for_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let flag = database_flag(&address);
    proxy.set(Traffic::Breaks);
    let server = StartingServer::new(folder.path(), &[&flag, "--demo=off"]);
    let address = server.wait_for_word("starting address=");
    server.wait_for_word("database not available, retrying");
    assert!(http_get(&address, "/health/live").starts_with("HTTP/1.1 200"));
    let ready = http_get(&address, "/health/ready");
    assert!(
        ready.starts_with("HTTP/1.1 503") && ready.contains("the database is unreachable"),
        "{ready}"
    );
    let path = "/graphql?query=%7Bproducts%7BtotalCount%7D%7D";
    let response = http_get(&address, path);
    assert!(
        response.starts_with("HTTP/1.1 503"),
        "{response}: {}",
        server.log()
    );
    assert!(
        response.contains("SERVICE_UNAVAILABLE") && response.contains("retry-after"),
        "{response}"
    );
    proxy.set(Traffic::Flows);
    // A request during startup waits; on a slow machine it may time out and is repeated.
    let begun = Instant::now();
    loop {
        let response = http_get(&address, path);
        if response.contains("\"totalCount\":0") {
            break;
        }
        assert!(begun.elapsed() < TIMEOUT, "{response}");
    }
    assert!(http_get(&address, "/health/ready").starts_with("HTTP/1.1 200"));
    server.wait_for_word("listening address=");
}

#[tokio::test(flavor = "multi_thread")]
async fn startup_fails_with_one_line_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let flag = database_flag(&address);
    for traffic in [Traffic::Breaks, Traffic::Hangs] {
        proxy.set(traffic);
        let begun = Instant::now();
        let output = Process::run(
            folder.path(),
            &["--listen=127.0.0.1:0", "--database-wait=2s", &flag],
        );
        let line = error_line(&output);
        assert!(line.contains("DATABASE_URL"), "{line}");
        assert!(begun.elapsed() > Duration::from_secs(1));
    }
    proxy.set(Traffic::Flows);
    // Errors that waiting cannot fix are reported immediately.
    let begun = Instant::now();
    let wrong = flag.rsplit_once('/').unwrap().0.to_owned() + "/no_such_shop";
    let output = Process::run(
        folder.path(),
        &["--listen=127.0.0.1:0", "--database-wait=1h", &wrong],
    );
    assert!(error_line(&output).contains("no_such_shop"));
    assert!(begun.elapsed() < TIMEOUT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_server_that_waits_for_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let flag = database_flag(&address);
    proxy.set(Traffic::Hangs);
    let mut server = StartingServer::new(folder.path(), &[&flag]);
    server.wait_for_word("starting address=");
    let pid = server.child.id().to_string();
    let sent = std::process::Command::new("kill").arg(&pid).status();
    assert!(sent.unwrap().success());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{}",
            server.log()
        );
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{}", server.log());
}

#[test]
fn a_request_on_a_keep_alive_connection_during_shutdown_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    // A port that is free at the moment.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let operators = free.local_addr().unwrap().to_string();
    drop(free);
    let flag = format!("--operator-listen={operators}");
    let mut server = Process::serve(folder.path(), &["--demo=off", &flag]);
    let keep_alive_streams: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect();
    for stream in &keep_alive_streams {
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        assert!(
            !send_keep_alive(stream)
                .unwrap()
                .contains("connection: close")
        );
    }
    // The connection may not be accepted yet.
    let unaccepted = TcpStream::connect(&server.address).unwrap();
    unaccepted.set_read_timeout(Some(TIMEOUT)).unwrap();
    assert!(http_get(&operators, "/health/ready").starts_with("HTTP/1.1 200"));
    server.signal("TERM");
    let begun = Instant::now();
    while !server.log().contains("stopping") {
        assert!(begun.elapsed() < TIMEOUT);
        std::thread::sleep(Duration::from_millis(1));
    }
    for stream in keep_alive_streams.iter().take(10).chain([&unaccepted]) {
        let response = send_keep_alive(stream).expect("the connection was closed");
        assert!(response.contains("connection: close"), "{response}");
    }
    for mut stream in &keep_alive_streams {
        let read = stream.read(&mut [0]).unwrap();
        assert_eq!(read, 0, "the connection is still open");
    }
    assert!(server.wait());
    assert!(!server.log().contains("aborting in-flight requests"));
}
