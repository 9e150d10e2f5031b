//! Images of a product as a storefront reads them.

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::harness::sample_image::{SECRET, jpeg, png, webp, with_orientation};
use crate::harness::store::{IMAGE, get_image_at, read};
use crate::harness::{Client, on_both_databases};

/// Returns a field with arguments of an image.
async fn image_field(client: &Client, id: &str, field: &str) -> String {
    let query =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on Image {{ answer: {field} }} }} }}");
    let data = client.data(&query, json!({ "id": id })).await;
    data["node"]["answer"].as_str().unwrap().to_owned()
}
#[tokio::test]
async fn uploaded_images_are_returned_in_order_with_storefront_fields() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let photo = with_orientation(&jpeg(90, 60), 6);
        let files: [&[u8]; 2] = [&png(700, 500), &photo];
        let alts = json!(["  From the side "]);
        let response = admin.upload_images(&pan.id.encode(), &files, &alts).await;
        let payload = response.payload("uploadProductImages");
        assert_eq!(payload["userErrors"], json!([]));
        let images = payload["images"].as_array().unwrap();
        // Anonymous clients read the same data as the upload returned.
        assert_eq!(&app.anonymous().gallery("pan").await, images);
        let fields = |name: &str| {
            images
                .iter()
                .map(|image| image[name].clone())
                .collect::<Value>()
        };
        assert_eq!(fields("alt"), json!(["From the side", ""]));
        assert_eq!(fields("contentType"), json!(["image/png", "image/jpeg"]));
        assert_eq!(fields("width"), json!([700, 60]));
        assert_eq!(fields("height"), json!([500, 90]));
        for image in images {
            let placeholder = image["placeholder"].as_str().unwrap();
            assert!(placeholder.starts_with("data:image/webp;base64,"));
            assert!(placeholder.len() < 1_000);
            let (header, bytes) = get_image_at(image["url"].as_str().unwrap()).await;
            assert_eq!(image["width"], header.width);
            assert_eq!(image["height"], header.height);
            assert_eq!(image["bytes"], bytes.len());
            assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
        }
        assert!(photo.windows(SECRET.len()).any(|window| window == SECRET));
        // An image by its ID, for any client.
        let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Image {{ {IMAGE} }} }} }}");
        let node = app
            .anonymous()
            .data(&query, json!({"id": images[1]["id"]}))
            .await;
        assert_eq!(node["node"], images[1]);
        assert_eq!(app.objects().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn images_of_a_hidden_product_are_visible_to_admins_only() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let image = admin.add_image(&pan, &png(9, 9)).await;
        app.sql("UPDATE products SET status = 'DRAFT'").await;
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let input = json!({ "id": image["id"] });
        let seen = admin.data(query, input.clone()).await;
        assert_eq!(seen["node"]["id"], image["id"]);
        for client in [app.anonymous(), app.customer().await] {
            assert_eq!(client.data(query, input.clone()).await["node"], Value::Null);
        }
    })
    .await;
}

#[tokio::test]
async fn image_sizes_are_created_in_the_background_and_the_original_is_used_until_then() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let wide = admin.add_image(&pan, &png(700, 500)).await;
        let small = admin.add_image(&pan, &webp(100, 80)).await;
        let (id, url) = (wide["id"].as_str().unwrap(), wide["url"].as_str().unwrap());
        let fitting = "url(transform: {width: 300})";
        assert_eq!(image_field(&admin, id, fitting).await, url);
        assert_eq!(wide["srcSet"], format!("{url} 700w"));

        app.run_due_jobs(Queue::IMAGES).await;
        for (box_, width, kind) in [
            ("width: 1", 160, "image/webp"),
            ("width: 160", 160, "image/webp"),
            ("width: 300", 320, "image/webp"),
            ("width: 321, format: ORIGINAL", 640, "image/png"),
            ("height: 200", 320, "image/webp"),
            ("width: 600, height: 100", 160, "image/webp"),
            ("width: 600, height: 100, fit: COVER", 640, "image/webp"),
            ("width: 641", 700, "image/png"),
            ("width: 10000, height: 10000", 700, "image/png"),
        ] {
            let url = image_field(&admin, id, &format!("url(transform: {{{box_}}})")).await;
            let (header, _) = get_image_at(&url).await;
            let found = (header.width, header.kind.content_type());
            assert_eq!(found, (width, kind), "{box_}");
        }
        assert_eq!(image_field(&admin, id, "url").await, url);
        for (field, kind) in [
            ("srcSet", "image/webp"),
            ("srcSet(format: ORIGINAL)", "image/png"),
        ] {
            let all = image_field(&admin, id, field).await;
            let mut widths = Vec::new();
            for entry in all.split(", ") {
                let (url, width) = entry.split_once(' ').unwrap();
                let (header, _) = get_image_at(url).await;
                assert_eq!(width, format!("{}w", header.width));
                let kind = if header.width == 700 {
                    "image/png"
                } else {
                    kind
                };
                assert_eq!(header.kind.content_type(), kind);
                assert_eq!(header.height, (header.width * 500 + 350) / 700);
                widths.push(header.width);
            }
            assert_eq!(widths, [160, 320, 640, 700]);
        }
        // An image smaller than the smallest size has no other sizes.
        let id = small["id"].as_str().unwrap();
        assert_eq!(image_field(&admin, id, fitting).await, small["url"]);
        assert_eq!(image_field(&admin, id, "srcSet").await, small["srcSet"]);
        assert_eq!(app.objects().len(), 2 + 3 * 2);

        for side in ["width: 0", "height: 10001", "width: -1"] {
            let name = side.split(':').next().unwrap();
            let query = format!(
                "{{ product(slug: \"pan\") {{ images {{ url(transform: {{{side}}}) }} }} }}"
            );
            let response = admin.send(&query, json!({})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT");
            assert_eq!(response.field(), format!("transform.{name}"));
        }
    })
    .await;
}
#[tokio::test]
async fn deleting_a_product_removes_its_images() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        admin.add_image(&pan, &png(700, 500)).await;
        let image = admin.add_image(&pan, &jpeg(200, 50)).await;
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.objects().len(), 2 + 3 * 2 + 2);
        admin
            .run_mutation(
                "deleteProduct",
                json!({"id": pan.id.encode()}),
                "product { id }",
            )
            .await;
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(read(image["url"].as_str().unwrap()).await.status, 404);
        app.assert_no_image().await;
        // Also before its sizes were created.
        let pot = app
            .shop()
            .product_in("pot", &[&app.shop().root("pots", 1).await], |_| ())
            .await;
        // The access token has expired, so the admin signs in again.
        let admin = app.admin().await;
        admin.add_image(&pot, &png(700, 500)).await;
        admin
            .run_mutation(
                "deleteProduct",
                json!({"id": pot.id.encode()}),
                "product { id }",
            )
            .await;
        app.assert_no_image().await;
    })
    .await;
}
