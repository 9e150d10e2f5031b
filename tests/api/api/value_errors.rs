//! Validation errors name the argument or input field, with variables and literals.

use serde_json::{Value, json};

use crate::harness::{on_both_databases, sqlite_app};

/// A query with a filter, and a mutation with an input.
const FILTER: &str = "query($f: ProductFilter, $s: ProductSort, $n: Int) {
    products(first: $n, filter: $f, sort: $s) { totalCount } }";
const CREATE: &str =
    "mutation($i: CreateProductInput!) { createProduct(input: $i) { userErrors { code } } }";

#[tokio::test]
async fn an_error_of_a_variable_names_the_field() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let long = "x".repeat(200);
        for (query, variables, field) in [
            (
                FILTER,
                json!({"f": {"createdAt": {"gte": "2026-03-01"}}}),
                "filter.createdAt.gte",
            ),
            (
                FILTER,
                json!({"f": {"updatedAt": {"lte": 5}}}),
                "filter.updatedAt.lte",
            ),
            (
                FILTER,
                json!({"f": {"price": {"lte": "much"}}}),
                "filter.price.lte",
            ),
            (FILTER, json!({"f": {"inStock": "yes"}}), "filter.inStock"),
            (
                FILTER,
                json!({"f": {"status": ["ACTIVE", "GONE"]}}),
                "filter.status.1",
            ),
            (FILTER, json!({"f": {"status": [null]}}), "filter.status.0"),
            (
                FILTER,
                json!({"f": {"categoryIds": [true]}}),
                "filter.categoryIds.0",
            ),
            (
                FILTER,
                json!({"f": {"categoryIds": {}}}),
                "filter.categoryIds",
            ),
            (FILTER, json!({"f": {"nothing": 1}}), "filter.nothing"),
            (
                FILTER,
                json!({"f": {"price": {"from": 1}}}),
                "filter.price.from",
            ),
            (FILTER, json!({"f": {"no name": 1}}), "filter"),
            (FILTER, json!({"f": {long.as_str(): 1}}), "filter"),
            (FILTER, json!({"f": "all"}), "filter"),
            (FILTER, json!({"f": [{}, {}]}), "filter"),
            (FILTER, json!({"f": {"price": 5}}), "filter.price"),
            (FILTER, json!({"s": {}}), "sort.field"),
            (FILTER, json!({"s": {"field": "SIZE"}}), "sort.field"),
            (FILTER, json!({"s": {"field": null}}), "sort.field"),
            (FILTER, json!({"n": "5"}), "first"),
            (FILTER, json!({"n": 5_000_000_000_i64}), "first"),
            (FILTER, json!({"n": 1.5}), "first"),
            (CREATE, json!({"i": {"price": "1.00"}}), "input.name"),
            (
                CREATE,
                json!({"i": {"name": 5, "price": "1.00", "categoryId": "x"}}),
                "input.name",
            ),
            (
                CREATE,
                json!({"i": {"name": "x", "price": "1.00", "categoryId": null}}),
                "input.categoryId",
            ),
            (
                CREATE,
                json!({"i": {"name": "x", "price": "1.00", "categoryId": "x", "stock": "5"}}),
                "input.stock",
            ),
            (
                CREATE,
                json!({"i": {"name": "x", "price": "1.00", "categoryId": "x", "status": 1}}),
                "input.status",
            ),
            (CREATE, json!({"i": []}), "input"),
            (CREATE, json!({"i": null}), "input"),
            (CREATE, json!({}), "input"),
        ] {
            let response = admin.send(query, variables.clone()).await;
            assert_eq!(response.field(), field, "{variables}: {}", response.text);
            assert_eq!(response.status, 200);
            assert!(!response.text.contains("xxxx"), "{}", response.text);
            let message = response.json["errors"][0]["message"].as_str().unwrap();
            assert!(message.ends_with('.') && message.len() < 300, "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_error_of_a_literal_names_the_field() {
    let app = sqlite_app().await;
    let admin = app.admin().await;
    let products = |arguments: &str| format!("{{ products({arguments}) {{ totalCount }} }}");
    for (query, field) in [
        (
            products("filter: {createdAt: {gte: \"2026-03-01\"}}"),
            "filter.createdAt.gte",
        ),
        (products("filter: {status: [GONE]}"), "filter.status.0"),
        (products("filter: {nothing: 1}"), "filter.nothing"),
        (products("filter: 5"), "filter"),
        (products("sort: {direction: ASC}"), "sort.field"),
        (products("first: \"5\""), "first"),
        (products("nothing: 5"), "nothing"),
        ("{ nodes { id } }".to_owned(), "ids"),
        ("{ node(id: null) { id } }".to_owned(), "id"),
        ("{ nodes(ids: [\"x\", [1]]) { id } }".to_owned(), "ids.1"),
        (
            "mutation { createCategory { userErrors { code } } }".to_owned(),
            "input",
        ),
        (
            "mutation { createCategory(input: {}) { userErrors { code } } }".to_owned(),
            "input.name",
        ),
    ] {
        let response = admin.send(&query, json!({})).await;
        assert_eq!(response.field(), field, "{query}: {}", response.text);
    }
}

#[tokio::test]
async fn a_value_within_a_literal_or_a_fragment_is_found() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let nested = "query($from: DateTime, $to: DateTime) { ...page }
        fragment page on Query { list: products(filter: {createdAt: {gte: $from, lte: $to}}) { totalCount } }";
    let response = client.send(nested, json!({"to": "tomorrow"})).await;
    assert_eq!(
        response.field(),
        "filter.createdAt.lte",
        "{}",
        response.text
    );
    assert_eq!(response.json["errors"][0]["path"], json!(["list"]));
    let required = "query($id: ID!) { nodes(ids: [\"x\", $id]) { id } }";
    assert_eq!(client.send(required, json!({})).await.field(), "ids.1");
    // In another operation of the document.
    let document = format!(
        "query A {{ __typename }} {}",
        nested.replace("query(", "query B(")
    );
    let body = json!({"query": document, "operationName": "B", "variables": {"from": 5}});
    let response = client.post(&body.to_string()).await;
    assert_eq!(
        response.field(),
        "filter.createdAt.gte",
        "{}",
        response.text
    );
}

#[tokio::test]
async fn an_undeclared_variable_is_refused_and_named() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let query = "query($first: Int) { products(first: $first) { totalCount } }";
    let response = client.send(query, json!({"first": 1, "frist": 2})).await;
    response.assert_refused(200, "BAD_USER_INPUT");
    assert_eq!(response.field(), "frist");
    for name in ["no name", "", &"x".repeat(200), "a\u{0}"] {
        let mut variables = json!({});
        variables[name] = Value::Null;
        let response = client.send(query, variables).await;
        response.assert_refused(200, "BAD_USER_INPUT");
        assert_eq!(response.field(), "variables");
        assert!(!response.text.contains("xxxx"), "{}", response.text);
    }
}
