//! Internal errors: a message and an id for the client, the cause in the log.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use axum::http::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::core::viewer::Viewer;
use wares::graphql::dataloader::Loaders;
use wares::infra::database::{Catalog, Database};

use crate::harness::{App, Backend, Log, on_both_databases};

#[tokio::test]
async fn database_error_returns_an_id_and_logs_the_cause() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let category = shop.root("all", 0).await;
        for number in 0..20 {
            shop.product(&format!("p{number}"), &category, |_| ()).await;
        }
        app.sql("ALTER TABLE product_images RENAME TO elsewhere")
            .await;
        let log = Log::capture();
        let query = "{ products { nodes { slug images { alt } } } }";
        let response = app.anonymous().send(query, json!({})).await;

        assert_eq!(
            (response.status.as_u16(), response.code()),
            (200, "INTERNAL_SERVER_ERROR")
        );
        for secret in [
            "product_images",
            "SELECT",
            "select",
            "table",
            "relation",
            "sqlx",
        ] {
            assert!(!response.text.contains(secret), "{}", response.text);
        }
        // All parent fields are non-null, so `data` is null.
        assert_eq!(response.json["data"], Value::Null);
        let id = response.json["errors"][0]["extensions"]["requestId"]
            .as_str()
            .unwrap();
        assert_eq!(response.header("x-request-id"), id);

        // Logged once, although twenty products requested their images.
        let causes = log.lines_with("internal error");
        assert_eq!(causes.len(), 1, "{causes:?}");
        assert!(causes[0].contains("product_images"), "{}", causes[0]);
        assert!(causes[0].contains(id), "{}", causes[0]);

        // Other fields still work.
        let data = app
            .anonymous()
            .data("{ products { totalCount } }", json!({}))
            .await;
        assert_eq!(data["products"]["totalCount"], 20);
    })
    .await;
}

struct Query;

#[Object]
impl Query {
    async fn broken(&self) -> i32 {
        "the cause is secret".parse().unwrap()
    }

    async fn whole(&self) -> i32 {
        1
    }
}

#[tokio::test]
async fn panic_in_a_resolver_returns_an_error() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let execute = async |query: &str| {
        let loaders = Loaders::new(&app.state, Viewer::Anonymous);
        wares::api::schema::execute(&schema, query.into(), loaders).await
    };
    let response = execute("{ whole broken }").await;
    let error = &response.errors[0];
    let code = error.extensions.as_ref().unwrap().get("code").unwrap();
    assert_eq!(*code, async_graphql::Value::from("INTERNAL_SERVER_ERROR"));
    assert!(!error.message.contains("secret"));
    let response = execute("{ whole }").await;
    assert!(response.is_ok());
}

#[tokio::test]
async fn valid_request_id_of_a_proxy_is_used() {
    on_both_databases(async |app| {
        let id_for = async |given: &str| {
            let headers = [("x-request-id", given)];
            let response = app
                .anonymous()
                .request(Method::GET, "/health/live", &headers, "")
                .await;
            response.header("x-request-id").to_owned()
        };
        assert_eq!(id_for("proxy-1.2_3").await, "proxy-1.2_3");
        for odd in ["", "a b", "a\"b", &"x".repeat(65)] {
            let id = id_for(odd).await;
            assert_eq!(id.len(), 32, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn lock_timeout_returns_unavailable_with_retry_after() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let pan = app.shop().product("pan", &home, |_| ()).await;
        // Another process holds the lock for long.
        let other = Database::connect(&app.address, 1).await.unwrap();
        let transaction = other.begin().await.unwrap();
        let work = "UPDATE products SET stock = 7";
        transaction.execute_unprepared(work).await.unwrap();
        transaction.touch(Catalog::All);
        let input = json!({"id": pan.id.encode(), "delta": 1});
        let response = admin
            .mutate("adjustStock", input.clone(), "product { stock }")
            .await;
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE");
        assert_eq!(response.header("retry-after"), "1");
        let data = app
            .anonymous()
            .data("{ products { totalCount } }", json!({}))
            .await;
        assert_eq!(data["products"]["totalCount"], 1);
        transaction.commit().await.unwrap();
        other.close().await.unwrap();
        let payload = admin
            .run_mutation("adjustStock", input, "product { stock }")
            .await;
        assert_eq!(payload["product"]["stock"], 8);
    })
    .await;
}
