//! Limits on variables and extensions, checked before they are deserialized.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::cached_responses::address;
use crate::harness::{ApiResponse, App, Backend, Client, Form, Process, http_post, sqlite_app};

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";

fn assert_bounded(response: &ApiResponse, status: u16, code: &str, field: &str) {
    response.assert_refused(status, code);
    assert_eq!(response.field(), field, "{}", response.text);
}

/// Sends this JSON as a member of a request: with POST, GET and multipart.
async fn send_all(client: &Client, member: &str, text: &str) -> Vec<ApiResponse> {
    let body = format!(r#"{{"query":"{NODES}","{member}":{text}}}"#);
    let form = Form::default()
        .part("name=\"operations\"", body.as_bytes())
        .part("name=\"map\"", b"{}");
    let path = address(&[("query", NODES), (member, text)]);
    vec![
        client.post(&body).await,
        client.request(Method::GET, &path, &[], "").await,
        client.upload(form.end()).await,
    ]
}

#[tokio::test]
async fn values_and_depth_are_bounded() {
    let app = App::start(
        Backend::Sqlite,
        &["--query-max-values=200", "--query-max-variables-depth=5"],
    )
    .await;
    let client = app.anonymous();
    for member in ["variables", "extensions"] {
        let (one, many) = (r#"{"ids":["#, "]}");
        for item in ["0", "null", "\"\"", "\"],{[\\\"\"", "[]", "{\"\":0}", "[ ]"] {
            let list = format!("{one}{}{many}", vec![item; 200].join(","));
            for response in send_all(&client, member, &list).await {
                assert_bounded(&response, 400, "QUERY_LIMIT_EXCEEDED", member);
            }
        }
        let keys: Vec<_> = (0..200).map(|number| format!("\"k{number}\":0")).collect();
        for response in send_all(&client, member, &format!("{{{}}}", keys.join(","))).await {
            assert_bounded(&response, 400, "QUERY_LIMIT_EXCEEDED", member);
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{{\"ids\":{}1{}}}", open.repeat(6), close.repeat(6));
            for response in send_all(&client, member, &deep).await {
                assert_bounded(&response, 400, "BAD_REQUEST", member);
            }
        }
    }
    // Brackets in strings are not counted, and values within the limits are accepted.
    let ids = json!({"ids": ["[[[[[[,,,,,,,\\\"{{{{{{".repeat(50), "x"]});
    let response = client.send(NODES, ids).await;
    assert_eq!(
        (response.code(), response.field()),
        ("BAD_USER_INPUT", "ids")
    );
    let ids = vec![Value::from("cat_01m81ctz00000000000000000c"); 100];
    let response = client.send(NODES, json!({ "ids": ids })).await;
    assert_eq!(response.json.get("errors"), None, "{}", response.text);
}

#[tokio::test]
async fn the_bytes_of_variables_are_bounded() {
    let app = App::start(Backend::Sqlite, &["--query-max-variables-bytes=2000"]).await;
    let client = app.anonymous();
    let search = "query($q: String) { products(search: $q) { totalCount } }";
    let response = client.send(search, json!({"q": "x".repeat(2_000)})).await;
    assert_bounded(&response, 413, "PAYLOAD_TOO_LARGE", "variables");
    assert!(response.text.contains("2000 bytes"), "{}", response.text);
    let response = client.send(search, json!({"q": "x".repeat(1_900)})).await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn a_bulk_change_fits_into_the_bounds() {
    let app = sqlite_app().await;
    let admin = app.admin().await;
    let ids: Vec<_> = (0..10_000)
        .map(|_| "prod_7zzzzzzzzzzzzzzzzzzzzzzzzz")
        .collect();
    let input = json!({"ids": ids, "status": "DRAFT"});
    let response = admin.mutate("updateProducts", input, "__typename").await;
    assert_eq!(response.json.get("errors"), None, "{}", response.text);
}

#[test]
fn variables_of_1_mib_take_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    let body = |item: &str| {
        let count = (1 << 20) / (item.len() + 1) - 100;
        let items = vec![item; count].join(",");
        format!(r#"{{"query":"{{__typename}}","variables":{{"a":[{items}]}}}}"#)
    };
    let bodies = ["0", "{\"\":0}", "[]", "\"\""].map(body);
    let send = || {
        std::thread::scope(|scope| {
            for body in bodies.iter().cycle().take(20) {
                let send = || {
                    let response = http_post(&server.address, body);
                    assert!(response.contains("QUERY_LIMIT_EXCEEDED"), "{response}");
                };
                scope.spawn(send);
            }
        });
    };
    send();
    let before = server.memory();
    for _ in 0..3 {
        send();
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 32 << 10, "{grown} KiB more");
}
