//! Valid and invalid multipart requests.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::harness::{
    Form, IMPORT, assert_imported, endless, on_both_databases, operations, products, sqlite_app,
};

#[tokio::test]
async fn a_multipart_request_without_files_is_accepted() {
    let app = sqlite_app().await;
    let form = Form::new(&json!({"query": "{ __typename }"}), &json!({}));
    let response = app.anonymous().upload(form.end()).await;
    assert_eq!(response.json, json!({"data": {"__typename": "Query"}}));
    assert_eq!(response.header("connection"), "");
    let batch = Form::new(&json!([operations()]), &json!({"0": ["0.variables.file"]}));
    app.anonymous()
        .upload(batch.end())
        .await
        .assert_refused(400, "BATCHING_DISABLED");
}

#[tokio::test]
async fn operations_and_map_must_follow_the_specification() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let text = operations().to_string();
    let operations_part = |content: &[u8]| Form::default().part("name=\"operations\"", content);
    let map_part = |map: &[u8]| operations_part(text.as_bytes()).part("name=\"map\"", map);
    let map = br#"{"0": ["variables.file"]}"#;
    let mut invalid_bodies = vec![
        Vec::new(),
        b"--seam".to_vec(),
        Form::default().end(),
        b"no boundary at all".to_vec(),
        // Parts in the wrong order.
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
        // Missing parts.
        operations_part(text.as_bytes()).end(),
        operations_part(text.as_bytes()).open(),
        operations_part(text.as_bytes())
            .begin("name=\"map\"")
            .raw(map)
            .open(),
        map_part(b"").end(),
        // Invalid parts.
        Form::default()
            .part("filename=\"x\"", text.as_bytes())
            .end(),
        b"--seam\r\n\r\nx\r\n--seam--\r\n".to_vec(),
        b"--seam\r\nContent-Disposition\r\n\r\nx\r\n--seam--\r\n".to_vec(),
        b"--seam\r\n: \x01\r\n\r\nx\r\n--seam--\r\n".to_vec(),
        b"--seamy\r\nx".to_vec(),
    ];
    let many = "X-Header: 1\r\n".repeat(40);
    invalid_bodies.push(format!("--seam\r\n{many}\r\n").into_bytes());
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
        invalid_bodies.push(form.file("0", b"x").end());
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
        // A file mapped twice to one variable, and two files mapped to one variable.
        "{\"0\": [\"variables.file\", \"variables.file\"]}",
        "{\"0\": [\"variables.file\"], \"1\": [\"variables.file\"]}",
    ] {
        invalid_bodies.push(map_part(entry.as_bytes()).file("0", b"x").end());
    }
    let deep = "[".repeat(5_000);
    invalid_bodies.push(map_part(deep.as_bytes()).end());
    for body in invalid_bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let response = client.upload(body).await;
        assert_eq!(response.status.as_u16(), 400, "{shown}\n{}", response.text);
        response.assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_map_path_must_point_to_an_existing_null() {
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
        let response = app.anonymous().upload(form.end()).await;
        if good {
            // The path is valid. The undeclared variable is found later, by validation.
            assert_eq!(response.code(), "BAD_USER_INPUT", "{path}");
        } else {
            response.assert_refused(400, "BAD_REQUEST");
        }
    }
}

#[tokio::test]
async fn a_long_boundary_is_refused() {
    let app = sqlite_app().await;
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        &long,
    ] {
        let headers = [("content-type", kind), ("graphql-require-preflight", "1")];
        let response = app.anonymous().post_with(&headers, "--x\r\n").await;
        response.assert_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn operations_and_map_are_bounded_in_size() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let large = json!({"query": "{ __typename }", "variables": {"x": "x".repeat(100_000)}});
    let form = Form::new(&large, &json!({})).end();
    client
        .upload(form)
        .await
        .assert_refused(413, "PAYLOAD_TOO_LARGE");
    let form = Form::new(&operations(), &json!({"0": ["x".repeat(10_000)]}));
    client
        .upload(form.end())
        .await
        .assert_refused(413, "PAYLOAD_TOO_LARGE");

    // Endless parts are read up to a limit only.
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
        let begin = begin.open();
        for pauses in [false, true] {
            let (body, taken) = endless(begin.clone(), pauses);
            client.upload(body).await.assert_refused(status, code);
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken < 700_000, "{taken} bytes were read");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_in_the_map_is_refused() {
    on_both_databases(async |app| {
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
        let request = |count: usize| {
            let others: Vec<_> = (1..count).map(|number| format!("$f{number}")).collect();
            let declared = others.iter().map(|name| format!(", {name}: Upload!"));
            let skipped = others.iter().enumerate().map(|(number, name)| {
                format!("a{number}: uploadAvatar(file: {name}) @skip(if: true) {{ __typename }} ")
            });
            let query = IMPORT
                .replace(
                    "$file: Upload!",
                    &format!("$f0: Upload!{}", declared.collect::<String>()),
                )
                .replace("$file", "$f0")
                .replacen('{', &format!("{{ {}", skipped.collect::<String>()), 1);
            let operations = json!({"query": query, "variables": nulls(count)});
            Form::new(&operations, &map(count))
        };
        let file = products(3);
        // All mapped files are sent, including unused ones.
        let all = (0..5).fold(request(5), |form, name| form.file(&name.to_string(), &file));
        assert_imported(&admin.upload(all.end()).await);
        // More files than the maximum.
        admin
            .upload(request(6).begin("name=\"0\"").open())
            .await
            .assert_refused(413, "PAYLOAD_TOO_LARGE");
        let many_files =
            (0..10_000).fold(request(1), |form, name| form.file(&name.to_string(), b"x"));
        admin
            .upload(many_files.end())
            .await
            .assert_refused(413, "PAYLOAD_TOO_LARGE");
        for form in [
            // Mapped but not sent.
            request(1),
            request(2).file("0", &file),
            request(2).file("1", &file),
            // Sent but not mapped.
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
            admin
                .upload(form.end())
                .await
                .assert_refused(400, "BAD_REQUEST");
        }
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}
