//! Images and products that are deleted during an upload or while the object store fails.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::catalog::image_failures::{
    begin_upload, on_both_databases_with_failing_store, small, upload_and_get_ids,
    wait_until_settled,
};
use crate::harness::{App, Client, FailingStore, Form, StoreFailure, user_error};

/// Uploads two images, and runs `between` after the first one is stored.
async fn upload_interrupted(
    store: &FailingStore,
    admin: &Client,
    product: &Product,
    between: impl AsyncFnOnce(),
) -> crate::harness::ApiResponse {
    let file = small();
    let first = begin_upload(product, 2)
        .file("0", &file)
        .begin("name=\"1\"; filename=\"1\"");
    let first = Bytes::from(first.open());
    let rest = Bytes::from(Form::default().raw(&file).raw(b"\r\n").end());
    let (resume, wait) = oneshot::channel();
    let begin = stream::once(async { Ok::<_, std::io::Error>(first) });
    let end = stream::once(async {
        wait.await.unwrap();
        Ok(rest)
    });
    let response = admin.upload(Body::from_stream(begin.chain(end)));
    let meanwhile = async {
        while store.count_responses("PUT ") == 0 {
            yield_now().await;
        }
        between().await;
        resume.send(()).unwrap();
    };
    tokio::join!(response, meanwhile).0
}

#[tokio::test]
async fn an_image_removed_before_its_row_is_not_stored() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        // The upload takes so long that the scheduled deletion becomes due.
        let response = upload_interrupted(store, admin, product, async || {
            // The deletion may be postponed once, when the first image is complete.
            for _ in 0..2 {
                app.advance(Duration::from_mins(61));
                app.run_due_jobs(Queue::IMAGES).await;
            }
            assert_eq!(store.objects(), [""; 0]);
        });
        let response = response.await;
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        assert_eq!(app.count("product_images").await, 0);
        wait_until_settled(app, store, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn images_of_a_concurrently_deleted_product_are_removed() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let response = upload_interrupted(store, admin, product, async || {
            let input = json!({"id": product.id.encode()});
            let payload = admin
                .run_mutation("deleteProduct", input, "product { id }")
                .await;
            assert_eq!(payload["userErrors"], json!([]));
        });
        let payload = &response.await.json["data"]["uploadProductImages"];
        assert_eq!(user_error(payload), "NOT_FOUND");
        assert_eq!(payload["userErrors"][0]["field"], "productId");
        wait_until_settled(app, store, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn an_image_is_deleted_while_the_store_is_away_and_its_objects_later() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let ids = upload_and_get_ids(admin, product, &[&small(), &small()]).await;
        let whole = store.objects();
        assert_eq!(whole.len(), 2);
        app.run_due_jobs(Queue::IMAGES).await;
        let all = store.objects();
        assert!(all.len() > 4, "{all:?}");

        store.inject_failure(StoreFailure::Breaks, |_| true);
        let deleted = admin
            .run_mutation("deleteProductImage", json!({"id": ids[0]}), "imageId")
            .await;
        assert_eq!(
            (user_error(&deleted), &deleted["imageId"]),
            ("", &json!(ids[0]))
        );
        assert_eq!(app.count("product_images").await, 1);
        for _ in 0..3 {
            app.run_due_jobs(Queue::IMAGES).await;
            app.advance(Duration::from_mins(1));
        }
        // The task still exists after a week.
        app.advance(Duration::from_hours(7 * 24));
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(
            (store.objects(), app.count("outbox").await),
            (all.clone(), 1)
        );

        store.end_failure();
        app.advance(Duration::from_mins(1));
        let admin = app.admin().await;
        let remaining = key_of(app, &whole).await;
        let rest: Vec<_> = all
            .iter()
            .filter(|key| key.starts_with(&remaining))
            .cloned()
            .collect();
        assert_eq!(rest.len() * 2, all.len());
        wait_until_settled(app, store, &rest).await;

        store.inject_failure(StoreFailure::Fails, |_| true);
        let input = json!({"id": product.id.encode()});
        let deleted = admin
            .run_mutation("deleteProduct", input, "product { id }")
            .await;
        assert_eq!(user_error(&deleted), "");
        app.run_due_jobs(Queue::IMAGES).await;
        store.end_failure();
        app.advance(Duration::from_mins(1));
        wait_until_settled(app, store, &[]).await;
    })
    .await;
}

/// Returns the key of the only image row, without its file extension.
async fn key_of(app: &App, keys: &[String]) -> String {
    for key in keys {
        let rows = format!("SELECT count(*) FROM product_images WHERE object_key = '{key}'");
        if app.sql_number(&rows).await == 1 {
            return key.rsplit_once('.').unwrap().0.to_owned();
        }
    }
    panic!("no row contains one of {keys:?}");
}

#[tokio::test]
async fn sizes_of_a_concurrently_deleted_image_are_removed() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let ids = upload_and_get_ids(admin, product, &[&small()]).await;
        store.inject_failure(StoreFailure::WithholdsResponse, |line| {
            line.starts_with("PUT ")
        });
        let meanwhile = async {
            store.wait_for_failures(1).await;
            let input = json!({"id": ids[0]});
            let deleted = admin
                .run_mutation("deleteProductImage", input, "imageId")
                .await;
            assert_eq!(user_error(&deleted), "");
            store.end_failure();
        };
        tokio::join!(app.run_due_jobs(Queue::IMAGES), meanwhile);
        app.advance(Duration::from_mins(1));
        wait_until_settled(app, store, &[]).await;
    })
    .await;
}
