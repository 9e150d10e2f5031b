//! The connection pooler `PgBouncer`, in both of its modes.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sea_orm::{DbBackend, Statement};
use serde_json::json;
use wares::config::Pooler;
use wares::core::id::TypedId;
use wares::infra::database::{Connection, ConnectionOptions, Database};

use crate::harness::cached_responses::{kept, open};
use crate::harness::{App, Backend, Mode, PgBouncer, Process, database_flag, empty_database};
use crate::infra::read_cache_fresh::{STOCK, ask};

/// The number of clients, and of mutations per client.
const CLIENTS: usize = 8;
const MUTATIONS: usize = 63;

/// Settings with which `PgBouncer` accepts connections with startup parameters, and ignores the parameters.
const IGNORING: &str = "ignore_startup_parameters=extra_float_digits,options";

/// Checks that each mutation of several clients of two servers is acknowledged and stored, and that reads between
/// them succeed.
async fn assert_serves(mode: Mode, settings: &str, pooler: &str) {
    let direct = App::start(Backend::Postgres, &[]).await;
    let pool = PgBouncer::before(&direct.address, mode, settings);
    let flags = [pooler];
    let app = App::on_database(Backend::Postgres, pool.address.clone(), &flags).await;
    let other = App::on_database(Backend::Postgres, pool.address.clone(), &flags).await;
    let root = app.shop().root("root", 0).await;
    app.start_change_watcher();
    other.start_change_watcher();
    let category = root.id.encode();
    let clients = [app.admin().await, other.admin().await];
    let work = (0..CLIENTS).map(|number| {
        let client = &clients[number % 2];
        let reader = [&app, &other][number % 2].anonymous();
        let category = &category;
        async move {
            for count in 0..MUTATIONS {
                let name = format!("Lamp {number} {count}");
                let input =
                    json!({"name": name, "price": "9.99", "stock": 1, "categoryId": category});
                let payload = client
                    .run_mutation("createProduct", input, "product { id }")
                    .await;
                let id = &payload["product"]["id"];
                let document =
                    "query($id: ID!) { product(id: $id) { name } products { totalCount } }";
                let found = client.data(document, json!({"id": id})).await;
                assert_eq!(found["product"]["name"], json!(name));
                let listed = reader.data("{ products { totalCount } }", json!({})).await;
                assert!(listed["products"]["totalCount"].as_u64().is_some());
            }
        }
    });
    join_all(work).await;
    let all = i64::try_from(CLIENTS * MUTATIONS).unwrap();
    assert_eq!(direct.count("products").await, all);
    app.stop().await;
    other.stop().await;
    direct.stop().await;
}

#[tokio::test]
async fn every_mutation_is_acknowledged_and_stored_in_transaction_mode() {
    assert_serves(Mode::Transaction, IGNORING, "--database-pooler=auto").await;
}

#[tokio::test]
async fn every_mutation_is_acknowledged_and_stored_where_startup_options_are_refused() {
    assert_serves(Mode::Transaction, "", "--database-pooler=auto").await;
}

#[tokio::test]
async fn every_mutation_is_acknowledged_and_stored_with_the_pooler_named_in_the_settings() {
    assert_serves(Mode::Transaction, IGNORING, "--database-pooler=transaction").await;
}

#[tokio::test]
async fn every_mutation_is_acknowledged_and_stored_in_session_mode() {
    assert_serves(Mode::Session, IGNORING, "--database-pooler=auto").await;
}

#[tokio::test]
async fn session_mode_works_without_detection() {
    assert_serves(Mode::Session, IGNORING, "--database-pooler=none").await;
}

#[tokio::test]
async fn servers_behind_a_pooler_see_each_others_changes() {
    let direct = App::start(Backend::Postgres, &[]).await;
    open(&direct).await;
    let pool = PgBouncer::before(&direct.address, Mode::Transaction, IGNORING);
    let app = App::on_database(Backend::Postgres, pool.address.clone(), &[]).await;
    let other = App::on_database(Backend::Postgres, pool.address.clone(), &[]).await;
    app.start_change_watcher();
    other.start_change_watcher();
    let mutate = async |by: &App, stock: i64| {
        let sql = format!("UPDATE products SET stock = {stock} WHERE slug = 'lamp'");
        by.sql(&sql).await;
    };
    // One server is connected to PostgreSQL directly.
    let all = [&app, &other, &direct];
    for round in 0_usize..9 {
        let stock = i64::try_from(round).unwrap() + 100;
        for watching in all {
            let client = watching.anonymous();
            kept(watching, async || client.send(STOCK, json!({})).await).await;
        }
        mutate(all[round % 3], stock).await;
        assert_eq!(ask(&all[round % 3].anonymous()).await, stock);
        for watching in all {
            let begun = Instant::now();
            while ask(&watching.anonymous()).await != stock {
                assert!(begun.elapsed() < Duration::from_secs(5), "{round}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
    for app in [app, other, direct] {
        app.stop().await;
    }
}

/// Returns the settings in effect for a statement.
async fn settings(connection: &impl Connection) -> String {
    let sql = "SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'),
        current_setting('jit'), current_setting('transaction_isolation'))";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = connection.query_one_raw(statement).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn transactions_through_a_pooler_have_the_timeouts_of_sessions() {
    let direct = App::start(Backend::Postgres, &[]).await;
    let pool = PgBouncer::before(&direct.address, Mode::Transaction, IGNORING);
    let connecting = ConnectionOptions {
        max_connections: 2,
        max_statement_time: Some(Duration::from_millis(1234)),
        pooler: Pooler::Auto,
    };
    let db = Database::connect_with_options(&pool.address, connecting)
        .await
        .unwrap();
    assert!(db.is_pooled());
    let expected = "1234ms 5s off read committed";
    assert_eq!(settings(db.reader()).await, expected);
    let writing = db.begin().await.unwrap();
    assert_eq!(settings(&writing).await, expected);
    writing.rollback().await.unwrap();
    let reading = db.begin_snapshot().await.unwrap();
    assert_eq!(settings(&reading).await, "0 5s off repeatable read");
    reading.rollback().await.unwrap();
    db.close().await.unwrap();
    let straight = Database::connect(&direct.address, 1).await.unwrap();
    assert!(!straight.is_pooled());
    straight.close().await.unwrap();
    direct.stop().await;
}

#[tokio::test]
async fn commands_and_a_server_work_through_a_pooler_and_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let empty = empty_database(Backend::Postgres, folder.path()).await;
    let pool = PgBouncer::before(&empty, Mode::Transaction, IGNORING);
    let flag = database_flag(&pool.address);
    let printed = |arguments: &[&str]| {
        let output = Process::run(folder.path(), &[arguments, &[&flag]].concat());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let (migrated, log) = printed(&["migrate", "up"]);
    assert!(migrated.contains("migrations applied"), "{migrated}");
    assert!(
        log.contains("connected through a connection pooler"),
        "{log}"
    );
    let (status, _) = printed(&["migrate", "status"]);
    assert!(!status.contains("pending"), "{status}");
    let (checked, _) = printed(&["check"]);
    let expected = "PostgreSQL through a connection pooler with prices in USD, with all migrations";
    assert!(checked.contains(expected), "{checked}");
    let (filled, _) = printed(&["demo"]);
    assert!(filled.contains("products in"), "{filled}");
    let (exported, _) = printed(&["export"]);
    assert!(exported.lines().count() > 50);
    let server = Process::serve(folder.path(), &[&flag]);
    assert!(
        server
            .log()
            .contains("connected through a connection pooler")
    );
}
