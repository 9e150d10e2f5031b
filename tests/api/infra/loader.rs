//! The data loader of a request, however the request ends.

use std::sync::Arc;

use serde_json::json;
use wares::core::viewer::Viewer;
use wares::graphql::dataloader::Loaders;

use crate::harness::{on_both_databases, on_both_databases_with};

#[tokio::test]
async fn early_end_of_a_request_leaves_no_lookups() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let schema = wares::api::schema::build(&app.state);
        for query in [
            // One field fails while the lookups of the other are only queued.
            "{ a: products { totalCount nodes { id } } b: products(first: 0) { totalCount } }",
            "{ b: products(first: 0) { totalCount } a: products { nodes { images { alt } } } }",
            "{ products { nodes { images { alt } category { name } } } }",
        ] {
            let loaders = Loaders::new(&app.state, Viewer::Anonymous);
            let watch = Arc::downgrade(loaders.context());
            let request = async_graphql::Request::from(query).data(Viewer::Anonymous);
            wares::api::schema::execute(&schema, request, loaders).await;
            assert!(watch.upgrade().is_none(), "{query}");

            // A request that is dropped in between.
            let loaders = Loaders::new(&app.state, Viewer::Anonymous);
            let watch = Arc::downgrade(loaders.context());
            let request = async_graphql::Request::from(query).data(Viewer::Anonymous);
            let run = wares::api::schema::execute(&schema, request, loaders);
            _ = futures_util::FutureExt::now_or_never(run);
            assert!(watch.upgrade().is_none(), "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn thousand_lists_in_one_request_are_loaded() {
    let settings = ["--query-max-aliases=40", "--query-max-cost=100000"];
    on_both_databases_with(&settings, async |app| {
        app.create_demo_catalog().await;
        let aliases: Vec<_> = (0..40)
            .map(|number| {
                format!(
                    "a{number}: products(filter: {{price: {{gte: {number}}}}}) {{ totalCount }}"
                )
            })
            .collect();
        let query = format!(
            "{{ categories(first: 100) {{ nodes {{ {} }} }} }}",
            aliases.join(" ")
        );
        let data = app.anonymous().data(&query, json!({})).await;
        let nodes = data["categories"]["nodes"].as_array().unwrap();
        assert!(nodes.len() * 40 > 1_000);
        let cheap = nodes[0]["a0"]["totalCount"].as_i64().unwrap();
        let dear = nodes[0]["a39"]["totalCount"].as_i64().unwrap();
        assert!(cheap > dear && dear > 0, "{cheap} {dear}");
    })
    .await;
}
