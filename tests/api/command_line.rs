//! The program as an operator meets it: its commands, its first start, its refusals and its end.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wares::database::{Address, Database};

use crate::harness::{Backend, Process, empty_database, fresh_database, http_get};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The one line that a refused start leaves on standard error.
fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    let lines: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("wares: "))
        .collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert_eq!(said.lines().last(), Some(lines[0]));
    lines[0].to_owned()
}

fn run(arguments: &[&str]) -> Output {
    Process::run(folder().path(), arguments)
}

/// The flag for a database, with the address that belongs to it.
fn database_flag(address: &Address) -> String {
    match address {
        Address::Sqlite(path) => format!("--database-url=sqlite://{}", path.display()),
        Address::Postgres(url) => format!("--database-url={}", url.expose()),
    }
}

#[test]
fn the_first_start_opens_a_shop_and_the_second_finds_it_again() {
    let folder = folder();
    for _ in 0..2 {
        let mut server = Process::serve(folder.path(), &[]);
        assert!(folder.path().join("data/wares.db").exists());
        let answer = http_get(
            &server.address,
            "/graphql?query=%7Bproducts%7BtotalCount%7D%7D",
        );
        assert!(
            answer.contains("{\"data\":{\"products\":{\"totalCount\":48}}}"),
            "{answer}"
        );
        assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
        server.signal("TERM");
        assert!(server.wait());
    }
}

#[test]
fn a_newcomer_is_told_where_to_go() {
    let folder = folder();
    let mut child = Process::command(
        folder.path(),
        &["--listen=127.0.0.1:0", "--shop-name=Corner"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let mut said = String::new();
    let mut stdout = child.stdout.take().unwrap();
    while !said.contains("Ctrl+C") {
        let mut bytes = [0; 1024];
        let count = stdout.read(&mut bytes).unwrap();
        assert!(count > 0, "{said}");
        said.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains("Corner is open"), "{said}");
    assert!(said.contains("/graphql, in a browser"), "{said}");
    let data = folder.path().join("data/wares.db").canonicalize().unwrap();
    assert!(said.contains(data.to_str().unwrap()), "{said}");
}

#[test]
fn a_server_whose_words_nobody_reads_serves() {
    let folder = folder();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = Process::command(folder.path(), &["schema"]);
    let line = refusal(&command.stdout(full.try_clone().unwrap()).output().unwrap());
    assert!(line.contains("standard output"), "{line}");
    // `serve` itself is started with nobody reading in every other test; here the words fail.
    let server = Process::serve_with(folder.path(), &[], full.into());
    assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_port_that_is_taken_is_told_in_a_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refusal(&run(&[&format!("--listen={address}")]));
    assert!(
        line.contains(&address) && line.contains("Address already in use"),
        "{line}"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_told_in_a_line() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let line = refusal(&Process::run(folder.path(), &["--data-dir=file/data"]));
    assert!(line.contains("file/data"), "{line}");
    // What root may do anyway can't be forbidden to it by permissions; a folder in the place of the file can.
    std::fs::create_dir_all(folder.path().join("data/wares.db")).unwrap();
    let line = refusal(&Process::run(folder.path(), &["--data-dir=data"]));
    assert!(line.contains("can't open the SQLite database"), "{line}");
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(closed.join("probe"), "").is_err() {
        let line = refusal(&Process::run(folder.path(), &["--data-dir=closed"]));
        assert!(line.contains("closed"), "{line}");
    }
}

#[test]
fn a_wrong_setting_is_told_in_a_line_that_names_it() {
    for (argument, name) in [
        ("--listen=nowhere", "WARES_LISTEN"),
        ("--env=staging", "WARES_ENV"),
        ("--env=staging", "development, production"),
        ("--shop-currency=usd", "SHOP_CURRENCY"),
        ("--shop-currency=XXX", "SHOP_CURRENCY"),
        ("--demo=perhaps", "WARES_DEMO"),
        ("--frontend-urls=shop.example", "FRONTEND_URLS"),
        ("--public-url=ftp://shop.example", "PUBLIC_URL"),
        ("--database-max-connections=0", "DATABASE_MAX_CONNECTIONS"),
        ("--database-url=mysql://shop", "DATABASE_URL"),
        ("--database-url=sqlite::memory:", "DATABASE_URL"),
        ("--log=wares=loud=loud", "RUST_LOG"),
        ("--unknown=1", "--unknown"),
    ] {
        let line = refusal(&run(&[argument]));
        assert!(line.contains(name), "{argument}: {line}");
    }
    let folder = folder();
    let with = |value: &str| {
        let mut command = Process::command(folder.path(), &["migrate", "status"]);
        command.env("GRAPHIQL", value).output().unwrap()
    };
    assert!(refusal(&with("maybe")).contains("GRAPHIQL"));
    for fine in ["off", "false", ""] {
        assert!(with(fine).status.success());
    }
    std::fs::write(folder.path().join(".env"), "SHOP_CURRENCY=pounds\n").unwrap();
    assert!(refusal(&Process::run(folder.path(), &[])).contains("SHOP_CURRENCY"));
    std::fs::write(folder.path().join(".env"), "this is no setting\n").unwrap();
    assert!(refusal(&Process::run(folder.path(), &[])).contains(".env"));
}

#[test]
fn a_password_is_never_shown() {
    for arguments in [
        [
            "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop",
            "migrate",
            "status",
        ]
        .as_slice(),
        &["--database-url=mysql://shop:hunter2@127.0.0.1:1/shop"],
        &["--database-url=postgres://shop:hunter2@[broken/shop"],
        &[
            "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop?sslpassword=hunter2&Password=hunter2",
        ],
        &[
            "--log=trace",
            "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop?sslpassword=hunter2",
        ],
    ] {
        let output = run(arguments);
        let line = refusal(&output);
        let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!all.contains("hunter2"), "{all}");
        assert!(line.contains("DATABASE_URL"), "{line}");
    }
    let folder = folder();
    let output = Process::command(folder.path(), &["--help"])
        .env("DATABASE_URL", "postgres://shop:hunter2@127.0.0.1/shop")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && help.contains("DATABASE_URL"));
    assert!(!help.contains("hunter2"));
}

#[test]
fn every_setting_is_told_alike_by_the_help_the_readme_and_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let (example, readme) = (read(".env.example"), read("README.md"));
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let mut settings = Vec::new();
    // A paragraph a setting: flag, meaning, variable, default.
    for paragraph in help.split("\n      --").skip(1) {
        let value = |name: &str| {
            let (_, rest) = paragraph.split_once(&format!("[{name}: "))?;
            rest.split([']', '=']).next()
        };
        let variable = value("env").unwrap();
        let meaning = paragraph.lines().nth(1).unwrap().trim();
        assert!(meaning.len() > 20, "{variable}: {meaning}");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{variable}` |")));
        let row = row.unwrap_or_else(|| panic!("README.md lacks {variable}"));
        let line = example
            .lines()
            .find(|line| line.starts_with(&format!("#{variable}=")));
        let line = line.unwrap_or_else(|| panic!(".env.example lacks {variable}"));
        if let Some(default) = value("default") {
            assert!(
                row.contains(&format!("| `{default}` |")),
                "{default} in {row}"
            );
            assert_eq!(line, format!("#{variable}={default}"));
        }
        settings.push(variable);
    }
    assert!(settings.len() >= 15, "{help}");
    let told = readme
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains('_'));
    for row in told {
        let variable = row.split('`').nth(1).unwrap();
        assert!(
            settings.contains(&variable),
            "README.md has {variable}, which is no setting"
        );
    }
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["schema"]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        wares::schema::sdl()
    );
}

#[tokio::test]
async fn migrations_go_up_and_down_on_both_databases() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = folder();
        let flag = database_flag(&empty_database(backend, folder.path()).await);
        let migrate = |arguments: &[&str]| {
            let arguments = [&[flag.as_str(), "migrate"], arguments].concat();
            let output = Process::run(folder.path(), &arguments);
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let status = migrate(&["status"]);
        assert_eq!(
            (
                status.matches("pending").count(),
                status.matches("applied").count()
            ),
            (3, 0)
        );
        let line = refusal(&Process::run(folder.path(), &[&flag, "--migrate=off"]));
        assert!(line.contains("wares migrate up"), "{line}");
        let line = refusal(&Process::run(folder.path(), &[&flag, "demo"]));
        assert!(line.contains("wares migrate up"), "{line}");

        assert_eq!(migrate(&["up"]), "3 migrations applied\n");
        assert_eq!(migrate(&["up"]), "0 migrations applied\n");
        assert_eq!(migrate(&["status"]).matches("applied").count(), 3);
        let demo = Process::run(folder.path(), &[&flag, "demo"]);
        assert_eq!(
            String::from_utf8(demo.stdout).unwrap(),
            "62 products in 31 categories\n"
        );
        let line = refusal(&Process::run(folder.path(), &[&flag, "demo"]));
        assert!(line.contains("not empty"), "{line}");

        assert_eq!(migrate(&["down"]), "1 migrations taken back\n");
        assert_eq!(migrate(&["status"]).matches("pending").count(), 1);
        assert_eq!(migrate(&["down", "--steps=9"]), "2 migrations taken back\n");
        assert_eq!(migrate(&["up"]), "3 migrations applied\n");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = folder();
        let address = fresh_database(backend, folder.path()).await;
        let db = Database::connect(&address, 1).await.unwrap();
        let transaction = db.begin().await.unwrap();
        let insert = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_001_teleport', 0)";
        sea_orm::ConnectionTrait::execute_unprepared(&transaction, insert)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        db.close().await.unwrap();
        let flag = database_flag(&address);
        for arguments in [
            [flag.as_str()].as_slice(),
            &[&flag, "migrate", "up"],
            &[&flag, "migrate", "status"],
        ] {
            let line = refusal(&Process::run(folder.path(), arguments));
            assert!(line.contains("newer version of Wares"), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_servers_that_start_at_once_migrate_and_fill_once() {
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
            let answer = http_get(
                &server.address,
                "/graphql?query=%7Bproducts%7BtotalCount%7D%7D",
            );
            assert!(
                answer.contains("\"totalCount\":48"),
                "{backend:?}: {answer}"
            );
        }
    }
}

/// Begins a request whose body is still to come; the server has said that it waits for it.
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
    // No new ones from here on.
    let begun = Instant::now();
    while TcpStream::connect(&server.address).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it still listens");
        std::thread::sleep(Duration::from_millis(10));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"totalCount\":48"), "{answer}");
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
        assert!(begun.elapsed() < Duration::from_secs(5), "it still listens");
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
async fn a_statement_that_never_ends_does_not_hold_up_the_end() {
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
