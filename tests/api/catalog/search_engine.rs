//! A search engine beside the database: filled, asked, killed, refilled while the catalog changes.

use serde_json::json;
use wares::catalog::product;

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
        product::service::feed_search_engine(&app.state)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_engine_learns_of_created_changed_and_deleted_products() {
    on_both_databases_with_engine(async |app, engine| {
        let category = app.shop().category("kitchen", |_| {}).await;
        let mug = named(app, &category, "mug", "Enamel mug").await;
        fill(app).await;
        assert_eq!(engine.names(), ["Enamel mug"]);

        let admin = app.admin().await;
        let rename = "mutation($id: ID!) { updateProduct(input: {id: $id, name: \"Tin mug\"}) { userErrors { code } } }";
        let id = wares::core::id::TypedId::encode(&mug.id);
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
        let category = app.shop().category("kitchen", |_| {}).await;
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
        let category = app.shop().category("kitchen", |_| {}).await;
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
