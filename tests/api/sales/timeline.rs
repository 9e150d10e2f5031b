//! Notes and timelines of orders.

use std::time::Duration;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};
use serde_json::{Value, json};
use wares::core::viewer::Viewer;
use wares::graphql::dataloader::Loaders;
use wares::sales::order::entity::{Entity, Status};
use wares::sales::order::graphql::Order;

use super::errors;
use super::placed_orders::{Placed, line, order, unconfirmed, variants};
use crate::harness::{App, Client, on_both_databases};

/// Shows all orders to any viewer, as if it had their tokens.
struct OpenOrders(Vec<wares::sales::order::entity::Model>);

#[Object]
impl OpenOrders {
    async fn orders(&self) -> Vec<Order> {
        self.0.iter().cloned().map(Order::from).collect()
    }
}

/// Runs a query on all orders as their buyer, who is not signed in.
async fn as_buyer(app: &App, query: &str) -> Value {
    use sea_orm::{EntityTrait, QueryOrder};
    let rows = Entity::find().order_by_asc(wares::sales::order::entity::Column::Id);
    let rows = rows.all(app.state.db.reader()).await.unwrap();
    let schema = Schema::new(OpenOrders(rows), EmptyMutation, EmptySubscription);
    let loaders = Loaders::new(&app.state, Viewer::Anonymous);
    let request = Request::new(query)
        .data(app.state.clone())
        .data(Viewer::Anonymous);
    let response = wares::api::schema::execute(&schema, request, loaders).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_value(response.data).unwrap()
}

async fn note(admin: &Client, order: &Placed, text: &str, public: bool) -> Value {
    let input = json!({"orderId": order.id(), "text": text, "public": public});
    let payload = admin
        .run_mutation("addOrderNote", input, "order { version }")
        .await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["order"]["version"].clone()
}

#[tokio::test]
async fn buyers_see_neither_private_notes_nor_who_did_something() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 1)], |_| ()).await;
        assert_eq!(note(&admin, &placed, " Seems to be fraud\nCheck ", false).await, 2);
        app.advance(Duration::from_secs(1));
        note(&admin, &placed, "We pack it tomorrow", true).await;
        app.advance(Duration::from_secs(1));
        let input = json!({"orderId": placed.id(), "billingAddress": super::placed_orders::input("Zoe")});
        let done = admin.run_mutation("updateOrderAddress", input, "order { id }").await;
        assert_eq!(done["userErrors"], json!([]));
        app.sql("UPDATE order_events SET old_address = '{\"name\":\"Ann\",\"street1\":\"S\",\"country\":\"DE\"}' WHERE kind = 'ADDRESS_UPDATED'")
            .await;
        app.advance(Duration::from_secs(1));
        let done = admin.run_mutation("fulfillOrder", json!({"orderId": placed.id()}), "order { id }").await;
        assert_eq!(done["userErrors"], json!([]));
        let timeline = "timeline { totalCount nodes { kind public text units actor { email } oldAddress { name }
            fulfillment { lines { quantity } } amount { amount } } }";
        let seen = as_buyer(app, &format!("{{ orders {{ {timeline} }} }}")).await["orders"][0]["timeline"].clone();
        assert_eq!(seen["totalCount"], 3);
        let event = |kind: &str, text: Value, units: Value, lines: Value| {
            json!({"kind": kind, "public": true, "text": text, "units": units, "actor": null, "oldAddress": null,
                "fulfillment": lines, "amount": null})
        };
        let null = || Value::Null;
        assert_eq!(
            seen["nodes"],
            json!([
                event("NOTE", json!("We pack it tomorrow"), null(), null()),
                event("ADDRESS_UPDATED", null(), null(), null()),
                event("FULFILLED", null(), json!(1), json!({"lines": [{"quantity": 1}]})),
            ])
        );
        let query = format!("{{ orders(first: 1) {{ nodes {{ {timeline} }} }} }}");
        let all = admin.data(&query, json!({})).await["orders"]["nodes"][0]["timeline"].clone();
        assert_eq!(all["totalCount"], 4);
        let first = &all["nodes"][0];
        assert_eq!(first["text"], "Seems to be fraud\nCheck");
        assert_eq!((&first["public"], &first["actor"]["email"]), (&json!(false), &json!("admin@shop.example")));
        assert_eq!(all["nodes"][2]["oldAddress"]["name"], "Ann");
    })
    .await;
}

#[tokio::test]
async fn notes_are_checked_and_allowed_for_every_order() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 1)], |row| {
            unconfirmed(row, Status::Expired);
        })
        .await;
        note(&admin, &placed, &"é".repeat(2_000), true).await;
        for text in ["", " \n ", &"x".repeat(2_001)] {
            let input = json!({"orderId": placed.id(), "text": text});
            let refused = admin
                .run_mutation("addOrderNote", input, "order { id }")
                .await;
            assert_eq!(errors(&refused), [("BAD_USER_INPUT", "text")], "{text:?}");
        }
        assert_eq!(app.count("order_events").await, 1);
    })
    .await;
}

#[tokio::test]
async fn timelines_are_paged_in_both_directions() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let placed = order(app, vec![line(ids[0], "PAN", 1)], |_| ()).await;
        // All at the same time: ties are broken by id.
        for number in 0..5 {
            note(&admin, &placed, &format!("{number}"), number % 2 == 0).await;
        }
        let page = async |arguments: &str| {
            let query = format!(
                "{{ orders {{ nodes {{ timeline({arguments}) {{ totalCount nodes {{ text }}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }} }}"
            );
            admin.data(&query, json!({})).await["orders"]["nodes"][0]["timeline"].clone()
        };
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let next = page(&format!("first: 2{after}")).await;
            assert_eq!(next["totalCount"], 5);
            found.extend(next["nodes"].as_array().unwrap().clone());
            if next["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = format!(", after: {}", next["pageInfo"]["endCursor"]);
        }
        assert_eq!(found.len(), 5);
        let last = page("last: 2").await;
        assert_eq!(last["nodes"], json!(found[3..]));
        let before = page(&format!(
            "last: 2, before: {}",
            last["pageInfo"]["startCursor"]
        ))
        .await;
        assert_eq!(before["nodes"], json!(found[1..3]));
        found.sort_unstable_by_key(ToString::to_string);
        found.dedup();
        assert_eq!(found.len(), 5);
        let seen = as_buyer(
            app,
            "{ orders { timeline(first: 2) { nodes { text } pageInfo { hasNextPage } } } }",
        )
        .await;
        assert_eq!(
            seen["orders"][0]["timeline"]["nodes"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        assert_eq!(
            seen["orders"][0]["timeline"]["pageInfo"]["hasNextPage"],
            true
        );
    })
    .await;
}

#[tokio::test]
async fn timelines_and_fulfillments_of_a_list_cost_one_statement_each() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &["pan"]).await;
        let query = "{ orders(first: 5) { nodes { timeline(first: 3) { totalCount nodes { kind fulfillment { id } actor { id } } }
            fulfillments { lines { line { id } } } } } }";
        let statements = async || {
            let send = async { _ = admin.data(query, json!({})).await };
            app.record_statements(send).await.len()
        };
        let make = async || {
            let placed = order(app, vec![line(ids[0], "PAN", 1)], |_| ()).await;
            note(&admin, &placed, "x", true).await;
            let input = json!({"orderId": placed.id()});
            admin.run_mutation("fulfillOrder", input, "order { id }").await;
        };
        make().await;
        let one = statements().await;
        for _ in 0..4 {
            make().await;
        }
        assert_eq!(statements().await, one);
    })
    .await;
}
