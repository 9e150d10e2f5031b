//! Automatic persisted queries: requests with the hash of a document.

use std::fmt::Write;

use axum::http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::cached_responses::{address, get, kept, open};
use crate::harness::{ApiResponse, Client, GRAPHQL_RESPONSE, JSON, on_both_databases, sqlite_app};

const QUERY: &str = "query One($slug: String!) { product(slug: $slug) { name } }";

fn hash(query: &str) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(query) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn extension(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

/// Sends a POST request with the document, its hash or both.
async fn post(client: &Client, query: Option<&str>, hash: &str) -> ApiResponse {
    let mut body = json!({"extensions": extension(hash)});
    if hash.eq_ignore_ascii_case(&self::hash(QUERY)) {
        body["variables"] = json!({"slug": "lamp"});
    }
    if let Some(query) = query {
        body["query"] = query.into();
    }
    client.post(&body.to_string()).await
}

/// Returns the path of a GET request with the document, its hash or both.
fn path(query: Option<&str>, hash: &str) -> String {
    let extensions = extension(hash).to_string();
    let mut parameters = vec![("extensions", extensions.as_str())];
    if hash == self::hash(QUERY) {
        parameters.push(("variables", r#"{"slug":"lamp"}"#));
    }
    parameters.extend(query.map(|query| ("query", query)));
    address(&parameters)
}

fn assert_unknown(response: &ApiResponse, status: u16) {
    response.assert_refused(status, "PERSISTED_QUERY_NOT_FOUND");
    // Clients look for this message.
    assert_eq!(
        response.json["errors"][0]["message"],
        "PersistedQueryNotFound"
    );
    assert_eq!(response.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_document_sent_with_its_hash_is_stored() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let name = |response: &ApiResponse| response.json["data"]["product"]["name"].clone();
        let hash = hash(QUERY);
        assert_unknown(&post(&client, None, &hash).await, 200);
        assert_unknown(&get(&client, &path(None, &hash), &[]).await, 200);
        let strict = [("accept", GRAPHQL_RESPONSE)];
        assert_unknown(&get(&client, &path(None, &hash), &strict).await, 200);

        assert_eq!(name(&post(&client, Some(QUERY), &hash).await), "lamp");
        // Any client can use it, with POST and GET, also from the cache.
        let other = app.anonymous();
        let (read, again) = kept(app, async || post(&other, None, &hash).await).await;
        assert_eq!((name(&read), name(&again)), ("lamp".into(), "lamp".into()));
        let (read, again) = kept(app, async || get(&other, &path(None, &hash), &[]).await).await;
        assert_eq!((name(&read), name(&again)), ("lamp".into(), "lamp".into()));
        assert!(read.header("etag").starts_with("W/"));
        assert_eq!(again.headers.get("etag"), read.headers.get("etag"));
        // The hash may be in upper case.
        assert_eq!(
            name(&post(&other, None, &hash.to_uppercase()).await),
            "lamp"
        );
        let admin = app.admin().await;
        assert_eq!(name(&post(&admin, None, &hash).await), "lamp");
    })
    .await;
}

#[tokio::test]
async fn a_document_can_be_registered_over_get() {
    let app = sqlite_app().await;
    open(&app).await;
    let client = app.anonymous();
    let hash = hash(QUERY);
    let response = get(&client, &path(Some(QUERY), &hash), &[]).await;
    assert_eq!(response.json["data"]["product"]["name"], "lamp");
    let response = get(&client, &path(None, &hash), &[]).await;
    assert_eq!(response.json["data"]["product"]["name"], "lamp");
    // Requests with the document are not answered from the cache, because they must register it again if it was
    // evicted.
    let statements = app.record_statements(async {
        for _ in 0..3 {
            get(&client, &path(Some(QUERY), &hash), &[]).await;
        }
    });
    assert_eq!(statements.await.len(), 3);
}

#[tokio::test]
async fn a_hash_of_another_document_is_refused_and_not_stored() {
    let app = sqlite_app().await;
    open(&app).await;
    let client = app.anonymous();
    let other = hash("{ products { totalCount } }");
    let response = post(&client, Some(QUERY), &other).await;
    response.assert_refused(400, "BAD_REQUEST");
    let response = get(&client, &path(Some(QUERY), &other), &[]).await;
    response.assert_refused(400, "BAD_REQUEST");
    assert_unknown(&post(&client, None, &other).await, 200);
    assert_unknown(&post(&client, None, &hash(QUERY)).await, 200);
}

#[tokio::test]
async fn an_invalid_document_is_not_stored() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let long = format!("{{ __typename }} #{}", "x".repeat(20_000));
    let deep = format!("{}{}", "{a".repeat(100), "}".repeat(100));
    for query in [
        "{",
        long.as_str(),
        deep.as_str(),
        "query A { a } query B { b }",
    ] {
        let response = post(&client, Some(query), &hash(query)).await;
        assert!(response.json["errors"].is_array(), "{query}");
        assert_unknown(&post(&client, None, &hash(query)).await, 200);
    }
}

#[tokio::test]
async fn a_persisted_mutation_is_not_executed_over_get() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let query = "mutation { logout(input: {refreshToken: \"x\"}) { userErrors { code } } }";
    let hash = hash(query);
    let refused = async |query| {
        let response = get(&client, &path(query, &hash), &[]).await;
        response.assert_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(response.header("allow"), "POST");
    };
    refused(Some(query)).await;
    assert_unknown(&get(&client, &path(None, &hash), &[]).await, 200);
    let response = post(&client, Some(query), &hash).await;
    assert!(
        response.json["data"]["logout"].is_object(),
        "{}",
        response.text
    );
    refused(None).await;
    let response = post(&client, None, &hash).await;
    assert!(
        response.json["data"]["logout"].is_object(),
        "{}",
        response.text
    );
    // A registered mutation cannot be executed with HEAD either.
    let head = client
        .request(Method::HEAD, &path(None, &hash), &[], "")
        .await;
    assert_eq!(head.status, 405);
}

#[tokio::test]
async fn a_malformed_hash_is_refused() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let good = hash(QUERY);
    for given in [
        json!(1),
        json!("x"),
        json!([]),
        json!({}),
        json!({"version": 1}),
        json!({"version": 2, "sha256Hash": good}),
        json!({"version": "1", "sha256Hash": good}),
        json!({"version": 1, "sha256Hash": 7}),
        json!({"version": 1, "sha256Hash": ""}),
        json!({"version": 1, "sha256Hash": good[1..]}),
        json!({"version": 1, "sha256Hash": format!("{good}00")}),
        json!({"version": 1, "sha256Hash": "ä".repeat(32)}),
        json!({"version": 1, "sha256Hash": "g".repeat(64)}),
    ] {
        for query in [Value::Null, json!("{ __typename }")] {
            let body = json!({"query": query, "extensions": {"persistedQuery": given}});
            let response = client.post_with(&[JSON], body.to_string()).await;
            response.assert_refused(400, "BAD_REQUEST");
        }
    }
    let body = json!({"query": "{ __typename }", "extensions": {"persistedQuery": null}});
    let response = client.post(&body.to_string()).await;
    assert_eq!(response.json["data"]["__typename"], "Query");
}

#[tokio::test]
async fn least_recently_used_documents_are_evicted() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let padding = "x".repeat(14_000);
    let query = |number: usize| format!("{{ __typename }} #{number}{padding}");
    for number in 0..500 {
        let query = query(number);
        let response = post(&client, Some(&query), &hash(&query)).await;
        assert_eq!(response.json["data"]["__typename"], "Query");
    }
    let mut known = 0;
    for number in 0..500 {
        let response = post(&client, None, &hash(&query(number))).await;
        known += usize::from(response.json["data"]["__typename"] == "Query");
    }
    // The cache holds 4 MiB of documents.
    assert!((200..=296).contains(&known), "{known}");
}

#[tokio::test]
async fn the_readme_example_works() {
    let guide = include_str!("../../../docs/storefront.md");
    let between = |begin: &str, end: &str| {
        let (_, rest) = guide.split_once(begin).unwrap();
        rest.split_once(end).unwrap().0
    };
    let query = between("--data-urlencode 'query=", "'");
    let extensions = between("hash='extensions=", "'");
    let app = sqlite_app().await;
    open(&app).await;
    let client = app.anonymous();
    let short = address(&[("extensions", extensions)]);
    assert_unknown(&get(&client, &short, &[]).await, 200);
    let whole = address(&[("extensions", extensions), ("query", query)]);
    for path in [&whole, &short] {
        let response = get(&client, path, &[]).await;
        let first = &response.json["data"]["products"]["nodes"][0];
        assert_eq!(first["name"], "lamp", "{}", response.text);
    }
}
