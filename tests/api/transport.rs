//! GraphQL over HTTP: methods, media types, statuses, and the shape of every refusal.

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Answer, App, Backend};

const JSON: (&str, &str) = ("content-type", "application/json");
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

async fn app() -> App {
    App::start(Backend::Sqlite, &[]).await
}

/// A refusal: its status and code, in the shape of a GraphQL answer and nothing else.
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (status, code));
    let body = answer.json.as_object().unwrap();
    assert_eq!(
        body.keys().collect::<Vec<_>>(),
        ["errors"],
        "{}",
        answer.text
    );
    let kind = answer.header("content-type");
    assert!(kind.ends_with("; charset=utf-8"), "{kind}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.text.len() < 16_000);
}

#[tokio::test]
async fn a_mutation_is_never_run_over_get() {
    let app = app().await;
    for query in [
        "query=mutation%7Bx%7D",
        "query=mutation%20M%7Bx%7D&operationName=M",
        "query=query%20Q%7B__typename%7D%20mutation%20M%7Bx%7D&operationName=M",
        "query=subscription%7Bx%7D",
    ] {
        let path = format!("/graphql?{query}");
        let answer = app.anonymous().request(Method::GET, &path, &[], "").await;
        refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "POST");
    }
    let path = "/graphql?query=query%20Q%7B__typename%7D%20mutation%20M%7Bx%7D&operationName=Q";
    let answer = app.anonymous().request(Method::GET, path, &[], "").await;
    // The document as a whole is still validated: there is no such mutation.
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_get_reads_every_parameter() {
    let app = app().await;
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
        refused(&answer, status, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn get_can_be_turned_off() {
    let app = App::start(Backend::Sqlite, &["--graphql-get=off"]).await;
    let path = "/graphql?query=%7B__typename%7D";
    let answer = app.anonymous().request(Method::GET, path, &[], "").await;
    refused(&answer, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn what_another_site_can_send_without_asking_is_not_read() {
    let app = app().await;
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
        let answer = app
            .anonymous()
            .request(Method::POST, "/graphql", &headers, body)
            .await;
        refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let answer = app
        .anonymous()
        .request(Method::POST, "/graphql", &[evil], body)
        .await;
    refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    let twice = [JSON, ("content-type", "text/plain")];
    let answer = app
        .anonymous()
        .request(Method::POST, "/graphql", &twice, body)
        .await;
    refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");

    let multipart = ("content-type", "multipart/form-data; boundary=x");
    for header in [("accept", "*/*"), ("apollo-require-preflight", "")] {
        let answer = app
            .anonymous()
            .request(Method::POST, "/graphql", &[multipart, header], body)
            .await;
        refused(&answer, 400, "PREFLIGHT_REQUIRED");
    }
    for header in [
        "x-apollo-operation-name",
        "apollo-require-preflight",
        "graphql-require-preflight",
    ] {
        let headers = [multipart, (header, "true")];
        let answer = app
            .anonymous()
            .request(Method::POST, "/graphql", &headers, body)
            .await;
        refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
}

#[tokio::test]
async fn json_is_read_in_utf_8_however_it_is_spelt() {
    let app = app().await;
    for kind in [
        "application/json",
        "Application/JSON; charset=\"UTF-8\"",
        "application/json;charset=utf8",
    ] {
        let headers = [("content-type", kind)];
        let answer = app
            .anonymous()
            .request(
                Method::POST,
                "/graphql",
                &headers,
                r#"{"query":"{__typename}"}"#,
            )
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
    let app = app().await;
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
        let answer = app
            .anonymous()
            .request(Method::POST, "/graphql", &[JSON], body)
            .await;
        refused(&answer, 400, "BAD_REQUEST");
    }
    // Deeper than the JSON reader goes.
    let deep = format!(
        "{{\"query\":\"{{__typename}}\",\"variables\":{}1{}}}",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let answer = app.anonymous().post(&deep).await;
    refused(&answer, 400, "BAD_REQUEST");
}

#[tokio::test]
async fn absent_and_null_parts_of_a_request_are_alike() {
    let app = app().await;
    let body =
        r#"{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}"#;
    let answer = app.anonymous().post(body).await;
    assert_eq!(answer.json, json!({"data": {"__typename": "Query"}}));
}

#[tokio::test]
async fn batches_are_refused_whole() {
    let app = app().await;
    let one = r#"{"query":"{__typename}"}"#;
    for count in [0, 1, 2, 1_000] {
        let body = format!("[{}]", vec![one; count].join(","));
        refused(&app.anonymous().post(&body).await, 400, "BATCHING_DISABLED");
    }
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let app = app().await;
    let body = |size: usize| {
        let frame = r#"{"query":"{__typename}","extensions":{"x":""}}"#;
        frame.replace("\"\"", &format!("\"{}\"", "x".repeat(size - frame.len())))
    };
    let answer = app.anonymous().post(&body(1 << 20)).await;
    assert_eq!(answer.status, 200);
    let answer = app.anonymous().post(&body((1 << 20) + 1)).await;
    refused(&answer, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn the_answer_has_the_media_type_that_the_client_likes_best() {
    let app = app().await;
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
            .request(
                Method::POST,
                "/graphql",
                &headers,
                r#"{"query":"{__typename}"}"#,
            )
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
            .request(
                Method::POST,
                "/graphql",
                &headers,
                r#"{"query":"{__typename}"}"#,
            )
            .await;
        refused(&answer, 406, "NOT_ACCEPTABLE");
    }
}

#[tokio::test]
async fn a_request_error_is_400_where_the_client_knows_the_new_media_type_and_200_where_not() {
    let app = app().await;
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ products(first: \"x\") { totalCount } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ products", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        (
            "query A { __typename } query B { __typename }",
            "OPERATION_RESOLUTION_FAILURE",
        ),
    ] {
        let body = json!({"query": query}).to_string();
        for (accept, status) in [("application/json", 200), (GRAPHQL_RESPONSE, 400)] {
            let headers = [JSON, ("accept", accept)];
            let answer = app
                .anonymous()
                .request(Method::POST, "/graphql", &headers, body.clone())
                .await;
            refused(&answer, status, code);
        }
    }
    // An error of a field is 200 either way, and has data.
    let body = json!({"query": "{ products(first: 0) { totalCount } }"}).to_string();
    for accept in ["application/json", GRAPHQL_RESPONSE] {
        let headers = [JSON, ("accept", accept)];
        let answer = app
            .anonymous()
            .request(Method::POST, "/graphql", &headers, body.clone())
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (200, "BAD_USER_INPUT")
        );
        assert!(answer.json.as_object().unwrap().contains_key("data"));
    }
}

#[tokio::test]
async fn errors_are_told_in_a_stable_shape() {
    let app = app().await;
    let answer = app
        .anonymous()
        .send("{ products(first: 0) { totalCount } }", json!({}))
        .await;
    assert_snapshot!(answer.text, @r#"{"data":null,"errors":[{"message":"`first` must be from 1 to 100.","locations":[{"line":1,"column":3}],"path":["products"],"extensions":{"code":"BAD_USER_INPUT","field":"first"}}]}"#);
    let answer = app.anonymous().send("{ secretQuery(", json!({})).await;
    assert_snapshot!(answer.json["errors"][0]["message"], @r#""The document could not be parsed: expected name.""#);
    let answer = app
        .anonymous()
        .request(Method::DELETE, "/graphql", &[], "")
        .await;
    assert_snapshot!(answer.text, @r#"{"errors":[{"extensions":{"code":"METHOD_NOT_ALLOWED"},"message":"Use GET, POST for this."}]}"#);
}

#[tokio::test]
async fn an_answer_has_the_fields_that_were_asked_for_in_their_order() {
    let app = app().await;
    app.fill_demo().await;
    let query = "{ b: products(first: 1) { totalCount edges { node { images { alt width } name category { slug name }
        id } cursor } pageInfo { endCursor hasNextPage } } a: __typename categories(first: 1) { nodes { name children { slug } id } } }";
    let answer = app.anonymous().send(query, json!({})).await;
    let mut rest = answer.text.as_str();
    for name in [
        "b",
        "totalCount",
        "edges",
        "node",
        "images",
        "alt",
        "width",
        "name",
        "category",
        "slug",
        "name",
        "id",
        "cursor",
        "pageInfo",
        "endCursor",
        "hasNextPage",
        "a",
        "categories",
        "nodes",
        "name",
        "children",
        "id",
    ] {
        let key = format!("\"{name}\":");
        let place = rest
            .find(&key)
            .unwrap_or_else(|| panic!("{name} is out of order: {}", answer.text));
        rest = &rest[place + key.len()..];
    }
}

#[tokio::test]
async fn a_failed_field_is_null_or_makes_its_parent_null_and_is_never_left_out() {
    let app = app().await;
    let query = "{ broken: product(slug: \"\\u0000\") { id } whole: __typename }";
    let answer = app.anonymous().send(query, json!({})).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(
        answer.json["data"],
        json!({"broken": null, "whole": "Query"})
    );
    let query = "{ broken: products(first: 0) { totalCount } whole: __typename }";
    let answer = app.anonymous().send(query, json!({})).await;
    assert_eq!(answer.json.get("data"), Some(&serde_json::Value::Null));
}

#[tokio::test]
async fn at_most_ten_errors_are_told() {
    let app = app().await;
    let fields: Vec<_> = (0..200).map(|number| format!("unknown{number}")).collect();
    let fields = fields.join(" ");
    let answer = app
        .anonymous()
        .send(&format!("{{ {fields} }}"), json!({}))
        .await;
    refused(&answer, 200, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn an_error_does_not_repeat_what_it_was_sent() {
    let app = app().await;
    let long = "x".repeat(500_000);
    for (query, variables) in [
        (
            "query($first: Int) { products(first: $first) { totalCount } }",
            json!({"first": long}),
        ),
        (
            "query($id: ID!) { node(id: $id) { id } }",
            json!({"id": [long]}),
        ),
        (
            "query($id: ID!) { node(id: $id) { id } }",
            json!({"id": long}),
        ),
        (
            "query($filter: ProductFilter) { products(filter: $filter) { totalCount } }",
            json!({"filter": long}),
        ),
        (
            "query($filter: ProductFilter) { products(filter: $filter) { totalCount } }",
            json!({"filter": {"price": {"gte": long}}}),
        ),
        (
            "query($filter: ProductFilter) { products(filter: $filter) { totalCount } }",
            json!({"filter": {"inStock": long}}),
        ),
        (
            "query($sort: ProductSort) { products(sort: $sort) { totalCount } }",
            json!({"sort": {"field": long}}),
        ),
        (
            "query($slug: String) { product(slug: $slug) { id } }",
            json!({"slug": long}),
        ),
        (
            "query($after: String) { products(after: $after) { totalCount } }",
            json!({"after": long}),
        ),
    ] {
        let answer = app.anonymous().send(query, variables).await;
        assert!(
            matches!(
                answer.code(),
                "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED"
            ),
            "{query}"
        );
        assert!(
            answer.text.len() < 1_000,
            "{query}: {}",
            &answer.text[..1_000]
        );
        assert!(
            !answer.text.contains("xxxxxxxxxx"),
            "{query}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn other_methods_are_never_executed() {
    let app = app().await;
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
        refused(&answer, 405, "METHOD_NOT_ALLOWED");
    }
    let answer = app
        .anonymous()
        .request(Method::GET, "/nowhere", &[], "")
        .await;
    refused(&answer, 404, "NOT_FOUND");
}

#[tokio::test]
async fn a_document_that_nests_without_end_is_refused() {
    let app = app().await;
    let bombs = [
        "{a".repeat(5_000),
        format!("{{ products(filter: {}", "{a: ".repeat(3_000)),
        format!("{{ nodes(ids: {}", "[".repeat(10_000)),
        format!("query($x: {}", "[".repeat(10_000)),
        // Texts that could hide the brackets behind them, and brackets that close only in texts.
        format!("{{ product(slug: \"\"\"\n\"\"\") {}", "{a".repeat(5_000)),
        format!("{{ product(slug: \"\\\"\") {}", "{a".repeat(5_000)),
        format!("#\"\"\"\n{}", "{a".repeat(5_000)),
        "{a(x: \"}\")".repeat(1_000),
    ];
    for bomb in bombs {
        let answer = app.anonymous().send(&bomb, json!({})).await;
        refused(&answer, 200, "QUERY_LIMIT_EXCEEDED");
        assert_eq!(
            answer.json["errors"][0]["message"],
            "The document nests too deeply."
        );
    }
    let answer = app.anonymous().send(&"{a".repeat(100_000), json!({})).await;
    refused(&answer, 200, "QUERY_LIMIT_EXCEEDED");
    let harmless = format!("{{ product(slug: \"{}\") {{ id }} }}", "{".repeat(100));
    let data = app.anonymous().data(&harmless, json!({})).await;
    assert_eq!(data, json!({"product": null}));
    let harmless = format!(
        "{{ product(slug: \"\"\"{}\\\"\"\"\"\"\") {{ id }} }}",
        "{".repeat(100)
    );
    let data = app.anonymous().data(&harmless, json!({})).await;
    assert_eq!(data, json!({"product": null}));
}

#[tokio::test]
async fn fragments_that_multiply_are_refused_before_they_are_written_out() {
    let app = app().await;
    let bomb = |levels: usize, width: usize, leaf: &str| {
        let mut query = "{ ...f0 }".to_owned();
        for level in 0..levels {
            let spread = format!("...f{} ", level + 1).repeat(width);
            query.push_str(
                &[
                    " fragment f",
                    &level.to_string(),
                    " on Query { ",
                    &spread,
                    "}",
                ]
                .concat(),
            );
        }
        query + &format!(" fragment f{levels} on Query {{ {leaf} }}")
    };
    for (levels, width) in [(12, 2), (22, 2), (25, 2), (60, 2), (6, 10), (5, 30)] {
        for leaf in ["__typename", "products { totalCount }"] {
            let answer = app
                .anonymous()
                .send(&bomb(levels, width, leaf), json!({}))
                .await;
            refused(&answer, 200, "QUERY_LIMIT_EXCEEDED");
        }
    }
    // Those that nobody spreads are validated too.
    let unused = format!("{{ __typename }} {}", &bomb(25, 2, "__typename")[9..]);
    refused(
        &app.anonymous().send(&unused, json!({})).await,
        200,
        "QUERY_LIMIT_EXCEEDED",
    );
    let wide = format!("{{ {} }}", "__typename ".repeat(1_001));
    refused(
        &app.anonymous().send(&wide, json!({})).await,
        200,
        "QUERY_LIMIT_EXCEEDED",
    );
    for cycle in [
        "{ ...a } fragment a on Query { ...a }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    ] {
        refused(
            &app.anonymous().send(cycle, json!({})).await,
            200,
            "GRAPHQL_VALIDATION_FAILED",
        );
    }
    // A chain as long as a document may be.
    let chain = bomb(420, 1, "__typename");
    assert!(chain.len() < 15_000, "{}", chain.len());
    refused(
        &app.anonymous().send(&chain, json!({})).await,
        200,
        "GRAPHQL_VALIDATION_FAILED",
    );

    let fine = bomb(3, 2, "__typename");
    let data = app.anonymous().data(&fine, json!({})).await;
    assert_eq!(data, json!({"__typename": "Query"}));
}

#[tokio::test]
async fn a_variable_that_must_have_a_value_and_has_none_is_a_request_error() {
    let app = app().await;
    for (query, variables) in [
        (
            "query($n: Int!) { products(first: $n) { totalCount } }",
            json!({}),
        ),
        (
            "query($n: Int!) { products(first: $n) { totalCount } }",
            json!({"n": null}),
        ),
        (
            "query($b: Boolean!) { products @include(if: $b) { totalCount } }",
            json!({}),
        ),
    ] {
        let body = json!({"query": query, "variables": variables}).to_string();
        for (accept, status) in [("application/json", 200), (GRAPHQL_RESPONSE, 400)] {
            let headers = [JSON, ("accept", accept)];
            let answer = app
                .anonymous()
                .request(Method::POST, "/graphql", &headers, body.clone())
                .await;
            refused(&answer, status, "BAD_USER_INPUT");
        }
    }
    app.fill_demo().await;
    // What clients send when a variable is not filled in: its argument counts as absent.
    let query = "query($d: SortDirection, $deep: Boolean, $n: Int = 3, $f: ProductFilter) {
        products(first: $n, sort: {field: PRICE, direction: $d}, filter: $f) { nodes { slug } }
        category(slug: \"kitchen\") { products(includeDescendants: $deep) { totalCount } }
        other: products(filter: {includeDescendants: $deep}) { totalCount }
    }";
    let data = app.anonymous().data(query, json!({})).await;
    assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), 3);
    assert!(data["category"]["products"]["totalCount"].as_i64().unwrap() > 10);
}

#[tokio::test]
async fn a_browser_gets_graphiql_in_development_and_nothing_in_production() {
    let browser = (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    );
    let app = App::start(Backend::Sqlite, &["--shop-name=Rock & <Roll>"]).await;
    let answer = app
        .anonymous()
        .request(Method::GET, "/graphql", &[browser], "")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        answer
            .text
            .contains("<title>Rock &amp; &lt;Roll&gt; · GraphiQL</title>")
    );
    let remote = answer.text.lines().filter(|line| line.contains("https://"));
    let remote: Vec<_> = remote.collect();
    assert!(remote.len() >= 4);
    for line in remote {
        assert!(line.contains(" integrity=\"sha384-"), "not checked: {line}");
        let version = line.split("https://unpkg.com/").nth(1).unwrap();
        let pinned = version.trim_start_matches('@').split_once('@').unwrap().1;
        assert!(
            pinned.starts_with(|first: char| first.is_ascii_digit()),
            "{line}"
        );
    }

    let app = App::start(Backend::Sqlite, &["--env=production"]).await;
    let answer = app
        .anonymous()
        .request(Method::GET, "/graphql", &[browser], "")
        .await;
    refused(&answer, 404, "NOT_FOUND");
}

#[tokio::test]
async fn production_keeps_its_schema_to_itself() {
    let app = App::start(Backend::Sqlite, &["--env=production"]).await;
    for query in [
        "{ __schema { types { name } } }",
        "{ s: __schema\n{ types, { name } } }",
        "query { ...F } fragment F on Query { __type(name: \"Product\") { name } }",
    ] {
        let answer = app.anonymous().send(query, json!({})).await;
        refused(&answer, 200, "GRAPHQL_VALIDATION_FAILED");
        assert!(!answer.text.contains("Product"), "{}", answer.text);
    }
    let answer = app
        .anonymous()
        .send("{ prodcts { totalCount } }", json!({}))
        .await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(!answer.text.contains("Did you mean"), "{}", answer.text);
}

#[tokio::test]
async fn only_known_sites_may_call_from_a_browser() {
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
                "content-type,authorization",
            ),
        ];
        let answer = app
            .anonymous()
            .request(Method::OPTIONS, "/graphql", &headers, "")
            .await;
        answer.header("access-control-allow-origin").to_owned()
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
