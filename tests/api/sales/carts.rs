//! Carts: lines are added, counted up, changed and removed; each mutation returns the whole cart.

use std::time::Duration;

use serde_json::{Value, json};
use wares::catalog::product::entity::Model as Product;

use super::{CART, add, cart, errors, guest, problems, quantities, variant_of, variants};
use crate::harness::{App, on_both_databases, on_both_databases_with};
use wares::sales::cart::service;

#[tokio::test]
async fn guest_fills_a_cart() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let client = app.anonymous();
        let input = json!({"lines": [{"variantId": ids[0]}]});
        let select = format!("{CART} cartToken");
        let payload = client.run_mutation("createCart", input, &select).await;
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(quantities(&payload["cart"]), [1]);
        let client = client.with_cart_token(payload["cartToken"].as_str().unwrap());

        let before = add(&client, &ids[1], 3).await;
        assert_eq!(quantities(&before), [1, 3]);
        assert_eq!(before["quantity"], 4);
        assert_eq!(before["id"], payload["cart"]["id"]);
        let after = add(&client, &ids[0], 2).await;
        assert_eq!(quantities(&after), [3, 3], "counted up");
        let version = |cart: &Value| cart["version"].as_i64().unwrap();
        assert_eq!(version(&after), version(&before) + 1);
        assert_eq!(after["lines"][0]["id"], before["lines"][0]["id"]);
        assert_eq!(after["lines"][0]["variant"]["id"], json!(ids[0]));
        assert_eq!(after["lines"][0]["seenPrice"]["amount"], "10.00");
        assert_eq!(cart(&client).await, after);

        let line = |index: usize| after["lines"][index]["id"].clone();
        let input = json!({"lines": [{"lineId": line(0), "quantity": 0}, {"lineId": line(1), "quantity": 7}]});
        let payload = client.run_mutation("updateCartLines", input, CART).await;
        assert_eq!(quantities(&payload["cart"]), [7]);
        assert_eq!(payload["cart"]["lines"][0]["id"], line(1));

        // The same quantity again is no change.
        let input = json!({"lines": [{"lineId": line(1), "quantity": 7}]});
        let again = client.run_mutation("updateCartLines", input, CART).await;
        assert_eq!(again["cart"]["version"], payload["cart"]["version"]);
        let input = json!({"lines": [{"lineId": line(1), "quantity": 0}]});
        let payload = client.run_mutation("updateCartLines", input, CART).await;
        assert_eq!(payload["cart"]["lines"], json!([]));
        assert!(problems(&payload["cart"]).contains(&"CART_EMPTY"));
        assert_eq!(app.count("cart_lines").await, 0);
    })
    .await;
}

#[tokio::test]
async fn customer_has_one_cart_on_all_devices() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let customer = app.customer().await;
        assert_eq!(cart(&customer).await, Value::Null);
        let first = add(&customer, &ids[0], 1).await;
        let other_device = app.customer().await;
        let second = add(&other_device, &ids[0], 1).await;
        assert_eq!(first["id"], second["id"]);
        assert_eq!(quantities(&cart(&customer).await), [2]);
        // `createCart` adds to it, too.
        let input = json!({"lines": [{"variantId": ids[0], "quantity": 3}]});
        let payload = customer
            .run_mutation("createCart", input, &format!("{CART} cartToken"))
            .await;
        assert_eq!(payload["cartToken"], Value::Null);
        assert_eq!(quantities(&payload["cart"]), [5]);
        assert_eq!(app.count("carts").await, 1);
        // The account has an email address.
        assert_eq!(problems(&payload["cart"]), ["SHIPPING_ADDRESS_MISSING"]);
    })
    .await;
}

#[tokio::test]
async fn attributes_distinguish_lines_regardless_of_their_order() {
    on_both_databases(async |app| {
        let ids = variants(app, &["ring"]).await;
        let (client, _) = guest(app).await;
        let engraved = json!([{"name": "Text", "value": "Ann"}, {"name": "Font", "value": "Serif"}]);
        let reordered = json!([{"name": "Font", "value": "Serif"}, {"name": " Text ", "value": "Ann"}]);
        let other = json!([{"name": "Text", "value": "Bea"}, {"name": "Font", "value": "Serif"}]);
        let line = |attributes: &Value| json!({"variantId": ids[0], "attributes": attributes});
        let input = json!({"lines": [line(&engraved), line(&other), line(&reordered), {"variantId": ids[0]}]});
        let payload = client.run_mutation("addCartLines", input, CART).await;
        assert_eq!(errors(&payload), []);
        assert_eq!(quantities(&payload["cart"]), [2, 1, 1]);
        assert_eq!(payload["cart"]["lines"][0]["attributes"], engraved);
        assert_eq!(payload["cart"]["lines"][2]["attributes"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_same_variant_twice_in_one_call_is_counted_together() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let line = |quantity: i32| json!({"variantId": ids[0], "quantity": quantity});
        let input = json!({"lines": [line(4_000), line(6_000)]});
        let payload = client.run_mutation("addCartLines", input, CART).await;
        assert_eq!(quantities(&payload["cart"]), [10_000]);
        let input = json!({"lines": [line(1)]});
        let payload = client.run_mutation("addCartLines", input, CART).await;
        assert_eq!(errors(&payload), [("BAD_USER_INPUT", "lines.0.quantity")]);
        assert_eq!(quantities(&cart(&client).await), [10_000]);
    })
    .await;
}

#[tokio::test]
async fn unchanged_cart_is_deleted_after_its_lifetime() {
    on_both_databases_with(&["--cart-lifetime=2d"], async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let (other, _) = guest(app).await;
        add(&other, &ids[0], 1).await;
        app.advance(Duration::from_hours(36));
        add(&client, &ids[0], 1).await;
        app.advance(Duration::from_hours(36));
        service::delete_expired(&app.state).await.unwrap();
        assert_eq!(app.count("carts").await, 1);
        assert_eq!(app.count("cart_lines").await, 1);
        assert_eq!(quantities(&cart(&client).await), [1]);
        let gone = other.send("{ cart { id } }", json!({})).await;
        assert_eq!(gone.code(), "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test]
async fn the_cart_is_deleted_with_the_account() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let customer = app.customer().await;
        add(&customer, &ids[0], 1).await;
        let input = json!({"password": crate::harness::PASSWORD});
        let payload = customer.run_mutation("deleteMe", input, "userId").await;
        assert!(payload["userId"].is_string(), "{payload}");
        assert_eq!(app.count("carts").await, 0);
        assert_eq!(app.count("cart_lines").await, 0);
    })
    .await;
}

/// Returns the statements of adding this many lines, and of reading the cart.
async fn statements(app: &App, lines: usize) -> (usize, usize) {
    let position = i32::try_from(lines).unwrap();
    let category = app.shop().root(&format!("c{lines}"), position).await;
    let mut input = Vec::new();
    for number in 0..lines {
        let slug = format!("p{lines}-{number}");
        let product: Product = app.shop().product(&slug, &category, |_| ()).await;
        input.push(json!({"variantId": variant_of(&product)}));
    }
    let (client, _) = guest(app).await;
    let select = "cart { problems { code } lines { variant { id product { name } } } }";
    let write = async {
        let payload = client
            .run_mutation("addCartLines", json!({"lines": input}), select)
            .await;
        assert_eq!(errors(&payload), []);
    };
    let written = app.record_statements(write).await.len();
    let query = format!("{{ {select} }}");
    let read = async { _ = client.data(&query, json!({})).await };
    (written, app.record_statements(read).await.len())
}

#[tokio::test]
async fn number_of_statements_does_not_depend_on_the_number_of_lines() {
    on_both_databases(async |app| {
        let few = statements(app, 2).await;
        assert_eq!(few, statements(app, 60).await);
        assert!(few.0 <= 25 && few.1 <= 16, "{few:?}");
    })
    .await;
}
