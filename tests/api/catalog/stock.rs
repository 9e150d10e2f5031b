//! Stock: compare-and-set, and the derived availability.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, on_both_databases_with, user_error};

/// Sets the stock of a product if it equals `expected`.
async fn set(admin: &Client, id: &str, expected: Value, stock: i32) -> Value {
    let input = json!({"id": id, "stock": stock, "expectedStock": expected});
    let select = "product { stock version } userErrors { currentStock }";
    admin.run_mutation("updateProduct", input, select).await
}

async fn stock(app: &App) -> i64 {
    app.sql_number("SELECT stock FROM products").await
}

#[tokio::test]
async fn a_stale_expected_stock_is_a_conflict_with_the_current_value() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = app.pan().await.id.encode();
        let payload = set(&admin, &id, json!(5), 9).await;
        assert_eq!(payload["product"]["stock"], 9);
        // Two were sold in the meantime.
        admin
            .run_mutation(
                "adjustStock",
                json!({"id": id, "delta": -2}),
                "product { stock }",
            )
            .await;
        let payload = set(&admin, &id, json!(9), 12).await;
        let error = &payload["userErrors"][0];
        assert_eq!(
            (
                user_error(&payload),
                &error["field"],
                &error["currentStock"]
            ),
            ("CONFLICT", &json!("expectedStock"), &json!(7))
        );
        assert!(error["message"].as_str().unwrap().contains('7'), "{error}");
        assert_eq!((stock(app).await, &payload["product"]), (7, &Value::Null));

        // No other field of a stale form is stored either.
        let input = json!({"id": id, "name": "Pot", "expectedStock": 9});
        let payload = admin
            .run_mutation("updateProduct", input, "product { name }")
            .await;
        assert_eq!(user_error(&payload), "CONFLICT");
        assert_eq!(app.count("audit_log").await, 2);

        // Without an expected stock, or with null, the stock is set unconditionally.
        assert_eq!(
            set(&admin, &id, Value::Null, 1).await["product"]["stock"],
            1
        );
        let input = json!({"id": id, "stock": 3});
        let payload = admin
            .run_mutation("updateProduct", input, "product { stock }")
            .await;
        assert_eq!(payload["product"]["stock"], 3);
        let payload = set(&admin, &id, json!(-1), 3).await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("BAD_USER_INPUT", &json!("expectedStock"))
        );
        // An update without changes is no conflict, and creates no new version.
        let before = set(&admin, &id, json!(3), 4).await["product"]["version"].clone();
        let payload = set(&admin, &id, json!(4), 4).await;
        assert_eq!(payload["product"], json!({"stock": 4, "version": before}));
    })
    .await;
}

#[tokio::test]
async fn one_of_many_updates_with_the_same_expected_stock_succeeds() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = app.pan().await.id.encode();
        let calls = (0..20).map(|number| set(&admin, &id, json!(5), 100 + number));
        let payloads = join_all(calls).await;
        let winners = payloads
            .iter()
            .filter(|payload| payload["product"].is_object());
        let winners: Vec<_> = winners
            .map(|payload| payload["product"]["stock"].as_i64())
            .collect();
        assert_eq!(winners, [Some(stock(app).await)]);
        let stale = payloads
            .iter()
            .filter(|payload| user_error(payload) == "CONFLICT");
        assert_eq!(stale.count(), 19);
    })
    .await;
}

#[tokio::test]
async fn compare_and_set_of_stock_loses_no_sale() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = app.pan().await.id.encode();
        // Ten forms add one each and retry after a conflict, while ten items are sold.
        let forms = (0..10).map(async |_| {
            let mut current = 5;
            loop {
                let payload = set(&admin, &id, json!(current), current + 1).await;
                let current_stock = payload["userErrors"][0]["currentStock"].as_i64();
                match current_stock {
                    None => break,
                    Some(current_stock) => current = i32::try_from(current_stock).unwrap(),
                }
            }
        });
        let restock = json!({"id": id, "delta": 10});
        admin
            .run_mutation("adjustStock", restock, "product { stock }")
            .await;
        let sales = (0..10).map(async |_| {
            let sold = json!({"id": id, "delta": -1});
            admin
                .run_mutation("adjustStock", sold, "product { stock }")
                .await;
        });
        tokio::join!(join_all(forms), join_all(sales));
        assert_eq!(stock(app).await, 5 + 10 + 10 - 10);
    })
    .await;
}

#[tokio::test]
async fn availability_follows_the_low_stock_threshold() {
    for (settings, low) in [(vec![], 5), (vec!["--shop-low-stock=0"], 0)] {
        on_both_databases_with(&settings, async |app| {
            let home = app.shop().root("home", 0).await;
            for stock in [0, 1, 5, 6] {
                let slug = format!("p{stock}");
                app.shop()
                    .product(&slug, &home, |product| product.stock = stock)
                    .await;
            }
            let query = "{ products { nodes { stock inStock availability } } shop { lowStock } }";
            let data = app.anonymous().data(query, json!({})).await;
            assert_eq!(data["shop"]["lowStock"], low);
            for product in data["products"]["nodes"].as_array().unwrap() {
                let stock = product["stock"].as_i64().unwrap();
                let expected = match stock {
                    0 => "OUT_OF_STOCK",
                    stock if stock <= low => "LOW_STOCK",
                    _ => "IN_STOCK",
                };
                assert_eq!(product["availability"], expected, "{product}");
                assert_eq!(product["inStock"], expected != "OUT_OF_STOCK", "{product}");
            }
        })
        .await;
    }
}
