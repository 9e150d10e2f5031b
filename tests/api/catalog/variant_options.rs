//! Options of products: creation, changes, and what can't be.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

const OPTIONS: &str = "product { id options { id name values { id name swatch } } variants { id options { name value } version } }";

/// Creates a mug with the color as its option, and returns the product.
async fn mug(app: &App, admin: &Client) -> Value {
    let category = app.shop().root("kitchen", 0).await;
    let variant = |color: &str| json!({"options": [{"name": "Color", "value": color}]});
    let input = json!({
        "name": "Mug", "slug": "mug", "status": "ACTIVE", "price": "8.00", "categoryId": category.id.encode(),
        "options": [{"name": "Color", "values": ["Red", "Blue"]}], "variants": [variant("Red"), variant("blue")],
    });
    let payload = admin.run_mutation("createProduct", input, OPTIONS).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["product"].clone()
}

async fn replace(admin: &Client, product: &Value, options: Value) -> Value {
    let input = json!({"productId": product["id"], "options": options});
    admin
        .run_mutation("updateProductOptions", input, OPTIONS)
        .await
}

#[tokio::test]
async fn options_are_renamed_reordered_added_and_removed() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = mug(app, &admin).await;
        let color = &product["options"][0];
        let (red, blue) = (&color["values"][0]["id"], &color["values"][1]["id"]);
        let colors = json!({"id": color["id"], "name": "Colour", "values": [
            {"id": blue, "name": "Navy", "swatch": "#000080"}, {"id": red, "name": "Red"}, {"name": "White"},
        ]});
        let size = json!({"name": "Size", "values": [{"name": "250 ml"}, {"name": "500 ml"}]});
        let payload = replace(&admin, &product, json!([size, colors])).await;
        let changed = &payload["product"];
        assert_eq!(changed["options"][0]["name"], "Size", "{payload}");
        assert_eq!(changed["options"][1]["values"][0], json!({"id": blue, "name": "Navy", "swatch": "#000080"}));
        let values = |variant: usize| changed["variants"][variant]["options"].clone();
        assert_eq!(values(0), json!([{"name": "Size", "value": "250 ml"}, {"name": "Colour", "value": "Red"}]));
        assert_eq!(values(1), json!([{"name": "Size", "value": "250 ml"}, {"name": "Colour", "value": "Navy"}]));

        // A second size of red: the option can't be removed any more.
        let choice = json!([{"name": "size", "value": "500 ml"}, {"name": "colour", "value": "red"}]);
        let input = json!({"productId": product["id"], "options": choice});
        let payload = admin.run_mutation("createVariant", input, "variant { id }").await;
        let large = payload["variant"]["id"].clone();
        let second_option = changed["options"][1].clone();
        let payload = replace(&admin, &product, json!([second_option])).await;
        assert_eq!(user_error(&payload), "CONFLICT", "{payload}");
        admin.run_mutation("deleteVariant", json!({"id": large}), "variantId").await;
        let payload = replace(&admin, &product, json!([second_option])).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(app.count("product_options").await, 1);
        assert_eq!(app.count("variant_values").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_simple_product_gets_options_and_loses_them() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await.id.encode();
        let product = json!({"id": pan});
        let input = json!({"productId": pan, "options": []});
        let payload = admin
            .run_mutation("createVariant", input, "variant { id }")
            .await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("CONFLICT", &json!("options"))
        );
        let payload = replace(
            &admin,
            &product,
            json!([{"name": "Size", "values": [{"name": "20 cm"}]}]),
        )
        .await;
        assert_eq!(
            payload["product"]["variants"][0]["options"],
            json!([{"name": "Size", "value": "20 cm"}]),
            "{payload}"
        );
        let input = json!({"productId": pan, "options": [{"name": "Size", "value": "24 cm"}]});
        let payload = admin
            .run_mutation(
                "createVariant",
                input,
                "variant { id price { amount } } product { price { amount } }",
            )
            .await;
        assert_eq!(
            payload["variant"]["price"], payload["product"]["price"],
            "{payload}"
        );
        let payload = replace(&admin, &product, json!([])).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        admin
            .run_mutation(
                "deleteVariant",
                json!({"id": payload_id(&admin, &pan).await}),
                "variantId",
            )
            .await;
        let payload = replace(&admin, &product, json!([])).await;
        assert_eq!(payload["product"]["options"], json!([]), "{payload}");
        // The last variant stays.
        let last = payload["product"]["variants"][0]["id"].clone();
        let payload = admin
            .run_mutation("deleteVariant", json!({"id": last}), "variantId")
            .await;
        assert_eq!(user_error(&payload), "CONFLICT");
    })
    .await;
}

/// Returns the id of the last variant.
async fn payload_id(admin: &Client, product: &str) -> Value {
    let query = "query($id: ID!) { product(id: $id) { variants { id } } }";
    let found = admin.data(query, json!({"id": product})).await;
    let variants = found["product"]["variants"].as_array().unwrap();
    variants.last().unwrap()["id"].clone()
}

#[tokio::test]
async fn invalid_options_are_refused_with_their_field() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = mug(app, &admin).await;
        let color = &product["options"][0];
        let value = |name: &str| json!({"name": name});
        let option = |name: &str, values: Value| json!({"name": name, "values": values});
        let red = &color["values"][0]["id"];
        let long = "x".repeat(101);
        let unknown = "optv_01h455vb4pex5vsknk084sn02q";
        let refused = [
            (
                json!([
                    option("A", json!([value("1")])),
                    option("B", json!([value("1")])),
                    option("C", json!([value("1")])),
                    option("D", json!([value("1")]))
                ]),
                "BAD_USER_INPUT",
                "options",
            ),
            (
                json!([option("A", json!([value("1"), value("1")]))]),
                "BAD_USER_INPUT",
                "options.0.values.1.name",
            ),
            (
                json!([
                    option("A", json!([value("1")])),
                    option("a", json!([value("1")]))
                ]),
                "BAD_USER_INPUT",
                "options.1.name",
            ),
            (
                json!([option("", json!([value("1")]))]),
                "BAD_USER_INPUT",
                "options.0.name",
            ),
            (
                json!([option("A", json!([value(&long)]))]),
                "BAD_USER_INPUT",
                "options.0.values.0.name",
            ),
            (
                json!([option("A", json!([]))]),
                "BAD_USER_INPUT",
                "options.0.values",
            ),
            (
                json!([{"name": "A", "values": [{"name": "1", "swatch": "red"}]}]),
                "BAD_USER_INPUT",
                "options.0.values.0.swatch",
            ),
            (
                json!([{"id": color["id"], "name": "A", "values": [{"id": red, "name": "1"}]}]),
                "CONFLICT",
                "options",
            ),
            (
                json!([{"id": color["id"], "name": "A", "values": [{"id": unknown, "name": "1"}]}]),
                "NOT_FOUND",
                "options.0.values.0.id",
            ),
            (
                json!([{"id": unknown, "name": "A", "values": [{"name": "1"}]}]),
                "BAD_USER_INPUT",
                "options.0.id",
            ),
        ];
        let before = app.count("audit_log").await;
        for (options, code, field) in refused {
            let payload = replace(&admin, &product, options.clone()).await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (user_error(&payload), &error["field"]),
                (code, &json!(field)),
                "{options}"
            );
        }
        assert_eq!(app.count("audit_log").await, before);
        assert_eq!(app.count("product_options").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_product_with_invalid_variants_is_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        app.pan().await;
        let input = json!({"id": app_pan_id(&admin).await, "sku": "TAKEN"});
        admin.run_mutation("updateProduct", input, "product { id }").await;
        let category = app.shop().root("clothes", 1).await.id.encode();
        let of = |value: &str| json!([{"name": "Size", "value": value}]);
        let sizes = json!([{"name": "Size", "values": ["S", "M"]}]);
        let refused = [
            (json!({"options": sizes, "variants": [{"options": of("S")}, {"options": of("s")}]}), "CONFLICT", "variants.1.options"),
            (json!({"options": sizes, "variants": [{"options": of("S")}, {"options": []}]}), "BAD_USER_INPUT", "variants.1.options"),
            (json!({"options": sizes, "variants": []}), "BAD_USER_INPUT", "variants"),
            (json!({"options": sizes}), "BAD_USER_INPUT", "variants"),
            (json!({"options": sizes, "sku": "A", "variants": [{"options": of("S")}]}), "BAD_USER_INPUT", "sku"),
            (json!({"options": sizes, "price": null, "variants": [{"options": of("S"), "price": "1"}, {"options": of("M")}]}), "BAD_USER_INPUT", "variants.1.price"),
            (json!({"options": sizes, "variants": [{"options": of("S"), "sku": "A"}, {"options": of("M"), "sku": "A"}]}), "CONFLICT", "variants.1.sku"),
            (json!({"options": sizes, "variants": [{"options": of("S"), "sku": "TAKEN"}]}), "CONFLICT", "variants.0.sku"),
            (json!({"options": sizes, "variants": [{"options": of("S"), "compareAtPrice": "5.00"}]}), "BAD_USER_INPUT", "variants.0.compareAtPrice"),
            (json!({"price": null}), "BAD_USER_INPUT", "price"),
        ];
        let before = app.count("products").await;
        for (changes, code, field) in refused {
            let mut input = json!({"name": "Shirt", "price": "5.00", "categoryId": category});
            for (key, value) in changes.as_object().unwrap() {
                input[key] = value.clone();
            }
            let payload = admin.run_mutation("createProduct", input, "product { id }").await;
            let error = &payload["userErrors"][0];
            assert_eq!((user_error(&payload), &error["field"]), (code, &json!(field)), "{payload}");
        }
        assert_eq!(app.count("products").await, before);
        assert_eq!(app.count("variants").await, before);
    })
    .await;
}

async fn app_pan_id(admin: &Client) -> Value {
    let found = admin.data("{ products { nodes { id } } }", json!({})).await;
    found["products"]["nodes"][0]["id"].clone()
}
