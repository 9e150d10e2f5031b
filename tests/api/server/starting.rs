//! Start before the database is available, and shutdown under load.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{
    Backend, Process, Traffic, ask_kept, database_flag, fresh_database, http_get, refusal,
};
use crate::infra::database_faults::through;

/// The timeout of any operation of a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// A starting server process. Its log is the file `log` in the folder.
struct Starting<'a> {
    child: Child,
    folder: &'a Path,
}

impl<'a> Starting<'a> {
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
    fn told(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let log = self.log();
            if let Some((_, rest)) = log.split_once(words)
                && rest.contains('\n')
            {
                return rest.split_whitespace().next().unwrap_or("").to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_comes_up_later_is_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let flag = database_flag(&address);
    proxy.set(Traffic::Breaks);
    let server = Starting::new(folder.path(), &[&flag, "--demo=off"]);
    let address = server.told("starting address=");
    server.told("database not available, retrying");
    assert!(http_get(&address, "/health/live").starts_with("HTTP/1.1 200"));
    let ready = http_get(&address, "/health/ready");
    assert!(
        ready.starts_with("HTTP/1.1 503") && ready.contains("starting"),
        "{ready}"
    );
    let question = "/graphql?query=%7Bproducts%7BtotalCount%7D%7D";
    let answer = http_get(&address, question);
    assert!(
        answer.starts_with("HTTP/1.1 503"),
        "{answer}: {}",
        server.log()
    );
    assert!(
        answer.contains("SERVICE_UNAVAILABLE") && answer.contains("retry-after"),
        "{answer}"
    );
    proxy.set(Traffic::Flows);
    // A request during startup waits; on a slow machine it may time out and is repeated.
    let begun = Instant::now();
    loop {
        let answer = http_get(&address, question);
        if answer.contains("\"totalCount\":0") {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{answer}");
    }
    assert!(http_get(&address, "/health/ready").starts_with("HTTP/1.1 200"));
    server.told("listening address=");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_come_up_ends_the_start_with_a_line() {
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
        let line = refusal(&output);
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
    assert!(refusal(&output).contains("no_such_shop"));
    assert!(begun.elapsed() < PATIENCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_server_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let flag = database_flag(&address);
    proxy.set(Traffic::Hangs);
    let mut server = Starting::new(folder.path(), &[&flag]);
    server.told("starting address=");
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
fn whoever_asks_on_a_kept_connection_while_the_server_stops_is_answered_once_more() {
    let folder = tempfile::tempdir().unwrap();
    // A port that is free at the moment.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let operators = free.local_addr().unwrap().to_string();
    drop(free);
    let flag = format!("--operator-listen={operators}");
    let mut server = Process::serve(folder.path(), &["--demo=off", &flag]);
    let kept: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect();
    for stream in &kept {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(!ask_kept(stream).unwrap().contains("connection: close"));
    }
    // The connection may not be accepted yet.
    let late = TcpStream::connect(&server.address).unwrap();
    late.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(http_get(&operators, "/health/ready").starts_with("HTTP/1.1 200"));
    server.signal("TERM");
    let begun = Instant::now();
    while !server.log().contains("stopping") {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(1));
    }
    for stream in kept.iter().take(10).chain([&late]) {
        let answer = ask_kept(stream).expect("the connection was closed");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    for mut stream in &kept {
        let read = stream.read(&mut [0]).unwrap();
        assert_eq!(read, 0, "the connection is still open");
    }
    assert!(server.wait());
    assert!(!server.log().contains("aborting in-flight requests"));
}
