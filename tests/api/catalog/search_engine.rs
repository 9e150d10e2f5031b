//! A search engine beside the database: filled, asked, killed, refilled while the catalog changes.

use serde_json::json;
use wares::catalog::search_engine::service::feed_search_engine;

use super::search::{found, named};
use crate::harness::{App, Backend, EngineBehaviour, Meilisearch};

/// Runs a test on both databases with a new engine.
async fn on_both_databases_with_engine(test: impl AsyncFn(&App, &Meilisearch)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let engine = Meilisearch::start().await;
        let settings = engine.settings();
        let settings: Vec<_> = settings.iter().map(String::as_str).collect();
        let app = App::start(backend, &settings).await;
        test(&app, &engine).await;
        app.stop().await;
    }
}

/// Tells the engine of everything, and lets it take over.
async fn fill(app: &App) {
    for _ in 0..4 {
        feed_search_engine(&app.state).await.unwrap();
    }
}

#[tokio::test]
async fn the_engine_learns_of_created_changed_and_deleted_products() {
    on_both_databases_with_engine(async |app, engine| {
        let category = app.shop().category("kitchen", None, 0, |_| {}).await;
        let mug = named(app, &category, "mug", "Enamel mug").await;
        fill(app).await;
        assert_eq!(engine.names(), ["Enamel mug"]);

        let admin = app.admin().await;
        let rename = "mutation($id: ID!) { updateProduct(input: {id: $id, name: \"Tin mug\"}) { userErrors { code } } }";
        let id = wares::core::id::TypedId::encode(mug.id);
        admin.data(rename, json!({"id": id})).await;
        named(app, &category, "pot", "Pot").await;
        fill(app).await;
        assert_eq!(engine.names(), ["Pot", "Tin mug"]);

        let delete = "mutation($id: ID!) { deleteProduct(input: {id: $id}) { userErrors { code } } }";
        admin.data(delete, json!({"id": id})).await;
        fill(app).await;
        assert_eq!(engine.names(), ["Pot"]);
    })
    .await;
}

#[tokio::test]
async fn a_lost_engine_is_filled_again() {
    on_both_databases_with_engine(async |app, engine| {
        let category = app.shop().category("kitchen", None, 0, |_| {}).await;
        named(app, &category, "mug", "Mug").await;
        named(app, &category, "pot", "Pot").await;
        fill(app).await;
        engine.lose_data();
        app.advance(std::time::Duration::from_secs(11));
        fill(app).await;
        assert_eq!(engine.names(), ["Mug", "Pot"]);
        assert_eq!(found(app, "mug").await, ["mug"]);
    })
    .await;
}

#[tokio::test]
async fn changes_wait_while_the_engine_is_away() {
    on_both_databases_with_engine(async |app, engine| {
        let category = app.shop().category("kitchen", None, 0, |_| {}).await;
        named(app, &category, "mug", "Mug").await;
        fill(app).await;
        for behaviour in [EngineBehaviour::Fail, EngineBehaviour::Hang] {
            engine.behave(behaviour);
            let slug = format!("{behaviour:?}").to_lowercase();
            named(app, &category, &slug, &format!("Pot {slug}")).await;
            assert_eq!(found(app, &slug).await, [slug.as_str()]);
        }
        engine.behave(EngineBehaviour::Answer);
        fill(app).await;
        assert_eq!(engine.names(), ["Mug", "Pot fail", "Pot hang"]);
    })
    .await;
}

#[tokio::test]
async fn the_engine_answers_with_pages_counts_filters_and_partial_matches() {
    on_both_databases_with_engine(async |app, engine| {
        let category = app.shop().root("kitchen", 0).await;
        for number in 0..5 {
            named(app, &category, &format!("mug-{number}"), &format!("Mug {number}")).await;
        }
        named(app, &category, "pot", "Pot for mugs").await;
        let admin = app.admin().await;
        let input = json!({"terms": ["cup", "mug"]});
        admin.run_mutation("createSearchSynonym", input, "searchSynonym { id }").await;
        fill(app).await;
        assert_eq!(engine.index_settings()["synonyms"], json!({"cup": ["mug"], "mug": ["cup"]}));
        assert_eq!(found(app, "mug").await.len(), 6);
        assert_eq!(engine.searches(), 1);

        let pages = "query($after: String, $filter: ProductFilter) { products(search: \"mug\", first: 2, after: $after, filter: $filter) \
                     { totalCount nodes { slug } pageInfo { endCursor hasNextPage } searchInfo { matched corrected ignoredWords } } }";
        let client = app.anonymous();
        let (mut after, mut slugs) = (json!(null), Vec::new());
        loop {
            let data = client.data(pages, json!({"after": after})).await;
            let list = &data["products"];
            assert_eq!(list["totalCount"], 6);
            assert_eq!(list["searchInfo"]["matched"], "ALL");
            let nodes = list["nodes"].as_array().unwrap();
            slugs.extend(nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()));
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        let all = ["mug-0", "mug-1", "mug-2", "mug-3", "mug-4", "pot"];
        let mut sorted = slugs.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all);
        assert_eq!(slugs.len(), all.len());

        let filter = json!({"price": {"gte": "1000000"}});
        let data = client.data(pages, json!({"filter": filter})).await;
        assert_eq!(data["products"]["totalCount"], 0);
        assert_eq!(data["products"]["searchInfo"]["matched"], "ALL");
        let partial = "{ products(search: \"mug zeppelin\") { totalCount searchInfo { matched } } }";
        let data = client.data(partial, json!({})).await;
        assert_eq!(data["products"], json!({"totalCount": 6, "searchInfo": {"matched": "PARTIAL"}}));
        // The database knows more forms of words, and which products are hidden.
        named(app, &category, "jar", "Preserving jar").await;
        let vase = named(app, &category, "vase", "Vase").await;
        fill(app).await;
        assert_eq!(found(app, "jars").await, ["jar"]);
        let archive = "mutation($id: ID!) { updateProduct(input: {id: $id, status: ARCHIVED}) { userErrors { code } } }";
        admin.data(archive, json!({"id": wares::core::id::TypedId::encode(vase.id)})).await;
        let hidden = "{ products(search: \"vase\") { totalCount searchInfo { matched } } }";
        let data = client.data(hidden, json!({})).await;
        assert_eq!(data["products"], json!({"totalCount": 0, "searchInfo": {"matched": "NONE"}}));
        let none = "{ products(search: \"zeppelin\") { totalCount searchInfo { matched } } }";
        let data = client.data(none, json!({})).await;
        assert_eq!(data["products"], json!({"totalCount": 0, "searchInfo": {"matched": "NONE"}}));
    })
    .await;
}

#[tokio::test]
async fn the_database_has_all_pages_if_the_engine_finds_only_hidden_products() {
    on_both_databases_with_engine(async |app, _| {
        let category = app.shop().root("kitchen", 0).await;
        for number in 0..5 {
            let slug = format!("mug-{number}");
            named(app, &category, &slug, &format!("Mug {number}")).await;
        }
        let hidden = named(app, &category, "vase", "Vase for mugs").await;
        let admin = app.admin().await;
        let archive = "mutation($id: ID!) { updateProduct(input: {id: $id, status: ARCHIVED}) { userErrors { code } } }";
        admin.data(archive, json!({"id": wares::core::id::TypedId::encode(hidden.id)})).await;
        fill(app).await;
        let pages = "query($after: String) { products(search: \"vase mug\", first: 2, after: $after) \
                     { nodes { slug } pageInfo { endCursor hasNextPage } searchInfo { matched } } }";
        let client = app.anonymous();
        let (mut after, mut slugs) = (json!(null), Vec::new());
        loop {
            let data = client.data(pages, json!({"after": after})).await;
            let list = &data["products"];
            assert_eq!(list["searchInfo"]["matched"], "PARTIAL");
            let nodes = list["nodes"].as_array().unwrap();
            slugs.extend(nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()));
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        slugs.sort_unstable();
        assert_eq!(slugs, ["mug-0", "mug-1", "mug-2", "mug-3", "mug-4"]);
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_the_engine_is_a_page_of_the_database_when_the_engine_is_away() {
    on_both_databases_with_engine(async |app, engine| {
        let category = app.shop().root("kitchen", 0).await;
        for number in 0..3 {
            named(
                app,
                &category,
                &format!("mug-{number}"),
                &format!("Mug {number}"),
            )
            .await;
        }
        fill(app).await;
        let page = "query($after: String) { products(search: \"mug\", first: 2, after: $after) \
                    { nodes { slug } pageInfo { endCursor } } }";
        let client = app.anonymous();
        let first = client.data(page, json!({})).await;
        assert_eq!(engine.searches(), 1);
        engine.behave(EngineBehaviour::Fail);
        let after = &first["products"]["pageInfo"]["endCursor"];
        let second = client.data(page, json!({"after": after})).await;
        assert_eq!(second["products"]["nodes"].as_array().unwrap().len(), 2);
        // And the other way.
        let after = &second["products"]["pageInfo"]["endCursor"];
        engine.behave(EngineBehaviour::Answer);
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        let third = client.data(page, json!({"after": after})).await;
        assert_eq!(engine.searches(), 2);
        assert_eq!(third["products"]["nodes"].as_array().unwrap().len(), 2);
    })
    .await;
}
