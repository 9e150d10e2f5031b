//! The format of responses: statuses, errors, the order of fields, nulls.

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{GRAPHQL_RESPONSE, JSON, sqlite_app};

#[tokio::test]
async fn a_request_error_is_400_for_graphql_response_json_and_200_for_json() {
    let app = sqlite_app().await;
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
            let response = app.anonymous().post_with(&headers, body.clone()).await;
            response.assert_refused(status, code);
        }
    }
    // A field error has data and the status 200 with either media type.
    let body = json!({"query": "{ products(first: 0) { totalCount } }"}).to_string();
    for accept in ["application/json", GRAPHQL_RESPONSE] {
        let headers = [JSON, ("accept", accept)];
        let response = app.anonymous().post_with(&headers, body.clone()).await;
        assert_eq!(
            (response.status.as_u16(), response.code()),
            (200, "BAD_USER_INPUT")
        );
        assert!(response.json.as_object().unwrap().contains_key("data"));
    }
}

#[tokio::test]
async fn errors_have_a_stable_shape() {
    let app = sqlite_app().await;
    let response = app
        .anonymous()
        .send("{ products(first: 0) { totalCount } }", json!({}))
        .await;
    assert_snapshot!(response.text, @r#"{"data":null,"errors":[{"message":"`first` must be from 1 to 100.","locations":[{"line":1,"column":3}],"path":["products"],"extensions":{"code":"BAD_USER_INPUT","field":"first"}}]}"#);
    let response = app.anonymous().send("{ secretQuery(", json!({})).await;
    assert_snapshot!(response.json["errors"][0]["message"], @r#""The document could not be parsed: expected name.""#);
    let response = app
        .anonymous()
        .request(Method::DELETE, "/graphql", &[], "")
        .await;
    assert_snapshot!(response.text, @r#"{"errors":[{"extensions":{"code":"METHOD_NOT_ALLOWED"},"message":"This method is not allowed. Use GET, POST."}]}"#);
}

#[tokio::test]
async fn a_response_has_the_selected_fields_in_order() {
    let app = sqlite_app().await;
    app.create_demo_catalog().await;
    wares::catalog::demo::service::store_demo_images(&app.state)
        .await
        .unwrap();
    let query = "{ b: products(first: 1) { totalCount edges { node { images { alt width } name category { slug name }
        id } cursor } pageInfo { endCursor hasNextPage } } a: __typename categories(first: 1) { nodes { name children { slug } id } } }";
    let response = app.anonymous().send(query, json!({})).await;
    let mut rest = response.text.as_str();
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
        let position = rest
            .find(&key)
            .unwrap_or_else(|| panic!("{name} is in the wrong position: {}", response.text));
        rest = &rest[position + key.len()..];
    }
}

#[tokio::test]
async fn a_failed_field_or_its_parent_is_null_and_never_missing() {
    let app = sqlite_app().await;
    let query = "{ broken: product(slug: \"\\u0000\") { id } whole: __typename }";
    let response = app.anonymous().send(query, json!({})).await;
    assert_eq!(response.code(), "BAD_USER_INPUT");
    assert_eq!(
        response.json["data"],
        json!({"broken": null, "whole": "Query"})
    );
    let query = "{ broken: products(first: 0) { totalCount } whole: __typename }";
    let response = app.anonymous().send(query, json!({})).await;
    assert_eq!(response.json.get("data"), Some(&serde_json::Value::Null));
}

#[tokio::test]
async fn at_most_10_errors_are_returned() {
    let app = sqlite_app().await;
    let fields: Vec<_> = (0..200).map(|number| format!("unknown{number}")).collect();
    let fields = fields.join(" ");
    let response = app
        .anonymous()
        .send(&format!("{{ {fields} }}"), json!({}))
        .await;
    response.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(response.json["errors"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn an_error_does_not_repeat_the_input() {
    let app = sqlite_app().await;
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
        let response = app.anonymous().send(query, variables).await;
        assert!(
            matches!(
                response.code(),
                "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED"
            ),
            "{query}"
        );
        assert!(
            response.text.len() < 1_000,
            "{query}: {}",
            &response.text[..1_000]
        );
        assert!(
            !response.text.contains("xxxxxxxxxx"),
            "{query}: {}",
            response.text
        );
    }
}
