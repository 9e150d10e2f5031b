//! Orders from the payment to the last refund, through all services.

use serde_json::{Value, json};
use wares::platform::jobs::Queue;

use super::errors;
use super::order_kills::assert_consistent;
use super::orders::{buyer, digital, find, place, placed};
use crate::harness::{App, Client, on_both_databases, on_both_databases_with};

const STATE: &str = "order { status paymentStatus fulfillmentStatus
    captured { amount } refunded { amount } refundable { amount }
    lines { quantity canceled fulfilled returned open }
    payments { provider status captured { amount } refunded { amount } }
    refunds { status amount { amount } lines { quantity amount { amount } } }
    fulfillments { trackingNumber canceledAt lines { quantity line { name } } }
    timeline { nodes { kind } } }";

/// Places an order with the test provider. Returns its buyer, the order, its token and its payment.
pub async fn pending(app: &App, lines: &[(&str, i32)], total: &str) -> (Client, Value, String) {
    let client = buyer(app, lines).await;
    let (order, token) = placed(&client, total, "TEST").await;
    assert_eq!(order["status"], "PENDING");
    (client, order, token)
}

/// Plays the buyer's step of the payment.
pub async fn finish(client: &Client, order: &Value, token: &str, outcome: &str) -> Value {
    let query = "query($id: ID!, $token: String) { order(id: $id, token: $token) { payments { id status } } }";
    let variables = json!({"id": order["id"], "token": token});
    let data = client.data(query, variables).await;
    let payments = data["order"]["payments"].as_array().unwrap();
    let open = payments
        .iter()
        .find(|payment| payment["status"] != "CANCELED");
    let input = json!({"paymentId": open.unwrap()["id"], "token": token, "outcome": outcome});
    let select = "payment { status lastError } order { status number paymentStatus }";
    client
        .run_mutation("finishTestPayment", input, select)
        .await
}

pub async fn run(client: &Client, name: &str, input: Value) -> Value {
    let payload = client.run_mutation(name, input, STATE).await;
    assert_eq!(errors(&payload), [], "{payload}");
    payload["order"].clone()
}

#[tokio::test]
async fn a_guest_pays_the_shop_ships_a_half_and_refunds_a_line() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan", "pot"]).await;
        // 3 x 10.00 and 1 x 10.00.
        let lines = [(ids[0].as_str(), 3), (ids[1].as_str(), 1)];
        let (client, order, token) = pending(app, &lines, "40.00").await;
        let declined = finish(&client, &order, &token, "DECLINE").await;
        assert_eq!(declined["order"]["status"], "PENDING");
        assert!(declined["payment"]["lastError"].is_string());
        let paid = finish(&client, &order, &token, "SUCCEED").await;
        assert_eq!(paid["order"]["status"], "CONFIRMED");
        assert_eq!(paid["order"]["number"], 1_001);
        assert_eq!(paid["order"]["paymentStatus"], "PAID");

        let line = |index: usize| order["lines"][index]["id"].clone();
        let units = |index: usize, count: i32| json!([{"lineId": line(index), "quantity": count}]);
        let id = &order["id"];
        let input = json!({"orderId": id, "lines": units(0, 2), "trackingNumber": "Z-1"});
        let done = run(&admin, "fulfillOrder", input).await;
        assert_eq!(done["fulfillmentStatus"], "PARTIAL");
        // A unit can't be delivered: it is canceled, and paid back.
        let done = run(
            &admin,
            "cancelOrderLines",
            json!({"orderId": id, "lines": units(0, 1), "reason": "Broken"}),
        )
        .await;
        assert_eq!(done["refunded"]["amount"], "10.00");
        assert_eq!(done["paymentStatus"], "PARTIALLY_REFUNDED");
        assert_eq!(done["refunds"][0]["status"], "SUCCEEDED");
        // A shipped unit comes back.
        let returned = json!([{"lineId": line(0), "quantity": 1, "restock": true}]);
        let done = run(
            &admin,
            "refundOrder",
            json!({"orderId": id, "lines": returned}),
        )
        .await;
        assert_eq!(done["refunded"]["amount"], "20.00");
        assert_eq!(done["refundable"]["amount"], "20.00");
        assert_eq!(
            done["lines"][0],
            json!({"quantity": 3, "canceled": 1, "fulfilled": 2, "returned": 1, "open": 0})
        );
        let done = run(&admin, "fulfillOrder", json!({"orderId": id})).await;
        assert_eq!(done["fulfillmentStatus"], "FULFILLED");
        // More than is left.
        let input = json!({"orderId": id, "amount": "20.01"});
        let payload = admin.run_mutation("refundOrder", input, STATE).await;
        assert_eq!(errors(&payload), [("CONFLICT", "amount")]);
        let done = run(
            &admin,
            "refundOrder",
            json!({"orderId": id, "amount": "20.00"}),
        )
        .await;
        assert_eq!(done["paymentStatus"], "REFUNDED");

        // The stock: 5 of each before, 2 and 1 shipped, 1 put back.
        let sum = "SELECT CAST(sum(on_hand) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(sum).await, 10 - 3 + 1);
        let sum = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(sum).await, 0);
        assert_consistent(app).await;
        let mine = find(&client, id, Some(&token)).await;
        assert_eq!(mine["paymentStatus"], "REFUNDED");
        while app.run_due_jobs(Queue::EMAILS).await > 0 {}
        let mut subjects: Vec<_> = app
            .emails()
            .await
            .into_iter()
            .map(|email| email.subject)
            .collect();
        subjects.sort_unstable();
        // Confirmed, two shipments, three refunds. The failed payment was no news any more when the emails were sent.
        assert_eq!(subjects.len(), 6, "{subjects:#?}");
    })
    .await;
}

#[tokio::test]
async fn canceling_a_paid_order_refunds_everything_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let (client, order, token) = pending(app, &[(&ids[0], 3)], "30.00").await;
        finish(&client, &order, &token, "SUCCEED").await;
        // The buyer can't.
        let input = json!({"id": order["id"], "token": token});
        let payload = client.run_mutation("cancelOrder", input, STATE).await;
        assert_eq!(errors(&payload), [("ORDER_CLOSED", "id")]);
        let input = json!({"id": order["id"], "reason": "Sold elsewhere"});
        for _ in 0..2 {
            let done = run(&admin, "cancelOrder", input.clone()).await;
            assert_eq!(done["status"], "CANCELED");
        }
        wares::sales::order::service::ask_providers(&app.state)
            .await
            .unwrap();
        let mine = find(&client, &order["id"], Some(&token)).await;
        assert_eq!(mine["paymentStatus"], "REFUNDED");
        assert_eq!(mine["refunded"]["amount"], "30.00");
        assert_eq!(app.count("refunds").await, 1);
        let sum = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(sum).await, 0);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_changed_cart_replaces_the_order_unless_it_was_paid() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let (client, first, token) = pending(app, &[(&ids[0], 1)], "10.00").await;
        super::add(&client, &ids[0], 1).await;
        let payload = place(&client, "10.00", "TEST").await;
        assert_eq!(errors(&payload), [("TOTAL_CHANGED", "expectedTotal")]);
        let (second, second_token) = placed(&client, "20.00", "TEST").await;
        assert_ne!(first["id"], second["id"]);
        let replaced = find(&client, &first["id"], Some(&token)).await;
        assert_eq!(replaced["status"], "CANCELED");
        let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(reserved).await, 2);
        finish(&client, &second, &second_token, "SUCCEED").await;
        // Placed again after it was paid: the same order.
        let (again, _) = placed(&client, "20.00", "TEST").await;
        assert_eq!(again["id"], second["id"]);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn items_that_are_added_while_an_order_is_paid_stay_in_the_cart() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan", "pot"]).await;
        let lines = [(ids[0].as_str(), 2)];
        let (client, order, token) = pending(app, &lines, "20.00").await;
        super::add(&client, &ids[0], 1).await;
        super::add(&client, &ids[1], 1).await;
        let paid = finish(&client, &order, &token, "SUCCEED").await;
        assert_eq!(paid["order"]["status"], "CONFIRMED");
        let left = super::cart(&client).await;
        assert_eq!(super::quantities(&left), [1, 1]);
        // They are another order.
        let (next, _) = placed(&client, "20.00", "MANUAL").await;
        assert_eq!(next["number"], 1_002);
        assert_eq!(app.count("carts").await, 0);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn the_last_use_of_a_code_goes_to_one_of_20_buyers() {
    let settings = ["--limit-carts-client=1000/1m", "--limit-codes-cart=1000/1h"];
    on_both_databases_with(&settings, async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let input = json!({"name": "Sale", "code": "SALE", "kind": "PERCENT", "percent": "10", "usageLimit": 3});
        super::discounts::discount(&admin, input).await;
        let mut buyers = Vec::new();
        for number in 0..20 {
            let client = buyer(app, &[(&ids[0], 1)]).await;
            let input = json!({"discountCodes": ["sale"], "email": format!("b{number}@example.com")});
            client.run_mutation("updateCart", input, "cart { id }").await;
            buyers.push(client);
        }
        let placed = futures_util::future::join_all(
            buyers.iter().map(|client| place(client, "9.00", "MANUAL")),
        )
        .await;
        let sold = placed.iter().filter(|one| one["order"].is_object()).count();
        assert_eq!(sold, 3);
        for payload in placed.iter().filter(|one| one["order"].is_null()) {
            let code = errors(payload)[0].0;
            assert!(["CODE_NOT_APPLICABLE", "TOTAL_CHANGED"].contains(&code), "{payload}");
        }
        assert_eq!(app.sql_number("SELECT used FROM discounts").await, 3);
        assert_consistent(app).await;
    })
    .await;
}
