//! Image uploads while the object store or the database fails: an error response, no row without an object, and
//! no permanent object without a row.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::yield_now;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::harness::{App, Backend, Client, FailingStore, Form, StoreFailure, sample_image};

/// The maximum duration of a response while the store is unavailable.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(15);
/// The timeout of background work.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A size limit that allows an upload in two parts.
const LARGE_IMAGES_FLAG: &str = "--image-max-bytes=20000000";

/// Returns an image that is stored with a single request.
pub fn small() -> Vec<u8> {
    sample_image::jpeg(400, 300)
}

/// Returns an image that is stored in two parts.
fn large() -> Vec<u8> {
    sample_image::large_png(1_500, 1_500)
}

/// Returns a request that uploads this number of images, up to the content of the first.
pub fn begin_upload(product: &Product, count: usize) -> Form {
    let query = "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) {
        images { id width } userErrors { code field message } } }";
    let files = vec![Value::Null; count];
    let input = json!({"productId": product.id.encode(), "files": files});
    let variable_paths =
        (0..count).map(|n| (n.to_string(), json!([format!("variables.input.files.{n}")])));
    let map = Value::Object(variable_paths.collect());
    Form::new(
        &json!({"query": query, "variables": {"input": input}}),
        &map,
    )
}

/// Returns a request that uploads these images.
pub fn upload(product: &Product, files: &[&[u8]]) -> Vec<u8> {
    let begun = begin_upload(product, files.len());
    let parts = files.iter().enumerate();
    parts
        .fold(begun, |form, (number, file)| {
            form.file(&number.to_string(), file)
        })
        .end()
}

/// Creates a product without images.
pub async fn product(app: &App) -> Product {
    let shop = app.shop();
    shop.product("thing", &shop.root("things", 0).await, |_| ())
        .await
}

/// Runs a test on both databases, each time with a new store.
pub async fn on_both_databases_with_failing_store(
    test: impl AsyncFn(&App, &FailingStore, &Client, &Product),
) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let store = FailingStore::start().await;
        let app = App::with_store(backend, &[LARGE_IMAGES_FLAG], &store).await;
        let (admin, product) = (app.admin().await, product(&app).await);
        eprintln!("database: {backend:?}");
        test(&app, &store, &admin, &product).await;
        app.stop().await;
    }
}

/// Uploads images that must be accepted. Returns their IDs.
pub async fn upload_and_get_ids(admin: &Client, product: &Product, files: &[&[u8]]) -> Vec<String> {
    let response = admin.upload(upload(product, files)).await;
    let payload = &response.json["data"]["uploadProductImages"];
    assert_eq!(payload["userErrors"], json!([]), "{}", response.text);
    let images = payload["images"].as_array().unwrap().iter();
    images
        .map(|image| image["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Runs due tasks until there are none and the store contains exactly these objects.
pub async fn wait_until_settled(app: &App, store: &FailingStore, objects: &[String]) {
    let begun = Instant::now();
    loop {
        app.run_due_jobs(Queue::IMAGES).await;
        // Promises that fall due later are no news.
        let now = app.state.clock.now().0;
        let open = format!("SELECT count(*) FROM outbox WHERE due_at <= {now} OR attempts > 0");
        let tasks = app.sql_number(&open).await;
        if tasks == 0 && store.objects() == objects && (!objects.is_empty() || store.is_empty()) {
            return;
        }
        let (there, left) = (store.objects(), store.leftovers());
        assert!(
            begun.elapsed() < TIMEOUT,
            "{tasks} tasks, {there:?}, {left:?}"
        );
        yield_now().await;
    }
}

#[tokio::test]
async fn a_refusing_store_is_reported_and_leaves_nothing_behind() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let entries = app.count("audit_log").await;
        for (failure, file) in [
            (StoreFailure::Breaks, small()),
            (StoreFailure::Fails, small()),
            (StoreFailure::Breaks, large()),
            (StoreFailure::Fails, large()),
        ] {
            store.inject_failure(failure, |_| true);
            let begun = Instant::now();
            let response = admin.upload(upload(product, &[&file])).await;
            assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
            assert!(response.json["errors"][0]["extensions"]["retryAfterSeconds"].is_i64());
            assert!(begun.elapsed() < MAX_RESPONSE_TIME);
            // It is seen to later that nothing is there.
            app.run_due_jobs(Queue::IMAGES).await;
            store.end_failure();
            app.advance(Duration::from_mins(1));
            wait_until_settled(app, store, &[]).await;
        }
        assert_eq!(app.count("product_images").await, 0);
        assert_eq!(app.count("audit_log").await, entries);
        upload_and_get_ids(admin, product, &[&small(), &large()]).await;
    })
    .await;
}

/// The requests at which the store hangs: method, part of the path, and whether the image is large.
const STEPS: [(&str, &str, bool); 4] = [
    ("PUT ", "products/", false),
    ("POST ", "uploads", true),
    ("PUT ", "partNumber=1", true),
    ("POST ", "uploadId=", true),
];

#[tokio::test]
async fn a_hanging_store_times_out() {
    let all = STEPS.map(async |(method, what, is_large)| {
        let store = FailingStore::start().await;
        let app = App::with_store(Backend::Sqlite, &[LARGE_IMAGES_FLAG], &store).await;
        let (admin, product) = (app.admin().await, product(&app).await);
        let file = if is_large { large() } else { small() };
        let body = upload(&product, &[&file]);
        store.inject_failure(StoreFailure::Hangs, move |line| {
            line.starts_with(method) && line.contains(what)
        });
        let begun = Instant::now();
        let response = admin.upload(body).await;
        let duration = begun.elapsed();
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        assert!(duration < MAX_RESPONSE_TIME, "{duration:?} at {what}");
        assert!(store.count_requests(what) > 0, "no request for {what}");
        assert_eq!(app.count("product_images").await, 0);
        store.end_failure();
        wait_until_settled(&app, &store, &[]).await;
        app.stop().await;
    });
    join_all(all).await;
}

#[tokio::test]
async fn parts_are_removed_when_a_failed_store_is_back() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let mut is_dead = false;
        store.inject_failure(StoreFailure::Breaks, move |line| {
            is_dead |= line.contains("partNumber=2");
            is_dead
        });
        let response = admin.upload(upload(product, &[&large()])).await;
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        assert_eq!(app.count("product_images").await, 0);
        // The first part is stored, and its deletion is scheduled.
        for _ in 0..3 {
            app.run_due_jobs(Queue::IMAGES).await;
            app.advance(Duration::from_mins(1));
        }
        assert!(!store.leftovers().is_empty());
        assert!(app.count("outbox").await > 0);
        store.end_failure();
        wait_until_settled(app, store, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn objects_stored_without_an_acknowledgement_are_removed() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        for (method, what, file) in [
            ("PUT ", "products/", small()),
            ("POST ", "uploadId=", large()),
        ] {
            store.inject_failure(StoreFailure::LosesResponse, move |line| {
                line.starts_with(method) && line.contains(what)
            });
            let response = admin.upload(upload(product, &[&file])).await;
            assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
            assert_eq!(store.objects().len(), 1, "{what}");
            assert_eq!(app.count("product_images").await, 0);
            wait_until_settled(app, store, &[]).await;
        }
        // A single lost response is retried.
        let mut lost = 0;
        store.inject_failure(StoreFailure::LosesResponse, move |line| {
            lost += usize::from(line.starts_with("PUT "));
            lost == 1
        });
        upload_and_get_ids(admin, product, &[&small()]).await;
    })
    .await;
}

#[tokio::test]
async fn an_object_stored_after_its_removal_is_removed_again() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        store.inject_failure(StoreFailure::DelaysRequest, |line| line.starts_with("PUT "));
        let file = small();
        tokio::select! {
            response = admin.upload(upload(product, &[&file])) => panic!("{}", response.text),
            () = store.wait_for_failures(1) => {}
        }
        // The upload was cancelled, so the object is deleted even before it arrives.
        while store.count_responses("DELETE ") == 0 {
            app.run_due_jobs(Queue::IMAGES).await;
            yield_now().await;
        }
        assert_eq!(store.objects(), [""; 0]);
        store.end_failure();
        while store.count_responses("PUT ") == 0 {
            yield_now().await;
        }
        assert_eq!(store.objects().len(), 1);
        app.advance(Duration::from_hours(1));
        wait_until_settled(app, store, &[]).await;
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_fails_after_the_store_leaves_no_object() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        let (small, large) = (small(), large());
        for statement in failing_insert_trigger("product_images", app.backend) {
            app.sql(&statement).await;
        }
        let response = admin.upload(upload(product, &[&small, &large])).await;
        assert_eq!(
            response.code(),
            "INTERNAL_SERVER_ERROR",
            "{}",
            response.text
        );
        assert!(!response.text.contains("lost"), "{}", response.text);
        assert_eq!(store.objects().len(), 2);
        wait_until_settled(app, store, &[]).await;

        // If the deletion cannot be scheduled, no object or part is stored.
        for statement in failing_insert_trigger("outbox", app.backend) {
            app.sql(&statement).await;
        }
        for file in [&small, &large] {
            let puts = store.count_requests("PUT ");
            let response = admin.upload(upload(product, &[file])).await;
            assert_eq!(
                response.code(),
                "INTERNAL_SERVER_ERROR",
                "{}",
                response.text
            );
            assert_eq!(store.count_requests("PUT "), puts);
            wait_until_settled(app, store, &[]).await;
        }
        assert_eq!(app.count("product_images").await, 0);
    })
    .await;
}

/// Returns statements that make inserts into a table fail.
fn failing_insert_trigger(table: &str, backend: Backend) -> Vec<String> {
    let before = format!("CREATE TRIGGER lose_{table} BEFORE INSERT ON {table}");
    match backend {
        Backend::Sqlite => vec![format!("{before} BEGIN SELECT RAISE(ABORT, 'lost'); END")],
        Backend::Postgres => vec![
            "CREATE OR REPLACE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql \
             AS $$ BEGIN RAISE EXCEPTION 'lost'; END $$"
                .to_owned(),
            format!("{before} FOR EACH ROW EXECUTE FUNCTION lose()"),
        ],
    }
}

#[tokio::test]
async fn sizes_are_made_when_the_store_is_back() {
    on_both_databases_with_failing_store(async |app, store, admin, product| {
        upload_and_get_ids(admin, product, &[&small()]).await;
        let whole = store.objects();
        let sized = "SELECT count(*) FROM product_images WHERE sized_at IS NOT NULL";
        let mut puts = 0;
        store.inject_failure(StoreFailure::Fails, move |line| {
            puts += usize::from(line.starts_with("PUT "));
            puts > 1
        });
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.sql_number(sized).await, 0);
        assert_eq!(store.objects().len(), whole.len() + 1);
        store.end_failure();
        app.advance(Duration::from_mins(1));
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.sql_number(sized).await, 1);
        assert_eq!(app.count("outbox").await, 0);
        // Two widths in two formats.
        assert_eq!(store.objects().len(), whole.len() + 4);
    })
    .await;
}
