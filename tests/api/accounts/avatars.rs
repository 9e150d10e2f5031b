//! Avatars: upload, deletion and access.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::platform::jobs::Queue;

use crate::harness::sample_image::{SECRET, jpeg, png, with_gps};
use crate::harness::store::{IMAGE, get_image_at};
use crate::harness::{
    ApiResponse, Client, Form, PASSWORD, on_both_databases, on_both_databases_with, user_error,
};

async fn upload(client: &Client, file: &[u8]) -> ApiResponse {
    let query = format!(
        "mutation($file: Upload!) {{ uploadAvatar(file: $file) {{
            avatar {{ {IMAGE} }} user {{ email avatar {{ id }} }} userErrors {{ code field message }} }} }}"
    );
    let operations = json!({ "query": query, "variables": { "file": null } });
    let form = Form::new(&operations, &json!({ "0": ["variables.file"] }));
    client.upload(form.file("0", file).end()).await
}

/// Uploads an accepted file and returns the image.
async fn upload_image(client: &Client, file: &[u8]) -> Value {
    let payload = upload(client, file).await.payload("uploadAvatar");
    assert_eq!(payload["userErrors"], json!([]));
    assert_eq!(payload["user"]["avatar"]["id"], payload["avatar"]["id"]);
    payload["avatar"].clone()
}

async fn own(client: &Client) -> Value {
    let data = client.data("{ me { avatar { id } } }", json!({})).await;
    data["me"]["avatar"].clone()
}

async fn by_id(client: &Client, image: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let data = client.data(query, json!({ "id": image["id"] })).await;
    data["node"]["id"].clone()
}

#[tokio::test]
async fn upload_replaces_the_avatar() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        assert_eq!(own(&customer).await, Value::Null);
        let first = upload_image(&customer, &with_gps(&jpeg(200, 100))).await;
        assert_eq!([&first["width"], &first["height"]], [200, 100]);
        assert_eq!(
            (&first["contentType"], &first["alt"]),
            (&json!("image/jpeg"), &json!(""))
        );
        let (header, bytes) = get_image_at(first["url"].as_str().unwrap()).await;
        assert_eq!(
            (header.width, json!(bytes.len())),
            (200, first["bytes"].clone())
        );
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        let before = app.original_image_keys();
        assert!(before[0].starts_with("users/user_"), "{before:?}");
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 1 + 2);
        let query = "{ me { avatar { srcSet url(transform: {width: 100}) } } }";
        let sized = customer.data(query, json!({})).await;
        let url = sized["me"]["avatar"]["url"].as_str().unwrap();
        assert_eq!(get_image_at(url).await.0.width, 160);

        let second = upload_image(&customer, &png(50, 50)).await;
        assert_ne!(second["id"], first["id"]);
        assert_eq!(own(&customer).await["id"], second["id"]);
        assert_eq!(by_id(&customer, &first).await, Value::Null);
        app.run_due_jobs(Queue::IMAGES).await;
        let now = app.original_image_keys();
        assert_eq!((now.len(), app.objects().len()), (1, 1));
        assert_ne!(now, before);
        assert_eq!(app.count("avatars").await, 1);

        let done = customer
            .data(
                "mutation { deleteAvatar { user { email avatar { id } } userErrors { code } } }",
                json!({}),
            )
            .await;
        assert_eq!(done["deleteAvatar"]["userErrors"], json!([]));
        assert_eq!(
            done["deleteAvatar"]["user"],
            json!({"email": "customer@shop.example", "avatar": null})
        );
        // Deleting a missing avatar is no error.
        customer
            .data(
                "mutation { deleteAvatar { userErrors { code } } }",
                json!({}),
            )
            .await;
        assert_eq!(own(&customer).await, Value::Null);
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn invalid_upload_keeps_the_avatar() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let image = upload_image(&customer, &png(50, 50)).await;
        for (file, name) in [
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice(),
                "SVG",
            ),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
            (b"", "empty"),
            (&png(50, 50)[..80], "truncated"),
        ] {
            let payload = upload(&customer, file).await.payload("uploadAvatar");
            assert_eq!(
                (user_error(&payload), &payload["avatar"]),
                ("BAD_USER_INPUT", &Value::Null)
            );
            assert_eq!(payload["userErrors"][0]["field"], "file");
            let message = payload["userErrors"][0]["message"].as_str().unwrap();
            assert!(message.contains(name), "{message}");
        }
        assert_eq!(own(&customer).await["id"], image["id"]);
        assert_eq!(app.original_image_keys().len(), 1);
        let response = upload(&app.anonymous(), &png(5, 5)).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        let response = app
            .anonymous()
            .send(
                "mutation { deleteAvatar { userErrors { code } } }",
                json!({}),
            )
            .await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        app.run_all_image_jobs().await;
        assert_eq!(
            (
                app.original_image_keys().len(),
                app.count_image_jobs().await
            ),
            (1, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn avatar_is_visible_to_its_owner_and_admins() {
    on_both_databases(async |app| {
        let (ann, bob) = (
            app.customer().await,
            app.signed_in("bob@shop.example", Role::Customer).await,
        );
        let image = upload_image(&ann, &png(50, 50)).await;
        let admin = app.admin().await;
        for (client, sees) in [
            (&ann, true),
            (&admin, true),
            (&bob, false),
            (&app.anonymous(), false),
        ] {
            let expected = if sees {
                image["id"].clone()
            } else {
                Value::Null
            };
            assert_eq!(by_id(client, &image).await, expected);
        }
        let query = "{ users { nodes { email avatar { id } } } }";
        let users = admin.data(query, json!({})).await;
        let users = users["users"]["nodes"].as_array().unwrap();
        for user in users {
            let expected = match user["email"].as_str() {
                Some("customer@shop.example") => json!({"id": image["id"]}),
                _ => Value::Null,
            };
            assert_eq!(user["avatar"], expected);
        }
        // It is not a product image, which could be changed as one.
        let done = admin
            .run_mutation("deleteProductImage", json!({"id": image["id"]}), "imageId")
            .await;
        assert_eq!(user_error(&done), "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn deleting_a_user_deletes_the_avatar() {
    on_both_databases(async |app| {
        let (ann, bob) = (
            app.customer().await,
            app.signed_in("bob@shop.example", Role::Customer).await,
        );
        upload_image(&ann, &png(200, 50)).await;
        upload_image(&bob, &png(200, 50)).await;
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 2 * 3);
        ann.run_mutation("deleteMe", json!({"password": PASSWORD}), "")
            .await;
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 3);
        let me = bob.data("{ me { id } }", json!({})).await;
        app.admin()
            .await
            .run_mutation("deleteUser", json!({"id": me["me"]["id"]}), "")
            .await;
        app.assert_no_image().await;
    })
    .await;
}

#[tokio::test]
async fn avatar_uploads_are_rate_limited_per_user() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        for number in 0..20 {
            // Rejected files count too.
            let file = if number < 2 {
                png(5, 5)
            } else {
                b"none".to_vec()
            };
            upload(&customer, &file).await.payload("uploadAvatar");
        }
        let response = upload(&customer, &png(5, 5)).await;
        assert_eq!(response.code(), "RATE_LIMITED");
        upload_image(&app.admin().await, &png(5, 5)).await;
        app.advance(Duration::from_hours(1));
        upload_image(&app.customer().await, &png(5, 5)).await;
    })
    .await;
    on_both_databases_with(&["--limit-avatars-account=1/1m"], async |app| {
        let customer = app.customer().await;
        upload_image(&customer, &png(5, 5)).await;
        assert_eq!(upload(&customer, &png(5, 5)).await.code(), "RATE_LIMITED");
    })
    .await;
}

#[tokio::test]
async fn concurrent_uploads_leave_one_avatar() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let file = png(9, 9);
        let works = (0..8).map(|_| upload(&customer, &file));
        for response in futures_util::future::join_all(works).await {
            response.payload("uploadAvatar");
        }
        assert_eq!(app.count("avatars").await, 1);
        app.run_all_image_jobs().await;
        assert_eq!(
            (
                app.original_image_keys().len(),
                app.count_image_jobs().await
            ),
            (1, 0)
        );
    })
    .await;
}
