//! Orders that are changed in an unusual order, or twice at once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::sales::order::service::ask_providers;

use super::errors;
use super::order_kills::assert_consistent;
use super::order_life::{finish, pending, run};
use super::orders::{digital, find, place};
use crate::harness::on_both_databases;

#[tokio::test]
async fn capturing_a_payment_many_times_at_once_captures_it_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let (client, order, token) = pending(app, &[(&ids[0], 2)], "20.00").await;
        let authorized = finish(&client, &order, &token, "AUTHORIZE").await;
        assert_eq!(authorized["order"]["status"], "CONFIRMED");
        let query = "query($id: ID!) { order(id: $id) { payments { id } } }";
        let data = admin.data(query, json!({"id": order["id"]})).await;
        let payment = &data["order"]["payments"][0]["id"];
        let calls = (0..6).map(|_| run(&admin, "capturePayment", json!({"paymentId": payment})));
        for done in join_all(calls).await {
            assert_eq!(done["captured"]["amount"], "20.00");
        }
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn units_that_are_canceled_before_the_capture_are_refunded_after_it() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let (client, order, token) = pending(app, &[(&ids[0], 5)], "50.00").await;
        finish(&client, &order, &token, "AUTHORIZE").await;
        let lines = json!([{"lineId": order["lines"][0]["id"], "quantity": 4}]);
        let input = json!({"orderId": order["id"], "lines": lines});
        let done = run(&admin, "cancelOrderLines", input).await;
        assert_eq!(done["refunds"], json!([]));
        let query = "query($id: ID!) { order(id: $id) { payments { id } } }";
        let data = admin.data(query, json!({"id": order["id"]})).await;
        let input = json!({"paymentId": data["order"]["payments"][0]["id"]});
        run(&admin, "capturePayment", input).await;
        ask_providers(&app.state).await.unwrap();
        let done = find(&client, &order["id"], Some(&token)).await;
        assert_eq!(done["captured"]["amount"], "50.00");
        assert_eq!(done["refunded"]["amount"], "40.00");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn units_of_an_order_on_account_that_are_canceled_are_refunded_when_it_is_paid() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let client = super::orders::buyer(app, &[(&ids[0], 2)]).await;
        let (order, token) = super::orders::placed(&client, "20.00", "MANUAL").await;
        let pay = |amount: &str| json!({"orderId": order["id"], "amount": amount});
        run(&admin, "recordPayment", pay("5.00")).await;
        let lines = json!([{"lineId": order["lines"][0]["id"], "quantity": 1}]);
        let input = json!({"orderId": order["id"], "lines": lines});
        let done = run(&admin, "cancelOrderLines", input).await;
        assert_eq!(done["refunds"], json!([]));
        run(&admin, "recordPayment", pay("15.00")).await;
        ask_providers(&app.state).await.unwrap();
        let done = find(&client, &order["id"], Some(&token)).await;
        assert_eq!(done["refunded"]["amount"], "10.00");
        assert_eq!(done["paymentStatus"], "PARTIALLY_REFUNDED");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn units_that_are_refunded_and_then_canceled_are_refunded_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let (client, order, token) = pending(app, &[(&ids[0], 5)], "50.00").await;
        finish(&client, &order, &token, "SUCCEED").await;
        let units = |count: i32| {
            let lines = json!([{"lineId": order["lines"][0]["id"], "quantity": count}]);
            json!({"orderId": order["id"], "lines": lines})
        };
        run(&admin, "refundOrder", units(2)).await;
        run(&admin, "fulfillOrder", units(3)).await;
        let done = run(&admin, "cancelOrderLines", units(2)).await;
        assert_eq!(done["refunded"]["amount"], "20.00");
        assert_eq!(done["fulfillmentStatus"], "FULFILLED");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_cart_that_was_paid_in_another_tab_is_not_ordered_at_another_total() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let (client, order, token) = pending(app, &[(&ids[0], 1)], "10.00").await;
        finish(&client, &order, &token, "SUCCEED").await;
        let payload = place(&client, "0.01", "MANUAL").await;
        assert_eq!(errors(&payload)[0].0, "ALREADY_PAID");
        assert_eq!(payload["order"]["id"], order["id"]);
        assert_eq!(app.count("orders").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_order_is_paid_while_its_cart_is_ordered_again() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        for _ in 0..5 {
            let (client, order, token) = pending(app, &[(&ids[0], 1)], "10.00").await;
            let paid = finish(&client, &order, &token, "SUCCEED");
            let again = join_all((0..3).map(|_| place(&client, "10.00", "TEST")));
            let (paid, again) = tokio::join!(paid, again);
            assert_eq!(paid["order"]["status"], "CONFIRMED");
            for payload in again {
                assert_eq!(payload["order"]["id"], order["id"], "{payload}");
            }
        }
        assert_eq!(app.count("orders").await, 5);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_order_on_account_is_paid_when_what_is_due_without_canceled_units_is_recorded() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let client = super::orders::buyer(app, &[(&ids[0], 4)]).await;
        let (order, _) = super::orders::placed(&client, "40.00", "MANUAL").await;
        let cancel = |units: i32| {
            let lines = json!([{"lineId": order["lines"][0]["id"], "quantity": units}]);
            json!({"orderId": order["id"], "lines": lines})
        };
        let pay = |amount: Value| json!({"orderId": order["id"], "amount": amount});
        let done = run(&admin, "cancelOrderLines", cancel(1)).await;
        assert_eq!(
            (&done["paymentStatus"], &done["refunds"]),
            (&json!("UNPAID"), &json!([]))
        );
        let done = run(&admin, "recordPayment", pay(json!("29.99"))).await;
        assert_eq!(done["paymentStatus"], "UNPAID");
        // What is due is recorded by default, once.
        let done = run(&admin, "recordPayment", pay(Value::Null)).await;
        assert_eq!(
            (&done["paymentStatus"], &done["captured"]["amount"]),
            (&json!("PAID"), &json!("30.00"))
        );
        let again = admin
            .run_mutation("recordPayment", pay(Value::Null), "order { id }")
            .await;
        assert_eq!(errors(&again), [("CONFLICT", "orderId")]);
        assert_consistent(app).await;
        // A unit that was paid is refunded, the one that was not is not.
        let done = run(&admin, "cancelOrderLines", cancel(1)).await;
        assert_eq!(done["refunds"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&done["refunded"]["amount"], &done["paymentStatus"]),
            (&json!("10.00"), &json!("PARTIALLY_REFUNDED"))
        );
        assert_consistent(app).await;
        // The buyer pays for it nevertheless.
        run(&admin, "recordPayment", pay(json!("10.00"))).await;
        ask_providers(&app.state).await.unwrap();
        let query =
            "query($id: ID!) { order(id: $id) { captured { amount } refunded { amount } } }";
        let paid = admin.data(query, json!({"id": order["id"]})).await;
        let expected = json!({"captured": {"amount": "40.00"}, "refunded": {"amount": "20.00"}});
        assert_eq!(paid["order"], expected);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn canceling_what_is_not_paid_makes_an_order_on_account_paid() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = digital(app, &["pan"]).await;
        let client = super::orders::buyer(app, &[(&ids[0], 4)]).await;
        let (order, _) = super::orders::placed(&client, "40.00", "MANUAL").await;
        let pay = json!({"orderId": order["id"], "amount": "30.00"});
        assert_eq!(
            run(&admin, "recordPayment", pay).await["paymentStatus"],
            "UNPAID"
        );
        let lines = json!([{"lineId": order["lines"][0]["id"], "quantity": 1}]);
        let input = json!({"orderId": order["id"], "lines": lines});
        let done = run(&admin, "cancelOrderLines", input).await;
        assert_eq!(
            (&done["paymentStatus"], &done["refunds"]),
            (&json!("PAID"), &json!([]))
        );
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_costs_nothing_is_paid() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        app.sql("UPDATE variants SET price = 0").await;
        app.sql("UPDATE products SET price = 0").await;
        let client = super::orders::buyer(app, &[(&ids[0], 1)]).await;
        let (order, _) = super::orders::placed(&client, "0.00", "TEST").await;
        assert_eq!(
            (&order["status"], &order["paymentStatus"]),
            (&json!("CONFIRMED"), &json!("PAID"))
        );
        assert_consistent(app).await;
    })
    .await;
}
