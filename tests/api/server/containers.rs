//! Containers: `wares health`, the image and docker-compose.yml.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::{
    Backend, Process, database_flag, error_line, free_port, fresh_database, http_get,
};

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Returns the lines without comments, each with its indentation.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| (line.len() - line.trim_start().len(), line.trim()))
        .filter(|(_, line)| !line.starts_with('#'))
        .collect()
}

#[test]
fn the_health_command_checks_the_configured_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::serve(folder.path(), &["--demo=off"]);
    let listen = format!(
        "--listen=0.0.0.0:{}",
        server.address.rsplit_once(':').unwrap().1
    );
    let at = format!("--at={}", server.address);
    for arguments in [
        &["health", &listen][..],
        &["health", &at],
        &["health", "--live", &at],
    ] {
        let output = Process::run(folder.path(), arguments);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, b"ok\n");
    }
    server.signal("TERM");
    assert!(server.wait());
    assert!(error_line(&Process::run(folder.path(), &["health", &at])).contains("health check of"));
}

#[test]
fn backup_copies_a_sqlite_database_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let output = Process::run(folder.path(), &["backup", "copy.db"]);
    assert!(output.status.success(), "{output:?}");
    let again = Process::run(folder.path(), &["backup", "copy.db"]);
    assert!(error_line(&again).contains("already exists"));
    assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
    // The backup is a complete database.
    let copy = Process::serve(
        folder.path(),
        &["--database-url=sqlite://copy.db", "--migrate=off"],
    );
    let question = "/graphql?query=%7Bproducts%7BtotalCount%7D%7D";
    assert!(http_get(&copy.address, question).contains("\"totalCount\":48"));
}

#[tokio::test]
async fn backup_of_postgresql_names_pg_dump() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let flag = database_flag(&address);
    let output = Process::run(folder.path(), &["backup", "copy.db", &flag]);
    assert!(error_line(&output).contains("pg_dump"));
}

#[test]
fn a_server_that_is_still_starting_is_live_and_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let listen = format!("--listen=127.0.0.1:{port}");
    let nowhere = "--database-url=postgres://shop@127.0.0.1:1/shop";
    let mut starting = Process::command(folder.path(), &[&listen, nowhere])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let live = loop {
        let live = Process::run(folder.path(), &["health", "--live", &listen]);
        if live.status.success() || begun.elapsed() > Duration::from_secs(20) {
            break live;
        }
    };
    assert_eq!(live.stdout, b"ok\n");
    // Until it has tried to connect, it is only starting.
    let ready = loop {
        let ready = Process::run(folder.path(), &["health", &listen]);
        assert!(!ready.status.success());
        let is_starting = ready.stdout == b"unavailable: the server is starting\n";
        if !is_starting || begun.elapsed() > Duration::from_secs(20) {
            break ready;
        }
    };
    starting.kill().unwrap();
    starting.wait().unwrap();
    assert_eq!(ready.stdout, b"unavailable: the database is unreachable\n");
    // A server that accepts connections but does not respond causes a timeout.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("--at={}", silent.local_addr().unwrap());
    let begun = Instant::now();
    assert!(
        error_line(&Process::run(folder.path(), &["health", &at]))
            .contains("no response within 5 seconds")
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
    let none = Process::run(folder.path(), &["health", "--listen=127.0.0.1:0"]);
    assert!(error_line(&none).contains("--at"));
}

#[test]
fn compose_services_have_versions_and_health_checks() {
    let compose = read("docker-compose.yml");
    assert!(
        !compose.contains("127.0.0.1:8000:"),
        "this is the port of `cargo run`"
    );
    let lines = lines(&compose);
    let begin = lines
        .iter()
        .position(|line| *line == (0, "services:"))
        .unwrap();
    let services: Vec<_> = lines[begin + 1..]
        .split_inclusive(|(depth, _)| *depth == 0)
        .next()
        .unwrap()
        .to_vec();
    let names: Vec<_> = services
        .iter()
        .filter(|(depth, _)| *depth == 2)
        .map(|(_, name)| *name)
        .collect();
    assert_eq!(names, ["wares:", "postgres:", "s3:", "mail:"]);
    let count = |words: &str| {
        services
            .iter()
            .filter(|(depth, line)| *depth == 4 && line.starts_with(words))
            .count()
    };
    assert_eq!(count("healthcheck:"), names.len());
    assert_eq!(count("image: "), names.len());
    for (_, line) in &services {
        if let Some(image) = line.strip_prefix("image: ") {
            let (_, tag) = image.rsplit_once(':').unwrap();
            assert_ne!(tag, "latest");
        }
        // Ports with public passwords are bound to loopback only.
        if let Some(port) = line.strip_prefix("- \"")
            && port.contains(':')
        {
            assert!(port.starts_with("127.0.0.1:"), "{port}");
        }
    }
    // The configured variables of Wares exist as settings.
    let example = read(".env.example");
    let wares = &services[1..services
        .iter()
        .position(|line| *line == (2, "postgres:"))
        .unwrap()];
    let told: Vec<_> = wares
        .iter()
        .filter(|(depth, line)| *depth == 6 && line.chars().next().unwrap().is_uppercase())
        .map(|(_, line)| line.split_once(':').unwrap().0)
        .filter(|name| !name.starts_with("AWS_"))
        .collect();
    assert!(told.len() > 5, "{told:?}");
    for name in told {
        assert!(example.contains(&format!("\n#{name}=")), "{name}");
    }
}

#[test]
fn the_container_image_runs_as_an_unprivileged_user() {
    let dockerfile = read("Dockerfile");
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    assert!(last.contains("\nUSER 10001\n"));
    assert!(last.contains("CMD [\"wares\", \"health\"]"));
    for line in dockerfile.lines().filter(|line| line.starts_with("FROM ")) {
        assert!(line.contains(':') && !line.contains(":latest"), "{line}");
    }
    let rust = read("Cargo.toml");
    let (_, version) = rust.split_once("rust-version = \"").unwrap();
    let (version, _) = version.split_once('"').unwrap();
    assert!(
        dockerfile.contains(&format!("FROM rust:{version}-")),
        "{version}"
    );
}
