//! The time limit of searches on PostgreSQL.

use std::time::{Duration, Instant};

use serde_json::json;
use wares::infra::database::{Connection, Database};

use crate::harness::{App, Backend};

const SEARCH: &str = "{ products(search: \"pan\") { nodes { slug } } }";
/// A search whose response is not cached.
const OTHER_SEARCH: &str = "{ products(search: \"pa\") { nodes { slug } } }";
const SUGGESTIONS: &str = "{ searchSuggestions(prefix: \"pan\") { text } }";
const LIST: &str = "{ products { nodes { slug } } }";

#[tokio::test]
async fn searches_of_clients_that_are_not_admins_time_out_after_a_second() {
    let app = App::start(Backend::Postgres, &[]).await;
    let home = app.shop().root("home", 0).await;
    app.shop().product("pan", &home, |_| ()).await;
    let (anonymous, admin) = (app.anonymous(), app.admin().await);
    let found = anonymous.send(SEARCH, json!({})).await;
    assert_eq!(
        found.json["data"]["products"]["nodes"][0]["slug"], "pan",
        "{}",
        found.text
    );
    // Searches wait, until the lock timeout of 5 seconds.
    let other = Database::connect(&app.address, 1).await.unwrap();
    let transaction = other.begin().await.unwrap();
    let lock = "LOCK TABLE product_index_words IN ACCESS EXCLUSIVE MODE";
    transaction.execute_unprepared(lock).await.unwrap();
    for query in [OTHER_SEARCH, SUGGESTIONS] {
        let begun = Instant::now();
        let response = anonymous.send(query, json!({})).await;
        assert_eq!(response.code(), "TIMED_OUT", "{}", response.text);
        let message = response.json["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("longer"), "{message}");
        let took = begun.elapsed();
        let expected = Duration::from_millis(900)..Duration::from_secs(3);
        assert!(expected.contains(&took), "{took:?}");
    }
    let begun = Instant::now();
    let response = admin.send(OTHER_SEARCH, json!({})).await;
    assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
    assert!(begun.elapsed() > Duration::from_secs(3));
    // The connections are free again, and have their own timeout.
    for _ in 0..20 {
        let list = anonymous.send(LIST, json!({})).await;
        assert!(list.json["errors"].is_null(), "{}", list.text);
    }
    transaction.rollback().await.unwrap();
    other.close().await.unwrap();
    let found = anonymous.send(OTHER_SEARCH, json!({})).await;
    assert_eq!(found.json["data"]["products"]["nodes"][0]["slug"], "pan");
    app.stop().await;
}
