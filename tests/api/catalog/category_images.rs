//! Category images: upload, replacement, alternative text, deletion and visibility.

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::harness::sample_image::{SECRET, jpeg, png, with_gps};
use crate::harness::store::{IMAGE, get_image_at};
use crate::harness::{ApiResponse, Client, Form, on_both_databases, user_error};

pub async fn upload(client: &Client, category: &str, file: &[u8], alt: &Value) -> ApiResponse {
    let query = format!(
        "mutation($input: UploadCategoryImageInput!) {{ uploadCategoryImage(input: $input) {{
            image {{ {IMAGE} }} category {{ slug image {{ id }} }} userErrors {{ code field message }} }} }}"
    );
    let input = json!({"categoryId": category, "file": null, "alt": alt});
    let operations = json!({"query": query, "variables": {"input": input}});
    let form = Form::new(&operations, &json!({"0": ["variables.input.file"]}));
    client.upload(form.file("0", file).end()).await
}

async fn image_of(client: &Client, slug: &str) -> Value {
    let query =
        format!("query($slug: String) {{ category(slug: $slug) {{ image {{ {IMAGE} }} }} }}");
    client.data(&query, json!({"slug": slug})).await["category"]["image"].clone()
}

#[tokio::test]
async fn an_upload_replaces_the_image_of_the_category() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let category = app.shop().root("pots", 0).await;
        let id = category.id.encode();
        assert_eq!(image_of(&app.anonymous(), "pots").await, Value::Null);
        let response = upload(
            &admin,
            &id,
            &with_gps(&jpeg(400, 200)),
            &json!(" All pots "),
        )
        .await;
        let payload = response.payload("uploadCategoryImage");
        assert_eq!(payload["userErrors"], json!([]));
        let first = payload["image"].clone();
        assert_eq!(
            payload["category"],
            json!({"slug": "pots", "image": {"id": first["id"]}})
        );
        assert_eq!(
            (&first["width"], &first["alt"]),
            (&json!(400), &json!("All pots"))
        );
        let shown = image_of(&app.anonymous(), "pots").await;
        let (header, bytes) = get_image_at(shown["url"].as_str().unwrap()).await;
        assert_eq!(header.width, 400);
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        assert!(app.original_image_keys()[0].starts_with("categories/cat_"));
        app.run_due_jobs(Queue::IMAGES).await;
        let query =
            "query($id: ID!) { node(id: $id) { ... on Image { url(transform: {width: 100}) } } }";
        let sized = app
            .anonymous()
            .data(query, json!({"id": first["id"]}))
            .await;
        assert_eq!(
            get_image_at(sized["node"]["url"].as_str().unwrap())
                .await
                .0
                .width,
            160
        );

        let payload = upload(&admin, &id, &png(50, 50), &Value::Null)
            .await
            .payload("uploadCategoryImage");
        let second = payload["image"].clone();
        assert_ne!(second["id"], first["id"]);
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(
            (app.objects().len(), app.count("category_images").await),
            (1, 1)
        );

        let input = json!({"categoryId": id, "alt": "Pots"});
        let payload = admin
            .run_mutation("updateCategoryImage", input, "image { id alt }")
            .await;
        assert_eq!(payload["image"], json!({"id": second["id"], "alt": "Pots"}));
        let input = json!({"categoryId": id});
        let select = "imageId category { image { id } }";
        let payload = admin
            .run_mutation("deleteCategoryImage", input.clone(), select)
            .await;
        assert_eq!(
            (&payload["imageId"], &payload["category"]["image"]),
            (&second["id"], &Value::Null)
        );
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 0);
        let payload = admin
            .run_mutation("deleteCategoryImage", input, select)
            .await;
        assert_eq!(
            (&payload["imageId"], &payload["userErrors"]),
            (&Value::Null, &json!([]))
        );
        let actions = "SELECT count(*) FROM audit_log WHERE action LIKE '%CategoryImage'";
        assert_eq!(app.sql_number(actions).await, 4);
    })
    .await;
}

#[tokio::test]
async fn the_image_goes_with_its_category() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = app.shop().root("pots", 0).await.id.encode();
        upload(&admin, &id, &png(50, 50), &Value::Null).await;
        let payload = admin
            .run_mutation("deleteCategory", json!({"id": id}), "categoryId")
            .await;
        assert_eq!(payload["userErrors"], json!([]));
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(
            (app.objects().len(), app.count("category_images").await),
            (0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn invalid_uploads_change_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let hidden = app
            .shop()
            .category("hidden", None, 0, |new| new.published = false)
            .await;
        let id = hidden.id.encode();
        let small = png(9, 9);
        for (category, file, alt, code, field) in [
            (
                id.as_str(),
                &b"no image"[..],
                json!(null),
                "BAD_USER_INPUT",
                "file",
            ),
            (
                id.as_str(),
                &small[..],
                json!("x".repeat(501)),
                "BAD_USER_INPUT",
                "alt",
            ),
            (
                "cat_00000000000000000000000000",
                &small[..],
                json!(null),
                "NOT_FOUND",
                "categoryId",
            ),
        ] {
            let payload = upload(&admin, category, file, &alt)
                .await
                .payload("uploadCategoryImage");
            assert_eq!(
                (user_error(&payload), &payload["userErrors"][0]["field"]),
                (code, &json!(field))
            );
        }
        let missing = json!({"categoryId": id, "alt": "x"});
        let payload = admin
            .run_mutation("updateCategoryImage", missing, "image { id }")
            .await;
        assert_eq!(user_error(&payload), "NOT_FOUND");
        assert_eq!(
            (app.objects().len(), app.count("category_images").await),
            (0, 0)
        );
        let response = upload(&app.customer().await, &id, &png(9, 9), &Value::Null).await;
        assert_eq!(response.code(), "FORBIDDEN");

        // Only admins see the image of a hidden category.
        let payload = upload(&admin, &id, &png(9, 9), &Value::Null)
            .await
            .payload("uploadCategoryImage");
        let node = json!({"id": payload["image"]["id"]});
        let query = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(
            app.anonymous().data(query, node.clone()).await["node"],
            Value::Null
        );
        assert_eq!(
            admin.data(query, node.clone()).await["node"]["id"],
            node["id"]
        );
    })
    .await;
}
