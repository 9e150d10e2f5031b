//! Refunds: by units, of shipping, of an amount.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::order::service::{refund_all, send_refund};
use wares::sales::payment::entity::Provider;

use super::errors;
use super::payment_orders::{Placed, ask, cents, placed, placed_with, refund};
use super::payments_races::{block, unblock};
use crate::harness::{App, on_both_databases};

/// Places and pays an order.
async fn paid(app: &App, lines: &[(i64, i32)]) -> Placed {
    let order = placed(app, lines).await;
    let payload = order.finish(app, "SUCCEED").await;
    assert_eq!(payload["order"]["paymentStatus"], "PAID");
    order
}

fn lines(order: &Placed, line: usize, quantity: i32) -> Value {
    json!({"lines": [{"lineId": order.lines[line].encode(), "quantity": quantity}]})
}

#[tokio::test]
async fn the_refunds_of_units_come_to_the_total_of_the_line() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for quantity in 1..=7 {
            let total = 1_001 + i64::from(quantity) * 10 / 7;
            let order = paid(app, &[(total, quantity), (99, 1)]).await;
            let mut sum = 0;
            // 1, 2, 3, ... units at once.
            let (mut left, mut units) = (quantity, 1);
            while left > 0 {
                let now = units.min(left);
                let done = refund(&admin, &order, lines(&order, 0, now)).await;
                assert_eq!(done["userErrors"], json!([]));
                assert_eq!(done["refund"]["status"], "SUCCEEDED");
                assert_eq!(
                    done["refund"]["lines"][0]["amount"],
                    done["refund"]["amount"]
                );
                sum += cents(&done["refund"]["amount"]);
                left -= now;
                units += 1;
            }
            assert_eq!(sum, total, "{quantity}");
            let more = refund(&admin, &order, lines(&order, 0, 1)).await;
            assert_eq!(errors(&more), [("CONFLICT", "lines.0.quantity")]);
            let rest = lines(&order, 1, 1);
            let rest = refund(
                &admin,
                &order,
                json!({"shipping": true, "lines": rest["lines"]}),
            )
            .await;
            assert_eq!(cents(&rest["refund"]["amount"]), 599);
            assert_eq!(cents(&rest["refund"]["shipping"]), 500);
            assert_eq!(rest["order"]["paymentStatus"], "REFUNDED");
            assert_eq!(cents(&rest["order"]["refundable"]), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_part_of_an_order_is_refunded() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 1)]).await;
        let part = refund(
            &admin,
            &order,
            json!({"amount": "2.50", "reason": " Scratched "}),
        )
        .await;
        assert_eq!(part["refund"]["reason"], "Scratched");
        assert_eq!(part["refund"]["lines"], json!([]));
        assert_eq!(part["order"]["paymentStatus"], "PARTIALLY_REFUNDED");
        assert_eq!(part["order"]["refunded"]["amount"], "2.50");
        assert_eq!(part["order"]["payments"][0]["refunded"]["amount"], "2.50");
        assert_eq!(part["order"]["refundable"]["amount"], "12.50");
        let version = part["order"]["version"].clone();
        let stale = refund(&admin, &order, json!({"amount": "1", "expectedVersion": 1})).await;
        assert_eq!(errors(&stale), [("CONFLICT", "expectedVersion")]);
        let above = refund(
            &admin,
            &order,
            json!({"amount": "12.51", "expectedVersion": version}),
        )
        .await;
        assert_eq!(errors(&above), [("CONFLICT", "amount")]);
        assert_eq!(
            above["userErrors"][0]["message"],
            "12.50 are left to refund."
        );
        let expected = [
            "CONFIRMED",
            "PAYMENT_CAPTURED",
            "REFUND_CREATED",
            "REFUND_SUCCEEDED",
        ];
        assert_eq!(order.events(app).await, expected);
        assert_eq!(
            app.sql_number("SELECT CAST(sum(amount) AS bigint) FROM test_refunds")
                .await,
            250
        );
        // A given amount is shared out over the lines and shipping.
        let mut shared = lines(&order, 0, 1);
        shared["amount"] = "3.00".into();
        shared["shipping"] = true.into();
        let shared = refund(&admin, &order, shared).await;
        assert_eq!(cents(&shared["refund"]["shipping"]), 100);
        assert_eq!(cents(&shared["refund"]["lines"][0]["amount"]), 200);
    })
    .await;
}

#[tokio::test]
async fn invalid_refunds_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (order, other) = (paid(app, &[(1_000, 3)]).await, paid(app, &[(1_000, 1)]).await);
        let unpaid = placed(app, &[(1_000, 1)]).await;
        let line = order.lines[0].encode();
        let bad = "BAD_USER_INPUT";
        for (fields, code, field) in [
            (json!({}), bad, "amount"),
            (json!({"amount": "0"}), bad, "amount"),
            (json!({"amount": "-1"}), bad, "amount"),
            (json!({"amount": "0.001"}), bad, "amount"),
            (json!({"amount": "1", "reason": "x".repeat(501)}), bad, "reason"),
            (json!({"lines": [{"lineId": line, "quantity": 0}]}), bad, "lines.0.quantity"),
            (json!({"lines": [{"lineId": "x", "quantity": 1}]}), bad, "lines.0.lineId"),
            (
                json!({"lines": [{"lineId": line, "quantity": 1}, {"lineId": line, "quantity": 1}]}),
                bad,
                "lines.1.lineId",
            ),
            (json!({"lines": [{"lineId": line, "quantity": 4}]}), "CONFLICT", "lines.0.quantity"),
            (
                json!({"lines": [{"lineId": other.lines[0].encode(), "quantity": 1}]}),
                "NOT_FOUND",
                "lines.0.lineId",
            ),
            // Not fulfilled yet.
            (
                json!({"lines": [{"lineId": line, "quantity": 1, "restock": true}]}),
                "CONFLICT",
                "lines.0.quantity",
            ),
        ] {
            let refused = refund(&admin, &order, fields.clone()).await;
            assert_eq!(errors(&refused), [(code, field)], "{fields}");
        }
        let refused = refund(&admin, &unpaid, lines(&unpaid, 0, 1)).await;
        assert_eq!(errors(&refused), [("CONFLICT", "amount")]);
        assert_eq!(app.count("refunds").await, 0);
    })
    .await;
}

#[tokio::test]
async fn units_that_came_back_are_counted_as_returned() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 3)]).await;
        app.sql("UPDATE order_lines SET fulfilled = 2").await;
        let units = |quantity: i32| {
            json!({"lines": [{"lineId": order.lines[0].encode(), "quantity": quantity, "restock": true}]})
        };
        let done = refund(&admin, &order, units(2)).await;
        assert_eq!(done["refund"]["lines"][0]["restock"], true);
        assert_eq!(app.sql_number("SELECT returned FROM order_lines").await, 2);
        let more = refund(&admin, &order, units(1)).await;
        assert_eq!(errors(&more), [("CONFLICT", "lines.0.quantity")]);
    })
    .await;
}

#[tokio::test]
async fn concurrent_refunds_never_exceed_the_captured_amount() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 1)]).await;
        // 15.00 were captured: two of 10.00 do not fit, three of 5.00 do.
        let calls = (0..2).map(|_| refund(&admin, &order, json!({"amount": "10.00"})));
        let done = join_all(calls).await;
        let refused: Vec<_> = done.iter().flat_map(errors).collect();
        assert_eq!(refused, [("CONFLICT", "amount")]);
        let calls = (0..8).map(|_| refund(&admin, &order, json!({"amount": "1.00"})));
        let done = join_all(calls).await;
        let refused: Vec<_> = done.iter().flat_map(errors).collect();
        assert_eq!(refused, [("CONFLICT", "amount"); 3]);
        let paid_back = "SELECT CAST(sum(amount) AS bigint) FROM test_refunds";
        assert_eq!(app.sql_number(paid_back).await, 1_500);
        assert_eq!(app.sql_number("SELECT refunded FROM orders").await, 1_500);
        let entered = "SELECT count(*) FROM payment_entries WHERE kind = 'REFUNDED'";
        assert_eq!(app.sql_number(entered).await, 6);
    })
    .await;
}

#[tokio::test]
async fn a_refund_without_an_answer_stays_pending_and_is_paid_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 1)]).await;
        block(app, "test_refunds", "INSERT").await;
        let pending = refund(&admin, &order, json!({"amount": "10.00"})).await;
        assert_eq!(pending["refund"]["status"], "PENDING");
        assert_eq!(pending["order"]["refundable"]["amount"], "5.00");
        assert_eq!(pending["order"]["paymentStatus"], "PAID");
        let above = refund(&admin, &order, json!({"amount": "5.01"})).await;
        assert_eq!(errors(&above), [("CONFLICT", "amount")]);
        unblock(app, "test_refunds").await;
        app.advance(std::time::Duration::from_mins(1));
        tokio::join!(ask(app), ask(app));
        let id = "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED' AND look_at IS NULL";
        assert_eq!(app.sql_number(id).await, 1);
        assert_eq!(app.sql_number("SELECT refunded FROM orders").await, 1_000);
        assert_eq!(app.sql_number("SELECT refund_pending FROM orders").await, 0);
        assert_eq!(app.count("test_refunds").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_refund_that_the_provider_refuses_fails_and_can_be_repeated() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 1)]).await;
        app.sql("UPDATE test_payments SET refunded = captured")
            .await;
        let failed = refund(&admin, &order, lines(&order, 0, 1)).await;
        assert_eq!(failed["refund"]["status"], "FAILED");
        assert_eq!(failed["order"]["refundable"]["amount"], "15.00");
        app.sql("UPDATE test_payments SET refunded = 0").await;
        let done = refund(&admin, &order, lines(&order, 0, 1)).await;
        assert_eq!(done["refund"]["status"], "SUCCEEDED");
        assert_eq!(done["order"]["refunded"]["amount"], "10.00");
    })
    .await;
}

#[tokio::test]
async fn refunds_of_payments_on_account_succeed_at_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = placed_with(app, &[(1_000, 1)], Provider::Manual).await;
        let input = json!({"orderId": order.order.encode(), "amount": "4.00"});
        admin
            .run_mutation("recordPayment", input, "order { id }")
            .await;
        let above = refund(&admin, &order, json!({"amount": "4.01"})).await;
        assert_eq!(errors(&above), [("CONFLICT", "amount")]);
        let done = refund(&admin, &order, json!({"amount": "4.00"})).await;
        assert_eq!(done["refund"]["status"], "SUCCEEDED");
        // The rest is still to be paid.
        assert_eq!(done["order"]["paymentStatus"], "UNPAID");
    })
    .await;
}

#[tokio::test]
async fn a_whole_order_is_refunded_when_it_is_canceled() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 3)]).await;
        refund(&admin, &order, lines(&order, 0, 1)).await;
        let all = async || {
            let transaction = app.state.db.begin().await.unwrap();
            let found = wares::sales::order::repository::lock(&transaction, order.order).await;
            let mut row = found.unwrap().unwrap();
            let refund = refund_all(&transaction, &app.state, &mut row, None)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            refund
        };
        let rest = all().await.unwrap();
        assert_eq!((rest.amount, rest.shipping), (1_167, 500));
        let (row, rest) = send_refund(&app.state, rest.id).await.unwrap();
        assert_eq!((row.refunded, row.refund_pending), (1_500, 0));
        assert!(rest.look_at.is_none());
        assert!(all().await.is_none());
        // An authorization is canceled.
        let authorized = placed(app, &[(1_000, 1)]).await;
        authorized.finish(app, "AUTHORIZE").await;
        let transaction = app.state.db.begin().await.unwrap();
        let found = wares::sales::order::repository::lock(&transaction, authorized.order).await;
        let mut row = found.unwrap().unwrap();
        let refund = refund_all(&transaction, &app.state, &mut row, None)
            .await
            .unwrap();
        assert!(refund.is_none());
        transaction.commit().await.unwrap();
        let settled = authorized.sync(app).await;
        assert_eq!(settled["payment"]["status"], "CANCELED");
        assert_eq!(settled["order"]["paymentStatus"], "UNPAID");
    })
    .await;
}

#[tokio::test]
async fn a_refund_repeated_with_its_idempotency_key_is_paid_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let order = paid(app, &[(1_000, 1)]).await;
        let body = json!({"query": "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { refund { id } } }",
            "variables": {"input": {"orderId": order.order.encode(), "amount": "1.00"}}})
        .to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", "refund-1")];
        let first = admin.post_with(&headers, body.clone()).await;
        let second = admin.post_with(&headers, body).await;
        assert!(first.json["data"]["refundOrder"]["refund"]["id"].is_string(), "{}", first.text);
        assert_eq!(first.json, second.json);
        assert_eq!(app.count("refunds").await, 1);
    })
    .await;
}
