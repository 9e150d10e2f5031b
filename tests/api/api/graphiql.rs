//! GraphiQL: the page, its files and its default queries.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::harness::{ApiResponse, App, Backend, Client, on_both_databases, run};

const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);
const GZIP: (&str, &str) = ("accept-encoding", "gzip, deflate, br, zstd");
const ADVICE: &str = "The tests need Node.js 20 or later with npm, and openssl.";

async fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> ApiResponse {
    client.request(Method::GET, path, headers, "").await
}

/// Returns the texts between `open` and `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let parts = text.split(open).skip(1);
    parts
        .filter_map(|part| part.split_once(close))
        .map(|(inside, _)| inside)
        .collect()
}

fn decompress(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut plain).unwrap();
    plain
}

fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/http/graphiql/packages")
}

/// Returns the lines of `files.txt`: name, package, path, integrity.
fn embedded_files() -> Vec<[String; 4]> {
    let list = fs::read_to_string(packages().join("files.txt")).unwrap();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let parts = lines.map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    parts.map(|parts| parts.try_into().unwrap()).collect()
}

#[tokio::test]
async fn page_allows_only_what_it_contains() {
    let settings = [
        "--shop-name=Rock & <Roll>",
        "--s3-public-url=https://images.shop.example/bucket",
    ];
    let app = App::start(Backend::Sqlite, &settings).await;
    let client = app.anonymous();
    let response = get(&client, "/graphql", &[BROWSER]).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(response.header("cache-control"), "no-store");
    assert_eq!(response.header("referrer-policy"), "no-referrer");
    assert_eq!(response.header("x-content-type-options"), "nosniff");
    let page = &response.text;
    assert!(
        page.contains("<title>Rock &amp; &lt;Roll&gt; · GraphiQL</title>"),
        "{page}"
    );
    // Nothing inline, and nothing from another server.
    assert!(!page.contains("{{") && !page.contains("http"), "{page}");
    assert!(!page.contains("<style") && !page.contains("style=") && !page.contains(" on"));
    for script in between(page, "<script", "</script>") {
        assert!(script.contains(" src=\"/graphiql/"), "{script}");
        assert!(script.ends_with("\">"), "{script}");
    }
    let nonce = between(page, "nonce=\"", "\"")[0];
    assert!(nonce.len() == 32);
    let policy = response.header("content-security-policy");
    assert_eq!(
        policy.replace(nonce, "NONCE"),
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-NONCE'; \
         img-src 'self' data: https://images.shop.example; font-src data:; connect-src 'self' https://images.shop.example; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let again = get(&client, "/graphql", &[BROWSER]).await;
    assert!(!again.text.contains(nonce));
}

#[tokio::test]
async fn files_are_cached_for_good() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let client = app.anonymous();
    let page = get(&client, "/graphql", &[BROWSER]).await.text;
    let mut paths: BTreeSet<String> = ["src=\"", "href=\"/"]
        .iter()
        .flat_map(|open| between(&page, open, "\""))
        .map(|path| format!("/{}", path.trim_start_matches('/')))
        .collect();
    let folder = paths
        .first()
        .unwrap()
        .rsplit_once('/')
        .unwrap()
        .0
        .to_owned();
    for name in ["account.js", "google.js", "session.js", "tabs.js"] {
        paths.insert(format!("{folder}/{name}"));
    }
    assert_eq!(paths.len(), 12, "{paths:?}");
    let mut transferred = 0;
    for path in &paths {
        let plain = get(&client, path, &[]).await;
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(plain.header("content-encoding"), "");
        let content_type = if Path::new(path).extension().is_some_and(|it| it == "css") {
            "text/css; charset=utf-8"
        } else {
            "text/javascript; charset=utf-8"
        };
        let head = client.request(Method::HEAD, path, &[], "").await;
        for response in [&plain, &head] {
            assert_eq!(response.header("content-type"), content_type, "{path}");
            let caching = response.header("cache-control");
            assert_eq!(caching, "public, max-age=31536000, immutable", "{path}");
            assert_eq!(response.header("x-content-type-options"), "nosniff");
            assert_eq!(
                response.header("content-length"),
                plain.text.len().to_string(),
                "{path}"
            );
        }
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));

        let (headers, gzip) = client.bytes(path, &[GZIP]).await;
        assert_eq!(headers["content-encoding"], "gzip", "{path}");
        let mut vary = headers.get_all("vary").iter();
        assert!(vary.any(|vary| vary == "accept-encoding"), "{path}");
        assert_eq!(decompress(&gzip), plain.text.as_bytes(), "{path}");
        transferred += gzip.len();
        let refuses = [("accept-encoding", "gzip;q=0, identity")];
        assert_eq!(get(&client, path, &refuses).await.text, plain.text);
        let post = client.request(Method::POST, path, &[], "").await;
        post.assert_refused(405, "METHOD_NOT_ALLOWED");
    }
    assert!(transferred < 1_000_000, "{transferred}");
    for wrong in [
        paths
            .first()
            .unwrap()
            .replace(&folder, "/graphiql/0123456789abcdef"),
        format!("{folder}/LICENSES.txt"),
        format!("{folder}/..%2fpage.html"),
        folder.clone(),
    ] {
        get(&client, &wrong, &[])
            .await
            .assert_refused(404, "NOT_FOUND");
    }
    let production = App::start(Backend::Sqlite, &["--env=production"]).await;
    let client = production.anonymous();
    for path in paths.iter().map(String::as_str).chain(["/graphql"]) {
        let response = get(&client, path, &[BROWSER]).await;
        response.assert_refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn root_leads_to_the_api() {
    let settings = ["--shop-name=Rock & Roll"];
    let json = json!({"name": "Rock & Roll", "graphql": "/graphql"});
    let app = App::start(Backend::Sqlite, &settings).await;
    let response = get(&app.anonymous(), "/", &[BROWSER]).await;
    assert_eq!(response.status, 303);
    assert_eq!(response.header("location"), "/graphql");
    assert!(response.header("vary").contains("accept"));
    for accept in ["*/*", "application/json"] {
        let response = get(&app.anonymous(), "/", &[("accept", accept)]).await;
        assert_eq!((response.status.as_u16(), &response.json), (200, &json));
    }
    let response = app.anonymous().request(Method::POST, "/", &[], "").await;
    response.assert_refused(405, "METHOD_NOT_ALLOWED");

    let production = [settings[0], "--env=production"];
    let app = App::start(Backend::Sqlite, &production).await;
    let response = get(&app.anonymous(), "/", &[BROWSER]).await;
    assert_eq!((response.status.as_u16(), &response.json), (200, &json));

    let with_page = [settings[0], "--env=production", "--graphiql=on"];
    let app = App::start(Backend::Sqlite, &with_page).await;
    let response = get(&app.anonymous(), "/", &[BROWSER]).await;
    assert_eq!(response.header("location"), "/graphql");
    let page = get(&app.anonymous(), "/graphql", &[BROWSER]).await.text;
    // The page does not request a schema that the server does not disclose.
    assert!(page.contains("data-introspection=\"false\""), "{page}");
}

#[test]
fn embedded_files_are_those_of_the_published_packages() {
    let folder = tempfile::tempdir().unwrap();
    run(
        Command::new(packages().join("update")).arg(folder.path()),
        ADVICE,
    );
    let files = embedded_files();
    assert_eq!(files.len(), 6);
    for [name, ..] in &files {
        let name = format!("{name}.gz");
        let published = fs::read(folder.path().join(&name)).unwrap();
        let embedded = fs::read(packages().join(&name)).unwrap();
        assert!(decompress(&embedded) == decompress(&published), "{name}");
    }
}

#[test]
fn licenses_of_all_bundled_packages_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let files = embedded_files();
    let [_, graphiql, path, _] = files
        .iter()
        .find(|[name, ..]| name == "graphiql.js")
        .unwrap();
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", graphiql]);
    let archive = run(npm.current_dir(folder.path()), ADVICE);
    let mut tar = Command::new("tar");
    tar.args(["-xzOf", archive.trim(), &format!("package/{path}.map")]);
    let map = run(tar.current_dir(folder.path()), ADVICE);
    let map: Value = serde_json::from_str(&map).unwrap();
    let mut bundled: BTreeSet<String> = files
        .iter()
        .map(|[_, package, ..]| package.rsplit_once('@').unwrap().0.to_owned())
        .collect();
    for source in map["sources"].as_array().unwrap() {
        let source = source.as_str().unwrap();
        let name = match source.rsplit_once("node_modules/") {
            Some((_, path)) => {
                let parts = if path.starts_with('@') { 2 } else { 1 };
                path.split('/').take(parts).collect::<Vec<_>>().join("/")
            }
            // A package of GraphiQL's own repository.
            None => match source.trim_start_matches("../").split_once('/').unwrap().0 {
                "src" => "graphiql".to_owned(),
                folder => folder.replacen("graphiql-", "@graphiql/", 1),
            },
        };
        bundled.insert(name);
    }
    assert!(bundled.len() > 50, "{bundled:?}");
    let licenses = fs::read_to_string(packages().join("LICENSES.txt")).unwrap();
    let listed: BTreeSet<_> = licenses.lines().map(str::to_owned).collect();
    let missing: Vec<_> = bundled.difference(&listed).collect();
    assert!(missing.is_empty(), "LICENSES.txt lacks {missing:?}");
}

#[tokio::test]
async fn default_queries_return_data() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let script = include_str!("../../../src/api/http/graphiql/tabs.js");
        let queries = between(script, " = `", "`;");
        // The last three, which sell, are run by `graphiql_selling`.
        assert_eq!(queries.len(), 9);
        let queries = &queries[..6];
        assert!(!script.contains("placeholder"));
        let (admin, anonymous) = (app.admin().await, app.anonymous());
        let execute = async |client: &Client, query: &str, name: &str, variables: Value| {
            let request = json!({"query": query, "operationName": name, "variables": variables});
            let response = client.post(&request.to_string()).await;
            assert_eq!(response.json.get("errors"), None, "{}", response.text);
            response.json["data"].clone()
        };
        for &query in queries {
            let names = between(query, "\nquery ", " {");
            let name = names[0].split('(').next().unwrap();
            let slug = between(script, "slug: '", "'")[0];
            let variables = match name {
                "Product" => json!({"slug": slug}),
                _ => json!({}),
            };
            let client = if name == "Me" { &admin } else { &anonymous };
            let data = execute(client, query, name, variables).await;
            let text = data.to_string();
            assert!(!text.contains("\"nodes\":[]"), "{name}: {text}");
            assert!(text.len() > 100, "{name}: {text}");
            if name == "CategoryIds" {
                let id = &data["categories"]["nodes"][0]["id"];
                let input = between(script, "input: { name: '", " }")[0].replace('\'', "\"");
                assert!(input.contains("categoryId: \"cat_...\""), "{input}");
                let input = json!({"name": "Green Tea", "price": "4.90", "stock": 12, "status": "DRAFT", "categoryId": id});
                let data = execute(&admin, query, "NewProduct", json!({"input": input})).await;
                assert_eq!(data["createProduct"]["product"]["slug"], "green-tea");
            }
        }
    })
    .await;
}
