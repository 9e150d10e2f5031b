//! Updates of several variants that depend on each other.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

/// Creates a product in sizes S and M with the SKUs "a" and "b", and returns it.
async fn product(app: &App, admin: &Client) -> Value {
    let category = app.shop().root("things", 0).await.id.encode();
    let variant = |size: &str, sku: &str| json!({"options": [{"name": "Size", "value": size}], "sku": sku, "stock": 1});
    let input = json!({"name": "Thing", "price": "5", "categoryId": category, "status": "ACTIVE",
        "options": [{"name": "Size", "values": ["S", "M", "L"]}], "variants": [variant("S", "a"), variant("M", "b")]});
    let select = "product { id options { id name values { id name } } variants { id } }";
    let payload = admin.run_mutation("createProduct", input, select).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["product"].clone()
}

const RESULTS: &str = "results { variant { sku options { value } } userErrors { code field } }";

#[tokio::test]
async fn skus_and_values_are_passed_on_in_one_update() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = product(app, &admin).await;
        let [small, medium] = [0, 1].map(|index: usize| product["variants"][index]["id"].clone());
        let size = |value: &str| json!([{"name": "Size", "value": value}]);
        let input = json!({"variants": [
            {"id": medium, "sku": "a", "options": size("L")}, {"id": small, "sku": "b", "options": size("M")},
        ]});
        let payload = admin
            .run_mutation("updateVariants", input, RESULTS)
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(payload["results"][0]["variant"], json!({"sku": "a", "options": [{"value": "L"}]}));
        assert_eq!(payload["results"][1]["variant"], json!({"sku": "b", "options": [{"value": "M"}]}));
    })
    .await;
}

#[tokio::test]
async fn a_failed_row_leaves_no_trace() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = product(app, &admin).await;
        let pan = app.pan().await.id.encode();
        admin
            .run_mutation(
                "updateProduct",
                json!({"id": pan, "sku": "taken"}),
                "product { id }",
            )
            .await;
        let [small, medium] = [0, 1].map(|index: usize| product["variants"][index]["id"].clone());
        // The first row fails, so that the SKU of the second is not free.
        let value = json!([{"name": "Size", "value": "Stray"}]);
        let input = json!({"errorPolicy": "REJECT_FAILED", "variants": [
            {"id": small, "sku": "taken", "options": value}, {"id": medium, "sku": "a"},
        ]});
        let payload = admin.run_mutation("updateVariants", input, RESULTS).await;
        for number in 0..2 {
            let errors = &payload["results"][number]["userErrors"];
            assert_eq!(
                *errors,
                json!([{"code": "CONFLICT", "field": "sku"}]),
                "{payload}"
            );
        }
        let input = json!({"errorPolicy": "REJECT_FAILED", "variants": [
            {"id": small, "sku": "taken", "options": value}, {"id": medium, "weight": 4},
        ]});
        let payload = admin.run_mutation("updateVariants", input, RESULTS).await;
        assert_eq!(payload["results"][1]["variant"]["sku"], "b", "{payload}");
        assert_eq!(app.count("product_option_values").await, 3);
    })
    .await;
}

#[tokio::test]
async fn ids_are_listed_once_and_names_are_not_exchanged() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = product(app, &admin).await;
        let size = &product["options"][0];
        let id = |index: usize| size["values"][index]["id"].clone();
        let replace = async |values: Value| {
            let options = json!([{"id": size["id"], "name": "Size", "values": values}]);
            let input = json!({"productId": product["id"], "options": options});
            let payload = admin.run_mutation("updateProductOptions", input, "product { id }").await;
            (user_error(&payload).to_owned(), payload["userErrors"][0]["field"].clone())
        };
        let twice = json!([{"id": id(0), "name": "S"}, {"id": id(0), "name": "M"}, {"id": id(2), "name": "L"}]);
        assert_eq!(replace(twice).await, ("BAD_USER_INPUT".to_owned(), json!("options.0.values.1.id")));
        let exchanged = json!([{"id": id(0), "name": "M"}, {"id": id(1), "name": "S"}, {"id": id(2), "name": "L"}]);
        assert_eq!(replace(exchanged).await, ("CONFLICT".to_owned(), json!("options")));
    })
    .await;
}

#[tokio::test]
async fn the_largest_stocks_are_adjusted() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = product(app, &admin).await;
        let ids = [0, 1].map(|index: usize| product["variants"][index]["id"].clone());
        for id in &ids {
            let input = json!({"variantId": id, "quantity": i32::MAX});
            admin
                .run_mutation("setStock", input, "variant { id }")
                .await;
        }
        for (id, sum) in ids.iter().zip([i32::MAX, 14]) {
            let input = json!({"variantId": id, "delta": 7 - i32::MAX});
            let payload = admin
                .run_mutation("adjustStock", input, "product { stock }")
                .await;
            assert_eq!(payload["product"]["stock"], sum, "{payload}");
        }
    })
    .await;
}
