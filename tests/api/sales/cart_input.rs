//! Bad input of carts: refused by field, and nothing is changed.

use serde_json::{Value, json};
use wares::catalog::product::Status;
use wares::core::id::TypedId;

use super::{CART, add, cart, errors, guest, variant_of, variants};
use crate::harness::{Client, on_both_databases};

/// Sends lines and returns the errors.
async fn refused(client: &Client, lines: Value) -> Vec<(String, String)> {
    let payload = client
        .run_mutation("addCartLines", json!({"lines": lines}), CART)
        .await;
    assert_eq!(payload["cart"], Value::Null, "{payload}");
    let errors = errors(&payload).into_iter();
    errors
        .map(|(code, field)| (code.to_owned(), field.to_owned()))
        .collect()
}

fn one(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

#[tokio::test]
async fn invalid_lines_are_refused_by_field() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let (client, _) = guest(app).await;
        let before = add(&client, &ids[0], 1).await;
        let good = json!({"variantId": ids[1], "quantity": 1});
        for quantity in [0, -1, 10_001, i32::MAX, i32::MIN] {
            let bad = json!({"variantId": ids[0], "quantity": quantity});
            let found = refused(&client, json!([good, good, good, bad])).await;
            assert_eq!(found, one("BAD_USER_INPUT", "lines.3.quantity"), "{quantity}");
        }
        let attribute = |name: &str, value: &str| json!([{"name": name, "value": value}]);
        let long = "x".repeat(256);
        for (attributes, field) in [
            (attribute("", "x"), "lines.0.attributes.0.name"),
            (attribute("\u{200b}", "x"), "lines.0.attributes.0.name"),
            (attribute("x", " "), "lines.0.attributes.0.value"),
            (attribute(&long, "x"), "lines.0.attributes.0.name"),
            (attribute("x", &long), "lines.0.attributes.0.value"),
            (attribute("x\0", "x"), "lines.0.attributes.0.name"),
            (json!([{"name": "x", "value": "1"}, {"name": "x", "value": "2"}]), "lines.0.attributes.1.name"),
            (json!(vec![json!({"name": "x", "value": "1"}); 21]), "lines.0.attributes"),
        ] {
            let found = refused(&client, json!([{"variantId": ids[0], "attributes": attributes}])).await;
            assert_eq!(found, one("BAD_USER_INPUT", field));
        }
        let found = refused(&client, json!(vec![good.clone(); 101])).await;
        assert_eq!(found, one("BAD_USER_INPUT", "lines"));
        // All invalid fields at once.
        let bad = json!({"variantId": "x", "quantity": 0});
        assert_eq!(refused(&client, json!([bad, bad])).await.len(), 4);
        // Not an `Int` at all.
        for quantity in ["2147483648", "1.5", "\"1\"", "null"] {
            let query = format!("mutation {{ addCartLines(input: {{lines: [{{variantId: \"{}\", quantity: {quantity}}}]}}) {{ cart {{ id }} }} }}", ids[0]);
            let response = client.send(&query, json!({})).await;
            assert_eq!(response.json["data"]["addCartLines"], Value::Null, "{}", response.text);
            assert!(response.json["errors"].is_array(), "{}", response.text);
        }
        assert_eq!(cart(&client).await, before);
    })
    .await;
}

#[tokio::test]
async fn items_that_are_not_for_sale_are_refused_alike() {
    on_both_databases(async |app| {
        let category = app.shop().root("things", 0).await;
        let hidden = app.shop().category("hidden", None, 1, |new| new.published = false).await;
        let shop = app.shop();
        let draft = shop.product("draft", &category, |product| product.status = Status::Draft).await;
        let archived = shop.product("old", &category, |product| product.status = Status::Archived).await;
        let concealed = shop.product("concealed", &hidden, |_| ()).await;
        let deleted = shop.product("deleted", &category, |_| ()).await;
        let inactive = shop.product("inactive", &category, |_| ()).await;
        let pan = shop.product("pan", &category, |_| ()).await;
        let admin = app.admin().await;
        let input = json!({"id": deleted.id.encode()});
        admin.run_mutation("deleteProduct", input, "productId").await;
        app.sql("UPDATE variants SET active = FALSE WHERE product_id IN (SELECT id FROM products WHERE slug = 'inactive')").await;

        let customer = app.customer().await;
        let (guest, _) = guest(app).await;
        let good = json!({"variantId": variant_of(&pan)});
        let unknown = "var_00000000000000000000000000".to_owned();
        // An admin sees these products, but can't buy them either.
        for client in [&guest, &customer, &admin] {
            let mut messages = Vec::new();
            for variant in [&draft, &archived, &concealed, &deleted, &inactive].map(variant_of).into_iter().chain([unknown.clone()]) {
                let input = json!({"lines": [good, {"variantId": variant}]});
                let payload = client.run_mutation("addCartLines", input, "cart { id }").await;
                assert_eq!(errors(&payload), [("NOT_FOR_SALE", "lines.1.variantId")]);
                messages.push(payload["userErrors"][0]["message"].clone());
            }
            assert!(messages.iter().all(|message| *message == messages[0]));
            for id in [&pan.id.encode(), &category.id.encode(), "x", "", "var_x", "VAR_00000000000000000000000000"] {
                let found = refused(client, json!([good, {"variantId": id}])).await;
                assert_eq!(found, one("BAD_USER_INPUT", "lines.1.variantId"), "{id}");
            }
        }
        assert_eq!(app.count("cart_lines").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_cart_has_at_most_100_lines() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let line = |number: usize| json!({"variantId": ids[0], "attributes": [{"name": "No", "value": number.to_string()}]});
        let lines: Vec<_> = (0..100).map(line).collect();
        let payload = client.run_mutation("addCartLines", json!({"lines": lines}), "cart { quantity }").await;
        assert_eq!(payload["cart"]["quantity"], 100);
        assert_eq!(refused(&client, json!([line(0), line(100)])).await, one("BAD_USER_INPUT", "lines"));
        // An existing line can still be counted up.
        let payload = client.run_mutation("addCartLines", json!({"lines": [line(7)]}), "cart { quantity }").await;
        assert_eq!(payload["cart"]["quantity"], 101);
    })
    .await;
}

#[tokio::test]
async fn an_amount_that_is_too_large_is_refused_and_can_be_lowered() {
    on_both_databases(async |app| {
        let ids = variants(app, &["yacht"]).await;
        let (client, _) = guest(app).await;
        app.sql("UPDATE variants SET price = 100000000").await;
        let line = add(&client, &ids[0], 10_000).await["lines"][0]["id"].clone();
        let other =
            json!([{"variantId": ids[0], "attributes": [{"name": "Name", "value": "Ann"}]}]);
        assert_eq!(
            refused(&client, other).await,
            one("BAD_USER_INPUT", "lines")
        );
        // A price that was raised since.
        app.sql("UPDATE variants SET price = 1000000000").await;
        let set = async |quantity: i32| {
            let input = json!({"lines": [{"lineId": line, "quantity": quantity}]});
            client
                .run_mutation("updateCartLines", input, "cart { quantity }")
                .await
        };
        assert_eq!(set(5_000).await["cart"]["quantity"], 5_000);
        assert_eq!(errors(&set(6_000).await), [("BAD_USER_INPUT", "lines")]);
        assert_eq!(set(1_000).await["cart"]["quantity"], 1_000);
    })
    .await;
}

#[tokio::test]
async fn invalid_updates_of_lines_are_refused_by_field() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let (other, _) = guest(app).await;
        let before = add(&client, &ids[0], 2).await;
        let line = before["lines"][0]["id"].clone();
        let others = add(&other, &ids[0], 1).await["lines"][0]["id"].clone();
        let update = |id: &Value, quantity: i32| json!({"lineId": id, "quantity": quantity});
        for (lines, code, field) in [
            (
                json!([update(&line, -1)]),
                "BAD_USER_INPUT",
                "lines.0.quantity",
            ),
            (
                json!([update(&line, 10_001)]),
                "BAD_USER_INPUT",
                "lines.0.quantity",
            ),
            (
                json!([update(&line, 3), update(&json!("x"), 3)]),
                "BAD_USER_INPUT",
                "lines.1.lineId",
            ),
            (
                json!([update(&json!(ids[0]), 3)]),
                "BAD_USER_INPUT",
                "lines.0.lineId",
            ),
            (
                json!([update(&line, 3), update(&line, 4)]),
                "BAD_USER_INPUT",
                "lines.1.lineId",
            ),
            (
                json!([update(&line, 3), update(&others, 3)]),
                "NOT_FOUND",
                "lines.1.lineId",
            ),
            (
                json!([
                    update(&line, 0),
                    update(&json!("cartline_00000000000000000000000000"), 0)
                ]),
                "NOT_FOUND",
                "lines.1.lineId",
            ),
            (
                json!(vec![update(&line, 3); 101]),
                "BAD_USER_INPUT",
                "lines",
            ),
        ] {
            let payload = client
                .run_mutation("updateCartLines", json!({"lines": lines}), CART)
                .await;
            assert_eq!(payload["cart"], Value::Null);
            assert_eq!(errors(&payload)[0], (code, field), "{lines}");
        }
        assert_eq!(cart(&client).await, before);
    })
    .await;
}
