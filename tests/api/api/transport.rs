//! GraphQL over HTTP: methods, media types, malformed requests.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{App, Backend, GRAPHQL_RESPONSE, JSON, sqlite_app};

#[tokio::test]
async fn a_mutation_is_never_run_over_get() {
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
        let answer = app.anonymous().request(Method::GET, &path, &[], "").await;
        answer.assert_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "POST");
    }
    let path = "/graphql?query=query%20Q%7B__typename%7D%20mutation%20M%7Bx%7D&operationName=Q";
    let answer = app.anonymous().request(Method::GET, path, &[], "").await;
    // The whole document is still validated, and the mutation does not exist.
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_get_reads_every_parameter() {
    let app = sqlite_app().await;
    let path = "/graphql?query=query%20A(%24n%3AInt)%7Bproducts(first%3A%24n)%7BtotalCount%7D%7Dquery%20B%7B__typename%7D\
        &operationName=A&variables=%7B%22n%22%3A0%7D&extensions=%7B%7D";
    let answer = app.anonymous().request(Method::GET, path, &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.field()), (200, "first"));
    let path = path.replace("operationName=A", "operationName=B");
    let answer = app.anonymous().request(Method::GET, &path, &[], "").await;
    assert_eq!(answer.json, json!({"data": {"__typename": "Query"}}));

    for (path, status) in [
        ("/graphql", 400),
        ("/graphql?query=%7B__typename%7D&variables=x", 400),
        ("/graphql?query=%7B__typename%7D&variables=%5B%5D", 400),
        ("/graphql?query=%7B__typename%7D&extensions=1", 400),
    ] {
        let answer = app.anonymous().request(Method::GET, path, &[], "").await;
        answer.assert_refused(status, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_document_that_was_read_before_is_judged_by_each_request_anew() {
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
        let answer = send("Ask", json!({"slug": "none"})).await;
        assert_eq!(answer.json, json!({"data": {"product": null}}));
        assert_eq!(send("Ask", json!({})).await.code(), "BAD_USER_INPUT");
        assert_eq!(send("Change", json!({})).await.code(), "UNAUTHENTICATED");
        let code = send("Nobody", json!({})).await;
        assert_eq!(code.code(), "OPERATION_RESOLUTION_FAILURE");
        let path = format!("/graphql?{query}");
        let answer = client.request(Method::GET, &path, &[], "").await;
        answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn get_can_be_turned_off() {
    let app = App::start(Backend::Sqlite, &["--graphql-get=off"]).await;
    let path = "/graphql?query=%7B__typename%7D";
    let answer = app.anonymous().request(Method::GET, path, &[], "").await;
    answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn what_another_site_can_send_without_asking_is_not_read() {
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
        let answer = app.anonymous().post_with(&headers, body).await;
        answer.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let answer = app.anonymous().post_with(&[evil], body).await;
    answer.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let twice = [JSON, ("content-type", "text/plain")];
    let answer = app.anonymous().post_with(&twice, body).await;
    answer.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");

    let multipart = ("content-type", "multipart/form-data; boundary=x");
    for header in [("accept", "*/*"), ("apollo-require-preflight", "")] {
        let answer = app.anonymous().post_with(&[multipart, header], body).await;
        answer.assert_refused(400, "PREFLIGHT_REQUIRED");
    }
    for header in [
        "x-apollo-operation-name",
        "apollo-require-preflight",
        "graphql-require-preflight",
    ] {
        // The body is read and found to be malformed.
        let headers = [multipart, (header, "true")];
        let answer = app.anonymous().post_with(&headers, body).await;
        answer.assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn json_is_read_in_utf_8_however_it_is_spelt() {
    let app = sqlite_app().await;
    for kind in [
        "application/json",
        "Application/JSON; charset=\"UTF-8\"",
        "application/json;charset=utf8",
    ] {
        let headers = [("content-type", kind)];
        let answer = app
            .anonymous()
            .post_with(&headers, r#"{"query":"{__typename}"}"#)
            .await;
        assert_eq!(
            answer.json,
            json!({"data": {"__typename": "Query"}}),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused() {
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
        let answer = app.anonymous().post_with(&[JSON], body).await;
        answer.assert_refused(400, "BAD_REQUEST");
    }
    // Nested deeper than the JSON parser allows.
    let deep = format!(
        "{{\"query\":\"{{__typename}}\",\"variables\":{}1{}}}",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let answer = app.anonymous().post(&deep).await;
    answer.assert_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn absent_and_null_parts_of_a_request_are_alike() {
    let app = sqlite_app().await;
    let body =
        r#"{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}"#;
    let answer = app.anonymous().post(body).await;
    assert_eq!(answer.json, json!({"data": {"__typename": "Query"}}));
}

#[tokio::test]
async fn batches_are_refused_whole() {
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
async fn the_answer_has_the_media_type_that_the_client_likes_best() {
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
        let answer = app
            .anonymous()
            .post_with(&headers, r#"{"query":"{__typename}"}"#)
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, expected),
            "{accept:?}"
        );
        let vary = answer.headers.get_all("vary").iter();
        let mut vary = vary.filter_map(|value| value.to_str().ok());
        assert!(vary.any(|value| value.split(", ").any(|name| name == "accept")));
    }
    for accept in ["text/html", "image/png", "application/json;q=0", "nonsense"] {
        let headers = [JSON, ("accept", accept)];
        let answer = app
            .anonymous()
            .post_with(&headers, r#"{"query":"{__typename}"}"#)
            .await;
        answer.assert_refused(406, "NOT_ACCEPTABLE");
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
        let answer = app
            .anonymous()
            .request(method.clone(), path, &[JSON], body)
            .await;
        assert_eq!(answer.status.as_u16(), 405, "{method}");
        assert_eq!(answer.header("allow"), "GET, POST");
        assert!(!answer.text.contains("data"));
    }
    for path in ["/health/live", "/health/ready"] {
        let answer = app.anonymous().request(Method::POST, path, &[], "").await;
        answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    }
    let answer = app
        .anonymous()
        .request(Method::GET, "/nowhere", &[], "")
        .await;
    answer.assert_refused(404, "NOT_FOUND");
}
