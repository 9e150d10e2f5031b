//! Avatars: upload, deletion and access.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::platform::jobs::Queue;

use crate::harness::picture::{SECRET, jpeg, png, with_gps};
use crate::harness::store::{IMAGE, picture_at};
use crate::harness::{Answer, Client, Form, PASSWORD, on_both, on_both_with, user_error};

async fn upload(client: &Client, file: &[u8]) -> Answer {
    let query = format!(
        "mutation($file: Upload!) {{ uploadAvatar(file: $file) {{
            avatar {{ {IMAGE} }} user {{ email avatar {{ id }} }} userErrors {{ code field message }} }} }}"
    );
    let operations = json!({ "query": query, "variables": { "file": null } });
    let form = Form::new(&operations, &json!({ "0": ["variables.file"] }));
    client.upload(form.file("0", file).end()).await
}

/// Uploads an accepted file and returns the image.
async fn put(client: &Client, file: &[u8]) -> Value {
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
async fn everybody_has_one_picture_and_puts_another_in_its_place() {
    on_both(async |app| {
        let customer = app.customer().await;
        assert_eq!(own(&customer).await, Value::Null);
        let first = put(&customer, &with_gps(&jpeg(200, 100))).await;
        assert_eq!([&first["width"], &first["height"]], [200, 100]);
        assert_eq!(
            (&first["contentType"], &first["alt"]),
            (&json!("image/jpeg"), &json!(""))
        );
        let (header, bytes) = picture_at(first["url"].as_str().unwrap()).await;
        assert_eq!(
            (header.width, json!(bytes.len())),
            (200, first["bytes"].clone())
        );
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        let before = app.whole_pictures();
        assert!(before[0].starts_with("users/user_"), "{before:?}");
        app.do_due(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 1 + 2);
        let query = "{ me { avatar { srcSet url(transform: {width: 100}) } } }";
        let sized = customer.data(query, json!({})).await;
        let url = sized["me"]["avatar"]["url"].as_str().unwrap();
        assert_eq!(picture_at(url).await.0.width, 160);

        let second = put(&customer, &png(50, 50)).await;
        assert_ne!(second["id"], first["id"]);
        assert_eq!(own(&customer).await["id"], second["id"]);
        assert_eq!(by_id(&customer, &first).await, Value::Null);
        app.do_due(Queue::IMAGES).await;
        let now = app.whole_pictures();
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
        app.assert_no_picture().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_picture_leaves_the_one_that_is_there() {
    on_both(async |app| {
        let customer = app.customer().await;
        let image = put(&customer, &png(50, 50)).await;
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
        assert_eq!(app.whole_pictures().len(), 1);
        let answer = upload(&app.anonymous(), &png(5, 5)).await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        let answer = app
            .anonymous()
            .send(
                "mutation { deleteAvatar { userErrors { code } } }",
                json!({}),
            )
            .await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        app.settle().await;
        assert_eq!(
            (app.whole_pictures().len(), app.picture_tasks().await),
            (1, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn a_picture_of_a_user_is_seen_by_them_and_by_those_who_run_the_shop() {
    on_both(async |app| {
        let (ann, bob) = (
            app.customer().await,
            app.signed_in("bob@shop.example", Role::Customer).await,
        );
        let image = put(&ann, &png(50, 50)).await;
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
            .done("deleteProductImage", json!({"id": image["id"]}), "imageId")
            .await;
        assert_eq!(user_error(&done), "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn with_a_user_their_picture_goes() {
    on_both(async |app| {
        let (ann, bob) = (
            app.customer().await,
            app.signed_in("bob@shop.example", Role::Customer).await,
        );
        put(&ann, &png(200, 50)).await;
        put(&bob, &png(200, 50)).await;
        app.do_due(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 2 * 3);
        ann.done("deleteMe", json!({"password": PASSWORD}), "")
            .await;
        app.do_due(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 3);
        let me = bob.data("{ me { id } }", json!({})).await;
        app.admin()
            .await
            .done("deleteUser", json!({"id": me["me"]["id"]}), "")
            .await;
        app.assert_no_picture().await;
    })
    .await;
}

#[tokio::test]
async fn one_user_uploads_so_many_pictures_an_hour() {
    on_both(async |app| {
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
        let answer = upload(&customer, &png(5, 5)).await;
        assert_eq!(answer.code(), "RATE_LIMITED");
        put(&app.admin().await, &png(5, 5)).await;
        app.advance(Duration::from_hours(1));
        put(&app.customer().await, &png(5, 5)).await;
    })
    .await;
    on_both_with(&["--limit-avatars-account=1/1m"], async |app| {
        let customer = app.customer().await;
        put(&customer, &png(5, 5)).await;
        assert_eq!(upload(&customer, &png(5, 5)).await.code(), "RATE_LIMITED");
    })
    .await;
}

#[tokio::test]
async fn of_pictures_that_come_at_once_the_last_one_stays() {
    on_both(async |app| {
        let customer = app.customer().await;
        let file = png(9, 9);
        let works = (0..8).map(|_| upload(&customer, &file));
        for answer in futures_util::future::join_all(works).await {
            answer.payload("uploadAvatar");
        }
        assert_eq!(app.count("avatars").await, 1);
        app.settle().await;
        assert_eq!(
            (app.whole_pictures().len(), app.picture_tasks().await),
            (1, 0)
        );
    })
    .await;
}
