//! Stock of variants: concurrent changes, movements, and the history of prices.

use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

const DAY: Duration = Duration::from_hours(24);

/// Creates products with variants, and returns the ids of all variants.
async fn variants(app: &App, admin: &Client, products: usize, each: usize) -> Vec<Value> {
    let category = app.shop().root("things", 0).await.id.encode();
    let mut ids = Vec::new();
    for product in 0..products {
        let variants: Vec<_> = (0..each)
            .map(|number| json!({"options": [{"name": "No", "value": number.to_string()}], "stock": 100}))
            .collect();
        let input = json!({"name": format!("Thing {product}"), "price": "10", "categoryId": category, "status": "ACTIVE",
            "options": [{"name": "No", "values": ["0"]}], "variants": variants});
        let payload = admin
            .run_mutation("createProduct", input, "product { variants { id } }")
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let made = payload["product"]["variants"].as_array().unwrap();
        ids.extend(made.iter().map(|variant| variant["id"].clone()));
    }
    ids
}

#[tokio::test]
async fn concurrent_adjustments_lose_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &admin, 2, 3).await;
        let calls = (0..120).map(async |number: usize| {
            let delta = if number.is_multiple_of(3) { -2 } else { 1 };
            let input = json!({"variantId": ids[number * 7 % ids.len()], "delta": delta, "reason": "RECEIVED"});
            let payload = admin.run_mutation("adjustStock", input, "variant { stock }").await;
            assert_eq!(payload["userErrors"], json!([]), "{payload}");
        });
        join_all(calls).await;
        // 80 times 1 and 40 times -2.
        let sum = app.sql_number("SELECT CAST(SUM(on_hand) AS bigint) FROM stock_levels").await;
        assert_eq!(sum, 600);
        let moved = app.sql_number("SELECT CAST(SUM(on_hand_delta) AS bigint) FROM stock_movements").await;
        assert_eq!(moved, sum);
        let shown = app.sql_number("SELECT CAST(SUM(stock) AS bigint) FROM products").await;
        assert_eq!(shown, sum);
        let uneven = "SELECT count(*) FROM stock_levels WHERE on_hand <>
            (SELECT SUM(on_hand_delta) FROM stock_movements WHERE stock_movements.variant_id = stock_levels.variant_id)";
        assert_eq!(app.sql_number(uneven).await, 0);
    })
    .await;
}

#[tokio::test]
async fn stock_is_counted_and_moved_with_a_reason() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = variants(app, &admin, 1, 2).await;
        app.advance(Duration::from_secs(1));
        let input = json!({"variantId": ids[0], "quantity": 7, "expectedQuantity": 100, "note": "  Inventory  "});
        let select = "variant { stock version stockMovements { kind onHandDelta reservedDelta note actor { email } } } product { stock }";
        let payload = admin.run_mutation("setStock", input, select).await;
        assert_eq!(payload["product"]["stock"], 107, "{payload}");
        assert_eq!(payload["variant"]["version"], 1);
        let movement = &payload["variant"]["stockMovements"][0];
        assert_eq!((&movement["kind"], &movement["onHandDelta"], &movement["note"]), (&json!("COUNTED"), &json!(-93), &json!("Inventory")));
        assert!(movement["actor"]["email"].is_string());

        let refused = [
            ("setStock", json!({"variantId": ids[0], "quantity": 9, "expectedQuantity": 100}), "CONFLICT", "expectedQuantity"),
            ("setStock", json!({"variantId": ids[0], "quantity": -1}), "BAD_USER_INPUT", "quantity"),
            ("setStock", json!({"variantId": ids[0], "quantity": 9, "note": "x".repeat(201)}), "BAD_USER_INPUT", "note"),
            ("adjustStock", json!({"variantId": ids[0], "delta": -8}), "CONFLICT", "delta"),
            ("adjustStock", json!({"variantId": ids[0], "delta": i32::MAX}), "BAD_USER_INPUT", "delta"),
            ("adjustStock", json!({"delta": 1}), "BAD_USER_INPUT", "id"),
            ("adjustStock", json!({"id": ids[0], "delta": 1}), "BAD_USER_INPUT", "id"),
        ];
        for (name, input, code, field) in refused {
            let payload = admin.run_mutation(name, input.clone(), "variant { id }").await;
            let error = &payload["userErrors"][0];
            assert_eq!((user_error(&payload), &error["field"]), (code, &json!(field)), "{input}");
        }
        let product = admin.data("{ products { nodes { id } } }", json!({})).await["products"]["nodes"][0]["id"].clone();
        let payload = admin.run_mutation("adjustStock", json!({"id": product, "delta": 1}), "variant { id }").await;
        assert_eq!(user_error(&payload), "BAD_USER_INPUT", "the product has two variants");

        // Availability follows the last variant that has units.
        let anonymous = app.anonymous();
        let seen = async || anonymous.data("{ products { nodes { inStock availability variants { availability maxQuantity } } } }", json!({})).await["products"]["nodes"][0].clone();
        for id in &ids {
            admin.run_mutation("setStock", json!({"variantId": id, "quantity": 0}), "variant { id }").await;
        }
        let page = seen().await;
        assert_eq!((&page["inStock"], &page["availability"]), (&json!(false), &json!("OUT_OF_STOCK")));
        admin.run_mutation("updateVariant", json!({"id": ids[1], "backorderLimit": 3}), "variant { id }").await;
        let page = seen().await;
        assert_eq!((&page["inStock"], &page["availability"]), (&json!(false), &json!("BACKORDER")));
        assert_eq!(page["variants"][1], json!({"availability": "BACKORDER", "maxQuantity": 3}));
        admin.run_mutation("updateVariant", json!({"id": ids[0], "tracked": false}), "variant { id }").await;
        let page = seen().await;
        assert_eq!((&page["inStock"], &page["availability"]), (&json!(true), &json!("IN_STOCK")));
        assert_eq!(page["variants"][0], json!({"availability": "IN_STOCK", "maxQuantity": 10_000}));
    })
    .await;
}

#[tokio::test]
async fn movements_and_prices_of_the_past_are_never_changed() {
    on_both_databases(async |app| {
        app.pan().await;
        for statement in [
            "UPDATE stock_movements SET on_hand_delta = 1",
            "DELETE FROM stock_movements",
            "UPDATE price_history SET price = 1",
            "UPDATE stock_levels SET on_hand = -1",
            "UPDATE stock_levels SET reserved = on_hand + 1",
            "UPDATE variants SET compare_at_price = price",
        ] {
            let transaction = app.state.db.begin().await.unwrap();
            transaction.touch(wares::infra::database::Catalog::All);
            let done = transaction.execute_unprepared(statement).await;
            assert!(done.is_err(), "{statement}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_prior_price_is_the_lowest_of_30_days_before_a_reduction() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = app.pan().await.id.encode();
        let change = async |price: &str| {
            let input = json!({"id": id, "price": price});
            let select = "product { price { amount } priorPrice { amount } variants { priorPrice { amount } } }";
            let payload = admin.run_mutation("updateProduct", input, select).await;
            let product = &payload["product"];
            assert_eq!(product["priorPrice"], product["variants"][0]["priorPrice"]);
            product["priorPrice"]["amount"].clone()
        };
        // Raised, and lowered below the price of 30 days ago.
        assert_eq!(change("12.00").await, Value::Null);
        assert_eq!(change("9.00").await, "10.00");
        assert_eq!(change("8.00").await, "9.00");
        app.advance(20 * DAY);
        let admin = app.admin().await;
        let change = async |price: &str| {
            let input = json!({"id": id, "price": price});
            let payload = admin.run_mutation("updateProduct", input, "product { priorPrice { amount } }").await;
            payload["product"]["priorPrice"]["amount"].clone()
        };
        assert_eq!(change("20.00").await, Value::Null);
        app.advance(40 * DAY);
        // 8.00 ended 40 days ago.
        let admin = app.admin().await;
        let input = json!({"id": id, "price": "15.00"});
        let payload = admin.run_mutation("updateProduct", input, "product { priorPrice { amount } }").await;
        assert_eq!(payload["product"]["priorPrice"]["amount"], "20.00");
    })
    .await;
}

#[tokio::test]
async fn a_page_with_300_variants_needs_few_statements() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        variants(app, &admin, 1, 300).await;
        let anonymous = app.anonymous();
        let query = "{ product(slug: \"thing-0\") { name price { amount } compareAtPrice { amount } priorPrice { amount }
            options { name values { name available } } images { url } category { name }
            variants(first: 300) { id sku price { amount } stock availability options { name value } image { url } } } }";
        let statements = app
            .record_statements(async {
                let page = anonymous.data(query, json!({})).await;
                assert_eq!(page["product"]["variants"].as_array().unwrap().len(), 300);
            })
            .await;
        assert!(statements.len() <= 6, "{} statements: {statements:#?}", statements.len());
    })
    .await;
}
