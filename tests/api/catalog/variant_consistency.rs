//! Variants and their product agree: stock, SKUs, images, deletion, search and the audit log.

use std::time::Duration;

use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::sample_image::png;
use crate::harness::{App, Client, on_both_databases, user_error};

/// Creates a product with variants in sizes, of these stocks. Returns the product and the ids of the variants.
async fn create(app: &App, admin: &Client, sizes: &[(&str, i32)]) -> (String, Vec<Value>) {
    let category = app.shop().root("clothes", 0).await.id.encode();
    let variants = sizes.iter().map(|(size, stock)| {
        json!({"options": [{"name": "Size", "value": size}], "stock": stock, "sku": format!("SHIRT-{size}")})
    });
    let input = json!({"name": "Shirt", "slug": "shirt", "price": "10", "status": "ACTIVE", "categoryId": category,
        "options": [{"name": "Size", "values": [sizes[0].0]}], "variants": variants.collect::<Vec<_>>()});
    let payload = admin
        .run_mutation("createProduct", input, "product { id variants { id } }")
        .await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let product = &payload["product"];
    let variants = product["variants"].as_array().unwrap().iter();
    let ids = variants.map(|variant| variant["id"].clone()).collect();
    (product["id"].as_str().unwrap().to_owned(), ids)
}

async fn change(admin: &Client, input: Value) {
    let payload = admin
        .run_mutation("updateVariant", input, "variant { id }")
        .await;
    assert_eq!(payload["userErrors"], json!([]));
}

/// Returns the stock and the availability, which lists and pages of one product return alike.
async fn stock(client: &Client) -> (i64, String) {
    let query = "{ product(slug: \"shirt\") { stock availability }
        products { nodes { stock availability } } }";
    let data = client.data(query, json!({})).await;
    let product = &data["product"];
    assert_eq!(data["products"]["nodes"][0], *product);
    let availability = product["availability"].as_str().unwrap();
    (product["stock"].as_i64().unwrap(), availability.to_owned())
}

#[tokio::test]
async fn stock_and_availability_are_those_of_the_units_for_sale() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (_, ids) = create(app, &admin, &[("S", 4), ("M", 50)]).await;
        let client = app.anonymous();
        let of = |stock, availability: &str| (stock, availability.to_owned());
        assert_eq!(stock(&client).await, of(54, "IN_STOCK"));
        // Customers do not see the other variant.
        change(&admin, json!({"id": ids[1], "active": false})).await;
        assert_eq!(stock(&client).await, of(4, "LOW_STOCK"));
        app.sql("UPDATE stock_levels SET reserved = 3 WHERE on_hand = 4")
            .await;
        assert_eq!(stock(&client).await, of(1, "LOW_STOCK"));
        // A variant that is sold without counting.
        change(&admin, json!({"id": ids[0], "tracked": false})).await;
        assert_eq!(stock(&client).await, of(1, "IN_STOCK"));
        change(&admin, json!({"id": ids[0], "active": false})).await;
        assert_eq!(stock(&client).await.1, "OUT_OF_STOCK");
    })
    .await;
}

#[tokio::test]
async fn an_update_of_the_stock_keeps_the_promised_units() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let id = pan.id.encode();
        app.sql("UPDATE stock_levels SET on_hand = 7, reserved = 2")
            .await;
        app.sql("UPDATE products SET stock = 7").await;
        let update = async |input: Value| {
            let mut fields = json!({"id": id});
            fields
                .as_object_mut()
                .unwrap()
                .extend(input.as_object().unwrap().clone());
            admin
                .run_mutation("updateProduct", fields, "product { stock }")
                .await
        };
        let on_hand = async || app.sql_number("SELECT on_hand FROM stock_levels").await;
        let payload = update(json!({"name": "Pan 2", "stock": 5, "expectedStock": 5})).await;
        assert_eq!(
            (&payload["product"]["stock"], on_hand().await),
            (&json!(5), 7)
        );
        let payload = update(json!({"stock": 9})).await;
        assert_eq!(
            (&payload["product"]["stock"], on_hand().await),
            (&json!(9), 11)
        );
        let payload = update(json!({"stock": 0, "expectedStock": 11})).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        let payload = update(json!({"stock": 0})).await;
        assert_eq!(
            (&payload["product"]["stock"], on_hand().await),
            (&json!(0), 2)
        );
    })
    .await;
}

#[tokio::test]
async fn products_without_options_exchange_their_skus() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let category = app.shop().root("things", 0).await;
        for slug in ["one", "two"] {
            app.shop().product(slug, &category, |product| product.sku = Some(slug.to_uppercase())).await;
        }
        let query = "{ products { nodes { slug sku price { amount } variants { id sku price { amount } } } } }";
        let seen = async || admin.data(query, json!({})).await["products"]["nodes"].clone();
        let before = seen().await;
        let variant = |index: usize| before[index]["variants"][0]["id"].clone();
        let input = json!({"variants": [
            {"id": variant(0), "sku": "TWO", "price": "11"}, {"id": variant(1), "sku": "ONE", "price": "12"},
        ]});
        let payload = admin.run_mutation("updateVariants", input, "results { userErrors { code } }").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let after = seen().await;
        for (index, sku, price) in [(0, "TWO", "11.00"), (1, "ONE", "12.00")] {
            for shown in [&after[index], &after[index]["variants"][0]] {
                assert_eq!((&shown["sku"], &shown["price"]["amount"]), (&json!(sku), &json!(price)));
            }
        }
        assert_eq!(app.count("price_history").await, 4);

        // Another variant of the same product may have it.
        let input = json!({"id": variant(0), "sku": "ONE"});
        let payload = admin.run_mutation("updateVariant", input, "variant { id }").await;
        assert_eq!(payload["userErrors"][0]["message"], "Another variant has this SKU.");
    })
    .await;
}

#[tokio::test]
async fn deleting_a_product_closes_its_stock_and_refuses_promised_units() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (id, _) = create(app, &admin, &[("S", 3), ("M", 4)]).await;
        app.sql("UPDATE stock_levels SET reserved = 1 WHERE on_hand = 4")
            .await;
        let delete = async || {
            admin
                .run_mutation("deleteProduct", json!({"id": id}), "product { name }")
                .await
        };
        let payload = delete().await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("CONFLICT", &json!("id"))
        );
        assert_eq!(app.count("variants").await, 2);
        app.sql("UPDATE stock_levels SET reserved = 0").await;
        app.advance(Duration::from_secs(1));
        assert_eq!(delete().await["product"]["name"], "Shirt");
        for table in ["products", "variants", "stock_levels", "product_options"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        let open =
            "SELECT count(*) FROM (SELECT variant_id FROM stock_movements GROUP BY variant_id
            HAVING sum(on_hand_delta) <> 0) AS left_over";
        assert_eq!(app.sql_number(open).await, 0);
        assert_eq!(app.count("stock_movements").await, 4);

        let query = "{ auditLog { nodes { action changes { field before after } } } }";
        let log = admin.data(query, json!({})).await["auditLog"]["nodes"].clone();
        for (entry, action, side) in [
            (&log[0], "deleteProduct", "before"),
            (&log[1], "createProduct", "after"),
        ] {
            assert_eq!(entry["action"], action);
            let changes = entry["changes"].as_array().unwrap();
            let of_variant = changes
                .iter()
                .find(|change| change["field"] == "variants[M]")
                .unwrap();
            let recorded = of_variant[side].as_str().unwrap();
            assert!(
                recorded.contains("sku: SHIRT-M") && recorded.contains("stock: 4"),
                "{recorded}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn deleting_the_image_of_a_variant_is_a_change_of_the_variant() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (id, ids) = create(app, &admin, &[("S", 3), ("M", 4)]).await;
        let response = admin.upload_images(&id, &[&png(9, 9)], &Value::Null).await;
        let image = response.payload("uploadProductImages")["images"][0]["id"].clone();
        change(&admin, json!({"id": ids[0], "imageId": image})).await;
        let versions = async || {
            let query = "{ product(slug: \"shirt\") { variants { version image { id } } } }";
            admin.data(query, json!({})).await["product"]["variants"].clone()
        };
        assert_eq!(
            versions().await[0],
            json!({"version": 2, "image": {"id": image}})
        );
        admin
            .run_mutation("deleteProductImage", json!({"id": image}), "imageId")
            .await;
        assert_eq!(
            versions().await,
            json!([{"version": 3, "image": null}, {"version": 1, "image": null}])
        );
        let stale = json!({"id": ids[0], "expectedVersion": 2, "weight": 1});
        let payload = admin
            .run_mutation("updateVariant", stale, "variant { id }")
            .await;
        assert_eq!(user_error(&payload), "CONFLICT");
    })
    .await;
}

#[tokio::test]
async fn customers_do_not_find_a_product_by_the_sku_of_an_inactive_variant() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (_, ids) = create(app, &admin, &[("S", 3), ("M", 4)]).await;
        let query = "query($s: String, $f: ProductFilter) { products(search: $s, filter: $f) { totalCount } }";
        let found = async |client: &Client, sku: &str| {
            let search = client.data(query, json!({"s": sku})).await;
            let filter = client.data(query, json!({"f": {"skus": [sku]}})).await;
            [search, filter].map(|data| data["products"]["totalCount"].as_i64().unwrap())
        };
        // Unlike the name of the product and the values of its options.
        change(&admin, json!({"id": ids[1], "sku": "QX-77"})).await;
        let client = app.anonymous();
        assert_eq!(found(&client, "QX-77").await, [1, 1]);
        change(&admin, json!({"id": ids[1], "active": false})).await;
        assert_eq!(found(&client, "QX-77").await, [0, 0]);
        assert_eq!(found(&client, "SHIRT-S").await, [1, 1]);
        // The search does not distinguish viewers.
        assert_eq!(found(&admin, "QX-77").await, [0, 1]);
        change(&admin, json!({"id": ids[1], "active": true})).await;
        assert_eq!(found(&client, "QX-77").await, [1, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_list_with_variants_is_within_the_cost_limit() {
    on_both_databases(async |app| {
        app.pan().await;
        let query = "{ products { nodes { name image { url } price { amount } options { name values { name } }
            variants { id sku price { amount } stock availability options { name value } } } } }";
        let data = app.anonymous().data(query, json!({})).await;
        assert_eq!(data["products"]["nodes"][0]["variants"].as_array().unwrap().len(), 1);
        let all = query.replace("variants {", "variants(first: 100) {");
        assert_eq!(app.anonymous().send(&all, json!({})).await.code(), "QUERY_LIMIT_EXCEEDED");
    })
    .await;
}
