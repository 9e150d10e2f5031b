//! Tolerance for the default behaviour of common clients.

use axum::http::Method;
use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::cached_responses::{address, get, kept, open};
use crate::harness::sample_image::{png, png_of};
use crate::harness::{
    App, Backend, Form, GRAPHQL_RESPONSE, JSON, MULTIPART, on_both_databases, products, sqlite_app,
};

const TYPENAME: &str = r#"{"query":"{__typename}"}"#;

#[tokio::test]
async fn an_empty_authorization_header_means_anonymous() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let page = address(&[("query", "{ products { totalCount } }")]);
        for value in [
            "",
            " ",
            "Bearer",
            "bearer",
            "BEARER ",
            "Bearer  ",
            "Bearer\t",
            // A template literal in JavaScript with an absent token.
            "Bearer null",
            "bearer undefined",
            "null",
        ] {
            let header = ("authorization", value);
            let response = client.post_with(&[JSON, header], TYPENAME).await;
            assert_eq!(
                response.json,
                json!({"data": {"__typename": "Query"}}),
                "{value:?}"
            );
            let form = Form::new(&json!({"query": "{__typename}"}), &json!({}));
            let headers = [MULTIPART[0], MULTIPART[1], header];
            let response = client.post_with(&headers, form.end()).await;
            assert_eq!(response.status, 200, "{value:?}");
            // The response is cached as for an anonymous client, also by browsers and CDNs.
            let (_, again) = kept(app, async || get(&client, &page, &[header]).await).await;
            assert!(
                again.header("cache-control").starts_with("public"),
                "{value:?}"
            );
            // A field that requires a user fails as without the header.
            let me = r#"{"query":"{ me { id } }"}"#;
            let (with, without) = (
                client.post_with(&[JSON, header], me).await,
                client.post_with(&[JSON], me).await,
            );
            assert_eq!((with.status, with.json), (without.status, without.json));
        }
        // A token next to it is used.
        let token = app
            .admin()
            .await
            .login("admin@shop.example", crate::harness::PASSWORD)
            .await;
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        let headers = [
            JSON,
            ("authorization", ""),
            ("authorization", bearer.as_str()),
        ];
        let response = client
            .post_with(&headers, r#"{"query":"{ me { email } }"}"#)
            .await;
        assert_eq!(response.json["data"]["me"]["email"], "admin@shop.example");
        for value in [
            "Bearer x",
            "Basic",
            "Basic eDp4",
            "Bearerx",
            "Basic null",
            "Bearer nul",
            "Bearer null null",
        ] {
            let headers = [JSON, ("authorization", value)];
            let response = client
                .post_with(&headers, r#"{"query":"{ products { totalCount } }"}"#)
                .await;
            response.assert_refused(401, "UNAUTHENTICATED");
        }
    })
    .await;
}

/// Returns the headers that a preflight response allows.
async fn allowed_headers(app: &App) -> Vec<String> {
    let headers = [
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let client = app.anonymous();
    let response = client
        .request(Method::OPTIONS, "/graphql", &headers, "")
        .await;
    assert_eq!(response.status, 200);
    let allowed_headers = response.header("access-control-allow-headers").split(',');
    allowed_headers.map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn cors_allows_the_headers_of_common_clients_and_of_the_settings() {
    let app = sqlite_app().await;
    let usual = allowed_headers(&app).await;
    for name in [
        "accept",
        "apollo-require-preflight",
        "apollographql-client-name",
        "apollographql-client-version",
        "authorization",
        "b3",
        "baggage",
        "content-type",
        "graphql-require-preflight",
        "idempotency-key",
        "if-none-match",
        "sentry-trace",
        "traceparent",
        "tracestate",
        "newrelic",
        "x-apollo-operation-name",
        "x-datadog-trace-id",
        "x-requested-with",
    ] {
        assert!(
            usual.iter().any(|header| header == name),
            "{name}: {usual:?}"
        );
    }
    let settings = ["--cors-allowed-headers=X-Shop-Version, x-theme,Traceparent"];
    let app = App::start(Backend::Sqlite, &settings).await;
    let more = allowed_headers(&app).await;
    assert_eq!(more.len(), usual.len() + 2, "{more:?}");
    for name in ["x-shop-version", "x-theme", "traceparent"] {
        assert!(more.iter().any(|header| header == name), "{name}: {more:?}");
    }
}

#[tokio::test]
async fn an_encoded_body_is_refused_by_its_encoding() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    for coding in [
        "gzip",
        "br",
        "x-gzip",
        "GZIP",
        "deflate, identity",
        "aes128gcm",
    ] {
        let header = ("content-encoding", coding);
        let headers = [MULTIPART[0], MULTIPART[1], header];
        for headers in [&[JSON, header][..], &headers, &[header]] {
            let response = client.post_with(headers, TYPENAME).await;
            response.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
            assert!(
                response.text.contains("Content-Encoding"),
                "{}",
                response.text
            );
            assert_eq!(response.header("accept-encoding"), "identity");
        }
    }
    for coding in ["identity", "Identity", ""] {
        let headers = [JSON, ("content-encoding", coding)];
        let response = client.post_with(&headers, TYPENAME).await;
        assert_eq!(response.json, json!({"data": {"__typename": "Query"}}));
    }
}

#[tokio::test]
async fn a_trailing_slash_is_accepted() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let typename = json!({"data": {"__typename": "Query"}});
    let response = client
        .request(Method::POST, "/graphql/", &[JSON], TYPENAME)
        .await;
    assert_eq!(response.json, typename);
    let path = "/graphql/?query=%7B__typename%7D";
    let response = client.request(Method::GET, path, &[], "").await;
    assert_eq!(response.json, typename);
    let form = Form::new(&json!({"query": "{__typename}"}), &json!({}));
    let response = client
        .request(Method::POST, "/graphql/", &MULTIPART, form.end())
        .await;
    assert_eq!(response.json, typename);
    let response = client
        .request(Method::PUT, "/graphql/", &[JSON], TYPENAME)
        .await;
    response.assert_refused(405, "METHOD_NOT_ALLOWED");
    let response = client
        .request(Method::POST, "/graphql/x", &[JSON], TYPENAME)
        .await;
    response.assert_refused(404, "NOT_FOUND");
    for path in [
        "/health/live",
        "/health/ready",
        "/auth/google/login",
        "/auth/google/callback",
        "/api/v1/auth/google/login",
        "/api/v1/auth/google/callback",
    ] {
        let plain = client.request(Method::GET, path, &[], "").await;
        let slash = format!("{path}/");
        let slash = client.request(Method::GET, &slash, &[], "").await;
        assert_eq!(
            (slash.status, slash.text),
            (plain.status, plain.text),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unknown_persisted_query_is_always_status_200() {
    let app = sqlite_app().await;
    let extension = json!({"persistedQuery": {"version": 1, "sha256Hash": "0".repeat(64)}});
    let body = json!({"extensions": extension}).to_string();
    for accept in [GRAPHQL_RESPONSE, "application/json", "*/*"] {
        let response = app
            .anonymous()
            .post_with(&[JSON, ("accept", accept)], body.clone())
            .await;
        response.assert_refused(200, "PERSISTED_QUERY_NOT_FOUND");
    }
}

#[tokio::test]
async fn an_unknown_operation_is_named() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let send = async |query: &str, name: &str| {
        let body = json!({"query": query, "operationName": name}).to_string();
        let response = client.post(&body).await;
        response.assert_refused(200, "OPERATION_RESOLUTION_FAILURE");
        assert_eq!(response.field(), "operationName");
        response.json["errors"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let two = "query A { __typename } query B { __typename }";
    for query in ["{ __typename }", two, "query A { __typename }"] {
        let message = send(query, "Shop_1").await;
        assert!(
            message.contains("`Shop_1`") && message.contains("operationName"),
            "{message}"
        );
    }
    for name in [&"x".repeat(101), "no name", "<b>", "1a", "a\u{0}", "é"] {
        let message = send(two, name).await;
        assert!(
            !message.contains(name) && message.contains("operationName"),
            "{message}"
        );
    }
    assert!(!send(two, "").await.contains("``"));
}

#[tokio::test]
async fn one_file_may_be_mapped_to_several_variables() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await.id.encode());
        let query = "mutation($i: UploadProductImagesInput!, $avatar: Upload!) {
            uploadProductImages(input: $i) { images { width url } userErrors { message } }
            uploadAvatar(file: $avatar) { user { avatar { width } } userErrors { message } } }";
        // A small file, and one that is too large to be buffered in memory.
        let mut noise = vec![0_u8; 500 * 500 * 3];
        let mut state = 1_u32;
        for byte in &mut noise {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
        let large = png_of(
            500,
            500,
            ::png::ColorType::Rgb,
            ::png::BitDepth::Eight,
            &noise,
        );
        assert!(large.len() > 512 << 10);
        for (file, width) in [(png(40, 30), 40), (large, 500)] {
            let variables = json!({"i": {"productId": pan, "files": [null, null]}, "avatar": null});
            let operations = json!({"query": query, "variables": variables});
            let map =
                json!({"0": ["variables.i.files.0", "variables.avatar", "variables.i.files.1"]});
            let form = Form::new(&operations, &map).file("0", &file);
            let response = admin.upload(form.end()).await;
            let data = &response.json["data"];
            let images = data["uploadProductImages"]["images"].as_array();
            let widths: Vec<_> = images
                .unwrap()
                .iter()
                .map(|image| &image["width"])
                .collect();
            assert_eq!(widths, [width, width], "{}", response.text);
            assert_eq!(
                data["uploadAvatar"]["userErrors"],
                json!([]),
                "{}",
                response.text
            );
            assert!(data["uploadAvatar"]["user"]["avatar"]["width"].is_number());
        }
    })
    .await;
}

#[tokio::test]
async fn a_shared_file_is_refused_when_it_is_too_large_to_buffer() {
    let app = sqlite_app().await;
    let admin = app.admin().await;
    let import = |alias: &str, file: &str| {
        format!(
            "{alias}: importProducts(file: {file}, dryRun: true) {{ report {{ rows }} userErrors {{ message }} }}"
        )
    };
    let query = format!(
        "mutation($a: Upload!, $b: Upload!) {{ {} {} }}",
        import("one", "$a"),
        import("two", "$b")
    );
    let operations = json!({"query": query, "variables": {"a": null, "b": null}});
    let map = json!({"0": ["variables.a", "variables.b"]});
    let send = async |file: &[u8]| {
        let form = Form::new(&operations, &map).file("0", file);
        admin.upload(form.end()).await
    };
    let response = send(&products(20_000)).await;
    for alias in ["one", "two"] {
        assert_eq!(
            response.json["data"][alias]["report"]["rows"], 20_000,
            "{}",
            response.text
        );
    }
    let response = send(&products(400_000)).await;
    assert_eq!(
        response.json.get("data").unwrap_or(&Value::Null),
        &Value::Null
    );
    assert!(
        response.text.contains("Send it once for each"),
        "{}",
        response.text
    );
}
