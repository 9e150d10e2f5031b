//! Limits on the cost of a request: size, nesting, selections, variables.

use serde_json::json;

use crate::harness::{GRAPHQL_RESPONSE, JSON, sqlite_app};

#[tokio::test]
async fn a_body_over_1_mib_is_refused() {
    let app = sqlite_app().await;
    let body = |size: usize| {
        let frame = r#"{"query":"{__typename}","extensions":{"x":""}}"#;
        frame.replace("\"\"", &format!("\"{}\"", "x".repeat(size - frame.len())))
    };
    let response = app.anonymous().post(&body(1 << 20)).await;
    assert_eq!(response.status, 200);
    let response = app.anonymous().post(&body((1 << 20) + 1)).await;
    response.assert_refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_deeply_nested_document_is_refused() {
    let app = sqlite_app().await;
    let bombs = [
        "{a".repeat(5_000),
        format!("{{ products(filter: {}", "{a: ".repeat(3_000)),
        format!("{{ nodes(ids: {}", "[".repeat(10_000)),
        format!("query($x: {}", "[".repeat(10_000)),
        // Strings that could hide the brackets after them, and brackets that are closed only in strings.
        format!("{{ product(slug: \"\"\"\n\"\"\") {}", "{a".repeat(5_000)),
        format!("{{ product(slug: \"\\\"\") {}", "{a".repeat(5_000)),
        format!("#\"\"\"\n{}", "{a".repeat(5_000)),
        "{a(x: \"}\")".repeat(1_000),
    ];
    for bomb in bombs {
        let response = app.anonymous().send(&bomb, json!({})).await;
        response.assert_refused(200, "QUERY_LIMIT_EXCEEDED");
        assert_eq!(
            response.json["errors"][0]["message"],
            "The document nests too deeply."
        );
    }
    let response = app.anonymous().send(&"{a".repeat(100_000), json!({})).await;
    response.assert_refused(200, "QUERY_LIMIT_EXCEEDED");
    let valid = format!("{{ product(slug: \"{}\") {{ id }} }}", "{".repeat(100));
    let data = app.anonymous().data(&valid, json!({})).await;
    assert_eq!(data, json!({"product": null}));
    let valid = format!(
        "{{ product(slug: \"\"\"{}\\\"\"\"\"\"\") {{ id }} }}",
        "{".repeat(100)
    );
    let data = app.anonymous().data(&valid, json!({})).await;
    assert_eq!(data, json!({"product": null}));
}

#[tokio::test]
async fn fragment_bombs_are_refused_before_expansion() {
    let app = sqlite_app().await;
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
            let response = app
                .anonymous()
                .send(&bomb(levels, width, leaf), json!({}))
                .await;
            response.assert_refused(200, "QUERY_LIMIT_EXCEEDED");
        }
    }
    // Unused fragments are validated too.
    let unused = format!("{{ __typename }} {}", &bomb(25, 2, "__typename")[9..]);
    app.anonymous()
        .send(&unused, json!({}))
        .await
        .assert_refused(200, "QUERY_LIMIT_EXCEEDED");
    let wide = format!("{{ {} }}", "__typename ".repeat(1_001));
    app.anonymous()
        .send(&wide, json!({}))
        .await
        .assert_refused(200, "QUERY_LIMIT_EXCEEDED");
    for cycle in [
        "{ ...a } fragment a on Query { ...a }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    ] {
        app.anonymous()
            .send(cycle, json!({}))
            .await
            .assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
    }
    // The longest chain that the document size allows.
    let chain = bomb(120, 1, "__typename");
    app.anonymous()
        .send(&chain, json!({}))
        .await
        .assert_refused(200, "GRAPHQL_VALIDATION_FAILED");

    let valid_document = bomb(3, 2, "__typename");
    let data = app.anonymous().data(&valid_document, json!({})).await;
    assert_eq!(data, json!({"__typename": "Query"}));
}

#[tokio::test]
async fn a_missing_required_variable_is_a_request_error() {
    let app = sqlite_app().await;
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
            let response = app.anonymous().post_with(&headers, body.clone()).await;
            response.assert_refused(status, "BAD_USER_INPUT");
        }
    }
    app.create_demo_catalog().await;
    // Clients send null for a variable without a value: its argument is treated as absent.
    let query = "query($d: SortDirection, $deep: Boolean, $n: Int = 3, $f: ProductFilter) {
        products(first: $n, sort: {field: PRICE, direction: $d}, filter: $f) { nodes { slug } }
        category(slug: \"kitchen\") { products(includeDescendants: $deep) { totalCount } }
        other: products(filter: {includeDescendants: $deep}) { totalCount }
    }";
    let data = app.anonymous().data(query, json!({})).await;
    assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), 3);
    assert!(data["category"]["products"]["totalCount"].as_i64().unwrap() > 10);
}
