//! What the results of a search match: all words, a part of them, corrections.

use serde_json::{Value, json};
use wares::catalog::product::Status;

use super::search::named;
use crate::harness::{App, Client, on_both_databases};

const SEARCH: &str = "query($search: String, $filter: ProductFilter, $after: String, $first: Int) {
    products(search: $search, filter: $filter, first: $first, after: $after) {
        totalCount nodes { slug } pageInfo { hasNextPage endCursor }
        searchInfo { matched corrected ignoredWords } facets { stock { inStock outOfStock } } } }";

async fn search(client: &Client, text: &str) -> Value {
    search_with(client, json!({"search": text})).await
}

async fn search_with(client: &Client, variables: Value) -> Value {
    client.data(SEARCH, variables).await["products"].clone()
}

fn slugs(found: &Value) -> Vec<&str> {
    let nodes = found["nodes"].as_array().unwrap().iter();
    nodes.map(|node| node["slug"].as_str().unwrap()).collect()
}

fn info(matched: &str, corrected: Option<&str>, ignored: &[&str]) -> Value {
    json!({"matched": matched, "corrected": corrected, "ignoredWords": ignored})
}

/// Creates products with these names, whose slugs are their positions.
async fn products(app: &App, names: &[&str]) {
    let all = app.shop().root("all", 0).await;
    for (index, name) in names.iter().enumerate() {
        named(app, &all, &format!("p{index}"), name).await;
    }
}

#[tokio::test]
async fn results_of_all_words_say_so() {
    on_both_databases(async |app| {
        products(app, &["Red candle", "Blue candle"]).await;
        let client = app.anonymous();
        let found = search(&client, "candle red").await;
        assert_eq!(slugs(&found), ["p0"]);
        assert_eq!(found["searchInfo"], info("ALL", None, &[]));
        for text in [json!(null), json!(""), json!(" - ")] {
            let found = search_with(&client, json!({"search": text})).await;
            assert_eq!(found["totalCount"], 2);
            assert_eq!(found["searchInfo"], Value::Null);
        }
    })
    .await;
}

#[tokio::test]
async fn a_word_that_no_product_has_is_ignored() {
    on_both_databases(async |app| {
        products(app, &["Red candle", "Blue candle", "Blue chair"]).await;
        let found = search(&app.anonymous(), "blue XYLOPHONE, candle").await;
        assert_eq!(slugs(&found), ["p1"]);
        assert_eq!(found["totalCount"], 1);
        let stock = &found["facets"]["stock"];
        let counted = stock["inStock"].as_i64().unwrap() + stock["outOfStock"].as_i64().unwrap();
        assert_eq!(counted, 1);
        assert_eq!(found["searchInfo"], info("PARTIAL", None, &["XYLOPHONE"]));
    })
    .await;
}

#[tokio::test]
async fn products_with_most_words_are_found_if_none_has_all() {
    on_both_databases(async |app| {
        let names = [
            "Red wool scarf",
            "Blue wool scarf",
            "Blue silk tie",
            "Green hat",
        ];
        products(app, &names).await;
        let client = app.anonymous();
        let found = search(&client, "blue silk scarf").await;
        assert_eq!(slugs(&found), ["p1", "p2"]);
        assert_eq!(found["totalCount"], 2);
        assert_eq!(found["searchInfo"], info("PARTIAL", None, &[]));
        // Pages of the partial match.
        let variables = json!({"search": "blue silk scarf", "first": 1});
        let first = search_with(&client, variables).await;
        assert_eq!(
            (slugs(&first), &first["pageInfo"]["hasNextPage"]),
            (vec!["p1"], &json!(true))
        );
        let after = &first["pageInfo"]["endCursor"];
        let variables = json!({"search": "blue silk scarf", "first": 1, "after": after});
        let second = search_with(&client, variables).await;
        assert_eq!(slugs(&second), ["p2"]);
        assert_eq!(second["searchInfo"]["matched"], "PARTIAL");
    })
    .await;
}

#[tokio::test]
async fn a_search_without_any_match_is_empty_and_says_so() {
    on_both_databases(async |app| {
        products(app, &["Red candle"]).await;
        let found = search(&app.anonymous(), "xylophone zither").await;
        assert_eq!((slugs(&found), &found["totalCount"]), (vec![], &json!(0)));
        let expected = info("NONE", None, &["xylophone", "zither"]);
        assert_eq!(found["searchInfo"], expected);
    })
    .await;
}

#[tokio::test]
async fn a_filter_or_a_page_that_is_empty_does_not_make_the_match_partial() {
    on_both_databases(async |app| {
        products(app, &["Red candle", "Blue candle", "Blue lamp"]).await;
        let client = app.anonymous();
        let filter = json!({"price": {"lte": "0.01"}});
        let found = search_with(&client, json!({"search": "blue candle", "filter": filter})).await;
        assert_eq!(slugs(&found), [""; 0]);
        assert_eq!(found["searchInfo"], info("ALL", None, &[]));
        let found = search(&client, "candle").await;
        let after = &found["pageInfo"]["endCursor"];
        let found = search_with(&client, json!({"search": "candle", "after": after})).await;
        assert_eq!(slugs(&found), [""; 0]);
        assert_eq!(found["searchInfo"], info("ALL", None, &[]));
        // In another category, a partial match is as empty.
        let other = app.shop().root("other", 1).await;
        named(app, &other, "chair", "Chair").await;
        let query =
            "{ category(slug: \"other\") { products(search: \"blue candle\") { nodes { slug }
            searchInfo { matched } } } }";
        let found = client.data(query, json!({})).await;
        let expected = json!({"nodes": [], "searchInfo": {"matched": "ALL"}});
        assert_eq!(found["category"]["products"], expected);
    })
    .await;
}

#[tokio::test]
async fn misspelled_words_are_corrected_in_the_text() {
    on_both_databases(async |app| {
        products(app, &["Red candle", "Blue candle", "Candler for walls"]).await;
        let client = app.anonymous();
        let found = search(&client, "Blue candel").await;
        assert_eq!(slugs(&found), ["p1"]);
        assert_eq!(found["searchInfo"], info("ALL", Some("Blue candle"), &[]));
        // The correction that most products have.
        let found = search(&client, "candlle").await;
        assert_eq!(found["searchInfo"], info("ALL", Some("candle"), &[]));
        let found = search(&client, "bleu candel zither").await;
        assert_eq!(slugs(&found), ["p1"]);
        let expected = info("PARTIAL", Some("blue candle zither"), &["zither"]);
        assert_eq!(found["searchInfo"], expected);
    })
    .await;
}

#[tokio::test]
async fn a_rare_misspelled_word_is_a_suggestion_to_search_for_the_frequent_one() {
    on_both_databases(async |app| {
        let mut names = vec!["Candel"];
        names.extend(["Candle"; 25]);
        products(app, &names).await;
        let client = app.anonymous();
        let found = search(&client, "candel").await;
        assert_eq!(slugs(&found)[0], "p0");
        assert_eq!(found["searchInfo"], info("ALL", Some("candle"), &[]));
        let found = search(&client, "candle").await;
        assert_eq!(found["searchInfo"], info("ALL", None, &[]));
    })
    .await;
}

#[tokio::test]
async fn short_words_are_corrected_only_if_nothing_else_matches() {
    on_both_databases(async |app| {
        products(app, &["Lamp", "Vase", "Ramp of wood"]).await;
        let client = app.anonymous();
        let found = search(&client, "ramp").await;
        assert_eq!(slugs(&found), ["p2"]);
        let found = search(&client, "lapm").await;
        assert_eq!(slugs(&found), ["p0"]);
        assert_eq!(found["searchInfo"], info("ALL", Some("lamp"), &[]));
        let query = "{ categories(search: \"lapm\") { totalCount nodes { slug } } }";
        app.shop()
            .category("lamps", None, 5, |new| new.name = "Lamp".to_owned())
            .await;
        let found = client.data(query, json!({})).await;
        assert_eq!(
            found["categories"],
            json!({"totalCount": 1, "nodes": [{"slug": "lamps"}]})
        );
    })
    .await;
}

#[tokio::test]
async fn hidden_products_alter_neither_the_match_nor_the_corrections() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let all = shop.root("all", 0).await;
        named(app, &all, "lamp", "Blue lamp").await;
        shop.product("secret", &all, |product| {
            product.name = "Blue zeppelin".to_owned();
            product.status = Status::Draft;
        })
        .await;
        let found = search(&app.anonymous(), "blue zeppelin").await;
        assert_eq!(slugs(&found), ["lamp"]);
        assert_eq!(found["searchInfo"], info("PARTIAL", None, &["zeppelin"]));
        let found = search(&app.anonymous(), "zepelin").await;
        assert_eq!(found["searchInfo"], info("NONE", None, &["zepelin"]));
        let found = search(&app.admin().await, "zepelin").await;
        assert_eq!(slugs(&found), ["secret"]);
        assert_eq!(found["searchInfo"], info("ALL", Some("zeppelin"), &[]));
    })
    .await;
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_number_of_words() {
    on_both_databases(async |app| {
        products(app, &["Red candle", "Blue candle"]).await;
        let client = app.anonymous();
        let count = async |text: &str| {
            let work = search(&client, text);
            app.record_statements(work).await.len()
        };
        let one = count("candlx").await;
        let many = count("candly bluee candli candlo candls candlu candlt candld").await;
        assert_eq!(many, one);
        // One query each for the synonyms, the corrections, the page, the total and the facet.
        let found = count("red").await;
        assert!(found <= 5, "{found}");
        let queries = |words: [&str; 4]| {
            let lists = words.into_iter().zip(0..);
            let lists = lists.map(|(word, index)| {
                format!("p{index}: products(search: \"{word} candle\") {{ nodes {{ slug }} }}")
            });
            format!("{{ {} }}", lists.collect::<Vec<_>>().join(" "))
        };
        let query = queries(["red", "blue", "redd", "bluee"]);
        let work = client.data(&query, json!({}));
        let found = app.record_statements(work).await.len();
        // Their synonyms, their corrections and their pages are read together; two have no match of all words.
        assert!(found <= 12, "{found}");
    })
    .await;
}
