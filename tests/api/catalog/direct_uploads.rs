//! Images that clients upload directly to the object store.

use std::time::Duration;

use async_graphql::ScalarType;
use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::catalog::product::entity::Model as Product;
use wares::catalog::product_image;
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::harness::sample_image::{SECRET, jpeg, png, webp, with_orientation};
use crate::harness::store::{HttpResponse, IMAGE, get_image_at, put, read};
use crate::harness::{App, Client, on_both_databases, on_both_databases_with, user_error};

/// Sets the clock to the system time, by which the store verifies signatures. Returns an admin and a product.
pub async fn admin_and_product(app: &App) -> (Client, Product) {
    app.advance_to_system_time();
    (app.admin().await, app.pan().await)
}

pub fn input(product: &Product, kind: &str, bytes: usize) -> Value {
    json!({ "productId": product.id.encode(), "contentType": kind, "bytes": bytes, "alt": " A lid " })
}

/// Announces a file and returns the upload.
pub async fn announce(admin: &Client, input: Value) -> Value {
    let select = "upload { id url headers { name value } expiresAt }";
    let done = admin.run_mutation("createImageUpload", input, select).await;
    assert_eq!(done["userErrors"], json!([]));
    done["upload"].clone()
}

/// Uploads a file with the returned URL and headers.
pub async fn send(upload: &Value, file: &[u8]) -> HttpResponse {
    let headers = upload["headers"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers: Vec<_> = headers
        .map(|header| (text(&header["name"]), text(&header["value"])))
        .collect();
    put(upload["url"].as_str().unwrap(), &headers, file).await
}

pub async fn complete(admin: &Client, upload: &Value) -> Value {
    let select = format!("image {{ {IMAGE} }}");
    let input = json!({ "id": upload["id"] });
    admin
        .run_mutation("completeImageUpload", input, &select)
        .await
}

/// Fails unless an upload was refused with this error.
fn assert_refused(payload: &Value, code: &str, message: &str) {
    assert_eq!(
        (user_error(payload), &payload["image"]),
        (code, &Value::Null)
    );
    assert_eq!(payload["userErrors"][0]["message"], message);
}

const UPLOAD_NOT_FOUND: &str = "There is no such upload, or it has expired.";

#[tokio::test]
async fn a_completed_direct_upload_is_an_image_like_any_other() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        admin.add_image(&pan, &png(9, 9)).await;
        let file = with_orientation(&jpeg(300, 200), 6);
        let upload = announce(&admin, input(&pan, "image/jpeg", file.len())).await;
        let soon = app.state.clock.now().after(Duration::from_hours(1));
        assert_eq!(upload["expiresAt"], soon.to_value().into_json().unwrap());
        assert_eq!(send(&upload, &file).await.status, 200);
        let done = complete(&admin, &upload).await;
        assert_eq!(done["userErrors"], json!([]));
        let image = &done["image"];
        assert_eq!([&image["width"], &image["height"]], [200, 300]);
        assert_eq!(
            (&image["alt"], &image["contentType"]),
            (&json!("A lid"), &json!("image/jpeg"))
        );
        let (header, bytes) = get_image_at(image["url"].as_str().unwrap()).await;
        assert_eq!(
            (header.width, json!(bytes.len())),
            (200, image["bytes"].clone())
        );
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        let gallery = app.anonymous().gallery("pan").await;
        assert_eq!((gallery.len(), &gallery[1]), (2, image));

        // An upload can be completed once.
        assert_refused(
            &complete(&admin, &upload).await,
            "NOT_FOUND",
            UPLOAD_NOT_FOUND,
        );
        assert_eq!(app.count("image_uploads").await, 0);
        app.run_due_jobs(Queue::IMAGES).await;
        let mut sent = app.objects();
        sent.retain(|key| key.starts_with("incoming/"));
        assert_eq!(sent, [""; 0], "the uploaded object is not deleted");
        assert_eq!(app.objects().len(), 1 + 1 + 2);
        let log = admin
            .data("{ auditLog { nodes { action } } }", json!({}))
            .await;
        let log = log["auditLog"]["nodes"].to_string();
        assert!(
            log.contains("createImageUpload") && log.contains("completeImageUpload"),
            "{log}"
        );
    })
    .await;
}

#[tokio::test]
async fn only_the_announced_file_is_stored() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let file = png(50, 50);
        let upload = announce(&admin, input(&pan, "image/png", file.len())).await;
        let missing = "The file has not been uploaded yet. Send it to `url` first.";
        assert_refused(&complete(&admin, &upload).await, "NOT_FOUND", missing);
        let url = upload["url"].as_str().unwrap();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (kind, length) = (
            header("content-type", "image/png"),
            header("content-length", &file.len().to_string()),
        );
        // Another type, length or object, or no signature.
        let page = header("content-type", "text/html");
        let other = url.replacen("incoming/", "products/", 1);
        let bare = url.split('?').next().unwrap();
        let one_more = header("content-length", &(file.len() + 1).to_string());
        for (url, headers) in [
            (url, [page, length.clone()]),
            (url, [kind.clone(), one_more]),
            (other.as_str(), [kind.clone(), length.clone()]),
            (bare, [kind.clone(), length.clone()]),
        ] {
            let mut body = file.clone();
            body.push(0);
            assert_eq!(put(url, &headers, &body).await.status, 403, "{headers:?}");
        }
        assert_eq!(app.objects(), [""; 0]);
        assert_refused(&complete(&admin, &upload).await, "NOT_FOUND", missing);
        // The correct file can still be sent.
        assert_eq!(put(url, &[kind, length], &file).await.status, 200);
        assert_eq!(complete(&admin, &upload).await["userErrors"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_direct_upload_is_validated_by_its_bytes() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let truncated = &png(50, 50)[..90];
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        for (file, message) in [
            (svg.as_slice(), "This is an SVG drawing. Export it as PNG."),
            (truncated, "The image is truncated."),
        ] {
            let upload = announce(&admin, input(&pan, "image/png", file.len())).await;
            assert_eq!(send(&upload, file).await.status, 200);
            let done = complete(&admin, &upload).await;
            assert_refused(&done, "BAD_USER_INPUT", message);
            assert_eq!(done["userErrors"][0]["field"], "id");
        }
        assert_eq!(app.count("product_images").await, 0);
        // An image of another type than announced is accepted with its actual type.
        let file = webp(50, 50);
        let upload = announce(&admin, input(&pan, "image/png", file.len())).await;
        send(&upload, &file).await;
        let image = complete(&admin, &upload).await["image"].clone();
        assert_eq!(image["contentType"], "image/webp");
        get_image_at(image["url"].as_str().unwrap()).await;
        // The size is verified even if the store accepted another one.
        let upload = announce(&admin, input(&pan, "image/png", 90)).await;
        send(&upload, truncated).await;
        app.sql("UPDATE image_uploads SET bytes = 91 WHERE bytes = 90")
            .await;
        let other = "The uploaded file does not have the declared size.";
        assert_refused(&complete(&admin, &upload).await, "BAD_USER_INPUT", other);
    })
    .await;
}

#[tokio::test]
async fn an_incomplete_direct_upload_expires_and_its_object_is_removed() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let file = png(50, 50);
        let upload = announce(&admin, input(&pan, "image/png", file.len())).await;
        send(&upload, &file).await;
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 1);
        app.advance(Duration::from_hours(1));
        let admin = app.admin().await;
        assert_refused(
            &complete(&admin, &upload).await,
            "NOT_FOUND",
            UPLOAD_NOT_FOUND,
        );
        product_image::service::delete_expired(&app.state)
            .await
            .unwrap();
        assert_eq!(app.count("image_uploads").await, 0);
        app.assert_no_image().await;
        let url = upload["url"].as_str().unwrap().split('?').next().unwrap();
        assert_eq!(read(url).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_direct_upload_is_removed_with_its_product() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let file = png(50, 50);
        let upload = announce(&admin, input(&pan, "image/png", file.len())).await;
        send(&upload, &file).await;
        admin
            .run_mutation(
                "deleteProduct",
                json!({"id": pan.id.encode()}),
                "product { id }",
            )
            .await;
        assert_eq!(user_error(&complete(&admin, &upload).await), "NOT_FOUND");
        app.assert_no_image().await;
        assert_eq!(app.count("image_uploads").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_direct_upload_completes_once_under_retries() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let file = png(50, 50);
        let upload = announce(&admin, input(&pan, "image/png", file.len())).await;
        send(&upload, &file).await;
        let all = join_all((0..5).map(|_| complete(&admin, &upload))).await;
        let codes: Vec<_> = all.iter().map(user_error).collect();
        assert_eq!(
            codes.iter().filter(|code| code.is_empty()).count(),
            1,
            "{codes:?}"
        );
        assert_eq!(
            codes.iter().filter(|code| **code == "NOT_FOUND").count(),
            4,
            "{codes:?}"
        );
        app.run_all_image_jobs().await;
        assert_eq!(
            (app.count("product_images").await, app.objects().len()),
            (1, 1)
        );
        assert_eq!(app.count_image_jobs().await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_unacceptable_file_gets_no_upload_address() {
    on_both_databases_with(&["--direct-image-max-bytes=1000"], async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let with = |name: &str, value: Value| {
            let mut input = input(&pan, "image/png", 1_000);
            input[name] = value;
            input
        };
        for (name, value, code) in [
            ("contentType", json!("image/svg+xml"), "BAD_USER_INPUT"),
            ("contentType", json!("image/gif"), "BAD_USER_INPUT"),
            ("contentType", json!("image/png\r\nx: y"), "BAD_USER_INPUT"),
            ("bytes", json!(0), "BAD_USER_INPUT"),
            ("bytes", json!(-1), "BAD_USER_INPUT"),
            ("bytes", json!(1_001), "BAD_USER_INPUT"),
            ("alt", json!("x".repeat(501)), "BAD_USER_INPUT"),
            (
                "productId",
                json!("prod_01kb00000000000000000000zz"),
                "NOT_FOUND",
            ),
            ("productId", json!("x"), "BAD_USER_INPUT"),
        ] {
            let done = admin
                .run_mutation("createImageUpload", with(name, value), "upload { id }")
                .await;
            assert_eq!(
                (user_error(&done), &done["upload"]),
                (code, &Value::Null),
                "{name}"
            );
            assert_eq!(done["userErrors"][0]["field"], name);
        }
        for (client, code) in [
            (app.anonymous(), "UNAUTHENTICATED"),
            (app.customer().await, "FORBIDDEN"),
        ] {
            let announced = client.mutate("createImageUpload", input(&pan, "image/png", 9), "");
            assert_eq!(announced.await.code(), code);
            let completed = client.mutate("completeImageUpload", json!({"id": "x"}), "");
            assert_eq!(completed.await.code(), code);
        }
        for (id, code) in [
            ("upl_01kb00000000000000000000zz", "NOT_FOUND"),
            ("x", "BAD_USER_INPUT"),
        ] {
            assert_eq!(
                user_error(&complete(&admin, &json!({"id": id})).await),
                code
            );
        }
        for position in 0..50 {
            app.shop().image(&pan, position).await;
        }
        let done = admin
            .run_mutation(
                "createImageUpload",
                input(&pan, "image/png", 9),
                "upload { id }",
            )
            .await;
        assert_eq!(user_error(&done), "CONFLICT");
        assert_eq!(
            (
                app.count("image_uploads").await,
                app.count_image_jobs().await
            ),
            (0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn other_names_of_a_media_type_are_accepted() {
    on_both_databases(async |app| {
        let (admin, pan) = admin_and_product(app).await;
        let file = jpeg(50, 50);
        for name in ["image/jpg", "image/pjpeg", "IMAGE/JPEG; charset=binary"] {
            let upload = announce(&admin, input(&pan, name, file.len())).await;
            // The registered media type is signed and returned.
            let headers = upload["headers"].to_string();
            assert!(headers.contains("\"image/jpeg\""), "{headers}");
            assert_eq!(send(&upload, &file).await.status, 200);
            let done = complete(&admin, &upload).await;
            assert_eq!(done["image"]["contentType"], "image/jpeg");
        }
        let refused = input(&pan, "image/heic", file.len());
        let done = admin
            .run_mutation("createImageUpload", refused, "upload { id }")
            .await;
        assert_eq!(user_error(&done), "BAD_USER_INPUT");
        assert_eq!(done["userErrors"][0]["field"], "contentType");
        let message = done["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("HEIC"), "{message}");
    })
    .await;
}
