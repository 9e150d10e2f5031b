//! Requests with files: what is one, who may send one, and what becomes of those that go wrong.

use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::harness::{
    App, Backend, Client, Form, GRAPHQL_RESPONSE, JSON, MULTIPART, chunks, endless, on_both,
    on_both_with, sqlite_app,
};

const IMPORT: &str = "mutation($file: Upload!) {
    importProducts(file: $file, dryRun: true) { report { rows dryRun } userErrors { code message } } }";

fn operations() -> Value {
    json!({"query": IMPORT, "variables": {"file": null}})
}

/// A request that imports a file, up to the file.
fn import() -> Form {
    Form::new(&operations(), &json!({"0": ["variables.file"]}))
}

/// A file of so many products.
fn products(count: usize) -> Vec<u8> {
    let rows = (0..count).map(|number| format!("Thing {number},1.50,sku-{number}\n"));
    let file: String = std::iter::once("name,price,sku\n".to_owned())
        .chain(rows)
        .collect();
    file.into_bytes()
}

fn assert_imported(answer: &crate::harness::Answer) {
    let payload = &answer.json["data"]["importProducts"];
    assert_eq!(payload["userErrors"], json!([]), "{}", answer.text);
    assert!(payload["report"]["rows"].as_i64().unwrap() > 0);
    assert_eq!(answer.header("connection"), "");
}

async fn send(client: &Client, body: impl Into<Body>) -> crate::harness::Answer {
    client.post_with(&MULTIPART, body).await
}

#[tokio::test]
async fn a_file_is_read_however_its_bytes_are_cut() {
    on_both(async |app| {
        let admin = app.admin().await;
        let small = import().file("0", &products(20)).end();
        for size in [1, 2, 3, 7, 64, 1_000, usize::MAX] {
            let body = Body::from_stream(chunks(&small, size.min(small.len())));
            assert_imported(&send(&admin, body).await);
        }
        let large = import().file("0", &products(20_000)).end();
        let body = Body::from_stream(chunks(&large, 10_000));
        assert_imported(&send(&admin, body).await);
        assert_imported(&send(&admin, large).await);
        let files = app.count("products").await;
        assert_eq!(files, 0, "it was a dry run");
    })
    .await;
}

#[tokio::test]
async fn a_request_without_files_may_come_in_parts_too() {
    let app = sqlite_app().await;
    let form = Form::new(&json!({"query": "{ __typename }"}), &json!({}));
    let answer = send(&app.anonymous(), form.end()).await;
    assert_eq!(answer.json, json!({"data": {"__typename": "Query"}}));
    assert_eq!(answer.header("connection"), "");
    let batch = Form::new(&json!([operations()]), &json!({"0": ["0.variables.file"]}));
    send(&app.anonymous(), batch.end())
        .await
        .assert_refused(400, "BATCHING_DISABLED");
}

#[tokio::test]
async fn nobody_can_make_a_file_up() {
    on_both(async |app| {
        let admin = app.admin().await;
        let values = [
            json!("#__graphql_file__:0"),
            json!("#__graphql_file__:9"),
            json!(""),
            json!("\u{0}"),
            json!(0),
            json!(1.5),
            json!(true),
            json!([0]),
            json!([]),
            json!({"0": 0}),
            json!(null),
        ];
        for value in values {
            let operations = json!({"query": IMPORT, "variables": {"file": value}});
            let form = Form::new(&operations, &json!({})).end();
            let accept = ("accept", GRAPHQL_RESPONSE);
            let [kind, preflight] = MULTIPART;
            let answer = admin.post_with(&[kind, preflight, accept], form).await;
            answer.assert_refused(400, "BAD_USER_INPUT");
            let answer = admin.post_with(&[JSON], operations.to_string()).await;
            answer.assert_refused(200, "BAD_USER_INPUT");
        }
        let literals = ["\"#__graphql_file__:0\"", "\"\"", "0", "X", "[0]", "{a: 0}", "null"];
        for literal in literals {
            let query =
                format!("mutation {{ importProducts(file: {literal}) {{ report {{ rows }} }} }}");
            let answer = admin.send(&query, json!({})).await;
            answer.assert_refused(200, "BAD_USER_INPUT");
            // Beside a file of its own.
            let operations = json!({"query": query, "variables": {"file": null}});
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let answer = send(&admin, form.file("0", &products(1)).end()).await;
            answer.assert_refused(200, "BAD_USER_INPUT");
        }
        // A file in the place of something else.
        let query = "query($slug: String, $first: Int) { product(slug: $slug) { id } products(first: $first) { totalCount } }";
        for variable in ["slug", "first"] {
            let operations = json!({"query": query, "variables": {variable: null}});
            let form = Form::new(&operations, &json!({"0": [format!("variables.{variable}")]}));
            let answer = send(&admin, form.file("0", b"x").end()).await;
            answer.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
        }
    })
    .await;
}

#[tokio::test]
async fn what_stands_before_the_files_must_be_as_specified() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let text = operations().to_string();
    let operations_part = |content: &[u8]| Form::default().part("name=\"operations\"", content);
    let map_part = |map: &[u8]| operations_part(text.as_bytes()).part("name=\"map\"", map);
    let map = br#"{"0": ["variables.file"]}"#;
    let mut wrong = vec![
        Vec::new(),
        b"--seam".to_vec(),
        Form::default().end(),
        b"no boundary at all".to_vec(),
        // Another order.
        Form::default()
            .part("name=\"map\"", map)
            .part("name=\"operations\"", text.as_bytes())
            .end(),
        operations_part(text.as_bytes())
            .file("0", b"x")
            .part("name=\"map\"", map)
            .end(),
        Form::default()
            .file("0", b"x")
            .part("name=\"operations\"", text.as_bytes())
            .end(),
        // Something is missing.
        operations_part(text.as_bytes()).end(),
        operations_part(text.as_bytes()).open(),
        operations_part(text.as_bytes())
            .begin("name=\"map\"")
            .raw(map)
            .open(),
        map_part(b"").end(),
        // A part that is none.
        Form::default()
            .part("filename=\"x\"", text.as_bytes())
            .end(),
        b"--seam\r\n\r\nx\r\n--seam--\r\n".to_vec(),
        b"--seam\r\nContent-Disposition\r\n\r\nx\r\n--seam--\r\n".to_vec(),
        b"--seam\r\n: \x01\r\n\r\nx\r\n--seam--\r\n".to_vec(),
        b"--seamy\r\nx".to_vec(),
    ];
    let many = "X-Header: 1\r\n".repeat(40);
    wrong.push(format!("--seam\r\n{many}\r\n").into_bytes());
    for content in [
        "{",
        "null",
        "1",
        "\"x\"",
        "\u{feff}",
        "{\"query\": 1}",
        "{}",
    ] {
        let form = operations_part(content.as_bytes()).part("name=\"map\"", map);
        wrong.push(form.file("0", b"x").end());
    }
    for entry in [
        "{",
        "null",
        "1",
        "\"x\"",
        "[]",
        "[[\"variables.file\"]]",
        "{\"0\": null}",
        "{\"0\": 1}",
        "{\"0\": \"variables.file\"}",
        "{\"0\": []}",
        "{\"0\": [1]}",
        "{\"0\": [null]}",
        "{\"0\": {}}",
        "{\"0\": [[\"variables.file\"]]}",
        "{\"0\": [\"\"]}",
        "{\"0\": [\"file\"]}",
        "{\"0\": [\"variables\"]}",
        "{\"0\": [\"variables.\"]}",
        "{\"0\": [\"variables.nothing\"]}",
        "{\"0\": [\"variables.file.0\"]}",
        "{\"0\": [\"variables.file.x\"]}",
        "{\"0\": [\"query\"]}",
        "{\"0\": [\"0.variables.file\"]}",
        // One file in two places, and two in one.
        "{\"0\": [\"variables.file\", \"variables.file\"]}",
        "{\"0\": [\"variables.file\"], \"1\": [\"variables.file\"]}",
    ] {
        wrong.push(map_part(entry.as_bytes()).file("0", b"x").end());
    }
    let deep = "[".repeat(5_000);
    wrong.push(map_part(deep.as_bytes()).end());
    for body in wrong {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = send(&client, body).await;
        assert_eq!(answer.status.as_u16(), 400, "{shown}\n{}", answer.text);
        answer.assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_path_leads_to_a_null_that_is_there() {
    let app = sqlite_app().await;
    let variables = json!({"list": [null, {"deep": null}], "text": "x", "zero": 0});
    let operations = json!({"query": "{ __typename }", "variables": variables});
    for (path, good) in [
        ("variables.list.0", true),
        ("variables.list.1.deep", true),
        ("variables.list", false),
        ("variables.list.1", false),
        ("variables.list.2", false),
        ("variables.list.-1", false),
        ("variables.list.4294967295", false),
        ("variables.list.99999999999999999999999", false),
        ("variables.text", false),
        ("variables.zero", false),
    ] {
        let form = Form::new(&operations, &json!({"file": [path]})).file("file", b"x");
        let answer = send(&app.anonymous(), form.end()).await;
        if good {
            assert_eq!(
                answer.json,
                json!({"data": {"__typename": "Query"}}),
                "{path}"
            );
        } else {
            answer.assert_refused(400, "BAD_REQUEST");
        }
    }
}

#[tokio::test]
async fn a_boundary_is_a_short_word() {
    let app = sqlite_app().await;
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        &long,
    ] {
        let headers = [("content-type", kind), ("graphql-require-preflight", "1")];
        let answer = app.anonymous().post_with(&headers, "--x\r\n").await;
        answer.assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn what_stands_before_the_files_is_small() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let large = json!({"query": "{ __typename }", "variables": {"x": "x".repeat(100_000)}});
    let form = Form::new(&large, &json!({})).end();
    send(&client, form)
        .await
        .assert_refused(413, "PAYLOAD_TOO_LARGE");
    let form = Form::new(&operations(), &json!({"0": ["x".repeat(10_000)]}));
    send(&client, form.end())
        .await
        .assert_refused(413, "PAYLOAD_TOO_LARGE");

    // And so is what is read of what never ends.
    for (begin, status, code) in [
        (
            Form::default().begin("name=\"operations\""),
            413,
            "PAYLOAD_TOO_LARGE",
        ),
        (
            Form::new(&operations(), &json!({})).begin("name=\"map\""),
            400,
            "BAD_REQUEST",
        ),
        (
            Form::default().raw(b"a word before the first boundary"),
            400,
            "BAD_REQUEST",
        ),
        (
            Form::default().raw(b"--seam\r\nX-Header: "),
            400,
            "BAD_REQUEST",
        ),
        (Form::default().raw(b"--seam"), 400, "BAD_REQUEST"),
    ] {
        let (body, taken) = endless(begin.open());
        send(&client, body).await.assert_refused(status, code);
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken < 700_000, "{taken} bytes were read");
    }
}

#[tokio::test]
async fn the_files_of_a_request_are_those_of_its_map() {
    on_both(async |app| {
        let admin = app.admin().await;
        let map = |count: usize| {
            let names =
                (0..count).map(|name| (name.to_string(), json!([format!("variables.f{name}")])));
            Value::Object(names.collect())
        };
        let nulls = |count: usize| {
            let names = (0..count).map(|name| (format!("f{name}"), Value::Null));
            Value::Object(names.collect())
        };
        let query = IMPORT.replace("$file", "$f0");
        let request = |count| {
            let operations = json!({"query": query, "variables": nulls(count)});
            Form::new(&operations, &map(count))
        };
        let file = products(3);
        // All that are named, used or not.
        let all = (0..5).fold(request(5), |form, name| form.file(&name.to_string(), &file));
        assert_imported(&send(&admin, all.end()).await);
        // More than there may be.
        send(&admin, request(6).begin("name=\"0\"").open())
            .await
            .assert_refused(413, "PAYLOAD_TOO_LARGE");
        let crowd = (0..10_000).fold(request(1), |form, name| form.file(&name.to_string(), b"x"));
        send(&admin, crowd.end())
            .await
            .assert_refused(413, "PAYLOAD_TOO_LARGE");
        for form in [
            // Named and not sent.
            request(1),
            request(2).file("0", &file),
            request(2).file("1", &file),
            // Sent and not named.
            request(1).file("x", &file).file("0", &file),
            request(1).file("0", &file).file("x", &file),
            request(1)
                .part("name=\"x\"", &vec![b'x'; 400_000])
                .file("0", &file),
            Form::new(&json!({"query": "{ __typename }"}), &json!({})).file("0", &file),
            // Sent twice.
            request(1).file("0", &file).file("0", &file),
            request(1).file("0", &file).part("name=\"map\"", b"{}"),
        ] {
            send(&admin, form.end())
                .await
                .assert_refused(400, "BAD_REQUEST");
        }
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_send_a_file_is_answered_before_it_is_read() {
    on_both(async |app| {
        let customer = app.customer().await;
        let expired = app.anonymous().with_token("no.token.atall");
        for (client, status, code) in [
            (&app.anonymous(), 200, "UNAUTHENTICATED"),
            (&customer, 200, "FORBIDDEN"),
            (&expired, 401, "UNAUTHENTICATED"),
        ] {
            // A file that has only begun.
            let begun = import().begin("name=\"0\"").raw(b"name,price\n").open();
            let begun = stream::iter([Ok::<_, io::Error>(Bytes::from(begun))]);
            let body = Body::from_stream(begun.chain(stream::pending()));
            let asked = Instant::now();
            let answer = send(client, body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (status, code));
            assert_eq!(answer.header("connection"), "close");
            assert!(asked.elapsed() < Duration::from_secs(5));

            // And one without an end: only so much is thrown away that a client reads its answer.
            let (body, taken) = endless(import().begin("name=\"0\"").open());
            let answer = send(client, body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (status, code));
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken < 700_000, "{taken} bytes were read");
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_where_its_limit_is() {
    on_both_with(&["--import-max-bytes=100000"], async |app| {
        let admin = app.admin().await;
        let (body, taken) = endless(import().begin("name=\"0\"").raw(b"name,price\n").open());
        let answer = send(&admin, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (200, "PAYLOAD_TOO_LARGE")
        );
        assert_eq!(answer.field(), "file");
        assert_eq!(answer.json["errors"][0]["path"], json!(["importProducts"]));
        assert_eq!(answer.header("connection"), "close");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken < 800_000, "{taken} bytes were read");
        let mut file = products(3_000);
        file.truncate(100_000);
        let last_row = file.iter().rposition(|byte| *byte == b'\n').unwrap();
        file.truncate(last_row + 1);
        file.resize(100_000, b'\n');
        assert_imported(&send(&admin, import().file("0", &file).end()).await);
        file.push(b'\n');
        let answer = send(&admin, import().file("0", &file).end()).await;
        assert_eq!(answer.code(), "PAYLOAD_TOO_LARGE");
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_breaks_off_is_none() {
    on_both(async |app| {
        let admin = app.admin().await;
        let begin = import().begin("name=\"0\"").raw(&products(500)).open();
        // The body ends, or the connection does.
        send(&admin, begin.clone())
            .await
            .assert_refused(400, "BAD_REQUEST");
        let gone = [
            Ok(Bytes::from(begin.clone())),
            Err(io::Error::other("reset")),
        ];
        let body = Body::from_stream(stream::iter(gone));
        send(&admin, body).await.assert_refused(400, "BAD_REQUEST");
        let whole = import().file("0", &products(500)).end();
        for end in [1, 100, 300, 400, whole.len() - 12, whole.len() - 5] {
            send(&admin, whole[..end].to_vec())
                .await
                .assert_refused(400, "BAD_REQUEST");
        }
        // What stands behind the last boundary is nothing of ours.
        let tail = import().file("0", &products(5)).raw(b"--seam--and a word");
        assert_imported(&send(&admin, tail.open()).await);
    })
    .await;
}

#[tokio::test]
async fn a_client_that_falls_silent_or_dribbles_is_not_waited_for_long() {
    let app = App::start(Backend::Sqlite, &["--upload-patience=1s"]).await;
    let admin = app.admin().await;
    for begin in [
        Form::default().raw(b"--se").open(),
        Form::default()
            .begin("name=\"operations\"")
            .raw(b"{")
            .open(),
        import().open(),
        import().begin("name=\"0\"").raw(&products(3)).open(),
        import().file("0", &products(3)).open(),
    ] {
        let begun = stream::iter([Ok::<_, io::Error>(Bytes::from(begin.clone()))]);
        let body = Body::from_stream(begun.chain(stream::pending()));
        let asked = Instant::now();
        send(&admin, body)
            .await
            .assert_refused(408, "REQUEST_TIMEOUT");
        let took = asked.elapsed();
        assert!(
            took > Duration::from_millis(900) && took < Duration::from_secs(8),
            "{took:?}"
        );
    }
    // One byte now and then is not enough.
    let begin = import().begin("name=\"0\"").raw(&products(3)).open();
    let start = stream::iter([Ok::<_, io::Error>(Bytes::from(begin))]);
    let drops = stream::repeat(()).then(async |()| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Bytes::from_static(b"\n"))
    });
    let body = Body::from_stream(start.chain(drops.boxed()));
    let asked = Instant::now();
    send(&admin, body)
        .await
        .assert_refused(408, "REQUEST_TIMEOUT");
    assert!(asked.elapsed() < Duration::from_secs(8));
}
