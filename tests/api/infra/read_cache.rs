//! The read cache: which responses are cached, for which clients, and for how long.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::cached_responses::{address, get, kept, open};
use crate::harness::{
    ApiResponse, App, Backend, Client, GRAPHQL_RESPONSE, JSON, on_both_databases,
    on_both_databases_with,
};

pub const PRODUCTS: &str =
    "{ products { totalCount nodes { name stock category { name } images { url } } } }";

/// Fails if any of several responses is cached.
async fn assert_never_cached(app: &App, ask: impl AsyncFn() -> ApiResponse) {
    for _ in 0..4 {
        let statements = app.record_statements(async { _ = ask().await }).await;
        assert!(!statements.is_empty(), "it was kept");
    }
}

pub fn same(one: &ApiResponse, other: &ApiResponse) {
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

async fn cache_hits(client: &Client) -> u64 {
    let metrics = get(client, "/metrics", &[]).await.text;
    let mut lines = metrics.lines();
    let hits = lines.find_map(|line| line.strip_prefix("wares_read_cache_hits_total "));
    hits.unwrap().parse().unwrap()
}

#[tokio::test]
async fn customers_are_answered_from_the_cache_and_admins_are_not() {
    on_both_databases(async |app| {
        let root = open(app).await;
        let draft = |product: &mut wares::catalog::product::entity::Model| {
            product.status = wares::catalog::product::Status::Draft;
        };
        app.shop().product("draft", &root, draft).await;
        let count = "{ products { totalCount nodes { name category { name } images { url } } } }";
        let (admin, customer) = (app.admin().await, app.customer().await);
        let client = app.anonymous();
        let path = address(&[("query", count)]);
        let (_, public) = kept(app, async || get(&client, &path, &[]).await).await;
        assert_eq!(public.json["data"]["products"]["totalCount"], 1);
        assert_never_cached(app, async || get(&admin, &path, &[]).await).await;
        let response = get(&admin, &path, &[]).await;
        assert_eq!(response.json["data"]["products"]["totalCount"], 2);
        assert_eq!(response.header("cache-control"), "no-store");
        // As without the cache, and what an anonymous client gets.
        let query = format!("{count} # by a customer");
        let stored_by_customer = address(&[("query", &query)]);
        let before = cache_hits(&client).await;
        for by_get in [true, false] {
            let ask = async || {
                if by_get {
                    get(&customer, &stored_by_customer, &[]).await
                } else {
                    customer.send(&query, json!({})).await
                }
            };
            let (read, cached) = kept(app, ask).await;
            same(&read, &cached);
            assert_eq!(cached.header("cache-control"), "no-store");
            assert_eq!(cached.header("etag"), "");
            assert_eq!(cached.text, public.text);
        }
        assert!(cache_hits(&client).await >= before + 2);
        let statements = app
            .record_statements(get(&client, &stored_by_customer, &[]))
            .await;
        assert!(statements.is_empty(), "{statements:?}");
        let personal = "{ products { totalCount } me { email } }";
        assert_never_cached(app, async || customer.send(personal, json!({})).await).await;
        // The token is verified first.
        app.advance(Duration::from_mins(20));
        kept(app, async || get(&client, &path, &[]).await).await;
        for who in [customer, client.clone().with_token("nonsense")] {
            get(&who, &path, &[])
                .await
                .assert_refused(401, "UNAUTHENTICATED");
        }
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
