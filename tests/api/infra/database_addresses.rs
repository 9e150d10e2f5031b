//! `DATABASE_URL` in forms that other programs write: accepted, or refused with the reason.

use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::ConnectionTrait;
use wares::infra::database::{Address, Database};

use crate::harness::{
    Backend, Process, database_flag, empty_database, error_line, fresh_database, postgres_database,
};

fn status(folder: &Path, url: &str) -> std::process::Output {
    let mut command = Process::command(folder, &["migrate", "status"]);
    command.env("DATABASE_URL", url).output().unwrap()
}

#[test]
fn sqlite_urls_of_all_forms_open_the_file() {
    for (url, file) in [
        ("sqlite:shop.db", "shop.db"),
        ("sqlite://shop.db", "shop.db"),
        ("sqlite://./shop.db?mode=rwc", "shop.db"),
        ("SQLite://./shop.db?mode=rwc&cache=private", "shop.db"),
        ("sqlite:///{folder}/shop.db", "shop.db"),
        ("sqlite:////{folder}/shop.db?mode=rwc", "shop.db"),
        ("sqlite:{folder}/shop.db", "shop.db"),
        ("sqlite:///./shop.db", "shop.db"),
        ("sqlite+aiosqlite:///shop.db", "shop.db"),
        ("sqlite+aiosqlite:///./shop.db", "shop.db"),
        ("sqlite+aiosqlite:////{folder}/shop.db", "shop.db"),
        ("sqlite+pysqlite:///shop.db", "shop.db"),
        ("file:./shop.db", "shop.db"),
        ("file://localhost/{folder}/shop.db", "shop.db"),
        ("sqlite://my%20shop%3F.db", "my shop?.db"),
        ("sqlite://l%C3%A4den.db", "läden.db"),
        ("  sqlite://shop.db\n", "shop.db"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().trim_start_matches('/');
        let url = match url.strip_prefix("sqlite:{folder}") {
            Some(rest) => format!("sqlite:/{path}{rest}"),
            None => url.replace("{folder}", path),
        };
        let output = status(folder.path(), &url);
        assert!(output.status.success(), "{url}: {output:?}");
        assert!(folder.path().join(file).exists(), "{url}");
        // With mode=rw the file must exist, and it does.
        let separator = if url.contains('?') { '&' } else { '?' };
        let again = status(folder.path(), &format!("{}{separator}mode=rw", url.trim()));
        assert!(again.status.success(), "{url}: {again:?}");
    }
}

/// Refused URLs, each with words of the reason.
const REFUSED: &[(&str, &str)] = &[
    ("sqlite::memory:", "in memory"),
    ("sqlite://:memory:", "in memory"),
    ("sqlite://", "in memory"),
    ("sqlite+aiosqlite://", "in memory"),
    ("sqlite+aiosqlite:///:memory:", "in memory"),
    ("sqlite://shop.db?mode=memory&cache=shared", "in memory"),
    ("sqlite://shop.db?mode=ro", "Wares writes"),
    ("sqlite://shop.db?mode=rw", "there is no file"),
    ("sqlite://shop.db?mode=fast", "mode must be"),
    ("sqlite://shop.db?cache=shared", "cache=private"),
    ("sqlite://shop.db?immutable=1", "immutable"),
    ("sqlite://shop.db?_journal=WAL", "_journal is not supported"),
    ("sqlite://shop%00.db", "NUL"),
    ("sqlite://data/", "folder"),
    ("sqlite+aiosqlite://host/shop.db", "three slashes"),
    ("sqlite3:shop.db", "sqlite://"),
    ("./shop.db", "must begin with"),
    ("hunter2", "must begin with"),
    (
        "host=db dbname=shop user=shop password=hunter2",
        "a list of names and values",
    ),
    ("mysql://shop:hunter2@db/shop", "mysql is not supported"),
    (
        "mysql+aiomysql://shop:hunter2@db/shop",
        "mysql is not supported",
    ),
    (
        "jdbc:postgresql://db/shop?user=shop&password=hunter2",
        "leave out jdbc:",
    ),
    ("postgis://shop:hunter2@db/shop", "postgres://"),
    ("\"postgres://shop:hunter2@db/shop\"", "quotation mark"),
    ("postgres:shop:hunter2@db/shop", "two slashes"),
    ("postgres://shop:hun#ter2@db/shop", "percent-encoded"),
    ("postgres://shop:hun/ter2@db/shop", "percent-encoded"),
    ("postgres://shop:hun?ter2@db/shop", "percent-encoded"),
    ("postgres://shop:hunter2@[db/shop", "percent-encoded"),
    ("postgres://shop:hunter2@db:hunter2/shop", "percent-encoded"),
    (
        "postgres://shop:hunter2@a,hunter2:hunter2/shop",
        "percent-encoded",
    ),
    ("postgres://shop:hunter2@a,,b/shop", "percent-encoded"),
    ("postgres://shop:hunter2@a,b/shop?port=1", "several hosts"),
    (
        "postgres://shop:hunter2@%2Fno%2Fsuch,%2Fno%2Ffolder/shop",
        "server 2:",
    ),
    (
        "postgres://shop:hunter2@db/shop?target_session_attrs=hunter2",
        "target_session_attrs must be read-write",
    ),
    ("postgres://shop:hunter2@/shop?host=a,b", "several hosts"),
    (
        "postgres://shop:hunter2@db/shop?sslmode=no-verify",
        "sslmode must be one of",
    ),
    (
        "postgres://shop:hunter2@db/shop?ssl=maybe",
        "ssl must be one of",
    ),
    (
        "postgres://shop:hunter2@db/shop?sslmod=require",
        "Did you mean sslmode?",
    ),
    (
        "postgres://shop:hunter2@db/shop?sslpassword=hunter2",
        "sslpassword is not supported",
    ),
    (
        "postgres://shop:hunter2@db/shop?hunter2=1",
        "parameter 1 after the question mark",
    ),
    (
        "postgres://shop:hunter2@db/shop?sslmode=require&hunter2",
        "parameter 2 after the question mark",
    ),
    (
        "postgres://shop:hunter2@db/shop?channel_binding=require",
        "verify-full",
    ),
    (
        "postgres://shop:hunter2@db/shop?target_session_attrs=read-only",
        "Wares writes",
    ),
    (
        "postgres://shop:hunter2@db/shop?client_encoding=latin1",
        "must be UTF8",
    ),
    (
        "postgres://shop:hunter2@db/shop?schema=other",
        "search_path",
    ),
    (
        "postgres://shop:hunter2@db/shop?connection_limit=5",
        "DATABASE_MAX_CONNECTIONS",
    ),
    (
        "postgres://shop:hunter2@db/shop?sslrootcert=system",
        "name the file",
    ),
    (
        "postgres://shop:hunter2@db/shop?port=many",
        "port is not a number",
    ),
    (
        "postgres://shop:hunter2@%2Fno%2Fsuch%2Ffolder/shop",
        "can't connect",
    ),
    (
        "postgresql:///shop?host=/no/such/folder&user=shop&password=hunter2",
        "can't connect",
    ),
];

#[test]
fn invalid_database_urls_are_refused_without_showing_the_password() {
    for (url, reason) in REFUSED {
        let folder = tempfile::tempdir().unwrap();
        let output = status(folder.path(), url);
        let line = error_line(&output);
        assert!(
            line.contains("DATABASE_URL") && line.contains(reason),
            "{url}: {line}"
        );
        let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!all.contains("hunter2") && !all.contains("ter2@"), "{all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_urls_of_all_forms_connect() {
    let folder = tempfile::tempdir().unwrap();
    let Address::Postgres(url) = fresh_database(Backend::Postgres, folder.path()).await else {
        panic!("not PostgreSQL");
    };
    let rest = url.expose().split_once("://").unwrap().1.to_owned();
    let (user, rest_of) = rest.split_once('@').unwrap();
    let (name, password) = user.split_once(':').unwrap();
    let (host, database) = rest_of.split_once('/').unwrap();
    let (host, port) = host.split_once(':').unwrap();
    let encoded = utf8_percent_encode(password, NON_ALPHANUMERIC);
    for url in [
        format!("postgresql://{rest}"),
        format!("postgresql+asyncpg://{rest}"),
        format!("postgresql+psycopg://{rest}"),
        format!(
            "PostgreSQL+psycopg2://{rest}?sslmode=prefer&connect_timeout=5&client_encoding=utf8"
        ),
        format!(
            "postgres://{rest}?ssl=false&application_name=shop&keepalives=1&target_session_attrs=read-write"
        ),
        format!("postgres://{rest}?schema=public&pgbouncer=true&statement_cache_size=0"),
        format!("postgres://{rest}?options=-c%20work_mem%3D8MB"),
        format!("postgres://{name}:{encoded}@{host}:{port}/{database}"),
        format!("postgresql:///{database}?host={host}&port={port}&user={name}&password={password}"),
        format!("postgresql://{name}:{encoded}@/{database}?host={host}&port={port}"),
        format!("postgresql://{name}:{encoded}@:{port}/{database}?host={host}"),
        format!("postgresql://{name}@{host}:{port}/?dbname={database}&password={password}"),
    ] {
        let output = status(folder.path(), &url);
        assert!(output.status.success(), "{url}: {output:?}");
        let status = String::from_utf8(output.stdout).unwrap();
        assert!(
            status.contains("applied") && !status.contains("pending"),
            "{url}: {status}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_with_another_encoding_than_utf8_is_refused() {
    for encoding in ["SQL_ASCII", "LATIN1"] {
        let options =
            format!("ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0");
        let flag = database_flag(&postgres_database(&options).await);
        let folder = tempfile::tempdir().unwrap();
        for command in [
            ["migrate", "up"].as_slice(),
            &["serve", "--listen=127.0.0.1:0"],
            &["export"],
        ] {
            let arguments = [&[flag.as_str()], command].concat();
            let line = error_line(&Process::run(folder.path(), &arguments));
            assert!(line.contains(encoding) && line.contains("UTF8"), "{line}");
        }
        let check = Process::run(folder.path(), &["check", &flag]);
        let said = String::from_utf8(check.stdout).unwrap();
        let line = said
            .lines()
            .find(|line| line.starts_with("FAILED database"));
        assert!(line.is_some_and(|line| line.contains(encoding)), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn default_isolation_level_is_overridden() {
    for level in ["serializable", "repeatable read"] {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(Backend::Postgres, folder.path()).await;
        let Address::Postgres(url) = &address else {
            panic!("not PostgreSQL");
        };
        let set = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', current_database(), 'LEVEL'); END $$";
        let connection = sea_orm::Database::connect(url.expose()).await.unwrap();
        connection
            .execute_unprepared(&set.replace("LEVEL", level))
            .await
            .unwrap();
        connection.close().await.unwrap();

        let db = Database::connect(&address, 2).await.unwrap();
        assert_eq!(db.overridden_isolation(), Some(level));
        let show = "SELECT current_setting('transaction_isolation')";
        let show = || sea_orm::Statement::from_string(db.backend(), show);
        let transaction = db.begin().await.unwrap();
        let rows = [
            db.reader().query_one_raw(show()).await.unwrap(),
            transaction.query_one_raw(show()).await.unwrap(),
        ];
        for row in rows {
            let used: String = row.unwrap().try_get_by_index(0).unwrap();
            assert_eq!(used, "read committed");
        }
        transaction.rollback().await.unwrap();
        db.close().await.unwrap();
        let check = Process::run(folder.path(), &["check", &database_flag(&address)]);
        let said = String::from_utf8(check.stdout).unwrap();
        let line = said
            .lines()
            .find(|line| line.starts_with("ok     database"));
        assert!(line.is_some_and(|line| line.contains(level)), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_with_foreign_tables_is_not_migrated() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let address = empty_database(backend, folder.path()).await;
        let db = Database::connect(&address, 1).await.unwrap();
        let transaction = db.begin().await.unwrap();
        transaction
            .execute_unprepared("CREATE TABLE users (email text)")
            .await
            .unwrap();
        transaction.commit_without_records().await.unwrap();
        db.close().await.unwrap();
        let flag = database_flag(&address);
        for arguments in [
            ["migrate", "up"].as_slice(),
            &["serve", "--listen=127.0.0.1:0"],
        ] {
            let arguments = [&[flag.as_str()], arguments].concat();
            let line = error_line(&Process::run(folder.path(), &arguments));
            assert!(
                line.contains("a table users that another program created"),
                "{line}"
            );
        }
    }
}
