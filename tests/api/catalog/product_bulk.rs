//! Bulk updates of products.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

const SELECT: &str =
    "results { id product { slug status version price { amount } categories { slug } }
    userErrors { code field } }";

const UNKNOWN_ID: &str = "prod_00000000000000000000000000";

async fn change(admin: &Client, input: Value) -> Value {
    admin.run_mutation("updateProducts", input, SELECT).await
}

/// Creates three products with the prices 1.05, 2.00 and 9,000,000,000.00 in the category `home`.
async fn lamps(app: &App) -> Vec<Product> {
    let home = app.shop().root("home", 0).await;
    let mut lamps = Vec::new();
    for (slug, price) in [("a", 105), ("b", 200), ("c", 900_000_000_000)] {
        let shop = app.shop();
        let lamp = shop.product(slug, &home, |lamp| lamp.price = price);
        lamps.push(lamp.await);
    }
    lamps
}

fn ids(lamps: &[Product]) -> Vec<String> {
    lamps.iter().map(|lamp| lamp.id.encode()).collect()
}

async fn prices(app: &App) -> i64 {
    app.sql_number("SELECT CAST(sum(price) AS bigint) FROM products")
        .await
}

#[tokio::test]
async fn update_products_changes_by_ids_and_by_filter() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let lamps = lamps(app).await;
        let garden = app.shop().root("garden", 1).await;
        let input = json!({"ids": ids(&lamps), "status": "ARCHIVED", "addCategoryIds": [garden.id.encode()]});
        let payload = change(&admin, input.clone()).await;
        let results = payload["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        for (result, id) in results.iter().zip(ids(&lamps)) {
            assert_eq!(result["id"], id);
            assert_eq!(result["product"]["status"], "ARCHIVED");
            assert_eq!(result["product"]["version"], 2);
            let slugs = json!([{"slug": "home"}, {"slug": "garden"}]);
            assert_eq!(result["product"]["categories"], slugs);
        }
        // A repeated update changes nothing.
        let payload = change(&admin, input).await;
        assert_eq!(payload["results"][0]["product"]["version"], 2);

        // 5 % of 1.05 is 0.0525. The result is rounded half up to 1.10.
        let filter = json!({"price": {"lte": "2"}, "status": ["ARCHIVED"]});
        let payload = change(&admin, json!({"filter": filter, "pricePercent": "5"})).await;
        let amounts = payload["results"].as_array().unwrap().iter();
        let amounts: Vec<_> = amounts.map(|row| row["product"]["price"]["amount"].clone()).collect();
        // In the order of their IDs, which have the same timestamp.
        let amounts: HashSet<_> = amounts.iter().filter_map(Value::as_str).collect();
        assert_eq!(amounts, HashSet::from(["1.10", "2.10"]));
        let payload = change(&admin, json!({"ids": ids(&lamps)[..1], "pricePercent": "-100"})).await;
        assert_eq!(payload["results"][0]["product"]["price"]["amount"], "0.00");

        // Changes the primary category, and removes the additional one.
        let input = json!({"ids": ids(&lamps), "categoryId": garden.id.encode()});
        let payload = change(&admin, input).await;
        assert_eq!(payload["results"][2]["product"]["categories"], json!([{"slug": "garden"}]));
        assert_eq!(app.sql_number("SELECT count(*) FROM audit_log WHERE action = 'updateProducts'").await, 9);
    })
    .await;
}

#[tokio::test]
async fn a_failed_row_stops_the_others_only_when_all_or_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let lamps = lamps(app).await;
        let mut named = ids(&lamps);
        named.extend([UNKNOWN_ID.to_owned(), "x".to_owned()]);
        let before = prices(app).await;
        let input = json!({"ids": named, "pricePercent": "20"});
        let payload = change(&admin, input).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        let errors = |payload: &Value| -> Vec<Value> {
            let results = payload["results"].as_array().unwrap();
            results
                .iter()
                .map(|row| row["userErrors"].clone())
                .collect()
        };
        let expected = [
            json!([]),
            json!([]),
            json!([{"code": "BAD_USER_INPUT", "field": "pricePercent"}]),
            json!([{"code": "NOT_FOUND", "field": "ids"}]),
            json!([{"code": "BAD_USER_INPUT", "field": "ids"}]),
        ];
        assert_eq!(errors(&payload), expected);
        assert!(
            payload["results"]
                .as_array()
                .unwrap()
                .iter()
                .all(|row| row["product"].is_null())
        );
        assert_eq!(
            (prices(app).await, app.count("audit_log").await),
            (before, 0)
        );

        let input = json!({"ids": named, "pricePercent": "20", "errorPolicy": "REJECT_FAILED"});
        let payload = change(&admin, input).await;
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(errors(&payload), expected);
        assert_eq!(payload["results"][1]["product"]["price"]["amount"], "2.40");
        assert_eq!(prices(app).await, before + 21 + 40);

        // The primary category cannot be removed.
        let input =
            json!({"ids": ids(&lamps)[..1], "removeCategoryIds": [lamps[0].category_id.encode()]});
        let payload = change(&admin, input).await;
        assert_eq!(errors(&payload)[0][0]["field"], "removeCategoryIds");
    })
    .await;
}

#[tokio::test]
async fn an_invalid_bulk_change_is_refused_whole() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let lamps = lamps(app).await;
        let id = ids(&lamps)[0].clone();
        let home = lamps[0].category_id.encode();
        for (input, field) in [
            (json!({"status": "DRAFT"}), "ids"),
            (json!({"ids": [id], "filter": {}, "status": "DRAFT"}), "ids"),
            (json!({"ids": [id, id], "status": "DRAFT"}), "ids"),
            (
                json!({"ids": [id], "pricePercent": "-100.5"}),
                "pricePercent",
            ),
            (json!({"ids": [id], "pricePercent": "ten"}), "pricePercent"),
            (
                json!({"ids": [id], "addCategoryIds": [home], "removeCategoryIds": [home]}),
                "removeCategoryIds",
            ),
            (
                json!({"ids": [id], "addCategoryIds": ["x"]}),
                "addCategoryIds",
            ),
            (
                json!({"filter": {"categoryIds": ["x"]}, "status": "DRAFT"}),
                "filter.categoryIds",
            ),
            (
                json!({"ids": vec![UNKNOWN_ID; 10_001], "status": "DRAFT"}),
                "ids",
            ),
        ] {
            let payload = change(&admin, input.clone()).await;
            assert_eq!(user_error(&payload), "BAD_USER_INPUT", "{input}");
            assert_eq!(payload["userErrors"][0]["field"], field, "{input}");
            assert_eq!(payload["results"], json!([]));
        }
        let payload = change(&admin, json!({"ids": [id]})).await;
        assert_eq!(user_error(&payload), "BAD_USER_INPUT");
        let input = json!({"ids": [id], "categoryId": "cat_00000000000000000000000000"});
        assert_eq!(user_error(&change(&admin, input).await), "NOT_FOUND");
        assert_eq!(app.count("audit_log").await, 0);
    })
    .await;
}

#[tokio::test]
async fn concurrent_bulk_changes_lose_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let lamps = lamps(app).await;
        let (mut there, mut back) = (ids(&lamps[..2]), ids(&lamps[..2]));
        there.sort();
        back.sort_by(|a, b| b.cmp(a));
        // Each update doubles the prices. Half of them list the products in reverse order.
        let doublings = (0..10).map(|number| {
            let ids = if number % 2 == 0 { &there } else { &back };
            change(&admin, json!({"ids": ids, "pricePercent": "100"}))
        });
        for payload in join_all(doublings).await {
            assert_eq!(payload["userErrors"], json!([]));
        }
        assert_eq!(prices(app).await, 1_024 * 305 + 900_000_000_000);
    })
    .await;
}
