//! An order never changes its past, expires when it is not paid, and leaves cached pages alone.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};
use wares::infra::database::{Catalog, Connection};
use wares::sales::order::service;

use super::orders::{buyer, digital, find, place, placed};
use super::{add, errors};
use crate::harness::cached_responses::{assert_stays_cached, kept};
use crate::harness::{App, PASSWORD, on_both_databases};

/// Executes a statement that the database is to refuse.
async fn assert_refused(app: &App, sql: &str) {
    let transaction = app.state.db.begin().await.unwrap();
    transaction.touch(Catalog::All);
    assert!(transaction.execute_unprepared(sql).await.is_err(), "{sql}");
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn order_answers_the_same_whatever_becomes_of_the_shop() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let customer = app.customer().await;
        add(&customer, &ids[0], 2).await;
        let (before, token) = placed(&customer, "20.00", "MANUAL").await;
        let ask = async || find(&app.anonymous(), &before["id"], Some(&token)).await;
        app.sql("UPDATE products SET name = 'Wok', price = 77, stock = 9")
            .await;
        app.sql("UPDATE variants SET price = 77, sku = 'W'").await;
        let mut visible = before.clone();
        visible["user"] = Value::Null;
        assert_eq!(ask().await.to_string(), visible.to_string());
        let admin = app.admin().await;
        let query = "{ products(first: 1) { nodes { id } } }";
        let product = admin.data(query, json!({})).await["products"]["nodes"][0]["id"].clone();
        // As if all units were sent: a product with promised units is not deleted.
        app.sql("UPDATE stock_levels SET reserved = 0").await;
        let deleted = admin
            .run_mutation("deleteProduct", json!({"id": product}), "productId")
            .await;
        assert_eq!(deleted["userErrors"], json!([]));
        let input = json!({"password": PASSWORD});
        let deleted = customer.run_mutation("deleteMe", input, "userId").await;
        assert!(deleted["userId"].is_string(), "{deleted}");
        // Only links to what is gone end.
        visible["lines"][0]["variant"] = Value::Null;
        assert_eq!(ask().await.to_string(), visible.to_string());
        for table in ["order_lines", "order_taxes", "order_discounts", "orders"] {
            if app.count(table).await > 0 {
                assert_refused(app, &format!("DELETE FROM {table}")).await;
            }
        }
        for sql in [
            "UPDATE order_lines SET quantity = 3",
            "UPDATE order_lines SET name = 'Wok'",
            "UPDATE orders SET total = total + 1, items = items + 1",
            "UPDATE order_events SET kind = 'NOTE'",
        ] {
            assert_refused(app, sql).await;
        }
    })
    .await;
}

#[tokio::test]
async fn unpaid_order_expires_and_gives_back_its_stock() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let client = buyer(app, &[(&ids[0], 5)]).await;
        let (order, token) = placed(&client, "50.00", "TEST").await;
        let product = "{ product(slug: \"pan\") { inStock availability } }";
        let shown = app.anonymous().data(product, json!({})).await;
        assert_eq!(
            shown["product"],
            json!({"inStock": false, "availability": "OUT_OF_STOCK"})
        );
        service::expire_due(&app.state).await.unwrap();
        assert_eq!(
            find(&client, &order["id"], Some(&token)).await["status"],
            "PENDING"
        );
        app.advance(Duration::from_mins(31));
        service::expire_due(&app.state).await.unwrap();
        let expired = find(&client, &order["id"], Some(&token)).await;
        assert_eq!(expired["status"], "EXPIRED");
        assert!(expired["closedAt"].is_string());
        assert_eq!(
            app.sql_number("SELECT CAST(sum(reserved) AS bigint) FROM stock_levels")
                .await,
            0
        );
        let shown = app.anonymous().data(product, json!({})).await;
        assert_eq!(
            shown["product"],
            json!({"inStock": true, "availability": "LOW_STOCK"})
        );
        let input = json!({"id": order["id"], "token": token});
        let refused = client
            .run_mutation("cancelOrder", input, "order { id }")
            .await;
        assert_eq!(errors(&refused), [("ORDER_CLOSED", "id")]);
        // The cart can be ordered again, and its buyer cancels that order twice.
        let (order, token) = placed(&client, "50.00", "TEST").await;
        let input = json!({"id": order["id"], "token": token, "reason": "Too late"});
        for _ in 0..2 {
            let canceled = client
                .run_mutation("cancelOrder", input.clone(), "order { status }")
                .await;
            assert_eq!(canceled["order"], json!({"status": "CANCELED"}));
        }
        assert_eq!(
            app.sql_number("SELECT CAST(sum(reserved) AS bigint) FROM stock_levels")
                .await,
            0
        );
        let moved = "SELECT CAST(sum(reserved_delta) AS bigint) FROM stock_movements";
        assert_eq!(app.sql_number(moved).await, 0);
    })
    .await;
}

#[tokio::test]
async fn backorder_is_shown_when_the_last_piece_is_promised() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        app.sql("UPDATE stock_levels SET backorder_limit = 2").await;
        let client = buyer(app, &[(&ids[0], 6)]).await;
        placed(&client, "60.00", "MANUAL").await;
        let query = "{ product(slug: \"pan\") { inStock availability stock } }";
        let shown = app.anonymous().data(query, json!({})).await;
        assert_eq!(
            shown["product"],
            json!({"inStock": false, "availability": "BACKORDER", "stock": 0})
        );
        let client = buyer(app, &[(&ids[0], 2)]).await;
        let refused = place(&client, "20.00", "MANUAL").await;
        assert_eq!(errors(&refused), [("OUT_OF_STOCK", "lines.0")]);
    })
    .await;
}

#[tokio::test]
async fn sale_does_not_end_cached_pages_without_the_stock() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        app.sql("UPDATE stock_levels SET on_hand = 100").await;
        app.sql("UPDATE products SET stock = 100").await;
        app.start_change_watcher();
        let page = "{ product(slug: \"pan\") { name availability inStock price { amount } } }";
        let stock = "{ product(slug: \"pan\") { stock } }";
        let anonymous = app.anonymous();
        let ask = async |query: &str| anonymous.send(query, json!({})).await;
        kept(app, async || ask(stock).await).await;
        let sold = Cell::new(0);
        let sell = async || {
            let client = buyer(app, &[(&ids[0], 3)]).await;
            placed(&client, "30.00", "MANUAL").await;
            sold.set(sold.get() + 3);
        };
        assert_stays_cached(app, async || ask(page).await, sell).await;
        let shown = anonymous.data(stock, json!({})).await;
        assert_eq!(shown["product"]["stock"], 100 - sold.get());
    })
    .await;
}
