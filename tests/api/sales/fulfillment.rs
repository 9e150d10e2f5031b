//! Fulfilling orders.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::order::entity::Status;

use super::errors;
use super::placed_orders::{line, order, stock, unconfirmed, variants};
use crate::harness::{Client, on_both_databases};

const DONE: &str = "order { status fulfillmentStatus version } fulfillment { id trackingCompany trackingNumber trackingUrl
    canceledAt lines { quantity line { id fulfilled open } } }";

async fn fulfill(admin: &Client, input: Value) -> Value {
    admin.run_mutation("fulfillOrder", input, DONE).await
}

#[tokio::test]
async fn an_order_is_fulfilled_in_parts_and_then_as_a_whole() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan", "pot"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 3), line(ids[1], "POT", 1)], |_| ()).await;
        assert_eq!(stock(app, ids[0]).await, (5, 3));
        let part = fulfill(
            &admin,
            json!({"orderId": placed.id(), "lines": [{"lineId": placed.line(0), "quantity": 2}],
                "trackingCompany": " DHL ", "trackingNumber": "0034", "trackingUrl": "https://dhl.example/0034",
                "expectedVersion": 1}),
        )
        .await;
        assert_eq!(part["userErrors"], json!([]));
        assert_eq!(
            part["order"],
            json!({"status": "CONFIRMED", "fulfillmentStatus": "PARTIAL", "version": 2})
        );
        let fulfillment = &part["fulfillment"];
        assert_eq!(fulfillment["trackingCompany"], "DHL");
        assert_eq!(fulfillment["trackingUrl"], "https://dhl.example/0034");
        assert_eq!(
            fulfillment["lines"],
            json!([{"quantity": 2, "line": {"id": placed.line(0), "fulfilled": 2, "open": 1}}])
        );
        assert_eq!(stock(app, ids[0]).await, (3, 1));
        assert_eq!(stock(app, ids[1]).await, (5, 1));
        app.advance(Duration::from_secs(1));
        let rest = fulfill(&admin, json!({"orderId": placed.id(), "notify": false})).await;
        assert_eq!(rest["order"]["fulfillmentStatus"], "FULFILLED");
        assert_eq!(rest["fulfillment"]["trackingNumber"], Value::Null);
        assert_eq!(rest["fulfillment"]["lines"].as_array().unwrap().len(), 2);
        assert_eq!(stock(app, ids[0]).await, (2, 0));
        assert_eq!(stock(app, ids[1]).await, (4, 0));
        let more = fulfill(&admin, json!({"orderId": placed.id()})).await;
        assert_eq!(errors(&more), [("CONFLICT", "orderId")]);
        let query = format!(
            "{{ orders {{ nodes {{ fulfillments {{ lines {{ quantity }} }} }} }}
                auditLog(filter: {{subjectId: \"{}\"}}) {{ nodes {{ action subjectName changes {{ field before after }} }} }} }}",
            placed.id()
        );
        let data = admin.data(&query, json!({})).await;
        assert_eq!(
            data["orders"]["nodes"][0]["fulfillments"],
            json!([{"lines": [{"quantity": 2}]}, {"lines": [{"quantity": 1}, {"quantity": 1}]}])
        );
        let entry = &data["auditLog"]["nodes"][0];
        assert_eq!(entry["action"], "fulfillOrder");
        assert_eq!(entry["subjectName"], "#1001");
        assert_eq!(
            entry["changes"],
            json!([{"field": "units", "before": null, "after": "1 x PAN, 1 x POT"},
                {"field": "fulfillmentStatus", "before": "PARTIAL", "after": "FULFILLED"}])
        );
    })
    .await;
}

#[tokio::test]
async fn more_units_than_are_open_are_refused_by_line() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan", "pot"]).await;
        let placed = order(
            app,
            vec![line(ids[0], "PAN", 3), line(ids[1], "POT", 1)],
            |_| (),
        )
        .await;
        let lines = |lines: &[(String, i32)]| {
            let lines = lines.iter();
            let lines: Vec<_> = lines
                .map(|(line, quantity)| json!({"lineId": line, "quantity": quantity}))
                .collect();
            json!({"orderId": placed.id(), "lines": lines})
        };
        let (pan, pot) = (placed.line(0), placed.line(1));
        let refused = fulfill(&admin, lines(&[(pan.clone(), 3), (pot.clone(), 2)])).await;
        assert_eq!(errors(&refused), [("CONFLICT", "lines.1.quantity")]);
        assert_eq!(
            refused["userErrors"][0]["message"],
            "Only 1 unit of this line is left."
        );
        assert_eq!(refused["order"], Value::Null);
        // Counted together.
        let refused = fulfill(&admin, lines(&[(pan.clone(), 2), (pan.clone(), 2)])).await;
        assert_eq!(errors(&refused), [("CONFLICT", "lines.1.quantity")]);
        assert_eq!(
            refused["userErrors"][0]["message"],
            "Only 3 units of this line are left."
        );
        let refused = fulfill(&admin, lines(&[(pan.clone(), 0), (pot.clone(), 10_001)])).await;
        assert_eq!(
            errors(&refused),
            [
                ("BAD_USER_INPUT", "lines.0.quantity"),
                ("BAD_USER_INPUT", "lines.1.quantity")
            ]
        );
        let refused = fulfill(&admin, lines(&[])).await;
        assert_eq!(errors(&refused), [("BAD_USER_INPUT", "lines")]);
        let other = order(app, vec![line(ids[0], "PAN", 1)], |_| ()).await;
        let refused = fulfill(&admin, lines(&[(pan, 1), (other.line(0), 1)])).await;
        assert_eq!(errors(&refused), [("NOT_FOUND", "lines.1.lineId")]);
        let stale = json!({"orderId": placed.id(), "expectedVersion": 2});
        let refused = fulfill(&admin, stale).await;
        assert_eq!(errors(&refused), [("CONFLICT", "expectedVersion")]);
        for url in [
            "javascript:alert(1)",
            "ftp://dhl.example",
            "dhl.example",
            "https://me:pw@dhl.example",
        ] {
            let input = json!({"orderId": placed.id(), "trackingUrl": url});
            let refused = fulfill(&admin, input).await;
            assert_eq!(
                errors(&refused),
                [("BAD_USER_INPUT", "trackingUrl")],
                "{url}"
            );
        }
        assert_eq!(stock(app, ids[0]).await, (5, 4));
        assert_eq!(app.count("fulfillments").await, 0);
        assert_eq!(app.count("order_events").await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_confirmed_orders_are_fulfilled() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        for (status, code) in [
            (Status::Pending, "CONFLICT"),
            (Status::Closing, "CONFLICT"),
            (Status::Canceled, "ORDER_CLOSED"),
            (Status::Expired, "ORDER_CLOSED"),
        ] {
            let placed = order(app, vec![line(ids[0], "PAN", 1)], |row| {
                unconfirmed(row, status);
            })
            .await;
            let refused = fulfill(&admin, json!({"orderId": placed.id()})).await;
            assert_eq!(errors(&refused), [(code, "orderId")], "{status:?}");
        }
        assert_eq!(app.count("fulfillments").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_fulfilled_twice_at_once_is_shipped_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 3)], |_| ()).await;
        let once = || fulfill(&admin, json!({"orderId": placed.id()}));
        let done = join_all((0..5).map(|_| once())).await;
        let refused = done.iter().filter(|payload| payload["order"].is_null());
        let refused: Vec<_> = refused.map(errors).collect();
        assert_eq!(refused, vec![vec![("CONFLICT", "orderId")]; 4]);
        assert_eq!(stock(app, ids[0]).await, (2, 0));
        assert_eq!(app.count("fulfillments").await, 1);
        assert_eq!(app.count("order_events").await, 1);
    })
    .await;
}

#[tokio::test]
async fn variants_without_a_stock_or_that_were_deleted_are_fulfilled_too() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let mut untracked = line(ids[0], "PAN", 3);
        untracked.tracked = false;
        let gone = line(
            wares::catalog::product::entity::variant::VariantId(uuid::Uuid::now_v7()),
            "OLD",
            1,
        );
        let placed = order(app, vec![untracked, gone], |_| ()).await;
        let done = fulfill(&admin, json!({"orderId": placed.id()})).await;
        assert_eq!(done["order"]["fulfillmentStatus"], "FULFILLED");
        assert_eq!(stock(app, ids[0]).await, (5, 0));
    })
    .await;
}

#[tokio::test]
async fn a_canceled_fulfillment_opens_its_units_again() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 3)], |_| ()).await;
        let input = json!({"orderId": placed.id(), "lines": [{"lineId": placed.line(0), "quantity": 2}]});
        let first = fulfill(&admin, input).await;
        let id = first["fulfillment"]["id"].clone();
        fulfill(&admin, json!({"orderId": placed.id()})).await;
        assert_eq!(stock(app, ids[0]).await, (2, 0));
        let cancel = || admin.run_mutation("cancelFulfillment", json!({"id": id}), DONE);
        let canceled = cancel().await;
        assert_eq!(canceled["order"]["fulfillmentStatus"], "PARTIAL");
        assert_eq!(canceled["order"]["version"], 4);
        assert_eq!(canceled["fulfillment"]["canceledAt"], "2026-01-01T00:00:00.000000Z");
        assert_eq!(canceled["fulfillment"]["lines"][0]["line"]["open"], 2);
        assert_eq!(stock(app, ids[0]).await, (4, 2));
        assert_eq!(errors(&cancel().await), [("CONFLICT", "id")]);
        let update = json!({"id": id, "trackingNumber": "1"});
        let update = admin.run_mutation("updateFulfillment", update, DONE).await;
        assert_eq!(errors(&update), [("CONFLICT", "id")]);
        assert_eq!(stock(app, ids[0]).await, (4, 2));
        let again = fulfill(&admin, json!({"orderId": placed.id()})).await;
        assert_eq!(again["order"]["fulfillmentStatus"], "FULFILLED");
        // Units that came back can't be taken out of their fulfillment.
        app.sql("UPDATE order_lines SET returned = 3").await;
        let input = json!({"id": again["fulfillment"]["id"]});
        let refused = admin.run_mutation("cancelFulfillment", input, DONE).await;
        assert_eq!(errors(&refused), [("CONFLICT", "id")]);
        let unknown = json!({"id": wares::sales::order::entity::fulfillment::FulfillmentId(uuid::Uuid::now_v7()).encode()});
        let refused = admin.run_mutation("cancelFulfillment", unknown, DONE).await;
        assert_eq!(errors(&refused), [("NOT_FOUND", "id")]);
    })
    .await;
}

#[tokio::test]
async fn the_tracking_of_a_fulfillment_is_changed() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 3)], |_| ()).await;
        let input =
            json!({"orderId": placed.id(), "trackingCompany": "DHL", "trackingNumber": "1"});
        let id = fulfill(&admin, input).await["fulfillment"]["id"].clone();
        let change =
            json!({"id": id, "trackingNumber": null, "trackingUrl": "http://dhl.example/1"});
        let changed = admin
            .run_mutation("updateFulfillment", change.clone(), DONE)
            .await;
        assert_eq!(changed["order"]["version"], 3);
        assert_eq!(changed["fulfillment"]["trackingCompany"], "DHL");
        assert_eq!(changed["fulfillment"]["trackingNumber"], Value::Null);
        assert_eq!(
            changed["fulfillment"]["trackingUrl"],
            "http://dhl.example/1"
        );
        let same = admin.run_mutation("updateFulfillment", change, DONE).await;
        assert_eq!(same["order"]["version"], 3);
        let bad = json!({"id": id, "trackingCompany": "x".repeat(101), "trackingUrl": "x"});
        let refused = admin.run_mutation("updateFulfillment", bad, DONE).await;
        assert_eq!(
            errors(&refused),
            [
                ("BAD_USER_INPUT", "trackingCompany"),
                ("BAD_USER_INPUT", "trackingUrl")
            ]
        );
    })
    .await;
}
