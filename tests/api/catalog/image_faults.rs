//! Image uploads while the object store or the database fails: an error response, no row without an object, and
//! no permanent object without a row.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::platform::jobs::Queue;

use crate::harness::{App, Backend, Client, Form, Trouble, TroubledStore, picture, user_error};

/// The maximum duration of a response while the store is unavailable.
const ANSWERED: Duration = Duration::from_secs(15);
/// The timeout of background work.
const PATIENCE: Duration = Duration::from_secs(30);
/// A size limit that allows an upload in two parts.
const RAISED: &str = "--image-max-bytes=20000000";

/// Returns an image that is stored with a single request.
fn small() -> Vec<u8> {
    picture::jpeg(400, 300)
}

/// Returns an image that is stored in two parts.
fn large() -> Vec<u8> {
    picture::large_png(1_500, 1_500)
}

/// Returns a request that uploads this number of images, up to the content of the first.
pub fn begin_upload(product: &Product, count: usize) -> Form {
    let query = "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) {
        images { id width } userErrors { code field message } } }";
    let files = vec![Value::Null; count];
    let input = json!({"productId": product.id.encode(), "files": files});
    let places = (0..count).map(|n| (n.to_string(), json!([format!("variables.input.files.{n}")])));
    let map = Value::Object(places.collect());
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
async fn in_trouble(test: impl AsyncFn(&App, &TroubledStore, &Client, &Product)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let store = TroubledStore::start().await;
        let app = App::with_store(backend, &[RAISED], &store).await;
        let (admin, product) = (app.admin().await, product(&app).await);
        eprintln!("database: {backend:?}");
        test(&app, &store, &admin, &product).await;
        app.stop().await;
    }
}

/// Uploads images that must be accepted. Returns their IDs.
async fn uploaded(admin: &Client, product: &Product, files: &[&[u8]]) -> Vec<String> {
    let answer = admin.upload(upload(product, files)).await;
    let payload = &answer.json["data"]["uploadProductImages"];
    assert_eq!(payload["userErrors"], json!([]), "{}", answer.text);
    let images = payload["images"].as_array().unwrap().iter();
    images
        .map(|image| image["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Runs due tasks until there are none and the store contains exactly these objects.
async fn settles(app: &App, store: &TroubledStore, objects: &[String]) {
    let begun = Instant::now();
    loop {
        app.do_due(Queue::IMAGES).await;
        // Promises that fall due later are no news.
        let now = app.state.clock.now().0;
        let open = format!("SELECT count(*) FROM outbox WHERE due_at <= {now} OR attempts > 0");
        let tasks = app.sql_number(&open).await;
        if tasks == 0 && store.objects() == objects && (!objects.is_empty() || store.is_empty()) {
            return;
        }
        let (there, left) = (store.objects(), store.leftovers());
        assert!(
            begun.elapsed() < PATIENCE,
            "{tasks} tasks, {there:?}, {left:?}"
        );
        yield_now().await;
    }
}

#[tokio::test]
async fn a_store_that_refuses_is_told_and_leaves_nothing_behind() {
    in_trouble(async |app, store, admin, product| {
        let entries = app.count("audit_log").await;
        for (trouble, file) in [
            (Trouble::Breaks, small()),
            (Trouble::Fails, small()),
            (Trouble::Breaks, large()),
            (Trouble::Fails, large()),
        ] {
            store.trouble(trouble, |_| true);
            let begun = Instant::now();
            let answer = admin.upload(upload(product, &[&file])).await;
            assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
            assert!(answer.json["errors"][0]["extensions"]["retryAfterSeconds"].is_i64());
            assert!(begun.elapsed() < ANSWERED);
            // It is seen to later that nothing is there.
            app.do_due(Queue::IMAGES).await;
            store.mend();
            app.advance(Duration::from_mins(1));
            settles(app, store, &[]).await;
        }
        assert_eq!(app.count("product_images").await, 0);
        assert_eq!(app.count("audit_log").await, entries);
        uploaded(admin, product, &[&small(), &large()]).await;
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
async fn a_store_that_hangs_is_not_waited_for_long() {
    let all = STEPS.map(async |(method, what, is_large)| {
        let store = TroubledStore::start().await;
        let app = App::with_store(Backend::Sqlite, &[RAISED], &store).await;
        let (admin, product) = (app.admin().await, product(&app).await);
        let file = if is_large { large() } else { small() };
        let body = upload(&product, &[&file]);
        store.trouble(Trouble::Hangs, move |line| {
            line.starts_with(method) && line.contains(what)
        });
        let begun = Instant::now();
        let answer = admin.upload(body).await;
        let took = begun.elapsed();
        assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
        assert!(took < ANSWERED, "{took:?} at {what}");
        assert!(store.requests(what) > 0, "no request for {what}");
        assert_eq!(app.count("product_images").await, 0);
        store.mend();
        settles(&app, &store, &[]).await;
        app.stop().await;
    });
    join_all(all).await;
}

#[tokio::test]
async fn a_store_that_dies_between_two_parts_is_tidied_when_it_is_back() {
    in_trouble(async |app, store, admin, product| {
        let mut is_dead = false;
        store.trouble(Trouble::Breaks, move |line| {
            is_dead |= line.contains("partNumber=2");
            is_dead
        });
        let answer = admin.upload(upload(product, &[&large()])).await;
        assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
        assert_eq!(app.count("product_images").await, 0);
        // The first part is stored, and its deletion is scheduled.
        for _ in 0..3 {
            app.do_due(Queue::IMAGES).await;
            app.advance(Duration::from_mins(1));
        }
        assert!(!store.leftovers().is_empty());
        assert!(app.count("outbox").await > 0);
        store.mend();
        settles(app, store, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_store_did_without_saying_so_is_removed() {
    in_trouble(async |app, store, admin, product| {
        for (method, what, file) in [
            ("PUT ", "products/", small()),
            ("POST ", "uploadId=", large()),
        ] {
            store.trouble(Trouble::LosesAnswer, move |line| {
                line.starts_with(method) && line.contains(what)
            });
            let answer = admin.upload(upload(product, &[&file])).await;
            assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
            assert_eq!(store.objects().len(), 1, "{what}");
            assert_eq!(app.count("product_images").await, 0);
            settles(app, store, &[]).await;
        }
        // A single lost response is retried.
        let mut lost = 0;
        store.trouble(Trouble::LosesAnswer, move |line| {
            lost += usize::from(line.starts_with("PUT "));
            lost == 1
        });
        uploaded(admin, product, &[&small()]).await;
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_the_store_gets_after_its_removal_is_removed_again() {
    in_trouble(async |app, store, admin, product| {
        store.trouble(Trouble::ComesLate, |line| line.starts_with("PUT "));
        let file = small();
        tokio::select! {
            answer = admin.upload(upload(product, &[&file])) => panic!("{}", answer.text),
            () = store.has_lost(1) => {}
        }
        // The upload was cancelled, so the object is deleted even before it arrives.
        while store.answers("DELETE ") == 0 {
            app.do_due(Queue::IMAGES).await;
            yield_now().await;
        }
        assert_eq!(store.objects(), [""; 0]);
        store.mend();
        while store.answers("PUT ") == 0 {
            yield_now().await;
        }
        assert_eq!(store.objects().len(), 1);
        app.advance(Duration::from_hours(1));
        settles(app, store, &[]).await;
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_fails_after_the_store_leaves_no_object() {
    in_trouble(async |app, store, admin, product| {
        let (small, large) = (small(), large());
        for statement in lose("product_images", app.backend) {
            app.sql(&statement).await;
        }
        let answer = admin.upload(upload(product, &[&small, &large])).await;
        assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR", "{}", answer.text);
        assert!(!answer.text.contains("lost"), "{}", answer.text);
        assert_eq!(store.objects().len(), 2);
        settles(app, store, &[]).await;

        // If the deletion cannot be scheduled, no object or part is stored.
        for statement in lose("outbox", app.backend) {
            app.sql(&statement).await;
        }
        for file in [&small, &large] {
            let puts = store.requests("PUT ");
            let answer = admin.upload(upload(product, &[file])).await;
            assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR", "{}", answer.text);
            assert_eq!(store.requests("PUT "), puts);
            settles(app, store, &[]).await;
        }
        assert_eq!(app.count("product_images").await, 0);
    })
    .await;
}

/// Returns statements that make inserts into a table fail.
fn lose(table: &str, backend: Backend) -> Vec<String> {
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

/// Uploads two images, and runs `between` after the first one is stored.
async fn interrupted(
    store: &TroubledStore,
    admin: &Client,
    product: &Product,
    between: impl AsyncFnOnce(),
) -> crate::harness::Answer {
    let file = small();
    let first = begin_upload(product, 2)
        .file("0", &file)
        .begin("name=\"1\"; filename=\"1\"");
    let first = Bytes::from(first.open());
    let rest = Bytes::from(Form::default().raw(&file).raw(b"\r\n").end());
    let (go_on, wait) = oneshot::channel();
    let begin = stream::once(async { Ok::<_, std::io::Error>(first) });
    let end = stream::once(async {
        wait.await.unwrap();
        Ok(rest)
    });
    let answer = admin.upload(Body::from_stream(begin.chain(end)));
    let meanwhile = async {
        while store.answers("PUT ") == 0 {
            yield_now().await;
        }
        between().await;
        go_on.send(()).unwrap();
    };
    tokio::join!(answer, meanwhile).0
}

#[tokio::test]
async fn a_picture_that_was_removed_before_its_row_gets_none() {
    in_trouble(async |app, store, admin, product| {
        // The upload takes so long that the scheduled deletion becomes due.
        let answer = interrupted(store, admin, product, async || {
            // The deletion may be postponed once, when the first image is complete.
            for _ in 0..2 {
                app.advance(Duration::from_mins(61));
                app.do_due(Queue::IMAGES).await;
            }
            assert_eq!(store.objects(), [""; 0]);
        });
        let answer = answer.await;
        assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
        assert_eq!(app.count("product_images").await, 0);
        settles(app, store, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn pictures_of_a_product_that_goes_meanwhile_go_too() {
    in_trouble(async |app, store, admin, product| {
        let answer = interrupted(store, admin, product, async || {
            let input = json!({"id": product.id.encode()});
            let payload = admin.done("deleteProduct", input, "product { id }").await;
            assert_eq!(payload["userErrors"], json!([]));
        });
        let payload = &answer.await.json["data"]["uploadProductImages"];
        assert_eq!(user_error(payload), "NOT_FOUND");
        assert_eq!(payload["userErrors"][0]["field"], "productId");
        settles(app, store, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn a_picture_is_deleted_while_the_store_is_away_and_its_objects_when_it_is_back() {
    in_trouble(async |app, store, admin, product| {
        let ids = uploaded(admin, product, &[&small(), &small()]).await;
        let whole = store.objects();
        assert_eq!(whole.len(), 2);
        app.do_due(Queue::IMAGES).await;
        let all = store.objects();
        assert!(all.len() > 4, "{all:?}");

        store.trouble(Trouble::Breaks, |_| true);
        let deleted = admin
            .done("deleteProductImage", json!({"id": ids[0]}), "imageId")
            .await;
        assert_eq!(
            (user_error(&deleted), &deleted["imageId"]),
            ("", &json!(ids[0]))
        );
        assert_eq!(app.count("product_images").await, 1);
        for _ in 0..3 {
            app.do_due(Queue::IMAGES).await;
            app.advance(Duration::from_mins(1));
        }
        // The task still exists after a week.
        app.advance(Duration::from_hours(7 * 24));
        app.do_due(Queue::IMAGES).await;
        assert_eq!(
            (store.objects(), app.count("outbox").await),
            (all.clone(), 1)
        );

        store.mend();
        app.advance(Duration::from_mins(1));
        let admin = app.admin().await;
        let kept = key_of(app, &whole).await;
        let rest: Vec<_> = all
            .iter()
            .filter(|key| key.starts_with(&kept))
            .cloned()
            .collect();
        assert_eq!(rest.len() * 2, all.len());
        settles(app, store, &rest).await;

        store.trouble(Trouble::Fails, |_| true);
        let input = json!({"id": product.id.encode()});
        let deleted = admin.done("deleteProduct", input, "product { id }").await;
        assert_eq!(user_error(&deleted), "");
        app.do_due(Queue::IMAGES).await;
        store.mend();
        app.advance(Duration::from_mins(1));
        settles(app, store, &[]).await;
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
async fn sizes_are_made_when_the_store_is_back() {
    in_trouble(async |app, store, admin, product| {
        uploaded(admin, product, &[&small()]).await;
        let whole = store.objects();
        let sized = "SELECT count(*) FROM product_images WHERE sized_at IS NOT NULL";
        let mut puts = 0;
        store.trouble(Trouble::Fails, move |line| {
            puts += usize::from(line.starts_with("PUT "));
            puts > 1
        });
        app.do_due(Queue::IMAGES).await;
        assert_eq!(app.sql_number(sized).await, 0);
        assert_eq!(store.objects().len(), whole.len() + 1);
        store.mend();
        app.advance(Duration::from_mins(1));
        app.do_due(Queue::IMAGES).await;
        assert_eq!(app.sql_number(sized).await, 1);
        assert_eq!(app.count("outbox").await, 0);
        // Two widths in two formats.
        assert_eq!(store.objects().len(), whole.len() + 4);
    })
    .await;
}

#[tokio::test]
async fn sizes_of_a_picture_that_goes_meanwhile_go_too() {
    in_trouble(async |app, store, admin, product| {
        let ids = uploaded(admin, product, &[&small()]).await;
        store.trouble(Trouble::WithholdsAnswer, |line| line.starts_with("PUT "));
        let meanwhile = async {
            store.has_lost(1).await;
            let input = json!({"id": ids[0]});
            let deleted = admin.done("deleteProductImage", input, "imageId").await;
            assert_eq!(user_error(&deleted), "");
            store.mend();
        };
        tokio::join!(app.do_due(Queue::IMAGES), meanwhile);
        app.advance(Duration::from_mins(1));
        settles(app, store, &[]).await;
    })
    .await;
}
