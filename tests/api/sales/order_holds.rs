//! An order that is replaced keeps its stock until the next one is placed.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::sales::order::service::expire_due;

use super::errors;
use super::order_kills::assert_consistent;
use super::orders::{buyer, digital, find, place, placed};
use super::payment_orders::ask;
use super::payments_races::{block, unblock};
use crate::harness::{App, Client, on_both_databases};

const RESERVED: &str = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";

/// Changes the cart, so that its next order replaces the pending one.
async fn change(client: &Client, note: &str) {
    let input = json!({"note": note});
    let payload = client
        .run_mutation("updateCart", input, "cart { id }")
        .await;
    assert_eq!(errors(&payload), []);
}

/// Places an order of all 5 units, changes the cart, and tries to order again while the provider does not respond. Then a
/// worker cancels the payment of the first order.
async fn replacing(app: &App, ids: &[String]) -> (Client, Value, String) {
    let client = buyer(app, &[(&ids[0], 5)]).await;
    let (order, token) = placed(&client, "50.00", "TEST").await;
    change(&client, "Ring twice").await;
    block(app, "test_payments", "UPDATE").await;
    let input = json!({"expectedTotal": "50.00", "payment": {"provider": "TEST"}});
    let refused = client.mutate("placeOrder", input, "order { id }").await;
    assert_eq!(refused.code(), "SERVICE_UNAVAILABLE");
    unblock(app, "test_payments").await;
    app.advance(Duration::from_secs(10));
    ask(app).await;
    let canceled = "SELECT count(*) FROM payments WHERE status = 'CANCELED'";
    assert_eq!(app.sql_number(canceled).await, 1);
    (client, order, token)
}

/// Orders one unit as another buyer.
async fn rival(app: &App, ids: &[String]) -> Value {
    let rival = buyer(app, &[(&ids[0], 1)]).await;
    place(&rival, "10.00", "MANUAL").await
}

#[tokio::test]
async fn no_other_buyer_gets_the_stock_of_an_order_that_is_being_replaced() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let (client, first, token) = replacing(app, &ids).await;
        assert_eq!(
            errors(&rival(app, &ids).await),
            [("OUT_OF_STOCK", "lines.0")]
        );
        // Nor do the workers give it back.
        expire_due(&app.state).await.unwrap();
        ask(app).await;
        assert_eq!(app.sql_number(RESERVED).await, 5);
        let (second, _) = placed(&client, "50.00", "TEST").await;
        assert_eq!(second["status"], "PENDING");
        let first = find(&client, &first["id"], Some(&token)).await;
        assert_eq!(first["status"], "CANCELED");
        assert_eq!(app.sql_number(RESERVED).await, 5);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn the_stock_is_given_back_when_the_buyer_does_not_come_back() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let (client, first, token) = replacing(app, &ids).await;
        app.advance(Duration::from_secs(30));
        expire_due(&app.state).await.unwrap();
        let first = find(&client, &first["id"], Some(&token)).await;
        assert_eq!(first["status"], "CANCELED");
        assert_eq!(errors(&rival(app, &ids).await), []);
        assert_eq!(app.sql_number(RESERVED).await, 1);
        assert_eq!(
            errors(&place(&client, "50.00", "TEST").await),
            [("OUT_OF_STOCK", "lines.0")]
        );
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_being_replaced_can_be_canceled() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let (client, first, token) = replacing(app, &ids).await;
        let input = json!({"id": first["id"], "token": token});
        let done = client
            .run_mutation("cancelOrder", input, "order { status }")
            .await;
        assert_eq!(done["order"]["status"], "CANCELED");
        assert_eq!(app.sql_number(RESERVED).await, 0);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_buyer_replaces_an_order_while_others_want_its_stock() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let client = buyer(app, &[(&ids[0], 5)]).await;
        placed(&client, "50.00", "TEST").await;
        let mut rivals = Vec::new();
        for _ in 0..4 {
            rivals.push(buyer(app, &[(&ids[0], 1)]).await);
        }
        for round in 0..10 {
            change(&client, &format!("Ring {round} times")).await;
            let replaced = placed(&client, "50.00", "TEST");
            let others = rivals.iter().map(async |rival| {
                for _ in 0..5 {
                    let payload = place(rival, "10.00", "MANUAL").await;
                    assert_eq!(errors(&payload), [("OUT_OF_STOCK", "lines.0")]);
                }
            });
            tokio::join!(replaced, join_all(others));
        }
        assert_consistent(app).await;
    })
    .await;
}
