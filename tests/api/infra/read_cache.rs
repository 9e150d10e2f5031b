//! The read cache: which responses are cached, for which clients, and for how long.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;

use crate::harness::{Answer, App, Backend, Client, GRAPHQL_RESPONSE, JSON, on_both, on_both_with};

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
    app.watch();
    root
}

/// Sends requests until the response is cached. Returns that response and the previous one.
pub async fn kept(app: &App, ask: impl AsyncFn() -> Answer) -> (Answer, Answer) {
    let mut before = ask().await;
    // A notification of the last change may still arrive.
    for _ in 0..20 {
        let mut answer = None;
        let statements = app
            .statements_of(async { answer = Some(ask().await) })
            .await;
        let answer = answer.unwrap();
        if statements.is_empty() {
            return (before, answer);
        }
        before = answer;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is not kept: {}", before.text);
}

/// Fails if any of several responses is cached.
async fn never_kept(app: &App, ask: impl AsyncFn() -> Answer) {
    for _ in 0..4 {
        let statements = app.statements_of(async { _ = ask().await }).await;
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

pub async fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    client.request(Method::GET, path, headers, "").await
}

fn same(one: &Answer, other: &Answer) {
    let (mut a, mut b) = (one.headers.clone(), other.headers.clone());
    for headers in [&mut a, &mut b] {
        headers.remove("x-request-id").unwrap();
    }
    assert_eq!((one.status, a, &one.text), (other.status, b, &other.text));
}

#[tokio::test]
async fn what_was_answered_before_is_answered_from_memory_and_looks_alike() {
    on_both(async |app| {
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
        let statements = app.statements_of(get(&other, &path, &[])).await;
        assert!(statements.is_empty(), "{statements:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_kept_before_anybody_watches_nor_when_it_is_off() {
    on_both(async |app| {
        let root = app.shop().root("root", 0).await;
        app.shop().product("lamp", &root, |_| ()).await;
        let client = app.anonymous();
        never_kept(app, async || client.send(PRODUCTS, json!({})).await).await;
    })
    .await;
    on_both_with(&["--read-cache-bytes=0"], async |app| {
        open(app).await;
        let client = app.anonymous();
        never_kept(app, async || client.send(PRODUCTS, json!({})).await).await;
        assert_eq!(app.state.read_cache.weight(), 0);
        // Caching by browsers and CDNs is independent of this.
        let answer = get(&client, &address(&[("query", PRODUCTS)]), &[]).await;
        assert!(answer.header("etag").starts_with("W/\""));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_signed_in_gets_an_answer_of_their_own() {
    on_both(async |app| {
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
                let answer = get(&who, &path, &[]).await;
                assert_eq!(answer.json["data"]["products"]["totalCount"], expected);
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.header("etag"), "");
            }
            never_kept(app, async || get(&who, &path, &[]).await).await;
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
async fn another_question_or_media_type_has_an_answer_of_its_own() {
    on_both(async |app| {
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
                let (_, answer) = kept(app, async || ask(name, n, accept).await).await;
                let products = &answer.json["data"]["products"];
                match name {
                    "A" => assert_eq!(
                        products["nodes"].as_array().unwrap().len(),
                        usize::try_from(n).unwrap()
                    ),
                    _ => assert_eq!(products["totalCount"], 2),
                }
                assert!(answer.header("content-type").starts_with(accept));
            }
        }
        // The same bytes in another transport are another request.
        let body = json!({"query": PRODUCTS}).to_string();
        let (_, answer) = kept(app, async || client.post(&body).await).await;
        assert_eq!(answer.status, 200);
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
async fn errors_and_what_is_private_are_never_kept() {
    on_both(async |app| {
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
            never_kept(app, async || client.send(query, json!({})).await).await;
            let path = address(&[("query", query)]);
            never_kept(app, async || get(&client, &path, &[]).await).await;
            let answer = get(&client, &path, &[]).await;
            assert_eq!(answer.header("cache-control"), "no-store", "{query}");
            assert_eq!(answer.header("etag"), "");
        }
        for query in [
            "{ nothing }",
            "{",
            "{ products(first: 0) { totalCount } }",
            "{ __typename }",
        ] {
            let answer = get(&client, &address(&[("query", query)]), &[]).await;
            assert_eq!(answer.header("cache-control"), "no-store", "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_kept_for_a_minute_at_the_most() {
    on_both(async |app| {
        open(app).await;
        let client = app.anonymous();
        let ask = async || client.send(PRODUCTS, json!({})).await;
        let (_, kept_answer) = kept(app, ask).await;
        app.advance(Duration::from_secs(59));
        let statements = app.statements_of(ask()).await;
        assert!(statements.is_empty());
        app.advance(Duration::from_secs(1));
        let statements = app.statements_of(ask()).await;
        assert!(!statements.is_empty());
        // The next one is cached for another minute.
        let (_, again) = kept(app, ask).await;
        same(&again, &kept_answer);
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_stays_within_its_bound() {
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
    never_kept(&app, async || {
        client.send(query, json!({"s": "long"})).await
    })
    .await;
    let (_, answer) = kept(&app, async || {
        client.send(query, json!({"s": "lamp"})).await
    })
    .await;
    assert_eq!(answer.json["data"]["product"]["name"], "lamp");
}

#[tokio::test]
async fn every_root_field_says_who_may_keep_its_answer() {
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
async fn a_client_that_takes_gzip_gets_it_from_memory_too() {
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
        let answer = get(&client, &path, &[("accept-encoding", accept)]).await;
        assert_eq!(
            (answer.header("content-encoding"), &answer.text),
            ("", &plain.text)
        );
    }
}

#[tokio::test]
async fn browsers_and_cdns_may_ask_whether_an_answer_is_still_good() {
    on_both_with(&["--http-max-age=20"], async |app| {
        let root = open(app).await;
        let client = app.anonymous();
        let path = address(&[("query", PRODUCTS)]);
        let (read, kept_answer) = kept(app, async || get(&client, &path, &[]).await).await;
        for answer in [&read, &kept_answer] {
            assert_eq!(
                answer.header("cache-control"),
                "public, max-age=20, must-revalidate"
            );
            let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
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
            let answer = get(&client, &path, &[("if-none-match", given)]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.text.as_str()),
                (304, ""),
                "{given}"
            );
            assert_eq!(answer.header("etag"), tag);
            assert_eq!(answer.header("cache-control"), read.header("cache-control"));
            assert_eq!(
                answer.headers.get_all("vary").iter().count(),
                read.headers.get_all("vary").iter().count()
            );
        }
        for given in ["", "\"other\"", "W/\"\""] {
            let answer = get(&client, &path, &[("if-none-match", given)]).await;
            same(&answer, &read);
        }
        // The first response after a change, which is not cached, and the next ones.
        app.shop().product("chair", &root, |_| ()).await;
        for _ in 0..3 {
            let answer = get(&client, &path, &[("if-none-match", &tag)]).await;
            assert_eq!(answer.status, 200);
            assert_ne!(answer.header("etag"), tag);
        }
        // POST requests, errors and private responses can't be revalidated.
        let none = [JSON, ("if-none-match", "*")];
        let answer = client
            .post_with(&none, json!({"query": PRODUCTS}).to_string())
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "no-store")
        );
        let answer = get(
            &client,
            &address(&[("query", "{ nothing }")]),
            &[("if-none-match", "*")],
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "no-store")
        );
        let answer = get(&app.customer().await, &path, &[("if-none-match", "*")]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "no-store")
        );
    })
    .await;
}

#[tokio::test]
async fn a_mutation_is_run_each_time() {
    on_both(async |app| {
        open(app).await;
        let client = app.anonymous();
        let query = "mutation { logout(input: {refreshToken: \"x\"}) { userErrors { code } } }";
        let mut texts = Vec::new();
        for _ in 0..3 {
            let answer = client.send(query, Value::Null).await;
            assert_eq!(answer.header("cache-control"), "no-store");
            texts.push(answer.text);
        }
        let (_, answer) = kept(app, async || {
            client.send("{ products { totalCount } }", json!({})).await
        })
        .await;
        assert!(!texts.contains(&answer.text));
    })
    .await;
}
