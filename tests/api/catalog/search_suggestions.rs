//! Completed search texts among the suggestions.

use serde_json::{Value, json};
use wares::catalog::product::Status;

use super::search::named;
use crate::harness::{App, Client, on_both_databases};

async fn suggested(client: &Client, prefix: &str) -> Vec<Value> {
    let query = "query($prefix: String!) { searchSuggestions(prefix: $prefix)
        { text query product { slug } category { slug } } }";
    let data = client.data(query, json!({"prefix": prefix})).await;
    data["searchSuggestions"].as_array().unwrap().clone()
}

/// Returns the completed search texts, and asserts that they come first.
async fn completed(client: &Client, prefix: &str) -> Vec<String> {
    let suggestions = suggested(client, prefix).await;
    let is_query = |suggestion: &&Value| suggestion["query"].is_string();
    let queries: Vec<_> = suggestions.iter().take_while(is_query).collect();
    assert_eq!(suggestions.iter().filter(is_query).count(), queries.len());
    for query in &queries {
        assert_eq!(query["text"], query["query"]);
        assert_eq!(
            (&query["product"], &query["category"]),
            (&Value::Null, &Value::Null)
        );
    }
    let text = |suggestion: &&Value| suggestion["query"].as_str().unwrap().to_owned();
    queries.iter().map(text).collect()
}

async fn products(app: &App, names: &[&str]) {
    let all = app.shop().root("all", 0).await;
    for (index, name) in names.iter().enumerate() {
        named(app, &all, &format!("p{index}"), name).await;
    }
}

#[tokio::test]
async fn the_last_word_is_completed_by_words_of_names() {
    on_both_databases(async |app| {
        let names = [
            "Red candle",
            "Candle holder, red",
            "Candlestick",
            "Crème, red",
            "Blue Crème",
        ];
        products(app, &names).await;
        let client = app.anonymous();
        // Most frequent first.
        assert_eq!(completed(&client, "can").await, ["candle", "candlestick"]);
        // The words before are kept, and all words have a result.
        assert_eq!(
            completed(&client, "RED  c").await,
            ["RED candle", "RED crème"]
        );
        assert_eq!(completed(&client, "blue can").await, [""; 0]);
        // The word itself is no completion.
        assert_eq!(completed(&client, "candle").await, ["candlestick"]);
        assert_eq!(completed(&client, "creme").await, [""; 0]);
        assert_eq!(completed(&client, " ").await, [""; 0]);
        let suggestions = suggested(&client, "candlest").await;
        assert_eq!(suggestions.len(), 2);
        assert_eq!(suggestions[1]["product"]["slug"], "p2");
    })
    .await;
}

#[tokio::test]
async fn typos_are_tolerated_if_no_name_matches() {
    on_both_databases(async |app| {
        products(app, &["Red candle", "Green lamp"]).await;
        let client = app.anonymous();
        assert_eq!(completed(&client, "candel").await, ["candle"]);
        assert_eq!(completed(&client, "candel re").await, ["candle red"]);
        let suggestions = suggested(&client, "candel").await;
        assert_eq!(suggestions[1]["product"]["slug"], "p0");
        let query = "{ searchSuggestions(prefix: \"candel\") { text } }";
        let data = client.data(query, json!({})).await;
        assert_eq!(
            data["searchSuggestions"],
            json!([]),
            "unless `query` is selected"
        );
    })
    .await;
}

#[tokio::test]
async fn names_of_hidden_products_complete_nothing() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let all = shop.root("all", 0).await;
        named(app, &all, "lamp", "Zebra lamp").await;
        shop.product("secret", &all, |product| {
            product.name = "Zeppelin".to_owned();
            product.status = Status::Draft;
        })
        .await;
        for client in [app.anonymous(), app.customer().await] {
            assert_eq!(completed(&client, "ze").await, ["zebra"]);
            assert_eq!(completed(&client, "zepp").await, [""; 0]);
            assert_eq!(completed(&client, "zepelin").await, [""; 0]);
        }
        let admin = app.admin().await;
        assert_eq!(completed(&admin, "zepp").await, ["zeppelin"]);
    })
    .await;
}

#[tokio::test]
async fn completed_texts_cost_no_statement_unless_nothing_matches() {
    on_both_databases(async |app| {
        products(app, &["Red candle"]).await;
        let client = app.anonymous();
        for (prefix, expected) in [("can", 2), ("candel", 5)] {
            let work = suggested(&client, prefix);
            let statements = app.record_statements(work).await;
            assert_eq!(statements.len(), expected, "{statements:#?}");
        }
    })
    .await;
}
