//! Editing the images of a product.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::harness::sample_image::png;
use crate::harness::store::IMAGE;
use crate::harness::{App, Client, on_both_databases, user_error};

const SECOND: Duration = Duration::from_secs(1);

fn ids(images: &[Value]) -> Vec<&str> {
    let ids = images.iter().map(|image| image["id"].as_str().unwrap());
    ids.collect()
}
/// Returns the audit log: action, product and names of changed fields.
async fn log(admin: &Client) -> Vec<String> {
    let query = "{ auditLog { nodes { action subjectName changes { field } } } }";
    let data = admin.data(query, json!({})).await;
    let entries = data["auditLog"]["nodes"].as_array().unwrap().iter();
    let line = |entry: &Value| {
        let (action, name) = (entry["action"].as_str(), entry["subjectName"].as_str());
        let field = entry["changes"][0]["field"].as_str();
        [action, name, field]
            .map(Option::unwrap_or_default)
            .join(" ")
    };
    entries.map(line).collect()
}
/// Fails unless the images of the only product have the positions 0, 1, 2, ...
async fn assert_consecutive_positions(app: &App, count: i64) {
    assert_eq!(app.count("product_images").await, count);
    let positions = "SELECT count(DISTINCT position) FROM product_images WHERE position >= 0";
    assert_eq!(app.sql_number(positions).await, count);
    let last = "SELECT CAST(coalesce(max(position), -1) AS BIGINT) FROM product_images";
    assert_eq!(app.sql_number(last).await, count - 1);
}
#[tokio::test]
async fn images_are_described_ordered_and_removed() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let pan_id = pan.id.encode();
        for side in [10, 11, 12] {
            admin.add_image(&pan, &png(side, 9)).await;
        }
        let before = admin.gallery("pan").await;
        let [first, second, third] = ids(&before)[..] else {
            panic!("{before:?}")
        };

        let select = format!("image {{ {IMAGE} }}");
        app.advance(SECOND);
        let input = json!({"id": second, "alt": " With\u{a0}lid "});
        let done = admin
            .run_mutation("updateProductImage", input.clone(), &select)
            .await;
        assert_eq!(done["image"]["id"], second);
        assert_eq!(done["image"]["alt"], "With\u{a0}lid");
        admin
            .run_mutation("updateProductImage", input, &select)
            .await;

        app.advance(SECOND);
        let input = json!({"productId": pan_id, "imageIds": [third, first, second]});
        let done = admin
            .run_mutation("reorderProductImages", input.clone(), "images { id }")
            .await;
        let order = done["images"].as_array().unwrap();
        assert_eq!(ids(order), [third, first, second]);
        assert_eq!(ids(&admin.gallery("pan").await), [third, first, second]);
        admin
            .run_mutation("reorderProductImages", input, "images { id }")
            .await;
        for order in [
            json!([]),
            json!([third, first]),
            json!([third, first, first]),
            json!([third, first, second, second]),
        ] {
            let input = json!({"productId": pan_id, "imageIds": order});
            let done = admin
                .run_mutation("reorderProductImages", input, "images { id }")
                .await;
            assert_eq!(
                (user_error(&done), &done["images"]),
                ("CONFLICT", &json!([]))
            );
            assert_eq!(done["userErrors"][0]["field"], "imageIds");
        }
        for order in [
            json!([third, first, second, "img_01kb00000000000000000000zz"]),
            json!([third, first, "img_01kb00000000000000000000zz"]),
        ] {
            let input = json!({"productId": pan_id, "imageIds": order});
            let done = admin
                .run_mutation("reorderProductImages", input, "images { id }")
                .await;
            assert_eq!(
                (user_error(&done), &done["images"]),
                ("NOT_FOUND", &json!([]))
            );
        }

        app.advance(SECOND);
        let done = admin
            .run_mutation(
                "deleteProductImage",
                json!({"id": first}),
                "imageId product { images { id } }",
            )
            .await;
        assert_eq!(done["imageId"], first);
        assert_eq!(
            ids(done["product"]["images"].as_array().unwrap()),
            [third, second]
        );
        assert_consecutive_positions(app, 2).await;
        assert_eq!(app.objects().len(), 3);
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 2);
        // Mutations without changes have no audit entry.
        let log = log(&admin).await;
        assert_eq!(
            log[..3],
            [
                "deleteProductImage pan alt",
                "reorderProductImages pan images",
                "updateProductImage pan alt"
            ]
        );
        assert_eq!(log[3..], ["uploadProductImages pan images"; 3]);
    })
    .await;
}

#[tokio::test]
async fn unknown_images_cannot_be_changed() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let image = admin.add_image(&pan, &png(9, 9)).await;
        let nobody = "img_01kb00000000000000000000zz";
        let nothing = "prod_01kb00000000000000000000zz";
        for (name, input, code, field) in [
            (
                "updateProductImage",
                json!({"id": nobody, "alt": ""}),
                "NOT_FOUND",
                "id",
            ),
            (
                "updateProductImage",
                json!({"id": nothing, "alt": ""}),
                "BAD_USER_INPUT",
                "id",
            ),
            (
                "updateProductImage",
                json!({"id": image["id"], "alt": "x".repeat(501)}),
                "BAD_USER_INPUT",
                "alt",
            ),
            (
                "updateProductImage",
                json!({"id": image["id"], "alt": "a\u{0}b"}),
                "BAD_USER_INPUT",
                "alt",
            ),
            (
                "deleteProductImage",
                json!({"id": nobody}),
                "NOT_FOUND",
                "id",
            ),
            (
                "deleteProductImage",
                json!({"id": "x"}),
                "BAD_USER_INPUT",
                "id",
            ),
            (
                "reorderProductImages",
                json!({"productId": nothing, "imageIds": []}),
                "NOT_FOUND",
                "productId",
            ),
            (
                "reorderProductImages",
                json!({"productId": pan.id.encode(), "imageIds": [nothing]}),
                "BAD_USER_INPUT",
                "imageIds",
            ),
            (
                "reorderProductImages",
                json!({"productId": pan.id.encode(), "imageIds": vec![nobody; 51]}),
                "BAD_USER_INPUT",
                "imageIds",
            ),
        ] {
            let done = admin.run_mutation(name, input.clone(), "").await;
            assert_eq!(user_error(&done), code, "{name} {input}");
            assert_eq!(done["userErrors"][0]["field"], field, "{name} {input}");
            for (client, code) in [
                (app.anonymous(), "UNAUTHENTICATED"),
                (app.customer().await, "FORBIDDEN"),
            ] {
                assert_eq!(client.mutate(name, input.clone(), "").await.code(), code);
            }
        }
        admin
            .run_mutation("deleteProductImage", json!({"id": image["id"]}), "imageId")
            .await;
        let done = admin
            .run_mutation("deleteProductImage", json!({"id": image["id"]}), "imageId")
            .await;
        assert_eq!(
            (user_error(&done), &done["imageId"]),
            ("NOT_FOUND", &Value::Null)
        );
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn image_positions_stay_dense_under_concurrency() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let pan_id = pan.id.encode();
        for _ in 0..4 {
            admin.add_image(&pan, &png(9, 9)).await;
        }
        let before = admin.gallery("pan").await;
        let present = ids(&before);
        let file = png(8, 8);
        let works = (0..20).map(async |number: usize| match number % 4 {
            0 => admin.upload_images(&pan_id, &[&file], &Value::Null).await,
            1 => {
                admin
                    .mutate(
                        "deleteProductImage",
                        json!({"id": present[number / 8]}),
                        "imageId",
                    )
                    .await
            }
            _ => {
                let gallery = admin.gallery("pan").await;
                let mut order = ids(&gallery);
                let turn = number % order.len().max(1);
                order.rotate_left(turn);
                let input = json!({"productId": pan_id, "imageIds": order});
                admin
                    .mutate("reorderProductImages", input, "images { id }")
                    .await
            }
        });
        for response in join_all(works).await {
            let payload = response.json["data"]
                .as_object()
                .unwrap()
                .values()
                .next()
                .unwrap();
            let code = user_error(payload);
            assert!(
                ["", "CONFLICT", "NOT_FOUND"].contains(&code),
                "{}",
                response.text
            );
        }
        // Three of the four images were deleted.
        assert_consecutive_positions(app, 4 + 5 - 3).await;
        app.run_all_image_jobs().await;
        assert_eq!(app.objects().len(), 6);
        assert_eq!(app.count_image_jobs().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_product_has_at_most_50_images() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        for position in 0..48 {
            app.shop().image(&pan, position).await;
        }
        let file = png(9, 9);
        let upload = async |count: usize| {
            let files = vec![file.as_slice(); count];
            let pan = pan.id.encode();
            let response = admin.upload_images(&pan, &files, &Value::Null).await;
            response.payload("uploadProductImages")
        };
        let full = |payload: Value| {
            assert_eq!(
                (user_error(&payload), &payload["images"]),
                ("CONFLICT", &json!([]))
            );
            assert_eq!(payload["userErrors"][0]["field"], "productId");
        };
        full(upload(3).await);
        assert_eq!(app.objects(), [""; 0], "files were stored");
        // An upload is atomic, also under concurrency.
        let both = join_all([upload(2), upload(2)]).await;
        let codes: Vec<_> = both.iter().map(user_error).collect();
        assert!(
            codes.contains(&"") && codes.contains(&"CONFLICT"),
            "{codes:?}"
        );
        full(upload(1).await);
        assert_consecutive_positions(app, 50).await;
        app.run_all_image_jobs().await;
        assert_eq!(app.original_image_keys().len(), 2);
    })
    .await;
}
