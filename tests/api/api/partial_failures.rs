//! Partial failures: with several root fields, the failed one is null with an error, and the others return their
//! data.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{EmptySubscription, Object, Request, Schema};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::time::Instant;
use wares::core::id::TypedId;
use wares::core::viewer::Viewer;
use wares::graphql::dataloader::Loaders;
use wares::graphql::root::{Deadline, Root};
use wares::infra::database::Database;

use crate::harness::sample_image::png;
use crate::harness::{
    ApiResponse, App, Backend, Client, FailingStore, Form, JSON, StoreFailure, on_both_databases,
    on_both_databases_with, sqlite_app,
};

/// Sends this mutation between two mutations that succeed.
async fn send_between(admin: &Client, headers: &[(&str, &str)], second: &str) -> ApiResponse {
    let create = |name: &str| {
        format!(
            "{name}: createCategory(input: {{name: \"{name}\"}}) {{ category {{ slug }} userErrors {{ code }} }}"
        )
    };
    let query = format!(
        "mutation {{ {} second: {second} {} }}",
        create("first"),
        create("third")
    );
    let headers = [&[JSON], headers].concat();
    let body = json!({ "query": query }).to_string();
    admin.post_with(&headers, body).await
}

/// Fails unless the second mutation failed with this code and the others returned their payloads.
fn assert_second_failed(response: &ApiResponse, code: &str) {
    assert_eq!((response.status.as_u16(), response.code()), (200, code));
    let created = |slug: &str| json!({"category": {"slug": slug}, "userErrors": []});
    let expected = json!({"first": created("first"), "second": null, "third": created("third")});
    assert_eq!(response.json["data"], expected, "{}", response.text);
    let errors = response.json["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{}", response.text);
    assert_eq!(errors[0]["path"], json!(["second"]));
}

#[tokio::test]
async fn a_rate_limited_mutation_leaves_the_payloads_of_the_others() {
    on_both_databases_with(&["--limit-codes-client=1/1d"], async |app| {
        let admin = app.admin().await;
        let second = "forgotPassword(input: {email: \"ann@shop.example\"}) { userErrors { code } }";
        let alone = format!("mutation {{ {second} }}");
        admin.data(&alone, json!({})).await;
        let response = admin.send(&alone, json!({})).await;
        assert_eq!(response.code(), "RATE_LIMITED");
        assert_eq!(response.json["data"], json!({"forgotPassword": null}));
        let response = send_between(&admin, &[], second).await;
        assert_second_failed(&response, "RATE_LIMITED");
        let wait = &response.json["errors"][0]["extensions"]["retryAfterSeconds"];
        assert_eq!(response.header("retry-after"), wait.to_string());
    })
    .await;
}

#[tokio::test]
async fn a_mutation_that_fails_in_the_database_leaves_the_payloads_of_the_others() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await;
        let image = app.shop().image(&pan, 0).await;
        app.sql("ALTER TABLE product_images RENAME TO elsewhere")
            .await;
        let second = format!(
            "updateProductImage(input: {{id: \"{}\", alt: \"x\"}}) {{ image {{ id }} }}",
            image.id.encode()
        );
        let response = send_between(&admin, &[], &second).await;
        assert_second_failed(&response, "INTERNAL_SERVER_ERROR");
        let id = &response.json["errors"][0]["extensions"]["requestId"];
        assert_eq!(response.header("x-request-id"), id);
    })
    .await;
}

#[tokio::test]
async fn a_mutation_that_waits_for_a_lock_leaves_the_payloads_of_the_others() {
    // SQLite locks the whole database, so the first mutation would wait too.
    let app = App::start(Backend::Postgres, &[]).await;
    let admin = app.admin().await;
    let pan = app.pan().await;
    let other = Database::connect(&app.address, 1).await.unwrap();
    let transaction = other.begin().await.unwrap();
    let work = "UPDATE products SET stock = 7";
    transaction.execute_unprepared(work).await.unwrap();
    let second = format!(
        "adjustStock(input: {{id: \"{}\", delta: 1}}) {{ product {{ stock }} }}",
        pan.id.encode()
    );
    let response = send_between(&admin, &[], &second).await;
    assert_second_failed(&response, "SERVICE_UNAVAILABLE");
    transaction.rollback().await.unwrap();
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_leaves_the_payloads_of_other_mutations() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let store = FailingStore::start().await;
        let app = App::with_store(backend, &[], &store).await;
        let (admin, pan) = (app.admin().await, app.pan().await);
        let input = json!({"productId": pan.id.encode(), "contentType": "image/png", "bytes": 99});
        let upload = admin
            .run_mutation("createImageUpload", input, "upload { id }")
            .await;
        store.inject_failure(StoreFailure::Breaks, |_| true);
        let second = format!(
            "completeImageUpload(input: {{id: {}}}) {{ image {{ id }} }}",
            upload["upload"]["id"]
        );
        let response = send_between(&admin, &[], &second).await;
        assert_second_failed(&response, "SERVICE_UNAVAILABLE");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_forbidden_field_leaves_the_data_of_the_others() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let query = "mutation {
            first: updateMe(input: {name: \"Ann\"}) { user { name } }
            second: createCategory(input: {name: \"x\"}) { category { id } }
            third: updateMe(input: {name: \"Bea\"}) { user { name } } }";
        let response = customer.send(query, json!({})).await;
        assert_eq!(response.code(), "FORBIDDEN");
        let named = |name: &str| json!({"user": {"name": name}});
        let expected = json!({"first": named("Ann"), "second": null, "third": named("Bea")});
        assert_eq!(response.json["data"], expected);
        assert_eq!(app.count("categories").await, 0);

        for (client, code) in [
            (&customer, "FORBIDDEN"),
            (&app.anonymous(), "UNAUTHENTICATED"),
        ] {
            for field in [
                "users { totalCount }",
                "auditLog { totalCount }",
                "user(id: \"user_00000000000000000000000000\") { id }",
            ] {
                let query = format!("{{ products {{ totalCount }} guarded: {field} }}");
                let response = client.send(&query, json!({})).await;
                assert_eq!((response.status.as_u16(), response.code()), (200, code));
                let expected = json!({"products": {"totalCount": 0}, "guarded": null});
                assert_eq!(response.json["data"], expected);
            }
        }
        let query = "{ products { totalCount } sessions { id } me { id } }";
        let response = app.anonymous().send(query, json!({})).await;
        let expected = json!({"products": {"totalCount": 0}, "sessions": null, "me": null});
        assert_eq!(response.json["data"], expected);
        assert_eq!(response.json["errors"].as_array().unwrap().len(), 2);

        // If all fields fail, each has an error, in the order of the document.
        let query = "query { ...F sessions { id } } fragment F on Query { me { id } ... on Query { users { totalCount } } }";
        let response = app.anonymous().send(query, json!({})).await;
        assert!(response.text.starts_with(r#"{"data":{"me":null,"users":null,"sessions":null},"errors":["#), "{}", response.text);
        let errors = response.json["errors"].as_array().unwrap().iter();
        let paths: Vec<_> = errors.map(|error| error["path"][0].clone()).collect();
        assert_eq!(paths, ["me", "users", "sessions"]);
    })
    .await;
}

#[tokio::test]
async fn a_bad_argument_of_a_guarded_list_leaves_the_others() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let query = "{ users(first: 0) { totalCount } auditLog(first: 0) { totalCount } products { totalCount } }";
        let response = admin.send(query, json!({})).await;
        assert_eq!(response.code(), "BAD_USER_INPUT");
        let expected = json!({"users": null, "auditLog": null, "products": {"totalCount": 0}});
        assert_eq!(response.json["data"], expected);
        assert_eq!(response.json["errors"].as_array().unwrap().len(), 2);
    })
    .await;
}

/// Returns a request with two uploads that ends before the second file.
fn two_uploads(product: &str, first: &[u8]) -> Form {
    let call = |name: &str| {
        format!(
            "{name}: uploadProductImages(input: {{productId: \"{product}\", files: [${name}]}}) {{ images {{ width }} userErrors {{ code }} }}"
        )
    };
    let query = format!(
        "mutation($a: Upload!, $b: Upload!) {{ {} {} }}",
        call("a"),
        call("b")
    );
    let operations = json!({"query": query, "variables": {"a": null, "b": null}});
    let map = json!({"0": ["variables.a"], "1": ["variables.b"]});
    Form::new(&operations, &map).file("0", first)
}

#[tokio::test]
async fn an_upload_that_fails_leaves_the_payload_of_the_one_before() {
    on_both_databases_with(&["--image-max-bytes=65536"], async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await.id.encode();
        let file = png(9, 7);
        let large = vec![b'x'; 80 << 10];
        let cases = [
            (
                two_uploads(&pan, &file).file("1", &large).end(),
                "PAYLOAD_TOO_LARGE",
            ),
            (
                two_uploads(&pan, &file)
                    .begin("name=\"1\"; filename=\"1.png\"")
                    .raw(&file[..20])
                    .open(),
                "BAD_REQUEST",
            ),
        ];
        for (body, code) in cases {
            let response = admin.upload(body).await;
            assert_eq!(
                (response.status.as_u16(), response.code()),
                (200, code),
                "{}",
                response.text
            );
            let data = &response.json["data"];
            let done = json!({"images": [{"width": 9}], "userErrors": []});
            assert_eq!((&data["a"], &data["b"]), (&done, &Value::Null));
            assert_eq!(response.json["errors"].as_array().unwrap().len(), 1);
            assert_eq!(response.json["errors"][0]["path"], json!(["b"]));
        }
        assert_eq!(app.count("product_images").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_partial_failure_is_replayed_under_its_key() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let image = app.shop().image(&app.pan().await, 0).await;
        app.sql("ALTER TABLE product_images RENAME TO elsewhere")
            .await;
        let second = format!(
            "updateProductImage(input: {{id: \"{}\", alt: \"x\"}}) {{ image {{ id }} }}",
            image.id.encode()
        );
        let key = [("idempotency-key", "pair")];
        let first = send_between(&admin, &key, &second).await;
        assert_second_failed(&first, "INTERNAL_SERVER_ERROR");
        let again = send_between(&admin, &key, &second).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
        assert_eq!(app.count("categories").await, 3);

        // A failed mutation without changes is executed again.
        let query = format!("mutation {{ {second} }}");
        let body = json!({ "query": query }).to_string();
        let headers = [JSON, ("idempotency-key", "alone")];
        for _ in 0..2 {
            let response = admin.post_with(&headers, body.clone()).await;
            assert_eq!(response.json["data"], json!({"updateProductImage": null}));
            assert_eq!(response.header("idempotency-replayed"), "false");
        }
    })
    .await;
}

#[tokio::test]
async fn every_failed_mutation_has_its_error_beyond_the_maximum_of_errors() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let image = app.shop().image(&app.pan().await, 0).await;
        app.sql("ALTER TABLE product_images RENAME TO elsewhere").await;
        let calls: Vec<_> = (0..20)
            .map(|number| {
                let id = image.id.encode();
                format!("m{number}: updateProductImage(input: {{id: \"{id}\", alt: \"x\"}}) {{ image {{ id }} }}")
            })
            .collect();
        let query = format!("mutation {{ {} }}", calls.join(" "));
        let response = admin.send(&query, json!({})).await;
        assert_eq!(response.json["data"].as_object().unwrap().len(), 20);
        assert_eq!(response.json["errors"].as_array().unwrap().len(), 20);
    })
    .await;
}

struct Query;

#[Object]
impl Query {
    async fn whole(&self) -> i32 {
        1
    }
}

/// The number of executed `counts` mutations.
static EXECUTED_COUNT: AtomicUsize = AtomicUsize::new(0);

struct Mutation;

#[Object]
impl Mutation {
    async fn whole(&self) -> i32 {
        1
    }

    async fn panics(&self) -> i32 {
        "the cause is secret".parse().unwrap()
    }

    async fn hangs(&self) -> i32 {
        std::future::pending().await
    }

    async fn counts(&self) -> usize {
        EXECUTED_COUNT.fetch_add(1, Ordering::Relaxed)
    }
}

/// Executes a mutation with these resolvers and returns the response.
async fn execute(app: &App, query: &str, deadline: Duration) -> Value {
    let (query_root, mutation) = (Root::new(Query), Root::new(Mutation));
    let schema = Schema::new(query_root, mutation, EmptySubscription);
    let loaders = Loaders::new(&app.state, Viewer::Anonymous);
    let request = Request::new(query).data(Deadline(Instant::now() + deadline));
    let response = wares::api::schema::execute(&schema, request, loaders).await;
    serde_json::to_value(response).unwrap()
}

#[tokio::test]
async fn a_panic_in_a_mutation_leaves_the_payloads_of_the_others() {
    let app = sqlite_app().await;
    let query = "mutation { a: whole b: panics c: whole }";
    let response = execute(&app, query, Duration::from_hours(1)).await;
    assert_eq!(response["data"], json!({"a": 1, "b": null, "c": 1}));
    let error = &response["errors"][0];
    assert_eq!(error["path"], json!(["b"]));
    assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(!response.to_string().contains("secret"), "{response}");
}

#[tokio::test]
async fn a_mutation_that_times_out_leaves_the_payloads_of_those_before_and_begins_none_after() {
    let app = sqlite_app().await;
    let query = "mutation { a: whole b: hangs c: counts }";
    let response = execute(&app, query, Duration::from_millis(50)).await;
    assert_eq!(response["data"], json!({"a": 1, "b": null, "c": null}));
    for (number, name) in ["b", "c"].into_iter().enumerate() {
        let error = &response["errors"][number];
        assert_eq!(error["path"], json!([name]));
        assert_eq!(error["extensions"]["code"], "SERVICE_UNAVAILABLE");
        assert_eq!(error["extensions"]["retryAfterSeconds"], 5);
    }
    assert_eq!(EXECUTED_COUNT.load(Ordering::Relaxed), 0);
}
