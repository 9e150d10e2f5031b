//! The table of changes, by which servers on PostgreSQL invalidate the caches of other servers.

use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgListener;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use wares::core::id::TypedId;
use wares::infra::database::{
    Address, Catalog, ChangeWatcher, Connection, Database, OldChanges, Transaction,
};

use crate::harness::cached_responses::{fill, kept, open};
use crate::harness::{App, Backend, Client, Mode, PgBouncer};
use crate::infra::read_cache_fresh::set_stock;

/// An application, and the connections of another process to its database.
async fn with_other_process() -> (App, Database) {
    let app = App::start(Backend::Postgres, &[]).await;
    fill(&app).await;
    let other = Database::connect(&app.address, 5).await.unwrap();
    (app, other)
}

/// Begins a transaction that changes the catalog. PostgreSQL gives it an id at once.
async fn begin_change(db: &Database) -> Transaction {
    let transaction = db.begin().await.unwrap();
    transaction.touch(Catalog::All);
    let sql = "SELECT pg_current_xact_id()";
    transaction.execute_unprepared(sql).await.unwrap();
    transaction
}

/// Whether a check of the watcher records changes.
async fn finds_changes(app: &App, watcher: &mut ChangeWatcher) -> bool {
    let before = app.state.db.changes().sequence();
    watcher.check().await.unwrap();
    app.state.db.changes().sequence() != before
}

#[tokio::test]
async fn transactions_that_end_in_another_order_than_they_began_are_all_seen_once() {
    let (app, other) = with_other_process().await;
    let mut watcher = app.state.db.watch().await.unwrap();
    assert!(!finds_changes(&app, &mut watcher).await);
    let first = begin_change(&other).await;
    let second = begin_change(&other).await;
    let third = begin_change(&other).await;
    assert!(!finds_changes(&app, &mut watcher).await);
    for transaction in [third, first] {
        transaction.commit().await.unwrap();
        assert!(finds_changes(&app, &mut watcher).await);
        assert!(!finds_changes(&app, &mut watcher).await);
    }
    set_stock(&other, 7).await;
    assert!(finds_changes(&app, &mut watcher).await);
    assert!(!finds_changes(&app, &mut watcher).await);
    second.commit().await.unwrap();
    assert!(finds_changes(&app, &mut watcher).await);
    assert!(!finds_changes(&app, &mut watcher).await);

    begin_change(&other).await.rollback().await.unwrap();
    assert!(!finds_changes(&app, &mut watcher).await);
    // Its own are counted when they commit.
    set_stock(&app.state.db, 8).await;
    assert!(!finds_changes(&app, &mut watcher).await);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn rows_that_a_read_cannot_hold_count_as_one_change_of_everything() {
    let (app, other) = with_other_process().await;
    let mut watcher = app.state.db.watch().await.unwrap();
    let before = app.state.db.changes().sequence();
    let work = begin_change(&other).await;
    let many = "INSERT INTO catalog_changes SELECT FROM generate_series(1, 1001)";
    work.execute_unprepared(many).await.unwrap();
    work.commit().await.unwrap();
    watcher.check().await.unwrap();
    assert_eq!(app.state.db.changes().sequence(), before + 1);
    assert!(!finds_changes(&app, &mut watcher).await);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn rows_of_a_restored_database_are_not_read_again_and_again() {
    let (app, other) = with_other_process().await;
    // A restored row has the id of a transaction of another server.
    let work = other.begin().await.unwrap();
    let restored = "INSERT INTO catalog_changes (transaction_id) VALUES ('1000000000000')";
    work.execute_unprepared(restored).await.unwrap();
    work.commit().await.unwrap();
    let mut watcher = app.state.db.watch().await.unwrap();
    assert!(!finds_changes(&app, &mut watcher).await);
    set_stock(&other, 7).await;
    assert!(finds_changes(&app, &mut watcher).await);
    assert!(!finds_changes(&app, &mut watcher).await);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn rows_are_deleted_once_all_servers_could_read_them() {
    let (app, other) = with_other_process().await;
    let mut old = OldChanges::default();
    let mut delete = async || {
        old.delete(&app.state.db).await.unwrap();
        app.count("catalog_changes").await
    };
    while delete().await > 0 {}
    let running = begin_change(&other).await;
    set_stock(&other, 1).await;
    // Visible, but later than a transaction that is running.
    for _ in 0..3 {
        assert_eq!(delete().await, 1);
    }
    running.commit().await.unwrap();
    assert_eq!(delete().await, 2);
    // Transactions that run in other databases of the server count too.
    for _ in 0..200 {
        if delete().await == 0 {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(delete().await, 0);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn servers_of_the_previous_version_are_notified_of_new_rows() {
    let (app, other) = with_other_process().await;
    let Address::Postgres(url) = &app.address else {
        panic!("it is PostgreSQL");
    };
    let mut old = OldChanges::default();
    // Transactions that run in other databases of the server keep rows new.
    while app.count("catalog_changes").await > 0 {
        old.delete(&app.state.db).await.unwrap();
        sleep(Duration::from_millis(20)).await;
    }
    let mut listener = PgListener::connect(url.expose()).await.unwrap();
    listener.listen("wares_catalogue").await.unwrap();
    old.delete(&app.state.db).await.unwrap();
    set_stock(&other, 3).await;
    let mut is_notified = async || {
        let wait = Duration::from_millis(300);
        timeout(wait, listener.recv())
            .await
            .is_ok_and(|received| received.is_ok())
    };
    assert!(!is_notified().await);
    old.delete(&app.state.db).await.unwrap();
    assert!(is_notified().await);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn transaction_leaves_one_row_and_no_open_transaction() {
    let app = App::start(Backend::Postgres, &[]).await;
    let root = fill(&app).await;
    let admin = app.admin().await;
    // Without those of transactions that do not change the catalog.
    let count = "SELECT count(*) FROM catalog_changes WHERE parts LIKE '% %'";
    let rows = async || app.sql_number(count).await;
    let input = json!({"name": "Mug", "price": "9.99", "stock": 5, "status": "ACTIVE", "categoryId": root.id.encode()});
    let mutate = async |name: &str, input: Value| {
        let before = rows().await;
        let payload = admin.run_mutation(name, input, "product { id }").await;
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(rows().await, before + 1, "{name}");
        payload["product"]["id"].clone()
    };
    let id = mutate("createProduct", input).await;
    mutate("adjustStock", json!({"id": id, "delta": 1})).await;
    mutate("updateProduct", json!({"id": id, "price": "8.99"})).await;
    let before = rows().await;
    app.customer().await;
    assert_eq!(rows().await, before);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    let begun = Instant::now();
    while app.sql_number(open).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(2));
        sleep(Duration::from_millis(5)).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn change_with_a_failed_statement_is_not_committed() {
    let (app, other) = with_other_process().await;
    let mut watcher = app.state.db.watch().await.unwrap();
    let work = begin_change(&other).await;
    work.execute_unprepared("UPDATE products SET name = 'Torch'")
        .await
        .unwrap();
    work.execute_unprepared("SELECT 1 / 0").await.unwrap_err();
    work.commit().await.unwrap_err();
    assert!(!finds_changes(&app, &mut watcher).await);
    assert_eq!(
        app.sql_number("SELECT count(*) FROM products WHERE name = 'Torch'")
            .await,
        0
    );
    // The connection is in order.
    for stock in 1..10 {
        set_stock(&other, stock).await;
    }
    assert!(finds_changes(&app, &mut watcher).await);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn watch_through_a_pooler_in_transaction_mode_sees_changes() {
    let (app, other) = with_other_process().await;
    let pool = PgBouncer::before(&app.address, Mode::Transaction, "");
    let pooled = Database::connect(&pool.address, 1).await.unwrap();
    let mut watcher = pooled.watch().await.unwrap();
    set_stock(&other, 7).await;
    let before = pooled.changes().sequence();
    watcher.check().await.unwrap();
    assert_ne!(pooled.changes().sequence(), before);
    pooled.close().await.unwrap();
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn unreported_changes_end_counts_but_no_pages_of_products() {
    let app = App::start(Backend::Postgres, &[]).await;
    open(&app).await;
    let client: Client = app.anonymous();
    let is_cached = async |query: &str| {
        let ask = async || client.send(query, json!({})).await;
        kept(&app, ask).await;
        app.state.db.changes().note_unreported();
        app.record_statements(ask()).await.is_empty()
    };
    for query in [
        "{ products { totalCount } }",
        "{ categories { totalCount } }",
    ] {
        assert!(!is_cached(query).await, "{query}");
    }
    // A busy machine, on which the cache is disabled for a moment, gets several attempts.
    let page = "{ product(slug: \"lamp\") { name } }";
    let mut attempts = 0;
    while !is_cached(page).await {
        attempts += 1;
        assert!(attempts < 20);
    }
    app.stop().await;
}
