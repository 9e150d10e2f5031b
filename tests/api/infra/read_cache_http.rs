//! The read cache: compressed responses and conditional requests.

use serde_json::json;

use crate::harness::cached_responses::{address, get, kept, open};
use crate::harness::{App, Backend, JSON, on_both_databases_with};
use crate::infra::read_cache::{PRODUCTS, same};

#[tokio::test]
async fn cached_response_is_compressed_with_gzip() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let root = open(&app).await;
    for number in 0..20 {
        app.shop()
            .product(&format!("p{number}"), &root, |_| ())
            .await;
    }
    let client = app.anonymous();
    let path = address(&[("query", PRODUCTS)]);
    let (_, plain) = kept(&app, async || get(&client, &path, &[]).await).await;
    let bytes = client
        .bytes(&path, &[("accept-encoding", "br, gzip;q=0.8")])
        .await;
    assert_eq!(bytes.0.get("content-encoding").unwrap(), "gzip");
    assert_eq!(bytes.0.get("etag"), plain.headers.get("etag"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes.1[..]), &mut text)
        .unwrap();
    assert_eq!(text, plain.text);
    for accept in ["gzip;q=0", "identity", "br"] {
        let response = get(&client, &path, &[("accept-encoding", accept)]).await;
        assert_eq!(
            (response.header("content-encoding"), &response.text),
            ("", &plain.text)
        );
    }
}

#[tokio::test]
async fn cached_response_supports_if_none_match() {
    on_both_databases_with(&["--http-max-age=20"], async |app| {
        let root = open(app).await;
        let client = app.anonymous();
        let path = address(&[("query", PRODUCTS)]);
        let (read, kept_answer) = kept(app, async || get(&client, &path, &[]).await).await;
        for response in [&read, &kept_answer] {
            assert_eq!(
                response.header("cache-control"),
                "public, max-age=20, must-revalidate"
            );
            let vary: Vec<_> = response.headers.get_all("vary").iter().collect();
            for name in ["accept, authorization", "accept-encoding", "origin"] {
                assert!(
                    vary.iter()
                        .any(|value| value.to_str().unwrap().contains(name)),
                    "{vary:?}"
                );
            }
        }
        let tag = read.header("etag").to_owned();
        assert!(
            tag.starts_with("W/\"") && tag.ends_with('"') && tag.len() > 20,
            "{tag}"
        );
        let strong = tag.trim_start_matches("W/").to_owned();
        let list = format!("\"other\", {tag}");
        for given in [&tag, &strong, &list, "*"] {
            let response = get(&client, &path, &[("if-none-match", given)]).await;
            assert_eq!(
                (response.status.as_u16(), response.text.as_str()),
                (304, ""),
                "{given}"
            );
            assert_eq!(response.header("etag"), tag);
            assert_eq!(
                response.header("cache-control"),
                read.header("cache-control")
            );
            assert_eq!(
                response.headers.get_all("vary").iter().count(),
                read.headers.get_all("vary").iter().count()
            );
        }
        for given in ["", "\"other\"", "W/\"\""] {
            let response = get(&client, &path, &[("if-none-match", given)]).await;
            same(&response, &read);
        }
        // The first response after a change, which is not cached, and the next ones.
        app.shop().product("chair", &root, |_| ()).await;
        for _ in 0..3 {
            let response = get(&client, &path, &[("if-none-match", &tag)]).await;
            assert_eq!(response.status, 200);
            assert_ne!(response.header("etag"), tag);
        }
        // POST requests, errors and private responses can't be revalidated.
        let none = [JSON, ("if-none-match", "*")];
        let response = client
            .post_with(&none, json!({"query": PRODUCTS}).to_string())
            .await;
        assert_eq!(
            (response.status.as_u16(), response.header("cache-control")),
            (200, "no-store")
        );
        let response = get(
            &client,
            &address(&[("query", "{ nothing }")]),
            &[("if-none-match", "*")],
        )
        .await;
        assert_eq!(
            (response.status.as_u16(), response.header("cache-control")),
            (200, "no-store")
        );
        let response = get(&app.customer().await, &path, &[("if-none-match", "*")]).await;
        assert_eq!(
            (response.status.as_u16(), response.header("cache-control")),
            (200, "no-store")
        );
    })
    .await;
}
