//! Absent variables within nested inputs, fragments, and documents of several operations.

use serde_json::{Value, json};

use crate::api::absent_variables::lamps;
use crate::harness::sqlite_app;

#[tokio::test]
async fn absent_variables_are_absent_in_nested_inputs_and_fragments() {
    let app = sqlite_app().await;
    lamps(&app, 4).await;
    let client = app.anonymous();
    let query = "query($gte: Decimal, $lte: Decimal, $categories: [ID!], $first: Int, $sort: SortDirection) { ...page }
        fragment page on Query { products(first: $first, sort: {field: PRICE, direction: $sort},
            filter: {price: {gte: $gte, lte: $lte}, categoryIds: $categories}) { totalCount ...more } }
        fragment more on ProductConnection { nodes { name images { url(transform: {width: 160}) } } }";
    let total =
        async |variables| client.data(query, variables).await["products"]["totalCount"].clone();
    assert_eq!(total(json!({})).await, 4);
    assert_eq!(total(json!({"gte": "11.00"})).await, 3);
    assert_eq!(
        total(json!({"gte": "11.00", "lte": "12.00", "first": 1})).await,
        2
    );
    // An empty list is not absent.
    assert_eq!(total(json!({"categories": []})).await, 0);
}

#[tokio::test]
async fn operations_may_share_the_name_of_a_variable_and_a_fragment() {
    let app = sqlite_app().await;
    lamps(&app, 2).await;
    let client = app.anonymous();
    // The operations declare different types for `$x`.
    let document = "query Page($x: Int, $search: String) { products(first: $x, search: $search) { ...count } }
        query One($x: String!, $search: String) { product(slug: $x) { name } products(search: $search) { ...count } }
        fragment count on ProductConnection { totalCount }";
    let send = async |document: &str, name: &str, variables: Value| {
        let body = json!({"query": document, "operationName": name, "variables": variables});
        client.post(&body.to_string()).await
    };
    let response = send(document, "One", json!({"x": "lamp-1"})).await;
    assert_eq!(
        response.json["data"]["product"]["name"], "lamp-1",
        "{}",
        response.text
    );
    let response = send(document, "Page", json!({"x": 1})).await;
    assert_eq!(
        response.json["data"]["products"]["totalCount"], 2,
        "{}",
        response.text
    );
    // A variable of another operation is ignored.
    let both = "query A($n: Int) { products(first: $n) { totalCount } } query B { __typename }";
    let response = send(both, "B", json!({"n": "no number"})).await;
    assert_eq!(response.json, json!({"data": {"__typename": "Query"}}));

    // The whole document is validated.
    for invalid in [
        "query A { __typename } query B { nothing }",
        "query A { __typename } query B($x: Int) { __typename }",
        "query A { __typename } query B { products(first: \"x\") { totalCount } }",
        "query A { __typename } query B { products(first: $x) { totalCount } }",
        "query A { __typename } fragment unused on Query { __typename } query B { __typename }",
    ] {
        for _ in 0..2 {
            let response = send(invalid, "A", json!({})).await;
            response.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
        }
    }
}

#[tokio::test]
async fn a_document_is_validated_with_its_absent_variables() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    for query in [
        "query($x: Int) { __typename }",
        "query($x: Int) { products(nothing: $x) { totalCount } }",
        "query($x: String) { product(slug: $x, id: $y) { name } }",
        "query($x: ID) { nodes(ids: $x) { id } }",
        "query($x: ID) { nodes(ids: [$x]) { id } }",
        "query($x: String) { products(filter: {nothing: $x}) { totalCount } }",
        "query($x: String) { products(filter: {price: {nothing: $x}}) { totalCount } }",
        "query($x: Boolean) { __typename @skip(if: $x) }",
        "query($x: Int) { products(first: $x) { nothing } }",
        "mutation($x: String) { updateProduct(input: {id: $x}) { userErrors { code } } }",
    ] {
        let response = client.send(query, json!({})).await;
        assert!(
            ["GRAPHQL_VALIDATION_FAILED", "UNAUTHENTICATED"].contains(&response.code()),
            "{query}: {}",
            response.text
        );
        // If all fields are forbidden, each of them is null.
        let data = response.json["data"].as_object();
        let has_data = data.is_some_and(|data| !data.values().all(Value::is_null));
        assert!(!has_data, "{query}: {}", response.text);
    }
}
