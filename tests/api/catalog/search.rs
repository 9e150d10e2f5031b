//! Searching products and categories: ranking, visibility, filters, pages.

use std::collections::HashSet;

use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;
use wares::catalog::product::Status;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases};

/// Returns the slugs of the found products in order.
pub async fn found(app: &App, search: &str) -> Vec<String> {
    found_by(&app.anonymous(), search, "").await
}

async fn found_by(client: &Client, search: &str, arguments: &str) -> Vec<String> {
    let query = format!(
        "query($search: String!) {{ products(search: $search, first: 100 {arguments}) \
         {{ totalCount nodes {{ slug }} }} }}"
    );
    let data = client.data(&query, json!({"search": search})).await;
    let nodes = data["products"]["nodes"].as_array().unwrap();
    assert_eq!(data["products"]["totalCount"], nodes.len(), "{search}");
    slugs(nodes)
}

async fn categories_found(app: &App, search: &str) -> Vec<String> {
    let query = "query($search: String!) { categories(search: $search) \
                 { totalCount nodes { slug } } }";
    let data = app.anonymous().data(query, json!({"search": search})).await;
    let nodes = data["categories"]["nodes"].as_array().unwrap();
    assert_eq!(data["categories"]["totalCount"], nodes.len(), "{search}");
    slugs(nodes)
}

fn slugs(nodes: &[Value]) -> Vec<String> {
    let slug = |node: &Value| node["slug"].as_str().unwrap().to_owned();
    nodes.iter().map(slug).collect()
}

/// Creates a product with this name, SKU and description.
pub async fn product(app: &App, category: &Category, slug: &str, words: [&str; 3]) -> Product {
    let [name, sku, description] = words.map(str::to_owned);
    app.shop()
        .product(slug, category, |product| {
            product.name = name;
            product.sku = Some(sku).filter(|sku| !sku.is_empty());
            product.description = description;
        })
        .await
}

pub async fn named(app: &App, category: &Category, slug: &str, name: &str) -> Product {
    product(app, category, slug, [name, "", ""]).await
}

#[tokio::test]
async fn better_matches_come_first() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        // Shuffled; the slug contains the expected position.
        for (slug, words) in [
            ("5-prefix-of-text", ["Lid", "", "for our candlesticks"]),
            ("4-form-in-text", ["Wick", "candlelong-99", "candles"]),
            ("8-typo-in-text", ["Box", "", "of candel"]),
            ("2-sku", ["Tealight", "CANDLE-7", ""]),
            ("1-form-in-name", ["Candles, red", "", ""]),
            ("6-typo-in-name", ["Candel, bent", "", ""]),
            ("3-text", ["Holder", "", "For a candle, and candles."]),
            ("0-name", ["Red candle", "", ""]),
            ("0-code", ["Candle, blue", "CANDLE", ""]),
            ("none", ["Can", "CAN", "can dle"]),
        ] {
            product(app, &all, slug, words).await;
        }
        let mut expected = vec![
            "0-code",
            "0-name",
            "1-form-in-name",
            "2-sku",
            "3-text",
            "4-form-in-text",
            "5-prefix-of-text",
            "6-typo-in-name",
            "8-typo-in-text",
        ];
        assert_eq!(found(app, "candle").await, expected);
        expected.reverse();
        let reversed = "sort: {field: RELEVANCE, direction: DESC}";
        let worst_first = found_by(&app.anonymous(), "candle", reversed).await;
        assert_eq!(worst_first, expected);
    })
    .await;
}

#[tokio::test]
async fn all_words_must_match_and_the_worst_match_ranks() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        product(app, &all, "third", ["Garden bench", "", "Painted green"]).await;
        product(app, &all, "second", ["Green bench", "", ""]).await;
        product(app, &all, "first", ["Bench of green oak, garden", "", ""]).await;
        product(app, &all, "red", ["Garden bench", "", "Painted red"]).await;
        assert_eq!(
            found(app, "green bench").await,
            ["second", "first", "third"]
        );
        assert_eq!(found(app, "bench green garden").await, ["first", "third"]);
        assert_eq!(found(app, "bench green gard").await, ["first", "third"]);
        assert_eq!(found(app, "gardne bench red").await, ["red"]);
        let matched = async |search: &str| {
            let query =
                "query($search: String!) { products(search: $search) { searchInfo { matched } } }";
            let data = app.anonymous().data(query, json!({"search": search})).await;
            data["products"]["searchInfo"]["matched"].clone()
        };
        // Without `blue`, which no product has.
        assert_eq!(
            found(app, "bench blue").await,
            ["third", "second", "first", "red"]
        );
        assert_eq!(matched("bench blue").await, "PARTIAL");
        // The ninth word is ignored.
        let long = "bench green garden oak of bench-green, GARDEN a b x d e f g";
        assert_eq!(matched(long).await, "PARTIAL");
        let long = "b be ben benc bench g gr gre blue";
        assert_eq!(found(app, long).await, ["second", "first", "third"]);
    })
    .await;
}

#[tokio::test]
async fn a_search_without_words_narrows_nothing() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "b", "B").await;
        named(app, &all, "a", "A").await;
        for typed in ["", "   ", "%", "_-!?", "'"] {
            assert_eq!(found(app, typed).await, ["a", "b"], "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn invalid_searches_are_refused_with_their_field() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        let relevance = "sort: {field: RELEVANCE}";
        for (list, search, arguments, field) in [
            ("products", " ", relevance, "sort.field"),
            ("categories", "!", relevance, "sort.field"),
        ] {
            let query = format!(
                "query($search: String) {{ {list}(search: $search {arguments}) {{ nodes {{ id }} }} }}"
            );
            let response = client.send(&query, json!({"search": search})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT", "{list} {search}");
            let error = &response.json["errors"][0];
            assert_eq!(error["extensions"]["field"], field, "{list} {search}");
        }
        for long in ["é".repeat(100), "é".repeat(10_000), "é\0".repeat(100)] {
            assert_eq!(found(app, &long).await, [""; 0]);
        }
        let query = "{ products(sort: {field: RELEVANCE}) { nodes { id } } }";
        assert_eq!(client.send(query, json!({})).await.code(), "BAD_USER_INPUT");
    })
    .await;
}

#[tokio::test]
async fn search_finds_only_products_visible_to_the_viewer() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let all = shop.root("lamps", 0).await;
        let hidden = shop
            .category("hidden-lamps", None, 1, |new| new.published = false)
            .await;
        named(app, &all, "seen", "Lamp").await;
        named(app, &hidden, "in-hidden", "Lamp in the attic").await;
        for (slug, status) in [("draft", Status::Draft), ("archived", Status::Archived)] {
            shop.product(slug, &all, |product| {
                product.name = "Secret lamp".to_owned();
                product.status = status;
            })
            .await;
        }
        let suggested = async |client: &Client, prefix: &str| {
            let query = "query($prefix: String!) { searchSuggestions(prefix: $prefix) \
                         { text product { slug } category { slug } } }";
            let data = client.data(query, json!({"prefix": prefix})).await;
            let list = data["searchSuggestions"].as_array().unwrap().clone();
            let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
            list.iter().map(text).collect::<Vec<_>>()
        };
        for client in [app.anonymous(), app.customer().await] {
            assert_eq!(found_by(&client, "lamp", "").await, ["seen"]);
            assert_eq!(found_by(&client, "secret", "").await, [""; 0]);
            assert_eq!(suggested(&client, "sec").await, [""; 0]);
            assert_eq!(suggested(&client, "lam").await, ["lamps", "Lamp"]);
        }
        let admin = app.admin().await;
        assert_eq!(found_by(&admin, "lamp", "").await.len(), 4);
        assert_eq!(suggested(&admin, "sec").await, ["Secret lamp"]);
        assert_eq!(categories_found(app, "lamps").await, ["lamps"]);
    })
    .await;
}

#[tokio::test]
async fn search_combines_with_filters_and_sort_orders() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let (home, garden) = (shop.root("home", 0).await, shop.root("garden", 1).await);
        for (slug, category, name, price, stock) in [
            ("a", &home, "Lamp one", 300, 0),
            ("b", &home, "One lampshade", 100, 1),
            ("c", &garden, "Lamp two", 200, 1),
            ("d", &garden, "Table", 50, 1),
        ] {
            shop.product(slug, category, |product| {
                product.name = name.to_owned();
                product.price = price;
                product.stock = stock;
            })
            .await;
        }
        let client = app.anonymous();
        let by = async |arguments: &str| found_by(&client, "lamp", arguments).await;
        // Among equal matches, what is in stock comes first.
        assert_eq!(by("").await, ["c", "a", "b"]);
        assert_eq!(by("sort: {field: PRICE}").await, ["b", "c", "a"]);
        assert_eq!(
            by("sort: {field: PRICE, direction: DESC}").await,
            ["a", "c", "b"]
        );
        assert_eq!(by("filter: {inStock: true}").await, ["c", "b"]);
        assert_eq!(by("filter: {price: {gte: 2}}").await, ["c", "a"]);
        let in_home = format!("filter: {{categoryIds: [\"{}\"]}}", home.id.encode());
        assert_eq!(by(&in_home).await, ["a", "b"]);
        let query = r#"query($id: ID!) { category(id: $id) { products(search: "lamp") {
            totalCount nodes { slug } facets { price { min { amount } } } } } }"#;
        let variables = json!({"id": garden.id.encode()});
        let data = client.data(query, variables).await;
        let products = &data["category"]["products"];
        assert_eq!(products["totalCount"], 1);
        assert_eq!(products["nodes"][0]["slug"], "c");
        assert_eq!(products["facets"]["price"]["min"]["amount"], "2.00");
    })
    .await;
}

#[tokio::test]
async fn search_pages_are_stable_across_tiers_under_changes() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        let kinds: [[&str; 3]; 8] = [
            ["Candle", "", ""],
            ["Box", "candle", ""],
            ["Box", "", "candle"],
            ["Candles", "", ""],
            ["Box", "", "candles"],
            ["Candel", "", ""],
            ["Box", "", "candel"],
            ["Spoon", "", ""],
        ];
        let mut products = Vec::new();
        for number in 0..40 {
            let [name, sku, text] = kinds[number % kinds.len()];
            let sku = if sku.is_empty() { "" } else { &format!("{sku}-{number}") };
            let slug = format!("p{number}");
            products.push(product(app, &all, &slug, [name, sku, text]).await);
        }
        let whole = found(app, "candle").await;
        assert_eq!(whole.len(), 35);
        let client = app.anonymous();
        let page = async |arguments: &str| {
            let query = format!(
                "{{ products(search: \"candle\" {arguments}) {{ nodes {{ slug }} pageInfo \
                 {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"
            );
            client.data(&query, json!({})).await["products"].clone()
        };
        for size in [1, 3, 7, 34] {
            let (mut forward, mut after) = (Vec::new(), String::new());
            loop {
                let page = page(&format!("first: {size} {after}")).await;
                forward.extend(slugs(page["nodes"].as_array().unwrap()));
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = format!("after: {}", page["pageInfo"]["endCursor"]);
            }
            assert_eq!(forward, whole, "by {size}");
            let (mut backward, mut before) = (Vec::new(), String::new());
            loop {
                let page = page(&format!("last: {size} {before}")).await;
                let mut rows = slugs(page["nodes"].as_array().unwrap());
                rows.reverse();
                backward.extend(rows);
                if page["pageInfo"]["hasPreviousPage"] == false {
                    break;
                }
                before = format!("before: {}", page["pageInfo"]["startCursor"]);
            }
            backward.reverse();
            assert_eq!(backward, whole, "backward with page size {size}");
        }
        let admin = app.admin().await;
        let (mut seen, mut after, mut gone) = (Vec::new(), String::new(), HashSet::new());
        for number in 0.. {
            let page = page(&format!("first: 4 {after}")).await;
            let rows = slugs(page["nodes"].as_array().unwrap());
            // The row of the cursor, and one of a later page.
            let mut deleted = vec![rows.last().unwrap().clone()];
            deleted.extend(whole.iter().rev().find(|slug| !gone.contains(*slug) && !seen.contains(*slug) && !rows.contains(slug)).cloned());
            seen.extend(rows);
            for slug in deleted {
                let product = products.iter().find(|product| product.slug == slug).unwrap();
                let input = json!({"input": {"id": product.id.encode()}});
                let delete = "mutation($input: DeleteProductInput!) { deleteProduct(input: $input) { userErrors { message } } }";
                admin.data(delete, input).await;
                gone.insert(slug);
            }
            named(app, &all, &format!("new{number}"), "Candle").await;
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = format!("after: {}", page["pageInfo"]["endCursor"]);
        }
        let distinct: HashSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "a row was repeated");
        for slug in &whole {
            assert!(seen.contains(slug) || gone.contains(slug), "{slug} is missing");
        }
    })
    .await;
}

#[tokio::test]
async fn categories_are_found_by_name_and_description() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let garden = shop.root("garden", 0).await;
        for (slug, position, name, description) in [
            ("third", 0, "Sheds", "What gardeners keep tools in"),
            ("second", 1, "Tools", "For the garden"),
            ("fourth", 2, "Chairs", "for a gareden"),
        ] {
            shop.category(slug, Some(&garden), position, |new| {
                new.name = name.to_owned();
                new.description = description.to_owned();
            })
            .await;
        }
        let all = ["garden", "second", "third", "fourth"];
        assert_eq!(categories_found(app, "garden").await, all);
        assert_eq!(
            categories_found(app, "tools garden").await,
            ["second", "third"]
        );
        let query = r#"query($id: ID!) { categories(search: "garden", filter: {parentId: $id},
            sort: {field: NAME}, first: 2) { totalCount nodes { slug } } }"#;
        let data = app
            .anonymous()
            .data(query, json!({"id": garden.id.encode()}))
            .await;
        assert_eq!(data["categories"]["totalCount"], 3);
        assert_eq!(
            slugs(data["categories"]["nodes"].as_array().unwrap()),
            ["fourth", "third"]
        );
    })
    .await;
}
