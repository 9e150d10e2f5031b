//! Replicas: which queries they execute, how old their responses may be, and the catalog without a primary.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::time::sleep;
use wares::config::Secret;
use wares::infra::database::{Address, migrate};

use crate::harness::{App, Backend, Client, PostgresCluster};

/// The timeout of each step of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum age of data that a replica returns, and a margin for slow machines.
const MAX_AGE: Duration = Duration::from_secs(2);
const LIST: &str = "{ products { totalCount nodes { name } } }";

/// A primary with a replica that a shop uses.
struct Replicated {
    cluster: PostgresCluster,
    app: App,
    admin: Client,
    category: Value,
}

impl Replicated {
    async fn start(settings: &[&str]) -> Self {
        let start = tokio::task::spawn_blocking(PostgresCluster::start);
        let cluster = start.await.unwrap();
        let [primary, replica] =
            [0, 1].map(|server| PostgresCluster::url(&[cluster.address(server)]));
        let replicas = format!("--database-replicas={replica}");
        let settings = [settings, &[&*replicas]].concat();
        let address = Address::Postgres(Secret::from(primary));
        let app = App::on_database(Backend::Postgres, address, &settings).await;
        migrate::up(&app.state.db).await.unwrap();
        let admin = app.admin().await;
        let create = "mutation { createCategory(input: {name: \"All\"}) { category { id } } }";
        let data = admin.data(create, json!({})).await;
        let category = data["createCategory"]["category"]["id"].clone();
        app.start_change_watcher();
        Self {
            cluster,
            app,
            admin,
            category,
        }
    }

    /// Starts a shop with one product, which the replica has.
    async fn start_with_product(settings: &[&str]) -> Self {
        let shop = Self::start(settings).await;
        shop.create_product("One").await;
        shop.until_count(1).await;
        shop.until_reads_from_replica().await;
        shop
    }

    async fn pause_replay(&self) {
        let pause = "SELECT 1 FROM pg_wal_replay_pause()";
        self.cluster.query(1, pause).await;
    }

    async fn resume_replay(&self) {
        let resume = "SELECT 1 FROM pg_wal_replay_resume()";
        self.cluster.query(1, resume).await;
    }

    async fn create_product(&self, name: &str) {
        let create = "mutation($input: CreateProductInput!) { createProduct(input: $input) { userErrors { message } } }";
        let input = json!({"input": {
            "name": name, "price": "1.00", "status": "ACTIVE", "categoryId": self.category,
        }});
        let data = self.admin.data(create, input).await;
        assert_eq!(data["createProduct"]["userErrors"], json!([]));
    }

    /// Returns whether the primary executes no statement for an anonymous list.
    async fn reads_from_replica(&self) -> bool {
        let shop = self.app.anonymous();
        let list = shop.data(LIST, json!({}));
        self.app.record_statements(list).await.is_empty()
    }

    async fn until_reads_from_replica(&self) {
        let begun = Instant::now();
        while !self.reads_from_replica().await {
            assert!(begun.elapsed() < TIMEOUT, "the replica is not used");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Returns the number of products that an anonymous client sees.
    async fn count(&self) -> i64 {
        let data = self.app.anonymous().data(LIST, json!({})).await;
        data["products"]["totalCount"].as_i64().unwrap()
    }

    /// Waits until anonymous clients see this many products. Returns the time it took.
    async fn until_count(&self, expected: i64) -> Duration {
        let begun = Instant::now();
        while self.count().await != expected {
            assert!(begun.elapsed() < TIMEOUT);
            sleep(Duration::from_millis(20)).await;
        }
        begun.elapsed()
    }

    async fn readiness(&self) -> String {
        let shop = self.app.anonymous();
        let ready = shop.request(Method::GET, "/health/ready", &[], "").await;
        format!("{} {}", ready.status.as_u16(), ready.text)
    }

    async fn stop(mut self) {
        self.app.stop().await;
        self.cluster.stop_server(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_catalog_queries_use_a_replica_while_it_is_not_behind() {
    let shop = Replicated::start_with_product(&["--read-cache-bytes=0"]).await;
    // A search, a product, facets and filters work on a server that can't be written.
    let queries = [
        "{ products(search: \"on\") { totalCount nodes { name } facets { brands { values { count } } } } }",
        "{ product(slug: \"one\") { name variants { price { amount } } } }",
        "{ searchSuggestions(prefix: \"on\") { text } categories { totalCount } shop { name } }",
        "{ products(filter: {price: {gte: \"0.5\"}}, sort: {field: PRICE}) { nodes { name stock } } }",
    ];
    for query in queries {
        let response = shop.app.anonymous().send(query, json!({})).await;
        assert!(response.json["errors"].is_null(), "{}", response.text);
    }

    // Signed-in clients and guests read from the primary.
    let admins = shop.admin.data(LIST, json!({}));
    assert!(!shop.app.record_statements(admins).await.is_empty());
    let cart = "mutation { createCart(input: {}) { cart { id } } }";
    let guest = shop.app.anonymous();
    let created = guest.data(cart, json!({}));
    assert!(!shop.app.record_statements(created).await.is_empty());

    // A replica that falls behind is left in time, and used again afterwards.
    shop.pause_replay().await;
    shop.create_product("Two").await;
    let age = shop.until_count(2).await;
    assert!(age < MAX_AGE, "{age:?}");
    assert!(!shop.reads_from_replica().await);
    shop.resume_replay().await;
    shop.until_reads_from_replica().await;
    assert_eq!(shop.count().await, 2);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_replica_fails_no_query() {
    let mut shop = Replicated::start_with_product(&["--read-cache-bytes=0"]).await;
    let client = shop.app.anonymous();
    let reads = tokio::spawn(async move {
        for _ in 0..40 {
            let data = client.data(LIST, json!({})).await;
            assert_eq!(data["products"]["totalCount"], 1);
            sleep(Duration::from_millis(20)).await;
        }
    });
    sleep(Duration::from_millis(100)).await;
    shop.cluster.stop_server(1);
    shop.cluster.start_server(1);
    reads.await.unwrap();
    shop.until_reads_from_replica().await;
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_response_never_hides_a_change_that_a_replica_did_not_have() {
    let shop = Replicated::start(&[]).await;
    for number in 1..=8 {
        shop.pause_replay().await;
        shop.create_product(&format!("Product {number}")).await;
        // Read from the replica, which does not have the product, unless it is behind for too long.
        shop.count().await;
        shop.resume_replay().await;
        let age = shop.until_count(number).await;
        assert!(age < MAX_AGE, "{age:?}");
    }
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalidated_page_is_served_when_the_primary_is_lost() {
    let settings = ["--stale-when-away=60s", "--request-timeout=4s"];
    let mut shop = Replicated::start_with_product(&settings).await;
    let page = |number| format!("{{ products(first: {number}) {{ totalCount }} }}");
    for number in 1..=100 {
        shop.app.anonymous().data(&page(number), json!({})).await;
    }
    shop.pause_replay().await;
    shop.create_product("Two").await;
    // Some begin while the primary responds, and are executed after it is known to be lost.
    let client = shop.app.anonymous();
    let reads = tokio::spawn(async move {
        let reads = (1..=100).map(async |number| {
            sleep(Duration::from_millis(2 * number)).await;
            client.send(&page(number), json!({})).await
        });
        futures_util::future::join_all(reads).await
    });
    shop.cluster.stop_server(0);
    for response in reads.await.unwrap() {
        let count = &response.json["data"]["products"]["totalCount"];
        assert!(count == 1 || count == 2, "{}", response.text);
    }
    shop.cluster.start_server(0);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn catalog_stays_open_without_a_primary_if_configured() {
    let settings = ["--stale-when-away=5s", "--request-timeout=4s"];
    let mut shop = Replicated::start_with_product(&settings).await;
    shop.cluster.stop_server(0);
    let stopped = Instant::now();
    for number in 0..50 {
        // Another page each time, so that it is not in memory.
        let query = format!("{{ products(first: {}) {{ totalCount }} }}", number + 1);
        let data = shop.app.anonymous().data(&query, json!({})).await;
        assert_eq!(data["products"]["totalCount"], 1);
        sleep(Duration::from_millis(40)).await;
    }
    let readiness = shop.readiness().await;
    assert!(
        readiness.starts_with("200") && readiness.contains("degraded"),
        "{readiness}"
    );
    let query = "/graphql?query=%7Bproducts%7BtotalCount%7D%7D";
    let response = shop
        .app
        .anonymous()
        .request(Method::GET, query, &[], "")
        .await;
    assert_eq!(
        response.header("cache-control"),
        "public, max-age=0, stale-if-error=5"
    );
    let age: u64 = response.header("age").parse().unwrap();
    assert!(age <= stopped.elapsed().as_secs() + 1);

    // A write waits, and was certainly not done.
    let create = "mutation { createCart(input: {}) { cart { id } } }";
    let refused = shop.app.anonymous().send(create, json!({})).await;
    assert_eq!(refused.code(), "SERVICE_UNAVAILABLE", "{}", refused.text);
    assert_eq!(
        refused.json["errors"][0]["extensions"]["outcome"],
        "NOT_DONE"
    );

    // The time is over.
    sleep(Duration::from_secs(5).saturating_sub(stopped.elapsed())).await;
    let query = "{ products(first: 99) { totalCount } }";
    let late = shop.app.anonymous().send(query, json!({})).await;
    assert_eq!(late.code(), "SERVICE_UNAVAILABLE", "{}", late.text);

    // A write that waits when the primary returns is done.
    let client = shop.app.anonymous();
    let created = tokio::spawn(async move { client.send(create, json!({})).await });
    sleep(Duration::from_millis(200)).await;
    shop.cluster.start_server(0);
    let created = created.await.unwrap();
    assert!(created.json["errors"].is_null(), "{}", created.text);
    shop.until_reads_from_replica().await;
    shop.stop().await;
}
