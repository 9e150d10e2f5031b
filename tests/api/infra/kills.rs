//! Kills a server repeatedly while it writes: acknowledged writes are stored, and no write is stored partially.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use wares::accounts::user::Role;
use wares::infra::database::Address;

use crate::harness::{
    App, Backend, Process, database_flag, empty_database, fresh_database, post_with_token,
};

const ADMIN: &str = "admin@example.com";
/// The number of concurrent writers.
const WRITERS: usize = 3;
/// The timeout of a start, with a margin for slow machines.
const START: Duration = Duration::from_secs(20);

/// The number of kills. More by hand: see CONTRIBUTING.md.
fn rounds() -> usize {
    let asked = std::env::var("WARES_TEST_KILLS").ok();
    asked.map_or(6, |asked| asked.parse().unwrap())
}

/// Creates products until the server is killed, and records acknowledged ones.
fn write(address: &str, token: &str, home: &str, number: &AtomicUsize, known: &Mutex<Vec<String>>) {
    loop {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) { product { id } userErrors { code } } }";
        let input = json!({"name": format!("Kettle {number}"), "price": "9.50", "status": "ACTIVE", "categoryId": home});
        let body = json!({"query": query, "variables": {"input": input}});
        let Some(response) = post_with_token(address, token, &body) else {
            return;
        };
        let made = &response["data"]["createProduct"]["product"]["id"];
        let made = made.as_str().unwrap_or_else(|| panic!("{response}"));
        known.lock().unwrap().push(made.to_owned());
    }
}

async fn kill_while_it_writes(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(backend, folder.path()).await;
    let app = App::on_database(backend, address.clone(), &[]).await;
    app.user(ADMIN, Role::Admin).await;
    let home = app.shop().root("home", 0).await;
    let home = wares::core::id::TypedId::encode(home.id);
    app.stop().await;
    let flag = database_flag(&address);
    let flags = [
        flag.as_str(),
        "--demo=off",
        "--log=warn,wares::server=info",
        // One token for all rounds.
        "--access-token-lifetime=24h",
    ];

    let (number, known) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let mut token = None;
    let mut slowest = Duration::ZERO;
    for round in 0..rounds() {
        let begun = Instant::now();
        let server = Process::serve(folder.path(), &flags);
        slowest = slowest.max(begun.elapsed());
        assert!(begun.elapsed() < START, "{:?}", begun.elapsed());
        let token = token.get_or_insert_with(|| server.sign_in(ADMIN));
        let before = known.lock().unwrap().len();
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| write(&server.address, token, &home, &number, &known));
            }
            let begun = Instant::now();
            while known.lock().unwrap().len() < before + 5 {
                assert!(begun.elapsed() < START, "nothing is written");
                std::thread::sleep(Duration::from_millis(1));
            }
            // At a different moment in each round.
            std::thread::sleep(Duration::from_micros(
                u64::try_from(round).unwrap() * 7_919 % 100_000,
            ));
            server.signal("KILL");
        });
    }
    let known = known.lock().unwrap().clone();
    println!(
        "{backend:?}: {} acknowledged, slowest start {slowest:?}",
        known.len()
    );
    check(backend, address, &known).await;
}

async fn check(backend: Backend, address: Address, known: &[String]) {
    // Not a server, which would repair the data at startup.
    let app = App::on_database(backend, address, &[]).await;
    let shop = app.anonymous();
    for ids in known.chunks(50) {
        let data = shop
            .data(
                "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
                json!({ "ids": ids }),
            )
            .await;
        for (id, node) in ids.iter().zip(data["nodes"].as_array().unwrap()) {
            assert_eq!(
                node["id"],
                id.as_str(),
                "{backend:?}: an acknowledged product is lost"
            );
        }
    }
    let count = app.count("products").await;
    assert!(count >= i64::try_from(known.len()).unwrap());
    let placed = app
        .sql_number("SELECT count(DISTINCT product_id) FROM product_categories")
        .await;
    let noted = "SELECT count(*) FROM audit_log WHERE action = 'createProduct'";
    assert_eq!((placed, app.sql_number(noted).await), (count, count));
    let found = shop
        .data("{ products(search: \"kettle\") { totalCount } }", json!({}))
        .await;
    assert_eq!(found["products"]["totalCount"], count);
    if backend == Backend::Sqlite {
        let sound = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
        assert_eq!(app.sql_number(sound).await, 1);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_kill_on_sqlite() {
    kill_while_it_writes(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_kill_on_postgresql() {
    kill_while_it_writes(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_migration_is_atomic() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let flag = database_flag(&empty_database(backend, folder.path()).await);
        let status = || {
            let output = Process::run(folder.path(), &["migrate", "status", &flag]);
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8(output.stdout).unwrap();
            let count = |word: &str| said.lines().filter(|line| line.starts_with(word)).count();
            (count("applied"), count("pending"))
        };
        let (_, all) = status();
        for millis in [5, 15, 25, 40, 60, 90, 130, 180] {
            let mut up = Process::command(folder.path(), &["migrate", "up", &flag])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(millis));
            // The migration may be complete.
            up.kill().unwrap();
            up.wait().unwrap();
            let (applied, pending) = status();
            assert!(
                (applied, pending) == (0, all) || (applied, pending) == (all, 0),
                "{backend:?}: {applied}"
            );
        }
        let up = Process::run(folder.path(), &["migrate", "up", &flag]);
        assert!(up.status.success(), "{up:?}");
        assert_eq!(status(), (all, 0));
    }
}
