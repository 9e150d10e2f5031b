//! The rebuild of the search index for another analysis of words, while the old words answer.

use std::time::Duration;

use serde_json::json;
use wares::catalog::product::service::{maintain_search_index, request_rebuild};
use wares::core::id::TypedId;

use super::search::{found, named};
use crate::harness::{App, on_both_databases};

/// Starts another server on the same database, with another language.
async fn server(app: &App, language: &str) -> App {
    let settings = ["--shop-language", language];
    let server = App::on_database(app.backend, app.address.clone(), &settings).await;
    request_rebuild(&server.state).await.unwrap();
    server
}

async fn number(app: &App, column: &str) -> i64 {
    app.sql_number(&format!(
        "SELECT CAST(coalesce({column}, 0) AS BIGINT) FROM search_generation"
    ))
    .await
}

#[tokio::test]
async fn the_old_words_answer_until_the_new_ones_are_complete() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        request_rebuild(&app.state).await.unwrap();
        assert_eq!(number(app, "building").await, 0);
        let lamp = named(app, &all, "lamp", "Lamp").await;
        named(app, &all, "spoon", "Spoon").await;
        let german = server(app, "de").await;
        assert_eq!(number(app, "building").await, 2);
        assert_eq!(found(&german, "lamp").await, ["lamp"]);

        // Changes during the build are in both generations, also those by a server with the other analysis.
        let admin = app.admin().await;
        let input = json!({"id": lamp.id.encode(), "name": "Lantern"});
        admin
            .run_mutation("updateProduct", input, "product { id }")
            .await;
        assert_eq!(app.count("search_queue").await, 1);
        named(app, &all, "fork", "Fork").await;
        assert_eq!(found(&german, "lantern").await, ["lamp"]);
        // The old words answer: a product that lost them is not found.
        app.sql("DELETE FROM product_index_words").await;
        assert_eq!(found(app, "lantern").await, [""; 0]);
        assert_eq!(number(app, "active").await, 1);
        app.sql("UPDATE product_index SET generation = 1").await;

        maintain_search_index(&german.state).await.unwrap();
        assert_eq!(
            (number(app, "active").await, number(app, "building").await),
            (2, 0)
        );
        for server in [app, &german] {
            assert_eq!(found(server, "lantern").await, ["lamp"]);
            assert_eq!(found(server, "spoon").await, ["spoon"]);
            assert_eq!(found(server, "fork").await, ["fork"]);
        }
        assert_eq!(app.count("search_queue").await, 0);
        // The words of the old generation are deleted.
        maintain_search_index(&german.state).await.unwrap();
        assert_eq!(app.count("product_index_words").await, 3);
        assert_eq!(app.count("category_index_words").await, 1);
        // Nothing is left to do, and the other server does not rebuild it again.
        request_rebuild(&german.state).await.unwrap();
        maintain_search_index(&app.state).await.unwrap();
        assert_eq!(
            (number(app, "active").await, number(app, "building").await),
            (2, 0)
        );
        german.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_next_server_continues_a_rebuild_whose_server_died() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        request_rebuild(&app.state).await.unwrap();
        for number in 0..20 {
            named(app, &all, &format!("lamp-{number}"), "Lamp").await;
        }
        let german = server(app, "de").await;
        // Half of it is done, and the lease of the dead server has not expired.
        app.sql(
            "UPDATE product_index SET generation = 1 WHERE product_id IN (SELECT product_id FROM product_index LIMIT 10)",
        )
        .await;
        let expires_at = german.state.clock.now().after(Duration::from_secs(30)).0;
        app.sql(&format!(
            "INSERT INTO leases (name, holder, expires_at) VALUES ('rebuild', 'dead', {expires_at})"
        ))
        .await;
        maintain_search_index(&german.state).await.unwrap();
        assert_eq!(number(app, "active").await, 1);
        // Meanwhile a server with a third language does not begin another one.
        let russian = server(app, "ru").await;
        maintain_search_index(&russian.state).await.unwrap();
        assert_eq!(number(app, "building").await, 2);

        let next = server(app, "de").await;
        next.advance(Duration::from_secs(31));
        maintain_search_index(&next.state).await.unwrap();
        assert_eq!(number(app, "active").await, 2);
        assert_eq!(found(app, "lamp").await.len(), 20);
        assert_eq!(app.count("leases").await, 0);
        for server in [german, russian, next] {
            server.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_dead_rebuild_for_another_language_is_abandoned() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        request_rebuild(&app.state).await.unwrap();
        named(app, &all, "lamp", "Lamp").await;
        let german = server(app, "de").await;
        // It is back in the old language.
        request_rebuild(&app.state).await.unwrap();
        assert_eq!(number(app, "building").await, 0);
        maintain_search_index(&german.state).await.unwrap();
        assert_eq!(number(app, "active").await, 1);
        // The numbers of abandoned generations are not used again.
        let russian = server(app, "ru").await;
        assert_eq!(number(app, "building").await, 3);
        maintain_search_index(&russian.state).await.unwrap();
        assert_eq!(number(app, "active").await, 3);
        assert_eq!(found(app, "lamp").await, ["lamp"]);
        for server in [german, russian] {
            server.stop().await;
        }
    })
    .await;
}
