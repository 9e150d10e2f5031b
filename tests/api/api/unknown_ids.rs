//! Unknown IDs and IDs of other types: the same rule for all mutations and queries.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use super::unknown_attribute_ids::ATTRIBUTES;
use crate::harness::sample_image::png;
use crate::harness::{PASSWORD, on_both_databases};

/// Returns a well-formed ID of this type that does not exist.
fn nil(kind: &str) -> String {
    format!("{kind}_{}", "0".repeat(26))
}

/// Mutations with an unknown ID: its type, the field, and the arguments. `@` stands for the ID, `PROD` and `CAT`
/// for existing ones.
const MUTATIONS: [(&str, &str, &str, &str); 46] = [
    (
        "createCategory",
        "cat",
        "parentId",
        r#"{"name": "x", "parentId": "@"}"#,
    ),
    ("updateCategory", "cat", "id", r#"{"id": "@", "name": "x"}"#),
    ("moveCategory", "cat", "id", r#"{"id": "@", "position": 0}"#),
    (
        "moveCategory",
        "cat",
        "parentId",
        r#"{"id": "CAT", "parentId": "@"}"#,
    ),
    ("deleteCategory", "cat", "id", r#"{"id": "@"}"#),
    (
        "createProduct",
        "cat",
        "categoryId",
        r#"{"name": "x", "price": "1", "categoryId": "@"}"#,
    ),
    (
        "createProduct",
        "cat",
        "categoryIds",
        r#"{"name": "x", "price": "1", "categoryId": "CAT", "categoryIds": ["@"]}"#,
    ),
    (
        "updateProduct",
        "prod",
        "id",
        r#"{"id": "@", "stock": 1, "expectedStock": 1}"#,
    ),
    (
        "updateProduct",
        "cat",
        "categoryId",
        r#"{"id": "PROD", "categoryId": "@"}"#,
    ),
    (
        "updateProduct",
        "cat",
        "categoryIds",
        r#"{"id": "PROD", "categoryIds": ["@"]}"#,
    ),
    ("adjustStock", "prod", "id", r#"{"id": "@", "delta": 1}"#),
    ("deleteProduct", "prod", "id", r#"{"id": "@"}"#),
    (
        "updateProducts",
        "cat",
        "categoryId",
        r#"{"ids": ["PROD"], "categoryId": "@"}"#,
    ),
    (
        "updateProducts",
        "cat",
        "addCategoryIds",
        r#"{"ids": ["PROD"], "addCategoryIds": ["@"]}"#,
    ),
    (
        "updateProducts",
        "cat",
        "removeCategoryIds",
        r#"{"ids": ["PROD"], "removeCategoryIds": ["@"]}"#,
    ),
    (
        "updateProducts",
        "cat",
        "filter.categoryIds",
        r#"{"filter": {"categoryIds": ["CAT", "@"]}, "status": "DRAFT"}"#,
    ),
    (
        "updateSearchSynonym",
        "syn",
        "id",
        r#"{"id": "@", "terms": ["a", "b"]}"#,
    ),
    ("deleteSearchSynonym", "syn", "id", r#"{"id": "@"}"#),
    (
        "createImageUpload",
        "prod",
        "productId",
        r#"{"productId": "@", "contentType": "image/png", "bytes": 9}"#,
    ),
    ("completeImageUpload", "upl", "id", r#"{"id": "@"}"#),
    (
        "updateProductImage",
        "img",
        "id",
        r#"{"id": "@", "alt": "x"}"#,
    ),
    ("deleteProductImage", "img", "id", r#"{"id": "@"}"#),
    (
        "reorderProductImages",
        "prod",
        "productId",
        r#"{"productId": "@", "imageIds": []}"#,
    ),
    (
        "reorderProductImages",
        "img",
        "imageIds",
        r#"{"productId": "PROD", "imageIds": ["@"]}"#,
    ),
    (
        "reorderCategoryProducts",
        "cat",
        "categoryId",
        r#"{"categoryId": "@", "productIds": ["PROD"]}"#,
    ),
    (
        "reorderCategoryProducts",
        "prod",
        "productIds",
        r#"{"categoryId": "CAT", "productIds": ["@"]}"#,
    ),
    (
        "reorderCategoryProducts",
        "prod",
        "afterProductId",
        r#"{"categoryId": "CAT", "productIds": ["PROD"], "afterProductId": "@"}"#,
    ),
    (
        "updateCategoryImage",
        "cat",
        "categoryId",
        r#"{"categoryId": "@", "alt": "x"}"#,
    ),
    (
        "deleteCategoryImage",
        "cat",
        "categoryId",
        r#"{"categoryId": "@"}"#,
    ),
    (
        "createPayment",
        "order",
        "orderId",
        r#"{"orderId": "@", "provider": "TEST"}"#,
    ),
    ("syncPayment", "pay", "paymentId", r#"{"paymentId": "@"}"#),
    (
        "finishTestPayment",
        "pay",
        "paymentId",
        r#"{"paymentId": "@", "outcome": "SUCCEED"}"#,
    ),
    ("recordPayment", "order", "orderId", r#"{"orderId": "@"}"#),
    (
        "capturePayment",
        "pay",
        "paymentId",
        r#"{"paymentId": "@"}"#,
    ),
    (
        "refundOrder",
        "order",
        "orderId",
        r#"{"orderId": "@", "amount": "1"}"#,
    ),
    ("updateUser", "user", "id", r#"{"id": "@", "name": "x"}"#),
    ("deleteUser", "user", "id", r#"{"id": "@"}"#),
    ("revokeSession", "sess", "id", r#"{"id": "@"}"#),
    (
        "unlinkIdentity",
        "idn",
        "id",
        r#"{"id": "@", "password": "PASSWORD"}"#,
    ),
    ("cancelOrder", "order", "id", r#"{"id": "@"}"#),
    ("fulfillOrder", "order", "orderId", r#"{"orderId": "@"}"#),
    ("updateFulfillment", "fulfill", "id", r#"{"id": "@"}"#),
    ("cancelFulfillment", "fulfill", "id", r#"{"id": "@"}"#),
    (
        "cancelOrderLines",
        "order",
        "orderId",
        r#"{"orderId": "@", "lines": [{"lineId": "orderline_00000000000000000000000000", "quantity": 1}]}"#,
    ),
    (
        "addOrderNote",
        "order",
        "orderId",
        r#"{"orderId": "@", "text": "x"}"#,
    ),
    (
        "updateOrderAddress",
        "order",
        "orderId",
        r#"{"orderId": "@", "billingAddress": null}"#,
    ),
];

#[tokio::test]
async fn a_mutation_that_names_an_unknown_id_returns_not_found_on_its_field() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        for (name, kind, field, input) in MUTATIONS.into_iter().chain(ATTRIBUTES) {
            let other = if kind == "prod" { "cat" } else { "prod" };
            for (id, code) in [
                (nil(kind), "NOT_FOUND"),
                (nil(other), "BAD_USER_INPUT"),
                ("x".to_owned(), "BAD_USER_INPUT"),
            ] {
                let input = input.replace('@', &id).replace("PASSWORD", PASSWORD);
                let input = input.replace("PROD", &pan.id.encode());
                let input = input.replace("CAT", &pan.category_id.encode());
                let input: Value = serde_json::from_str(&input).unwrap();
                let payload = admin.run_mutation(name, input.clone(), "").await;
                let errors = payload["userErrors"].as_array().unwrap();
                assert_eq!(errors.len(), 1, "{name} {input}: {payload}");
                let actual = (errors[0]["code"].as_str(), errors[0]["field"].as_str());
                assert_eq!(actual, (Some(code), Some(field)), "{name} {input}");
            }
        }
        // Bulk mutations have a result for each product.
        let ids = json!([pan.id.encode(), nil("prod"), nil("cat")]);
        let input = json!({"ids": ids, "status": "DRAFT", "errorPolicy": "REJECT_FAILED"});
        let select = "results { product { status } userErrors { code field } }";
        let payload = admin.run_mutation("updateProducts", input, select).await;
        let row = |code: &str| json!({"product": null, "userErrors": [{"code": code, "field": "ids"}]});
        let results = json!([{"product": {"status": "DRAFT"}, "userErrors": []}, row("NOT_FOUND"), row("BAD_USER_INPUT")]);
        assert_eq!(payload["results"], results);
        assert_eq!(app.count("audit_log").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_id_is_null_in_a_lookup_and_narrows_a_list_to_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        app.pan().await;
        for (query, kind, expected) in [
            ("product(id: \"@\") { id }", "prod", Value::Null),
            ("category(id: \"@\") { id }", "cat", Value::Null),
            ("user(id: \"@\") { id }", "user", Value::Null),
            ("order(id: \"@\") { id }", "order", Value::Null),
            (
                "products(filter: {categoryIds: [\"@\"]}) { nodes { id } }",
                "cat",
                json!({"nodes": []}),
            ),
            (
                "categories(filter: {parentId: \"@\"}) { nodes { id } }",
                "cat",
                json!({"nodes": []}),
            ),
            (
                "orders(filter: {userId: \"@\"}) { nodes { id } }",
                "user",
                json!({"nodes": []}),
            ),
            (
                "auditLog(filter: {actorId: \"@\"}) { nodes { id } }",
                "user",
                json!({"nodes": []}),
            ),
            (
                "auditLog(filter: {subjectId: \"@\"}) { nodes { id } }",
                "img",
                json!({"nodes": []}),
            ),
        ] {
            let revoke_session = async |id: &str| {
                let query = format!("{{ it: {} }}", query.replace('@', id));
                admin.send(&query, json!({})).await
            };
            let response = revoke_session(&nil(kind)).await;
            assert_eq!(response.json, json!({"data": {"it": expected}}), "{query}");
            for invalid in [nil("sess"), "x".to_owned()] {
                let response = revoke_session(&invalid).await;
                assert_eq!(response.code(), "BAD_USER_INPUT", "{query} {invalid}");
                assert!(
                    response.field().ends_with("Id")
                        || response.field().ends_with("Ids")
                        || response.field() == "id"
                );
            }
        }
        let query =
            "{ node(id: \"@\") { id } nodes(ids: [\"@\"]) { id } }".replace('@', &nil("user"));
        assert_eq!(
            admin.data(&query, json!({})).await,
            json!({"node": null, "nodes": [null]})
        );
    })
    .await;
}

#[tokio::test]
async fn a_deletion_returns_the_id_and_the_deleted_object() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let image = admin.add_image(&pan, &png(9, 7)).await;
        let payload = admin
            .run_mutation(
                "deleteProductImage",
                json!({"id": image["id"]}),
                "imageId image { id width } product { slug images { id } }",
            )
            .await;
        let expected = json!({"imageId": image["id"], "image": {"id": image["id"], "width": 9},
            "product": {"slug": "pan", "images": []}, "userErrors": []});
        assert_eq!(payload, expected);

        for (name, entity_name, id) in [
            ("deleteProduct", "product", pan.id.encode()),
            ("deleteCategory", "category", pan.category_id.encode()),
        ] {
            let select = format!("{entity_name}Id {entity_name} {{ id name }}");
            let payload = admin.run_mutation(name, json!({"id": id}), &select).await;
            assert_eq!(payload[format!("{entity_name}Id")], id, "{payload}");
            assert_eq!(payload[entity_name]["id"], id, "{payload}");
            assert!(payload[entity_name]["name"].is_string(), "{payload}");
            let payload = admin.run_mutation(name, json!({"id": id}), &select).await;
            assert_eq!(
                (&payload[format!("{entity_name}Id")], &payload[entity_name]),
                (&Value::Null, &Value::Null)
            );
        }

        let customer = app.customer().await;
        let me = customer
            .data("{ me { id } sessions { id userAgent } }", json!({}))
            .await;
        let session = &me["sessions"][0];
        let other = app.customer().await;
        let payload = other
            .run_mutation(
                "revokeSession",
                json!({"id": session["id"]}),
                "sessionId session { id current }",
            )
            .await;
        assert_eq!(payload["sessionId"], session["id"]);
        assert_eq!(
            payload["session"],
            json!({"id": session["id"], "current": false})
        );
        let input = json!({"password": PASSWORD});
        let payload = other
            .run_mutation("deleteMe", input, "userId user { id email }")
            .await;
        let expected = json!({"id": me["me"]["id"], "email": "customer@shop.example"});
        assert_eq!(
            (&payload["userId"], &payload["user"]),
            (&me["me"]["id"], &expected)
        );

        let gone = app.customer().await.data("{ me { id } }", json!({})).await["me"]["id"].clone();
        let payload = admin
            .run_mutation("deleteUser", json!({"id": gone}), "userId user { id }")
            .await;
        assert_eq!((&payload["userId"], &payload["user"]["id"]), (&gone, &gone));
    })
    .await;
}
