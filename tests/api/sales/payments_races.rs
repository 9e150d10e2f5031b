//! Payments settled at once, and providers that fail: nothing happens twice, nothing is lost.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::order::service::settle;

use super::orders::{buyer, digital};
use super::payment_orders::{PAYMENT, Placed, ask, placed};
use crate::harness::{App, Backend, Log, on_both_databases};

/// Returns the status of the order and the number of captured units of money.
async fn state(app: &App, order: &Placed) -> (String, i64) {
    let payload = order.sync(app).await;
    let status = payload["order"]["status"].as_str().unwrap().to_owned();
    let captured = format!(
        "SELECT coalesce(sum(amount), 0) FROM payment_entries WHERE kind = 'CAPTURED'
         AND payment_id IN (SELECT id FROM payments WHERE order_id = {})",
        id(app, order.order.0)
    );
    (
        status,
        app.sql_number(&format!("SELECT CAST(({captured}) AS bigint)"))
            .await,
    )
}

/// Returns an id as a literal of SQL.
fn id(app: &App, id: uuid::Uuid) -> String {
    match app.backend {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}

#[tokio::test]
async fn a_payment_settled_20_times_at_once_and_100_times_is_entered_once() {
    on_both_databases(async |app| {
        let order = placed(app, &[(700, 1)]).await;
        app.sql("UPDATE test_payments SET status = 'CAPTURED', captured = amount")
            .await;
        let settled = join_all((0..20).map(|_| settle(&app.state, order.payment))).await;
        let versions: Vec<_> = settled
            .into_iter()
            .map(|settled| settled.unwrap().0.version)
            .collect();
        for _ in 0..100 {
            settle(&app.state, order.payment).await.unwrap();
        }
        assert_eq!(state(app, &order).await, ("CONFIRMED".to_owned(), 1_200));
        assert_eq!(app.count("payment_entries").await, 1);
        assert_eq!(order.events(app).await, ["CONFIRMED", "PAYMENT_CAPTURED"]);
        let version = app.sql_number("SELECT version FROM orders").await;
        assert!(
            versions.iter().all(|seen| i64::from(*seen) == version),
            "{versions:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_cancelation_raced_with_a_success_leaves_no_captured_payment_on_a_closed_order() {
    on_both_databases(async |app| {
        for round in 0..20 {
            let order = placed(app, &[(700, 1)]).await;
            let cancel = async {
                order.request_close(app).await;
                settle(&app.state, order.payment).await.unwrap();
            };
            let pay = order.finish(app, "SUCCEED");
            // Each begins first in half of the rounds.
            if round % 2 == 0 {
                tokio::join!(cancel, pay);
            } else {
                tokio::join!(pay, cancel);
            }
            let (status, captured) = state(app, &order).await;
            match status.as_str() {
                "CONFIRMED" => assert_eq!(captured, 1_200),
                "CANCELED" => assert_eq!(captured, 0),
                other => panic!("the order is {other}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_authorization_seen_before_its_cancelation_does_not_confirm_the_order() {
    on_both_databases(async |app| {
        for _ in 0..20 {
            let order = placed(app, &[(700, 1)]).await;
            let cancel = async {
                order.request_close(app).await;
                settle(&app.state, order.payment).await.unwrap();
            };
            tokio::join!(order.finish(app, "AUTHORIZE"), cancel);
            settle(&app.state, order.payment).await.unwrap();
            let payload = order.sync(app).await;
            let payment = payload["payment"]["status"].as_str().unwrap();
            let status = payload["order"]["status"].as_str().unwrap();
            // Confirmed only with its authorization.
            let expected = [("AUTHORIZED", "CONFIRMED"), ("CANCELED", "CANCELED")];
            assert!(expected.contains(&(payment, status)), "{payment} {status}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_payment_of_another_amount_or_currency_never_confirms_the_order() {
    on_both_databases(async |app| {
        for change in [
            "amount = amount - 1, captured = amount - 1",
            "captured = amount + 1",
            "currency = 'EUR'",
        ] {
            let order = placed(app, &[(700, 1)]).await;
            let log = Log::capture();
            let test = id(app, order.payment.0);
            app.sql(&format!(
                "UPDATE test_payments SET status = 'CAPTURED', captured = amount WHERE id = {test}"
            ))
            .await;
            app.sql(&format!(
                "UPDATE test_payments SET {change} WHERE id = {test}"
            ))
            .await;
            assert_eq!(
                state(app, &order).await,
                ("PENDING".to_owned(), 0),
                "{change}"
            );
            assert_eq!(
                log.lines_with("payment differs at its provider").len(),
                1,
                "{change}"
            );
        }
        let (_, page) = app.anonymous().bytes("/metrics", &[]).await;
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(
            page.contains("\nwares_payment_mismatches_total 3\n"),
            "{page}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_payment_whose_creation_was_not_answered_is_created_later_under_its_id() {
    on_both_databases(async |app| {
        block(app, "test_payments", "INSERT").await;
        let order = placed(app, &[(700, 1)]).await;
        let status = "SELECT count(*) FROM payments WHERE status = 'NEW' AND reference IS NULL";
        assert_eq!(app.sql_number(status).await, 1);
        let input = json!({"paymentId": order.payment.encode(), "token": order.token});
        let response = app.anonymous().mutate("syncPayment", input, PAYMENT).await;
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE");
        let (_, page) = app.anonymous().bytes("/metrics", &[]).await;
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(
            page.contains("\nwares_payment_provider_failures_total 2\n"),
            "{page}"
        );
        unblock(app, "test_payments").await;
        // Not before its time.
        ask(app).await;
        assert_eq!(app.count("test_payments").await, 0);
        app.advance(Duration::from_secs(10));
        ask(app).await;
        assert_eq!(app.count("test_payments").await, 1);
        let paid = order.finish(app, "SUCCEED").await;
        assert_eq!(paid["order"]["status"], "CONFIRMED");
    })
    .await;
}

#[tokio::test]
async fn an_order_is_placed_while_the_provider_hangs() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let client = buyer(app, &[(&ids[0], 1)]).await;
        // Calls that never end occupy all permits.
        let calls = app.state.payment_calls.clone();
        let all = u32::try_from(calls.available_permits()).unwrap();
        let hanging = calls.acquire_many_owned(all).await.unwrap();
        let begun = Instant::now();
        let (order, token) = super::orders::placed(&client, "10.00", "TEST").await;
        let time = begun.elapsed();
        // The timeout of the call, and less than that of the request.
        assert!((7..10).contains(&time.as_secs()), "{time:?}");
        assert_eq!(order["status"], "PENDING");
        assert_eq!(app.count("test_payments").await, 0);
        drop(hanging);
        app.advance(Duration::from_secs(10));
        ask(app).await;
        let paid = super::order_life::finish(&client, &order, &token, "SUCCEED").await;
        assert_eq!(paid["order"]["status"], "CONFIRMED");
    })
    .await;
}

#[tokio::test]
async fn an_order_is_closed_only_after_its_unanswered_payment_is_canceled() {
    on_both_databases(async |app| {
        block(app, "test_payments", "INSERT").await;
        let order = placed(app, &[(700, 1)]).await;
        order.request_close(app).await;
        ask(app).await;
        assert_eq!(
            app.sql_number("SELECT count(*) FROM orders WHERE status = 'CLOSING'")
                .await,
            1
        );
        unblock(app, "test_payments").await;
        app.advance(Duration::from_mins(1));
        ask(app).await;
        assert_eq!(
            app.sql_number("SELECT count(*) FROM orders WHERE status = 'CANCELED'")
                .await,
            1
        );
        let canceled = "SELECT count(*) FROM test_payments WHERE status = 'CANCELED'";
        assert_eq!(app.sql_number(canceled).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_capture_that_is_reported_after_the_cancelation_of_its_order_is_refunded() {
    on_both_databases(async |app| {
        let order = placed(app, &[(700, 1)]).await;
        order.finish(app, "AUTHORIZE").await;
        app.sql("UPDATE orders SET status = 'CANCELED'").await;
        app.sql("UPDATE payments SET cancel_requested = true, capture_requested = true")
            .await;
        app.sql("UPDATE test_payments SET status = 'CAPTURED', captured = amount")
            .await;
        let captured = order.sync(app).await;
        assert_eq!(captured["payment"]["status"], "CAPTURED");
        assert_eq!(captured["order"]["refunds"][0]["status"], "PENDING");
        ask(app).await;
        let refunded = order.sync(app).await;
        assert_eq!(refunded["order"]["status"], "CANCELED");
        assert_eq!(refunded["order"]["paymentStatus"], "REFUNDED");
        assert_eq!(
            app.sql_number("SELECT refunded FROM test_payments").await,
            1_200
        );
    })
    .await;
}

#[tokio::test]
async fn the_worker_settles_payments_of_buyers_who_do_not_come_back() {
    on_both_databases(async |app| {
        let mut orders = Vec::new();
        for _ in 0..40 {
            orders.push(placed(app, &[(700, 1)]).await);
        }
        app.sql("UPDATE test_payments SET status = 'CAPTURED', captured = amount")
            .await;
        ask(app).await;
        let confirmed = "SELECT count(*) FROM orders WHERE status = 'CONFIRMED'";
        assert_eq!(app.sql_number(confirmed).await, 0);
        app.advance(Duration::from_secs(2));
        tokio::join!(ask(app), ask(app));
        assert_eq!(app.sql_number(confirmed).await, 40);
        assert_eq!(
            app.sql_number("SELECT count(*) FROM payments WHERE look_at IS NOT NULL")
                .await,
            0
        );
        assert_eq!(app.count("payment_entries").await, 40);
    })
    .await;
}

#[tokio::test]
async fn the_worker_waits_longer_after_each_look_without_a_change() {
    on_both_databases(async |app| {
        placed(app, &[(700, 1)]).await;
        let wait = async || {
            let look_at = app.sql_number("SELECT look_at FROM payments").await;
            (look_at - app.state.clock.now().0) / 1_000_000
        };
        let mut waits = vec![wait().await];
        for _ in 0..14 {
            app.advance(Duration::from_secs(u64::try_from(wait().await).unwrap()));
            ask(app).await;
            waits.push(wait().await);
        }
        assert_eq!(waits[..5], [2, 2, 4, 8, 16]);
        assert_eq!(waits[12..], [3_600, 3_600, 3_600]);
    })
    .await;
}

#[tokio::test]
async fn the_ledger_can_not_be_changed() {
    on_both_databases(async |app| {
        let order = placed(app, &[(700, 1)]).await;
        order.finish(app, "SUCCEED").await;
        for sql in [
            "UPDATE payment_entries SET amount = 1",
            "DELETE FROM payment_entries",
            "DELETE FROM payments",
            "UPDATE orders SET total = 1, items = 1, shipping = 0",
            "UPDATE orders SET captured = total + 1",
            "UPDATE orders SET refunded = captured + 1",
        ] {
            let transaction = app.state.db.begin().await.unwrap();
            let done = sea_orm::ConnectionTrait::execute_unprepared(&transaction, sql).await;
            assert!(done.is_err(), "{sql}");
        }
    })
    .await;
}

#[tokio::test]
async fn many_payments_are_read_with_one_statement_each() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let mut ids = Vec::new();
        let mut counts = Vec::new();
        for _ in 0..6 {
            let order = placed(app, &[(700, 1)]).await;
            order.finish(app, "SUCCEED").await;
            ids.push(Value::from(order.payment.encode()));
            let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Payment { status captured { amount } } } }";
            let read = admin.data(query, json!({"ids": ids}));
            counts.push(app.record_statements(read).await.len());
        }
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    })
    .await;
}

/// Makes statements of this kind on a table of the test provider fail.
pub async fn block(app: &App, table: &str, statement: &str) {
    match app.backend {
        Backend::Sqlite => {
            app.sql(&format!(
                "CREATE TRIGGER {table}_blocked BEFORE {statement} ON {table} BEGIN SELECT RAISE(ABORT, 'blocked'); END"
            ))
            .await;
        }
        Backend::Postgres => {
            app.sql("CREATE FUNCTION blocked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'blocked'; END $$")
                .await;
            app.sql(&format!(
                "CREATE TRIGGER {table}_blocked BEFORE {statement} ON {table} FOR EACH ROW EXECUTE FUNCTION blocked()"
            ))
            .await;
        }
    }
}

/// Makes the table usable again.
pub async fn unblock(app: &App, table: &str) {
    match app.backend {
        Backend::Sqlite => app.sql(&format!("DROP TRIGGER {table}_blocked")).await,
        Backend::Postgres => app.sql("DROP FUNCTION blocked() CASCADE").await,
    }
}
