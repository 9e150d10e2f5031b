//! The schema in production, and CORS.

use axum::http::Method;
use serde_json::json;

use crate::harness::{App, Backend};

#[tokio::test]
async fn production_does_not_disclose_the_schema() {
    let app = App::start(Backend::Sqlite, &["--env=production"]).await;
    for query in [
        "{ __schema { types { name } } }",
        "{ s: __schema\n{ types, { name } } }",
        "query { ...F } fragment F on Query { __type(name: \"Product\") { name } }",
    ] {
        let response = app.anonymous().send(query, json!({})).await;
        response.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
        assert!(!response.text.contains("Product"), "{}", response.text);
        let asked = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("query", query)
            .finish();
        let path = format!("/graphql?{asked}");
        let response = app.anonymous().request(Method::GET, &path, &[], "").await;
        response.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
        assert!(!response.text.contains("Product"), "{}", response.text);
    }
    let response = app
        .anonymous()
        .send("{ prodcts { totalCount } }", json!({}))
        .await;
    assert_eq!(response.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(!response.text.contains("Did you mean"), "{}", response.text);
}

#[tokio::test]
async fn cors_allows_configured_origins_only() {
    let settings = [
        "--env=production",
        "--frontend-urls=https://shop.example,https://m.shop.example:8443/",
    ];
    let app = App::start(Backend::Sqlite, &settings).await;
    let allowed = async |app: &App, origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "content-type,authorization,idempotency-key",
            ),
        ];
        let response = app
            .anonymous()
            .request(Method::OPTIONS, "/graphql", &headers, "")
            .await;
        let headers = response.header("access-control-allow-headers");
        assert!(headers.contains("idempotency-key"), "{headers}");
        response.header("access-control-allow-origin").to_owned()
    };
    for origin in ["https://shop.example", "https://m.shop.example:8443"] {
        assert_eq!(allowed(&app, origin).await, origin);
    }
    for origin in [
        "https://evil.example",
        "null",
        "http://shop.example",
        "https://shop.example.evil",
        "http://localhost:3000",
    ] {
        assert_eq!(allowed(&app, origin).await, "", "{origin}");
    }
    let app = App::start(Backend::Sqlite, &[]).await;
    for origin in [
        "http://localhost:3000",
        "http://127.0.0.1:5173",
        "http://[::1]:80",
    ] {
        assert_eq!(allowed(&app, origin).await, origin);
    }
    assert_eq!(allowed(&app, "https://localhost.evil.example").await, "");
}
