//! Canceling units of orders, notes and addresses.

use std::time::Duration;

use serde_json::{Value, json};
use wares::sales::order::entity::Status;

use super::errors;
use super::placed_orders::{line, order, stock, unconfirmed, variants};
use crate::harness::{Client, on_both_databases};

const ORDER: &str =
    "order { status fulfillmentStatus version shippingAddress { name street1 city country }
    billingAddress { name country } }";

async fn cancel(admin: &Client, input: Value) -> Value {
    admin.run_mutation("cancelOrderLines", input, ORDER).await
}

#[tokio::test]
async fn units_that_cannot_be_delivered_are_canceled() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan", "pot"]).await;
        let placed = order(
            app,
            vec![line(ids[0], "PAN", 3), line(ids[1], "POT", 1)],
            |_| (),
        )
        .await;
        let lines = |lines: &[(usize, i32)]| {
            let lines = lines.iter();
            let lines: Vec<_> = lines
                .map(|(line, quantity)| json!({"lineId": placed.line(*line), "quantity": quantity}))
                .collect();
            json!({"orderId": placed.id(), "lines": lines, "reason": "Broken in the warehouse", "refund": false})
        };
        let canceled = cancel(&admin, lines(&[(0, 1)])).await;
        assert_eq!(canceled["userErrors"], json!([]));
        assert_eq!(canceled["order"]["version"], 2);
        assert_eq!(canceled["order"]["fulfillmentStatus"], "NONE");
        assert_eq!(stock(app, ids[0]).await, (5, 2));
        app.advance(Duration::from_secs(1));
        let refused = cancel(&admin, lines(&[(1, 1), (0, 3)])).await;
        assert_eq!(errors(&refused), [("CONFLICT", "lines.1.quantity")]);
        assert_eq!(stock(app, ids[1]).await, (5, 1));
        let fulfill =
            json!({"orderId": placed.id(), "lines": [{"lineId": placed.line(0), "quantity": 2}]});
        admin.run_mutation("fulfillOrder", fulfill, ORDER).await;
        // What is left is canceled: nothing is open any more.
        let canceled = cancel(&admin, lines(&[(1, 1)])).await;
        assert_eq!(canceled["order"]["fulfillmentStatus"], "FULFILLED");
        let refused = cancel(&admin, lines(&[(0, 1)])).await;
        assert_eq!(errors(&refused), [("CONFLICT", "lines.0.quantity")]);
        assert_eq!(
            refused["userErrors"][0]["message"],
            "No units of this line are left."
        );
        assert_eq!(stock(app, ids[0]).await, (3, 0));
        assert_eq!(stock(app, ids[1]).await, (5, 0));
        let query = "{ orders { nodes { timeline { nodes { kind units text } } } } }";
        let timeline = &admin.data(query, json!({})).await["orders"]["nodes"][0]["timeline"];
        assert_eq!(
            timeline["nodes"][0],
            json!({"kind": "LINES_CANCELED", "units": 1, "text": "Broken in the warehouse"})
        );
        let long = json!({"orderId": placed.id(), "lines": [], "reason": "x".repeat(501)});
        let refused = cancel(&admin, long).await;
        assert_eq!(
            errors(&refused),
            [("BAD_USER_INPUT", "lines"), ("BAD_USER_INPUT", "reason")]
        );
    })
    .await;
}

#[tokio::test]
async fn units_of_closed_orders_are_not_canceled() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        for (status, code) in [
            (Status::Pending, "CONFLICT"),
            (Status::Canceled, "ORDER_CLOSED"),
        ] {
            let lines = vec![line(ids[0], "PAN", 1)];
            let placed = order(app, lines, |row| unconfirmed(row, status)).await;
            let lines = json!([{"lineId": placed.line(0), "quantity": 1}]);
            let refused = cancel(&admin, json!({"orderId": placed.id(), "lines": lines})).await;
            assert_eq!(errors(&refused), [(code, "orderId")]);
        }
    })
    .await;
}

fn address(name: &str, country: &str) -> Value {
    json!({"name": name, "street1": "Neue Str. 2", "city": "Bern", "postalCode": "3011", "country": country})
}

#[tokio::test]
async fn addresses_change_until_something_is_fulfilled() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 2)], |row| row.country = Some("CH".to_owned())).await;
        let update = async |input: Value| {
            let mut input = input;
            input["orderId"] = json!(placed.id());
            admin.run_mutation("updateOrderAddress", input, ORDER).await
        };
        let changed = update(json!({"shippingAddress": address("Zoe Miller", "CH"), "billingAddress": address("Zoe", "FR")})).await;
        // Postal codes of France have 5 digits.
        assert_eq!(errors(&changed), [("BAD_USER_INPUT", "billingAddress.postalCode")]);
        let changed = update(json!({"shippingAddress": address("Zoe Miller", "CH")})).await;
        assert_eq!(
            changed["order"]["shippingAddress"],
            json!({"name": "Zoe Miller", "street1": "Neue Str. 2", "city": "Bern", "country": "CH"})
        );
        assert_eq!(changed["order"]["version"], 2);
        let found = admin.data("{ orders(search: \"zoe\") { totalCount } }", json!({})).await;
        assert_eq!(found["orders"]["totalCount"], 1);
        let same = update(json!({"shippingAddress": address("Zoe Miller", "CH")})).await;
        assert_eq!(same["order"]["version"], 2);
        let billing = json!({"name": "Shop AG", "street1": "Rue 1", "city": "Paris", "postalCode": "75001", "country": "FR"});
        let changed = update(json!({"billingAddress": billing})).await;
        assert_eq!(changed["order"]["billingAddress"], json!({"name": "Shop AG", "country": "FR"}));
        let changed = update(json!({"billingAddress": null})).await;
        assert_eq!(changed["order"]["billingAddress"], Value::Null);
        let refused = update(json!({"shippingAddress": null})).await;
        assert_eq!(errors(&refused), [("BAD_USER_INPUT", "shippingAddress")]);
        let abroad = json!({"name": "Zoe", "street1": "Rue 1", "city": "Paris", "postalCode": "75001", "country": "FR"});
        let refused = update(json!({"shippingAddress": abroad})).await;
        assert_eq!(errors(&refused), [("BAD_USER_INPUT", "shippingAddress.country")]);
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("taxes and the shipping of CH"), "{message}");
        let query = "{ orders { nodes { timeline { totalCount nodes { kind actor { email } oldAddress { name country } } } } } }";
        let timeline = admin.data(query, json!({})).await["orders"]["nodes"][0]["timeline"].clone();
        assert_eq!(timeline["totalCount"], 3);
        let events = timeline["nodes"].as_array().unwrap().iter();
        let old = events.map(|event| event["oldAddress"]["name"].as_str().unwrap_or_default());
        let mut old: Vec<_> = old.collect();
        old.sort_unstable();
        assert_eq!(old, ["", "Ann Miller", "Shop AG"]);
        assert_eq!(timeline["nodes"][0]["actor"]["email"], "admin@shop.example");
        let input = json!({"orderId": placed.id(), "lines": [{"lineId": placed.line(0), "quantity": 1}]});
        admin.run_mutation("fulfillOrder", input, ORDER).await;
        let refused = update(json!({"shippingAddress": address("Late", "CH")})).await;
        assert_eq!(errors(&refused), [("CONFLICT", "orderId")]);
    })
    .await;
}

#[tokio::test]
async fn addresses_of_closed_orders_and_of_orders_without_shipping_stay() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        for (status, code) in [
            (Status::Closing, "CONFLICT"),
            (Status::Canceled, "ORDER_CLOSED"),
            (Status::Expired, "ORDER_CLOSED"),
        ] {
            let lines = vec![line(ids[0], "PAN", 1)];
            let placed = order(app, lines, |row| unconfirmed(row, status)).await;
            let input = json!({"orderId": placed.id(), "billingAddress": null});
            let refused = admin.run_mutation("updateOrderAddress", input, ORDER).await;
            assert_eq!(errors(&refused), [(code, "orderId")]);
        }
        let placed = order(app, vec![line(ids[0], "PAN", 1)], |row| {
            row.country = None;
            row.shipping_address = None;
        })
        .await;
        let input = json!({"orderId": placed.id(), "shippingAddress": address("Zoe Miller", "CH")});
        let refused = admin.run_mutation("updateOrderAddress", input, ORDER).await;
        assert_eq!(errors(&refused), [("BAD_USER_INPUT", "shippingAddress")]);
        assert_eq!(app.count("order_events").await, 0);
    })
    .await;
}
