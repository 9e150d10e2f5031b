//! Payments: the outcomes of the test provider, capture, payment on account, and other ways to pay.

use std::time::Duration;

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::payment::entity::Provider;

use super::errors;
use super::payment_orders::{PAYMENT, Placed, ask, placed, placed_with};
use crate::harness::{App, Client, on_both_databases, on_both_databases_with};

/// Returns the statuses of the payment and of the order, and its payment status.
fn status(payload: &Value) -> (&str, &str, &str) {
    let order = &payload["order"];
    (
        payload["payment"]["status"].as_str().unwrap_or_default(),
        order["status"].as_str().unwrap_or_default(),
        order["paymentStatus"].as_str().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_successful_payment_confirms_the_order() {
    on_both_databases(async |app| {
        let order = placed(app, &[(4_390, 1)]).await;
        let before = order.sync(app).await;
        assert_eq!(status(&before), ("PENDING", "PENDING", "UNPAID"));
        let paid = order.finish(app, "SUCCEED").await;
        assert_eq!(paid["userErrors"], json!([]));
        assert_eq!(status(&paid), ("CAPTURED", "CONFIRMED", "PAID"));
        assert_eq!(paid["payment"]["captured"]["amount"], "48.90");
        assert_eq!(paid["order"]["captured"]["amount"], "48.90");
        assert_eq!(paid["order"]["refundable"]["amount"], "48.90");
        assert_eq!(order.events(app).await, ["CONFIRMED", "PAYMENT_CAPTURED"]);
        let again = order.finish(app, "SUCCEED").await;
        assert_eq!(errors(&again), [("CONFLICT", "outcome")]);
        assert_eq!(order.sync(app).await["order"], paid["order"]);
    })
    .await;
}

#[tokio::test]
async fn a_declined_payment_can_be_paid_again() {
    on_both_databases(async |app| {
        let order = placed(app, &[(1_000, 1)]).await;
        let declined = order.finish(app, "DECLINE").await;
        assert_eq!(status(&declined), ("PENDING", "PENDING", "UNPAID"));
        assert_eq!(declined["payment"]["lastError"], "card_declined");
        order.finish(app, "DECLINE").await;
        for _ in 0..3 {
            order.sync(app).await;
        }
        let paid = order.finish(app, "SUCCEED").await;
        assert_eq!(status(&paid), ("CAPTURED", "CONFIRMED", "PAID"));
        assert_eq!(paid["payment"]["lastError"], Value::Null);
        let expected = [
            "CONFIRMED",
            "PAYMENT_CAPTURED",
            "PAYMENT_FAILED",
            "PAYMENT_FAILED",
        ];
        assert_eq!(order.events(app).await, expected);
    })
    .await;
}

#[tokio::test]
async fn an_authorized_payment_confirms_the_order_and_is_captured_by_an_admin() {
    on_both_databases(async |app| {
        let order = placed(app, &[(1_000, 1)]).await;
        let capture = json!({"paymentId": order.payment.encode()});
        let admin = app.admin().await;
        let early = admin
            .run_mutation("capturePayment", capture.clone(), PAYMENT)
            .await;
        assert_eq!(errors(&early), [("CONFLICT", "paymentId")]);
        let authorized = order.finish(app, "AUTHORIZE").await;
        assert_eq!(
            status(&authorized),
            ("AUTHORIZED", "CONFIRMED", "AUTHORIZED")
        );
        assert_eq!(authorized["order"]["captured"]["amount"], "0.00");
        for _ in 0..2 {
            let captured = admin
                .run_mutation("capturePayment", capture.clone(), PAYMENT)
                .await;
            assert_eq!(status(&captured), ("CAPTURED", "CONFIRMED", "PAID"));
        }
        let expected = ["CONFIRMED", "PAYMENT_AUTHORIZED", "PAYMENT_CAPTURED"];
        assert_eq!(order.events(app).await, expected);
        let audited = "SELECT count(*) FROM audit_log WHERE action = 'capturePayment'";
        assert_eq!(app.sql_number(audited).await, 1);
    })
    .await;
}

#[tokio::test]
async fn success_authorizes_if_payments_are_captured_by_hand() {
    on_both_databases_with(&["--payment-capture=manual"], async |app| {
        let order = placed(app, &[(1_000, 1)]).await;
        let authorized = order.finish(app, "SUCCEED").await;
        assert_eq!(
            status(&authorized),
            ("AUTHORIZED", "CONFIRMED", "AUTHORIZED")
        );
    })
    .await;
}

#[tokio::test]
async fn a_processed_payment_is_decided_by_a_later_step() {
    on_both_databases(async |app| {
        let (paid, failed) = (
            placed(app, &[(700, 1)]).await,
            placed(app, &[(700, 1)]).await,
        );
        for order in [&paid, &failed] {
            let processing = order.finish(app, "PROCESS").await;
            assert_eq!(status(&processing), ("PROCESSING", "PENDING", "PROCESSING"));
        }
        let done = paid.finish(app, "SUCCEED").await;
        assert_eq!(status(&done), ("CAPTURED", "CONFIRMED", "PAID"));
        let done = failed.finish(app, "DECLINE").await;
        assert_eq!(status(&done), ("PENDING", "PENDING", "UNPAID"));
        assert_eq!(failed.events(app).await, ["PAYMENT_FAILED"]);
    })
    .await;
}

#[tokio::test]
async fn an_order_of_a_buyer_who_leaves_is_closed_after_its_payment() {
    on_both_databases(async |app| {
        let order = placed(app, &[(700, 1)]).await;
        let left = order.finish(app, "VANISH").await;
        assert_eq!(status(&left), ("PENDING", "PENDING", "UNPAID"));
        order.request_close(app).await;
        ask(app).await;
        let closed = order.sync(app).await;
        assert_eq!(status(&closed), ("CANCELED", "CANCELED", "UNPAID"));
        let late = order.finish(app, "SUCCEED").await;
        assert_eq!(errors(&late), [("CONFLICT", "outcome")]);
    })
    .await;
}

#[tokio::test]
async fn a_closing_order_waits_for_a_bank_and_is_confirmed_if_it_pays() {
    on_both_databases(async |app| {
        let order = placed(app, &[(700, 1)]).await;
        order.finish(app, "PROCESS").await;
        order.request_close(app).await;
        let waiting = order.sync(app).await;
        assert_eq!(status(&waiting), ("PROCESSING", "CLOSING", "PROCESSING"));
        let paid = order.finish(app, "SUCCEED").await;
        assert_eq!(status(&paid), ("CAPTURED", "CONFIRMED", "PAID"));
    })
    .await;
}

async fn pay_with(client: &Client, order: &Placed, provider: &str, token: Option<&str>) -> Value {
    let input = json!({"orderId": order.order.encode(), "token": token, "provider": provider});
    client.run_mutation("createPayment", input, PAYMENT).await
}

#[tokio::test]
async fn an_order_can_be_paid_in_another_way() {
    on_both_databases(async |app| {
        let order = placed(app, &[(700, 1)]).await;
        let (client, token) = (app.anonymous(), Some(order.token.as_str()));
        // The open payment has this provider.
        let same = pay_with(&client, &order, "TEST", token).await;
        assert_eq!(same["payment"]["id"], order.payment.encode());
        order.finish(app, "PROCESS").await;
        let early = pay_with(&client, &order, "MANUAL", token).await;
        assert_eq!(errors(&early), [("CONFLICT", "orderId")]);
        order.finish(app, "DECLINE").await;
        // Payments are listed by the time of their creation.
        app.advance(Duration::from_secs(1));
        let other = pay_with(&client, &order, "MANUAL", token).await;
        assert_eq!(status(&other), ("PENDING", "CONFIRMED", "UNPAID"));
        let instructions = "Transfer the amount to the shop's bank account.";
        assert_eq!(other["payment"]["instructions"], instructions);
        let payments = other["order"]["payments"].as_array().unwrap();
        let statuses: Vec<_> = payments.iter().map(|payment| &payment["status"]).collect();
        assert_eq!(statuses, ["CANCELED", "PENDING"]);
        let again = pay_with(&client, &order, "TEST", token).await;
        assert_eq!(errors(&again), [("ALREADY_PAID", "orderId")]);
    })
    .await;
}

#[tokio::test]
async fn a_closed_or_late_order_can_not_be_paid() {
    on_both_databases_with(&["--manual-payments="], async |app| {
        let (closed, late) = (
            placed(app, &[(700, 1)]).await,
            placed(app, &[(700, 1)]).await,
        );
        let client = app.anonymous();
        let none = pay_with(&client, &late, "MANUAL", Some(&late.token)).await;
        assert_eq!(errors(&none), [("NOT_CONFIGURED", "provider")]);
        closed.request_close(app).await;
        let refused = pay_with(&client, &closed, "TEST", Some(&closed.token)).await;
        assert_eq!(errors(&refused), [("ORDER_CLOSED", "orderId")]);
        app.advance(Duration::from_mins(31));
        let refused = pay_with(&client, &late, "TEST", Some(&late.token)).await;
        assert_eq!(errors(&refused), [("ORDER_CLOSED", "orderId")]);
    })
    .await;
}

async fn record(admin: &Client, order: &Placed, amount: Option<&str>) -> Value {
    let input = json!({"orderId": order.order.encode(), "amount": amount, "note": "Transfer 17"});
    admin.run_mutation("recordPayment", input, PAYMENT).await
}

#[tokio::test]
async fn admins_record_parts_of_a_payment_on_account() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = placed_with(app, &[(700, 1)], Provider::Manual).await;
        let first = record(&admin, &order, Some("5.00")).await;
        assert_eq!(status(&first), ("PENDING", "CONFIRMED", "UNPAID"));
        assert_eq!(first["order"]["captured"]["amount"], "5.00");
        let above = record(&admin, &order, Some("7.01")).await;
        assert_eq!(errors(&above), [("CONFLICT", "amount")]);
        assert_eq!(above["userErrors"][0]["message"], "7.00 are left to pay.");
        for (amount, field) in [("0", "amount"), ("-1", "amount"), ("1.001", "amount")] {
            let refused = record(&admin, &order, Some(amount)).await;
            assert_eq!(errors(&refused), [("BAD_USER_INPUT", field)]);
        }
        let rest = record(&admin, &order, None).await;
        assert_eq!(status(&rest), ("CAPTURED", "CONFIRMED", "PAID"));
        let more = record(&admin, &order, None).await;
        assert_eq!(errors(&more), [("CONFLICT", "orderId")]);
        let test = placed(app, &[(700, 1)]).await;
        let refused = record(&admin, &test, None).await;
        assert_eq!(errors(&refused), [("CONFLICT", "orderId")]);
        let expected = ["CONFIRMED", "PAYMENT_RECORDED", "PAYMENT_RECORDED"];
        assert_eq!(order.events(app).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_payment_of_another_order_is_hidden() {
    on_both_databases(async |app| {
        let (order, other) = (placed(app, &[(700, 1)]).await, placed(app, &[(700, 1)]).await);
        let customer = app.customer().await;
        let (id, order_id) = (order.payment.encode(), order.order.encode());
        let unknown = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let unknown_id = "pay_00000000000000000000000000";
        let client = app.anonymous();
        // The time tells no more than the answer.
        let mut statements = Vec::new();
        for id in [id.as_str(), unknown_id] {
            let input = json!({"paymentId": id, "token": other.token.as_str()});
            let sync = async { client.run_mutation("syncPayment", input, PAYMENT).await };
            statements.push(app.record_statements(sync).await.len());
        }
        assert_eq!(statements[0], statements[1]);
        for client in [app.anonymous(), customer.clone()] {
            for token in [None, Some(other.token.as_str()), Some(unknown), Some("x")] {
                let input = json!({"paymentId": id, "token": token});
                let refused = client.run_mutation("syncPayment", input, PAYMENT).await;
                let expected = json!([{"code": "NOT_FOUND", "field": "paymentId",
                    "message": "There is no such payment.", "retryAfterSeconds": null}]);
                assert_eq!(refused["userErrors"], expected);
                let refused = pay_with(&client, &order, "TEST", token).await;
                assert_eq!(errors(&refused), [("NOT_FOUND", "orderId")]);
            }
            let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
            let seen = client.data(nodes, json!({"ids": [id, order_id]})).await;
            assert_eq!(seen["nodes"], json!([null, null]));
        }
        let query = "query($id: ID!) { node(id: $id) { ... on Payment { status } } }";
        let seen = app.admin().await.data(query, json!({"id": id})).await;
        assert_eq!(seen["node"]["status"], "PENDING");
        let user = "UPDATE orders SET user_id = (SELECT id FROM users WHERE email_key = 'customer@shop.example')";
        app.sql(user).await;
        assert_eq!(customer.data(query, json!({"id": id})).await["node"]["status"], "PENDING");
    })
    .await;
}

#[tokio::test]
async fn test_payments_can_be_disabled() {
    on_both_databases_with(&["--test-payments=off"], async |app| {
        let order = placed(app, &[(700, 1)]).await;
        let refused = order.finish(app, "SUCCEED").await;
        assert_eq!(errors(&refused), [("NOT_CONFIGURED", "")]);
        let shop = "{ shop { missing paymentMethods { provider name description } } }";
        let shop = app.anonymous().data(shop, json!({})).await["shop"].clone();
        let manual = json!({"provider": "MANUAL", "name": "On account",
            "description": "Transfer the amount to the shop's bank account."});
        assert_eq!(shop["paymentMethods"], json!([manual]));
    })
    .await;
}

#[tokio::test]
async fn a_shop_without_a_way_to_pay_sells_nothing() {
    let settings = ["--test-payments=off", "--manual-payments="];
    on_both_databases_with(&settings, async |app: &App| {
        let shop = "{ shop { canOrder missing paymentMethods { provider } } }";
        let shop = app.anonymous().data(shop, json!({})).await["shop"].clone();
        let missing = ["SHIPPING_COUNTRY", "SHIPPING_METHOD", "PAYMENT_METHOD"];
        let expected = json!({"canOrder": false, "missing": missing, "paymentMethods": []});
        assert_eq!(shop, expected);
    })
    .await;
}
