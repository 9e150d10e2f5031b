//! Uploads: authorization, reading and failures.

use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::json;
use wares::core::id::TypedId;

use crate::harness::sample_image::jpeg;
use crate::harness::{
    App, Backend, Form, GRAPHQL_RESPONSE, IMPORT, JSON, MULTIPART, assert_imported, chunks,
    endless, on_both_databases, on_both_databases_with, products,
};

#[tokio::test]
async fn a_file_is_read_for_any_chunk_sizes() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let small = Form::import().file("0", &products(20)).end();
        for size in [1, 2, 3, 7, 64, 1_000, usize::MAX] {
            let body = Body::from_stream(chunks(&small, size.min(small.len())));
            assert_imported(&admin.upload(body).await);
        }
        let large = Form::import().file("0", &products(20_000)).end();
        let body = Body::from_stream(chunks(&large, 10_000));
        assert_imported(&admin.upload(body).await);
        assert_imported(&admin.upload(large).await);
        let files = app.count("products").await;
        assert_eq!(files, 0, "it was a dry run");
    })
    .await;
}

#[tokio::test]
async fn an_upload_variable_without_a_file_is_refused() {
    on_both_databases(async |app| {
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
            let response = admin.post_with(&[kind, preflight, accept], form).await;
            response.assert_refused(400, "BAD_USER_INPUT");
            let response = admin.post_with(&[JSON], operations.to_string()).await;
            response.assert_refused(200, "BAD_USER_INPUT");
        }
        let literals = ["\"#__graphql_file__:0\"", "\"\"", "0", "X", "[0]", "{a: 0}", "null"];
        for literal in literals {
            let query =
                format!("mutation {{ importProducts(file: {literal}) {{ report {{ rows }} }} }}");
            let response = admin.send(&query, json!({})).await;
            response.assert_refused(200, "BAD_USER_INPUT");
            // With an uploaded file in the same request.
            let operations = json!({"query": query, "variables": {"file": null}});
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let response = admin.upload(form.file("0", &products(1)).end()).await;
            response.assert_refused(200, "BAD_USER_INPUT");
        }
        // A file in place of another type.
        let query = "query($slug: String, $first: Int) { product(slug: $slug) { id } products(first: $first) { totalCount } }";
        for variable in ["slug", "first"] {
            let operations = json!({"query": query, "variables": {variable: null}});
            let form = Form::new(&operations, &json!({"0": [format!("variables.{variable}")]}));
            let response = admin.upload(form.file("0", b"x").end()).await;
            response.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
        }
    })
    .await;
}

#[tokio::test]
async fn an_unauthorized_upload_is_refused_before_it_is_read() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let expired = app.anonymous().with_token("no.token.atall");
        for (client, status, code) in [
            (&app.anonymous(), 200, "UNAUTHENTICATED"),
            (&customer, 200, "FORBIDDEN"),
            (&expired, 401, "UNAUTHENTICATED"),
        ] {
            // An incomplete file.
            let begun = Form::import()
                .begin("name=\"0\"")
                .raw(b"name,price\n")
                .open();
            let begun = stream::iter([Ok::<_, io::Error>(Bytes::from(begun))]);
            let body = Body::from_stream(begun.chain(stream::pending()));
            let started_at = Instant::now();
            let response = client.upload(body).await;
            assert_eq!((response.status.as_u16(), response.code()), (status, code));
            assert!(started_at.elapsed() < Duration::from_secs(5));

            // An endless file: the server discards only enough bytes for the client to read the response.
            let (body, taken) = endless(Form::import().begin("name=\"0\"").open(), false);
            let response = client.upload(body).await;
            assert_eq!((response.status.as_u16(), response.code()), (status, code));
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken < 700_000, "{taken} bytes were read");
        }
    })
    .await;
}

#[tokio::test]
async fn a_too_large_file_is_refused_at_its_limit() {
    on_both_databases_with(&["--import-max-bytes=100000"], async |app| {
        let admin = app.admin().await;
        let (body, taken) = endless(
            Form::import()
                .begin("name=\"0\"")
                .raw(b"name,price\n")
                .open(),
            false,
        );
        let response = admin.upload(body).await;
        assert_eq!(
            (response.status.as_u16(), response.code()),
            (200, "PAYLOAD_TOO_LARGE")
        );
        assert_eq!(response.field(), "file");
        assert_eq!(
            response.json["errors"][0]["path"],
            json!(["importProducts"])
        );
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken < 800_000, "{taken} bytes were read");
        let mut file = products(3_000);
        file.truncate(100_000);
        let last_row = file.iter().rposition(|byte| *byte == b'\n').unwrap();
        file.truncate(last_row + 1);
        file.resize(100_000, b'\n');
        assert_imported(&admin.upload(Form::import().file("0", &file).end()).await);
        file.push(b'\n');
        let response = admin.upload(Form::import().file("0", &file).end()).await;
        assert_eq!(response.code(), "PAYLOAD_TOO_LARGE");
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let begin = Form::import()
            .begin("name=\"0\"")
            .raw(&products(500))
            .open();
        // The body ends, or the connection is closed.
        admin
            .upload(begin.clone())
            .await
            .assert_refused(400, "BAD_REQUEST");
        let gone = [
            Ok(Bytes::from(begin.clone())),
            Err(io::Error::other("reset")),
        ];
        let body = Body::from_stream(stream::iter(gone));
        admin.upload(body).await.assert_refused(400, "BAD_REQUEST");
        let whole = Form::import().file("0", &products(500)).end();
        for end in [1, 100, 300, 400, whole.len() - 12, whole.len() - 5] {
            admin
                .upload(whole[..end].to_vec())
                .await
                .assert_refused(400, "BAD_REQUEST");
        }
        // Bytes after the final boundary are ignored.
        let tail = Form::import()
            .file("0", &products(5))
            .raw(b"--seam--and a word");
        assert_imported(&admin.upload(tail.open()).await);
    })
    .await;
}

#[tokio::test]
async fn a_silent_or_slow_upload_times_out() {
    let app = App::start(Backend::Sqlite, &["--upload-patience=1s"]).await;
    let admin = app.admin().await;
    for begin in [
        Form::default().raw(b"--se").open(),
        Form::default()
            .begin("name=\"operations\"")
            .raw(b"{")
            .open(),
        Form::import().open(),
        Form::import().begin("name=\"0\"").raw(&products(3)).open(),
        Form::import().file("0", &products(3)).open(),
    ] {
        let begun = stream::iter([Ok::<_, io::Error>(Bytes::from(begin.clone()))]);
        let body = Body::from_stream(begun.chain(stream::pending()));
        let started_at = Instant::now();
        admin
            .upload(body)
            .await
            .assert_refused(408, "REQUEST_TIMEOUT");
        let duration = started_at.elapsed();
        assert!(
            duration > Duration::from_millis(900) && duration < Duration::from_secs(8),
            "{duration:?}"
        );
    }
    // A slow drip of bytes does not prevent the timeout.
    let begin = Form::import().begin("name=\"0\"").raw(&products(3)).open();
    let start = stream::iter([Ok::<_, io::Error>(Bytes::from(begin))]);
    let slow_bytes = stream::repeat(()).then(async |()| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Bytes::from_static(b"\n"))
    });
    let body = Body::from_stream(start.chain(slow_bytes.boxed()));
    let started_at = Instant::now();
    admin
        .upload(body)
        .await
        .assert_refused(408, "REQUEST_TIMEOUT");
    assert!(started_at.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn the_readme_upload_example_works() {
    on_both_databases(async |app| {
        let readme = include_str!("../../../README.md").replace("'$PRODUCT'", "PRODUCT");
        let guide = include_str!("../../../docs/storefront.md");
        let parts: Vec<_> = [readme.as_str(), guide]
            .into_iter()
            .flat_map(|document| document.split("-F '").skip(1))
            .filter_map(|part| part.split('\'').next())
            .collect();
        let (requests, rest) = parts.as_chunks::<3>();
        let [photo, table] = requests else {
            panic!("{parts:?} {rest:?}");
        };
        let form = |[operations, map, _]: &[&str; 3]| {
            let json = |part: &str| part.split_once('=').unwrap().1.parse().unwrap();
            Form::new(&json(operations), &json(map))
        };
        let admin = app.admin().await;
        assert_eq!(table[2], "0=@oolong.csv");
        let table = form(table).file("0", &products(3));
        assert_imported(&admin.upload(table.end()).await);

        assert_eq!(photo[2], "0=@photo.jpg");
        let shop = app.shop();
        let home = shop.root("home", 0).await;
        let tea = shop.product("green-tea", &home, |_| ()).await;
        let photo = photo.map(|part| part.replace("PRODUCT", &tea.id.encode()));
        let photo = form(&photo.each_ref().map(String::as_str)).file("0", &jpeg(80, 60));
        let response = admin.upload(photo.end()).await;
        let payload = &response.json["data"]["uploadProductImages"];
        assert_eq!(payload["userErrors"], json!([]), "{}", response.text);
        assert_eq!(payload["images"][0]["width"], 80);
        let query = guide
            .split("```graphql\n")
            .find(|part| part.contains("srcSet"))
            .unwrap();
        let query = query.split("```").next().unwrap();
        let query = query.replace("cast-iron-skillet-24", "green-tea");
        let data = app.anonymous().data(&query, json!({})).await;
        assert_eq!(data["product"]["images"][0]["alt"], "A tin of green tea");
    })
    .await;
}
