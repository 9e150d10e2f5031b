//! Cached responses are never out of date.

use std::time::Duration;

use serde_json::json;
use wares::accounts::user::Role;
use wares::infra::database::{CATALOG_TABLES, Catalog, Connection, Database, StockChange};
use wares::server;

use crate::harness::cached_responses::{fill, kept, open};
use crate::harness::{App, Backend, Client, on_both_databases};

pub const STOCK: &str = "{ product(slug: \"lamp\") { name stock } }";

/// Returns the stock that a client gets.
pub async fn ask(client: &Client) -> i64 {
    let data = client.data(STOCK, json!({})).await;
    data["product"]["stock"].as_i64().unwrap()
}

/// Sets the stock.
pub async fn set_stock(db: &Database, stock: i64) {
    let transaction = db.begin().await.unwrap();
    transaction.touch(Catalog::All);
    let sql = format!("UPDATE products SET stock = {stock} WHERE slug = 'lamp'");
    transaction.execute_unprepared(&sql).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Whether the work counts as a change of the catalogue. Only without a watch, which counts changes by others too.
pub async fn changes(app: &App, work: impl Future) -> bool {
    let changes = app.state.db.changes();
    let before = changes.version().unwrap();
    work.await;
    changes.version().unwrap() != before
}

#[tokio::test]
async fn every_table_is_classified_as_catalogue_or_not() {
    let others = [
        "addresses",
        "audit_log",
        "avatars",
        "cart_lines",
        "carts",
        "catalog_changes",
        "code_failures",
        "counters",
        "discount_targets",
        "discount_uses",
        "discounts",
        "fulfillment_lines",
        "fulfillments",
        "idempotency_keys",
        "identities",
        "image_uploads",
        "known_networks",
        "leases",
        "oauth_codes",
        "one_time_codes",
        "order_discounts",
        "order_events",
        "order_lines",
        "order_taxes",
        "orders",
        "outbox",
        "payment_entries",
        "payments",
        "refund_lines",
        "refunds",
        "registrations",
        "seaql_migrations",
        "search_engine",
        "search_feed",
        "search_queue",
        "sessions",
        "shipping_rates",
        "shop",
        "stock_movements",
        "tax_classes",
        "tax_rates",
        "stripe_events",
        "test_payments",
        "test_refunds",
        "throttles",
        "used_oauth_flows",
        "users",
    ];
    on_both_databases(async |app| {
        let (names, kind) = match app.backend {
            Backend::Sqlite => ("name AS detail FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", "sqlite"),
            Backend::Postgres => ("tablename AS \"QUERY PLAN\" FROM pg_tables WHERE schemaname = 'public'", "postgres"),
        };
        let statement = sea_orm::Statement::from_string(app.state.db.backend(), format!("SELECT {names}"));
        let tables = app.query_plan_lines(statement).await;
        assert!(tables.len() > 10, "{kind}");
        // Tables that SQLite creates for a full-text index have its name as a prefix.
        let of_catalogue = |table: &str| {
            let mut all = CATALOG_TABLES.iter();
            all.any(|name| table == *name || table.starts_with(&format!("{name}_")))
        };
        let known = |table: &str| of_catalogue(table) || others.contains(&table);
        let unknown: Vec<_> = tables.iter().filter(|table| !known(table)).collect();
        // A new one that anything of the catalogue is read from belongs into `database::CATALOG_TABLES`.
        assert!(unknown.is_empty(), "{unknown:?}");
    })
    .await;
}

#[tokio::test]
async fn next_request_after_a_change_is_fresh() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        for stock in 10..30 {
            let (_, response) = kept(app, async || client.send(STOCK, json!({})).await).await;
            assert_ne!(response.json["data"]["product"]["stock"], stock);
            set_stock(&app.state.db, stock).await;
            assert_eq!(ask(&client).await, stock);
        }
    })
    .await;
}

#[tokio::test]
async fn reads_and_rollbacks_do_not_invalidate() {
    on_both_databases(async |app| {
        fill(app).await;
        let db = &app.state.db;
        let run = async |sql: &str| {
            let transaction = db.begin().await.unwrap();
            transaction.execute_unprepared(sql).await.unwrap();
            transaction
        };
        let change = async |sql: &str| {
            let transaction = run(sql).await;
            transaction.touch(Catalog::All);
            transaction
        };
        let read = async {
            let transaction = run("SELECT stock FROM products").await;
            transaction.commit().await.unwrap();
        };
        assert!(!changes(app, read).await);
        let other = app.user("new@shop.example", Role::Customer);
        assert!(!changes(app, other).await);
        let back = async {
            let transaction = change("UPDATE products SET stock = 99").await;
            transaction.rollback().await.unwrap();
            drop(change("DELETE FROM product_images").await);
        };
        assert!(!changes(app, back).await);
        // A nested transaction passes its changes to the outer one.
        let part = async {
            let transaction = db.begin().await.unwrap();
            let part = transaction.begin_nested().await.unwrap();
            let sql = "update \"products\" set stock = 98";
            part.execute_unprepared(sql).await.unwrap();
            part.touch(Catalog::All);
            let within = async { part.commit().await.unwrap() };
            assert!(!changes(app, within).await);
            transaction.commit().await.unwrap();
        };
        assert!(changes(app, part).await);
        assert_eq!(ask(&app.anonymous()).await, 98);
        // While one is being committed nobody knows how things stand.
        let transaction = change("UPDATE products SET stock = 97").await;
        let mut commit = Box::pin(transaction.commit());
        let mut unknown = false;
        while futures_util::poll!(&mut commit).is_pending() {
            unknown |= db.changes().version().is_none();
            tokio::task::yield_now().await;
        }
        assert!(unknown);
    })
    .await;
}

#[tokio::test]
async fn commit_of_a_cancelled_caller_invalidates() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let sql = "SELECT stock FROM products WHERE slug = 'lamp'";
        let mut done = 0;
        for stock in 10..40 {
            kept(app, async || client.send(STOCK, json!({})).await).await;
            let transaction = app.state.db.begin().await.unwrap();
            let update = format!("UPDATE products SET stock = {stock}");
            transaction.execute_unprepared(&update).await.unwrap();
            transaction.touch(Catalog::All);
            let mut commit = Box::pin(transaction.commit());
            // Every fourth is dropped once the commit runs in its own task, the others earlier. A number of polls
            // does not show how far a commit has come on a busy machine.
            let detached = stock % 4 == 3;
            for polls in 0.. {
                let committing = app.state.db.changes().version().is_none();
                if committing || (!detached && polls == stock % 4) {
                    break;
                }
                if futures_util::poll!(&mut commit).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(commit);
            // In any case the response is what the database contains.
            for _ in 0..5 {
                let before = app.sql_number(sql).await;
                let told = ask(&client).await;
                let after = app.sql_number(sql).await;
                assert!(
                    (before..=after).contains(&told),
                    "{told}: {before}, {after}"
                );
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            while app.state.db.changes().version().is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let committed = ask(&client).await == stock;
            assert!(committed || !detached, "{stock}");
            done += usize::from(committed);
        }
        assert!(done > 0);
    })
    .await;
}

#[tokio::test]
async fn each_part_of_the_catalogue_can_be_touched_alone() {
    on_both_databases(async |app| {
        let id = uuid::Uuid::now_v7();
        let stock = StockChange {
            before: 1,
            after: 2,
        };
        for part in [
            Catalog::Product(id),
            Catalog::Stock(id, stock),
            Catalog::Category(id),
            Catalog::All,
        ] {
            let touch = async {
                let transaction = app.state.db.begin().await.unwrap();
                transaction.touch(part);
                transaction.commit().await.unwrap();
            };
            assert!(changes(app, touch).await, "{part:?}");
        }
    })
    .await;
}

/// Debug builds only: the check is not part of a release.
#[cfg(debug_assertions)]
#[tokio::test]
async fn a_write_to_the_catalogue_without_a_touch_panics_and_is_rolled_back() {
    on_both_databases(async |app| {
        fill(app).await;
        let stock = ask(&app.anonymous()).await;
        for (sql, wrong_part) in [
            ("UPDATE products SET stock = 99", None),
            (
                "UPDATE products SET stock = 99",
                Some(Catalog::Category(uuid::Uuid::nil())),
            ),
            (
                "UPDATE categories SET version = 99",
                Some(Catalog::Product(uuid::Uuid::nil())),
            ),
        ] {
            let transaction = app.state.db.begin().await.unwrap();
            transaction.execute_unprepared(sql).await.unwrap();
            if let Some(part) = wrong_part {
                transaction.touch(part);
            }
            let committed = tokio::spawn(transaction.commit()).await;
            assert!(committed.unwrap_err().is_panic(), "{sql}");
        }
        assert_eq!(ask(&app.anonymous()).await, stock);
    })
    .await;
}

#[tokio::test]
async fn rebuilding_the_search_index_counts_as_a_change() {
    on_both_databases(async |app| {
        fill(app).await;
        for table in ["product_index", "category_index"] {
            app.sql(&format!("DELETE FROM {table}")).await;
            let rebuild = async { server::index_missing(&app.state.db).await.unwrap() };
            assert!(changes(app, rebuild).await, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn demo_catalogue_invalidates() {
    on_both_databases(async |app| {
        assert!(changes(app, Box::pin(app.create_demo_catalog())).await);
    })
    .await;
}
