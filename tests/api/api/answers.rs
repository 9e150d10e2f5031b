//! The format of responses: statuses, errors, the order of fields, nulls.

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{GRAPHQL_RESPONSE, JSON, sqlite_app};

#[tokio::test]
async fn a_request_error_is_400_where_the_client_knows_the_new_media_type_and_200_where_not() {
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
            let answer = app.anonymous().post_with(&headers, body.clone()).await;
            answer.assert_refused(status, code);
        }
    }
    // A field error has data and the status 200 with either media type.
    let body = json!({"query": "{ products(first: 0) { totalCount } }"}).to_string();
    for accept in ["application/json", GRAPHQL_RESPONSE] {
        let headers = [JSON, ("accept", accept)];
        let answer = app.anonymous().post_with(&headers, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (200, "BAD_USER_INPUT")
        );
        assert!(answer.json.as_object().unwrap().contains_key("data"));
    }
}

#[tokio::test]
async fn errors_are_told_in_a_stable_shape() {
    let app = sqlite_app().await;
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
    assert_snapshot!(answer.text, @r#"{"errors":[{"extensions":{"code":"METHOD_NOT_ALLOWED"},"message":"This method is not allowed. Use GET, POST."}]}"#);
}

#[tokio::test]
async fn an_answer_has_the_fields_that_were_asked_for_in_their_order() {
    let app = sqlite_app().await;
    app.fill_demo().await;
    wares::catalog::demo::service::fill_pictures(&app.state)
        .await
        .unwrap();
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
            .unwrap_or_else(|| panic!("{name} is in the wrong position: {}", answer.text));
        rest = &rest[place + key.len()..];
    }
}

#[tokio::test]
async fn a_failed_field_is_null_or_makes_its_parent_null_and_is_never_left_out() {
    let app = sqlite_app().await;
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
    let app = sqlite_app().await;
    let fields: Vec<_> = (0..200).map(|number| format!("unknown{number}")).collect();
    let fields = fields.join(" ");
    let answer = app
        .anonymous()
        .send(&format!("{{ {fields} }}"), json!({}))
        .await;
    answer.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn an_error_does_not_repeat_what_it_was_sent() {
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
