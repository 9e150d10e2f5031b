//! The read cache: which responses are cached, for which clients, and for how long.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;

use crate::harness::{
    ApiResponse, App, Backend, Client, GRAPHQL_RESPONSE, JSON, on_both_databases,
    on_both_databases_with,
};

const PRODUCTS: &str =
    "{ products { totalCount nodes { name stock category { name } images { url } } } }";

/// Creates one product.
pub async fn fill(app: &App) -> Category {
    let root = app.shop().root("root", 0).await;
    let product = app.shop().product("lamp", &root, |_| ()).await;
    app.shop().image(&product, 0).await;
    root
}

/// The same, and waits until the cache is enabled.
pub async fn open(app: &App) -> Category {
    let root = fill(app).await;
    app.start_change_watcher();
    root
}

/// Sends requests until the response is cached. Returns that response and the previous one.
pub async fn kept(app: &App, ask: impl AsyncFn() -> ApiResponse) -> (ApiResponse, ApiResponse) {
    let mut before = ask().await;
    // A notification of the last change may still arrive.
    for _ in 0..20 {
        let mut response = None;
        let statements = app
            .record_statements(async { response = Some(ask().await) })
            .await;
        let response = response.unwrap();
        if statements.is_empty() {
            return (before, response);
        }
        before = response;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is not kept: {}", before.text);
}

/// Fails if any of several responses is cached.
async fn assert_never_cached(app: &App, ask: impl AsyncFn() -> ApiResponse) {
    for _ in 0..4 {
        let statements = app.record_statements(async { _ = ask().await }).await;
        assert!(!statements.is_empty(), "it was kept");
    }
}

/// Returns the URL of a query by GET.
pub fn address(parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new("/graphql?".to_owned());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    query.finish().replacen("/graphql?&", "/graphql?", 1)
}

pub async fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> ApiResponse {
    client.request(Method::GET, path, headers, "").await
}

fn same(one: &ApiResponse, other: &ApiResponse) {
    let (mut a, mut b) = (one.headers.clone(), other.headers.clone());
    for headers in [&mut a, &mut b] {
        headers.remove("x-request-id").unwrap();
    }
    assert_eq!((one.status, a, &one.text), (other.status, b, &other.text));
}

#[tokio::test]
async fn repeated_request_gets_an_equal_cached_response() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let path = address(&[("query", PRODUCTS)]);
        let (read, kept_answer) = kept(app, async || client.send(PRODUCTS, json!({})).await).await;
        same(&read, &kept_answer);
        assert_eq!(read.json["data"]["products"]["totalCount"], 1);
        assert_eq!(read.header("cache-control"), "no-store");
        assert_eq!(read.header("etag"), "");
        let (read, kept_answer) = kept(app, async || get(&client, &path, &[]).await).await;
        same(&read, &kept_answer);
        // Other clients get it as well.
        let other = app.anonymous();
        let statements = app.record_statements(get(&other, &path, &[])).await;
        assert!(statements.is_empty(), "{statements:?}");
    })
    .await;
}

#[tokio::test]
async fn cache_is_disabled_without_watch_or_by_setting() {
    on_both_databases(async |app| {
        let root = app.shop().root("root", 0).await;
        app.shop().product("lamp", &root, |_| ()).await;
        let client = app.anonymous();
        assert_never_cached(app, async || client.send(PRODUCTS, json!({})).await).await;
    })
    .await;
    on_both_databases_with(&["--read-cache-bytes=0"], async |app| {
        open(app).await;
        let client = app.anonymous();
        assert_never_cached(app, async || client.send(PRODUCTS, json!({})).await).await;
        assert_eq!(app.state.read_cache.weight(), 0);
        // Caching by browsers and CDNs is independent of this.
        let response = get(&client, &address(&[("query", PRODUCTS)]), &[]).await;
        assert!(response.header("etag").starts_with("W/\""));
    })
    .await;
}

#[tokio::test]
async fn authenticated_requests_bypass_the_cache() {
    on_both_databases(async |app| {
        let root = open(app).await;
        let draft = |product: &mut wares::catalog::product::entity::Model| {
            product.status = wares::catalog::product::Status::Draft;
        };
        app.shop().product("draft", &root, draft).await;
        let count = "{ products { totalCount } }";
        let (admin, customer) = (app.admin().await, app.customer().await);
        let client = app.anonymous();
        let path = address(&[("query", count)]);
        let (_, public) = kept(app, async || get(&client, &path, &[]).await).await;
        assert_eq!(public.json["data"]["products"]["totalCount"], 1);
        for (who, expected) in [(admin, 2), (customer, 1)] {
            for _ in 0..3 {
                let response = get(&who, &path, &[]).await;
                assert_eq!(response.json["data"]["products"]["totalCount"], expected);
                assert_eq!(response.header("cache-control"), "no-store");
                assert_eq!(response.header("etag"), "");
            }
            assert_never_cached(app, async || get(&who, &path, &[]).await).await;
        }
        let bad = client.clone().with_token("nonsense");
        get(&bad, &path, &[])
            .await
            .assert_refused(401, "UNAUTHENTICATED");
        let (_, public) = kept(app, async || get(&client, &path, &[]).await).await;
        assert_eq!(public.json["data"]["products"]["totalCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn cache_key_contains_request_and_media_type() {
    on_both_databases(async |app| {
        let root = open(app).await;
        app.shop().product("chair", &root, |_| ()).await;
        let client = app.anonymous();
        let query = "query A($n: Int) { products(first: $n) { nodes { name } } }
            query B($n: Int) { products(first: $n) { totalCount } }";
        let ask = async |name: &str, n: i32, accept: &str| {
            let body = json!({"query": query, "operationName": name, "variables": {"n": n}});
            let headers = [JSON, ("accept", accept)];
            client.post_with(&headers, body.to_string()).await
        };
        let plain = "application/json";
        for _ in 0..3 {
            for (name, n, accept) in [
                ("A", 1, plain),
                ("A", 2, plain),
                ("B", 1, plain),
                ("A", 1, GRAPHQL_RESPONSE),
            ] {
                let (_, response) = kept(app, async || ask(name, n, accept).await).await;
                let products = &response.json["data"]["products"];
                match name {
                    "A" => assert_eq!(
                        products["nodes"].as_array().unwrap().len(),
                        usize::try_from(n).unwrap()
                    ),
                    _ => assert_eq!(products["totalCount"], 2),
                }
                assert!(response.header("content-type").starts_with(accept));
            }
        }
        // The same bytes in another transport are another request.
        let body = json!({"query": PRODUCTS}).to_string();
        let (_, response) = kept(app, async || client.post(&body).await).await;
        assert_eq!(response.status, 200);
        let text = [("content-type", "text/plain")];
        client
            .post_with(&text, body.clone())
            .await
            .assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
        let html = [JSON, ("accept", "text/html")];
        client
            .post_with(&html, body.clone())
            .await
            .assert_refused(406, "NOT_ACCEPTABLE");
        let path = format!("/graphql?{body}");
        get(&client, &path.replace([' ', '"', '{', '}'], ""), &[])
            .await
            .assert_refused(400, "BAD_REQUEST");
    })
    .await;
}

#[tokio::test]
async fn errors_and_private_responses_are_not_cached() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let id = app.customer().await.data("{ me { id } }", json!({})).await["me"]["id"].clone();
        let node = format!("{{ products {{ totalCount }} node(id: {id}) {{ id }} }}");
        let nodes = format!("{{ products {{ totalCount }} nodes(ids: [{id}]) {{ id }} }}");
        for query in [
            "{ products { totalCount } me { email } }",
            "{ products { totalCount } ... on Query { user(id: \"user_x\") { id } } }",
            "query { products { totalCount } ...F } fragment F on Query { me { id } }",
            "{ products { totalCount } product { name } }",
            &node,
            &nodes,
        ] {
            assert_never_cached(app, async || client.send(query, json!({})).await).await;
            let path = address(&[("query", query)]);
            assert_never_cached(app, async || get(&client, &path, &[]).await).await;
            let response = get(&client, &path, &[]).await;
            assert_eq!(response.header("cache-control"), "no-store", "{query}");
            assert_eq!(response.header("etag"), "");
        }
        for query in [
            "{ nothing }",
            "{",
            "{ products(first: 0) { totalCount } }",
            "{ __typename }",
        ] {
            let response = get(&client, &address(&[("query", query)]), &[]).await;
            assert_eq!(response.header("cache-control"), "no-store", "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn cached_response_expires_after_a_minute() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let ask = async || client.send(PRODUCTS, json!({})).await;
        let (_, kept_answer) = kept(app, ask).await;
        app.advance(Duration::from_secs(59));
        let statements = app.record_statements(ask()).await;
        assert!(statements.is_empty());
        app.advance(Duration::from_secs(1));
        let statements = app.record_statements(ask()).await;
        assert!(!statements.is_empty());
        // The next one is cached for another minute.
        let (_, again) = kept(app, ask).await;
        same(&again, &kept_answer);
    })
    .await;
}

#[tokio::test]
async fn cache_stays_within_its_capacity() {
    let app = App::start(Backend::Sqlite, &["--read-cache-bytes=100000"]).await;
    let root = open(&app).await;
    let long = |product: &mut wares::catalog::product::entity::Model| {
        product.description = "x".repeat(9_000);
    };
    app.shop().product("long", &root, long).await;
    let client = app.anonymous();
    let query = "query($s: String) { product(slug: $s) { name description } }";
    for number in 0..300 {
        let slug = if number % 3 == 0 {
            "lamp".to_owned()
        } else {
            format!("none-{number}")
        };
        client
            .data(&format!("{query} #{number}"), json!({"s": slug}))
            .await;
        assert!(app.state.read_cache.weight() <= 100_000);
    }
    assert!(app.state.read_cache.weight() > 50_000);
    // More than an eighth of the capacity.
    assert_never_cached(&app, async || {
        client.send(query, json!({"s": "long"})).await
    })
    .await;
    let (_, response) = kept(&app, async || {
        client.send(query, json!({"s": "lamp"})).await
    })
    .await;
    assert_eq!(response.json["data"]["product"]["name"], "lamp");
}

#[tokio::test]
async fn every_root_field_has_a_cache_hint() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let schema = wares::api::schema::build(&app.state);
    let query = "{ __schema { queryType { fields { name
        args { name defaultValue type { kind name ofType { kind name ofType { kind } } } }
        type { kind ofType { kind ofType { kind ofType { kind } } } }
    } } } }";
    let data = app.anonymous().data(query, json!({})).await;
    let fields = data["__schema"]["queryType"]["fields"].as_array().unwrap();
    let mut public = Vec::new();
    for field in fields {
        let name = field["name"].as_str().unwrap();
        let given = field["args"].as_array().unwrap().iter().filter(|argument| {
            argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
        });
        let given: Vec<_> = given
            .map(|argument| {
                let value = if argument["type"]["ofType"]["kind"] == "LIST" {
                    "[]"
                } else {
                    "\"x\""
                };
                format!("{}: {value}", argument["name"].as_str().unwrap())
            })
            .collect();
        let given = if given.is_empty() {
            String::new()
        } else {
            format!("({})", given.join(", "))
        };
        let leaf = field["type"].to_string();
        let select = if leaf.contains("OBJECT") || leaf.contains("INTERFACE") {
            "{ __typename }"
        } else {
            ""
        };
        let request = async_graphql::Request::new(format!("{{ {name}{given} {select} }}"));
        let viewer = wares::core::viewer::Viewer::Anonymous;
        let loaders = wares::graphql::dataloader::Loaders::new(&app.state, viewer);
        let response = wares::api::schema::execute(&schema, request.data(viewer), loaders).await;
        let hints = response.cache_control;
        assert!(
            !hints.public || hints.max_age > 0,
            "{name} does not say who may keep its answer"
        );
        if hints.public {
            public.push(name);
        }
    }
    // A new field here must depend on the catalogue alone, and on the caller only by the audience.
    assert_eq!(
        public,
        [
            "category",
            "categories",
            "product",
            "products",
            "searchSuggestions",
            "shop"
        ]
    );
}

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

#[tokio::test]
async fn mutations_are_not_cached() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        let query = "mutation { logout(input: {refreshToken: \"x\"}) { userErrors { code } } }";
        let mut texts = Vec::new();
        for _ in 0..3 {
            let response = client.send(query, Value::Null).await;
            assert_eq!(response.header("cache-control"), "no-store");
            texts.push(response.text);
        }
        let (_, response) = kept(app, async || {
            client.send("{ products { totalCount } }", json!({})).await
        })
        .await;
        assert!(!texts.contains(&response.text));
    })
    .await;
}
