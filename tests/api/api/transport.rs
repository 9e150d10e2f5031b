//! GraphQL over HTTP: methods, media types, malformed requests.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{App, Backend, GRAPHQL_RESPONSE, JSON, sqlite_app};

#[tokio::test]
async fn a_mutation_is_never_executed_over_get() {
    let app = sqlite_app().await;
    for query in [
        "query=mutation%7Bx%7D",
        "query=mutation%20M%7Bx%7D&operationName=M",
        "query=query%20Q%7B__typename%7D%20mutation%20M%7Bx%7D&operationName=M",
        "query=subscription%7Bx%7D",
        // The method is checked before other errors.
        "query=mutation(%24a%3AInt!)%7Bx(a%3A%24a)%7D",
    ] {
        let path = format!("/graphql?{query}");
        let response = app.anonymous().request(Method::GET, &path, &[], "").await;
        response.assert_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(response.header("allow"), "POST");
    }
    let path = "/graphql?query=query%20Q%7B__typename%7D%20mutation%20M%7Bx%7D&operationName=Q";
    let response = app.anonymous().request(Method::GET, path, &[], "").await;
    // The whole document is still validated, and the mutation does not exist.
    assert_eq!(response.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_get_reads_every_parameter() {
    let app = sqlite_app().await;
    let path = "/graphql?query=query%20A(%24n%3AInt)%7Bproducts(first%3A%24n)%7BtotalCount%7D%7Dquery%20B%7B__typename%7D\
        &operationName=A&variables=%7B%22n%22%3A0%7D&extensions=%7B%7D";
    let response = app.anonymous().request(Method::GET, path, &[], "").await;
    assert_eq!((response.status.as_u16(), response.field()), (200, "first"));
    let path = path.replace("operationName=A", "operationName=B");
    let response = app.anonymous().request(Method::GET, &path, &[], "").await;
    assert_eq!(response.json, json!({"data": {"__typename": "Query"}}));

    for (path, status) in [
        ("/graphql", 400),
        ("/graphql?query=%7B__typename%7D&variables=x", 400),
        ("/graphql?query=%7B__typename%7D&variables=%5B%5D", 400),
        ("/graphql?query=%7B__typename%7D&extensions=1", 400),
    ] {
        let response = app.anonymous().request(Method::GET, path, &[], "").await;
        response.assert_refused(status, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_cached_document_is_checked_again_for_each_request() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let document = "query Ask($slug: String!) { product(slug: $slug) { name } } \
        mutation Change { logoutAll { userErrors { code } } }";
    let send = async |name: &str, variables: Value| {
        let body = json!({"query": document, "operationName": name, "variables": variables});
        client.post(&body.to_string()).await
    };
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("query", document)
        .append_pair("operationName", "Change")
        .finish();
    for _ in 0..2 {
        let response = send("Ask", json!({"slug": "none"})).await;
        assert_eq!(response.json, json!({"data": {"product": null}}));
        assert_eq!(send("Ask", json!({})).await.code(), "BAD_USER_INPUT");
        assert_eq!(send("Change", json!({})).await.code(), "UNAUTHENTICATED");
        let code = send("Nobody", json!({})).await;
        assert_eq!(code.code(), "OPERATION_RESOLUTION_FAILURE");
        let path = format!("/graphql?{query}");
        let response = client.request(Method::GET, &path, &[], "").await;
        response.assert_refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn get_can_be_turned_off() {
    let app = App::start(Backend::Sqlite, &["--graphql-get=off"]).await;
    let path = "/graphql?query=%7B__typename%7D";
    let response = app.anonymous().request(Method::GET, path, &[], "").await;
    response.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(response.header("allow"), "POST");
}

#[tokio::test]
async fn cross_site_requests_without_preflight_are_refused() {
    let app = sqlite_app().await;
    let body = r#"{"query": "mutation { x }"}"#;
    let evil = ("origin", "https://evil.example");
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ] {
        let headers = [("content-type", kind), evil];
        let response = app.anonymous().post_with(&headers, body).await;
        response.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(response.header("access-control-allow-origin"), "");
    }
    let response = app.anonymous().post_with(&[evil], body).await;
    response.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let twice = [JSON, ("content-type", "text/plain")];
    let response = app.anonymous().post_with(&twice, body).await;
    response.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");

    let multipart = ("content-type", "multipart/form-data; boundary=x");
    for header in [("accept", "*/*"), ("apollo-require-preflight", "")] {
        let response = app.anonymous().post_with(&[multipart, header], body).await;
        response.assert_refused(400, "PREFLIGHT_REQUIRED");
    }
    for header in [
        "x-apollo-operation-name",
        "apollo-require-preflight",
        "graphql-require-preflight",
    ] {
        // The body is read and found to be malformed.
        let headers = [multipart, (header, "true")];
        let response = app.anonymous().post_with(&headers, body).await;
        response.assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn json_charset_names_of_utf_8_are_accepted() {
    let app = sqlite_app().await;
    for kind in [
        "application/json",
        "Application/JSON; charset=\"UTF-8\"",
        "application/json;charset=utf8",
    ] {
        let headers = [("content-type", kind)];
        let response = app
            .anonymous()
            .post_with(&headers, r#"{"query":"{__typename}"}"#)
            .await;
        assert_eq!(
            response.json,
            json!({"data": {"__typename": "Query"}}),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn an_invalid_request_body_is_refused() {
    let app = sqlite_app().await;
    let bodies: [&[u8]; 16] = [
        b"{\"query\":",
        b"\xff\xfe{\"query\":\"{__typename}\"}",
        b"{\"query\":\"\xc3\x28\"}",
        b"\0\0\0",
        b"\xef\xbb\xbf",
        b"",
        b"null",
        b"\"{__typename}\"",
        b"{}",
        b"{\"query\":{}}",
        b"{\"query\":1}",
        b"{\"query\":[]}",
        b"{\"query\":\"{__typename}\",\"variables\":\"x\"}",
        b"{\"query\":\"{__typename}\",\"variables\":[]}",
        b"{\"query\":\"{__typename}\",\"operationName\":1}",
        b"{\"query\":\"{__typename}\",\"extensions\":[]}",
    ];
    for body in bodies {
        let response = app.anonymous().post_with(&[JSON], body).await;
        response.assert_refused(400, "BAD_REQUEST");
    }
    // Nested deeper than the JSON parser allows.
    let deep = format!(
        "{{\"query\":\"{{__typename}}\",\"variables\":{}1{}}}",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let response = app.anonymous().post(&deep).await;
    response.assert_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn absent_and_null_request_members_are_equal() {
    let app = sqlite_app().await;
    let body =
        r#"{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}"#;
    let response = app.anonymous().post(body).await;
    assert_eq!(response.json, json!({"data": {"__typename": "Query"}}));
}

#[tokio::test]
async fn batches_are_refused() {
    let app = sqlite_app().await;
    let one = r#"{"query":"{__typename}"}"#;
    for count in [0, 1, 2, 1_000] {
        let body = format!("[{}]", vec![one; count].join(","));
        app.anonymous()
            .post(&body)
            .await
            .assert_refused(400, "BATCHING_DISABLED");
    }
}

#[tokio::test]
async fn the_response_media_type_follows_accept() {
    let app = sqlite_app().await;
    let json = "application/json; charset=utf-8";
    let graphql = "application/graphql-response+json; charset=utf-8";
    for (accept, expected) in [
        (None, json),
        (Some("*/*"), json),
        (Some("application/*"), json),
        (Some("application/json"), json),
        (Some(GRAPHQL_RESPONSE), graphql),
        (
            Some("application/graphql-response+json, application/json;q=0.9"),
            graphql,
        ),
        (
            Some("application/json;q=0.5, application/graphql-response+json;q=0.6"),
            graphql,
        ),
        (Some("application/graphql-response+json;q=0, */*"), json),
        (Some("text/html;q=0.9, */*;q=0.1"), json),
    ] {
        let accept = accept.map(|accept| ("accept", accept));
        let headers: Vec<_> = [JSON].into_iter().chain(accept).collect();
        let response = app
            .anonymous()
            .post_with(&headers, r#"{"query":"{__typename}"}"#)
            .await;
        assert_eq!(
            (response.status.as_u16(), response.header("content-type")),
            (200, expected),
            "{accept:?}"
        );
        let vary = response.headers.get_all("vary").iter();
        let mut vary = vary.filter_map(|value| value.to_str().ok());
        assert!(vary.any(|value| value.split(", ").any(|name| name == "accept")));
    }
    for accept in ["text/html", "image/png", "application/json;q=0", "nonsense"] {
        let headers = [JSON, ("accept", accept)];
        let response = app
            .anonymous()
            .post_with(&headers, r#"{"query":"{__typename}"}"#)
            .await;
        response.assert_refused(406, "NOT_ACCEPTABLE");
    }
}

#[tokio::test]
async fn other_methods_are_never_executed() {
    let app = sqlite_app().await;
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::TRACE,
        Method::HEAD,
    ] {
        let path = "/graphql?query=%7B__typename%7D";
        let body = r#"{"query":"{__typename}"}"#;
        let response = app
            .anonymous()
            .request(method.clone(), path, &[JSON], body)
            .await;
        assert_eq!(response.status.as_u16(), 405, "{method}");
        assert_eq!(response.header("allow"), "GET, POST");
        assert!(!response.text.contains("data"));
    }
    for path in ["/health/live", "/health/ready"] {
        let response = app.anonymous().request(Method::POST, path, &[], "").await;
        response.assert_refused(405, "METHOD_NOT_ALLOWED");
    }
    let response = app
        .anonymous()
        .request(Method::GET, "/nowhere", &[], "")
        .await;
    response.assert_refused(404, "NOT_FOUND");
}
