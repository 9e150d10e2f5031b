//! A connection to PostgreSQL that is lost during a commit: the change is made once, and the client learns whether it was.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;
use wares::infra::database::Database;

use super::database_faults::through;
use crate::harness::{ApiResponse, App, Backend, Client, Proxy, Traffic, fresh_database};
use crate::platform::idempotency::keyed;

/// The time that a commit takes.
const COMMIT_SECONDS: u32 = 2;
const ADJUST: &str = "mutation($input: AdjustStockInput!) {
    adjustStock(input: $input) { product { stock } userErrors { message } } }";

/// A shop with a product whose changes take long to commit.
struct Shop {
    app: App,
    admin: Client,
    product: Value,
    proxy: Proxy,
    /// A connection besides the proxy.
    direct: Database,
    _folder: TempDir,
}

impl Shop {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(Backend::Postgres, folder.path()).await;
        let direct = Database::connect(&address, 2).await.unwrap();
        let (proxy, address) = through(&address);
        let app = App::on_database(Backend::Postgres, address, &[]).await;
        let admin = app.admin().await;
        let create = "mutation { createCategory(input: {name: \"All\"}) { category { id } } }";
        let data = admin.data(create, json!({})).await;
        let category = &data["createCategory"]["category"]["id"];
        let create = "mutation($category: ID!) { createProduct(input: {
            name: \"Tea\", price: \"1.00\", stock: 10, categoryId: $category }) { product { id } } }";
        let data = admin.data(create, json!({"category": category})).await;
        let product = data["createProduct"]["product"]["id"].clone();
        app.start_change_watcher();
        let shop = Self {
            app,
            admin,
            product,
            proxy,
            direct,
            _folder: folder,
        };
        shop.execute(&format!(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql \
             AS $$ BEGIN PERFORM pg_sleep({COMMIT_SECONDS}); RETURN NULL; END $$"
        ))
        .await;
        // A deferred trigger runs during COMMIT.
        shop.execute(
            "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON stock_movements DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION wait()",
        )
        .await;
        shop
    }

    async fn number(&self, sql: &str) -> i64 {
        let query = Statement::from_string(DbBackend::Postgres, sql);
        let found = self.direct.reader().query_one_raw(query).await;
        found.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    async fn execute(&self, sql: &str) {
        let transaction = self.direct.begin().await.unwrap();
        transaction.execute_unprepared(sql).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Waits until a commit is running. Returns the process that executes it.
    async fn until_commit(&self) -> i32 {
        let sleeping = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                        AND wait_event = 'PgSleep'";
        for _ in 0..1_000 {
            let sleeping = Statement::from_string(DbBackend::Postgres, sleeping);
            let found = self.direct.reader().query_one_raw(sleeping).await.unwrap();
            if let Some(found) = found {
                return found.try_get_by_index(0).unwrap();
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing is committed");
    }

    /// Adds one piece to the stock, with this key if one is given.
    async fn adjust(&self, key: Option<&str>) -> ApiResponse {
        let variables = json!({"input": {"id": self.product, "delta": 1}});
        let response = match key {
            Some(key) => keyed(&self.admin, key, ADJUST, variables).await,
            None => self.admin.send(ADJUST, variables).await,
        };
        println!("{}", response.text);
        response
    }

    /// Loses all connections of the shop, while the database commits.
    async fn lose_connections(&self) {
        self.until_commit().await;
        self.break_connections().await;
    }

    /// Closes all connections of the shop, and allows new ones after a moment.
    async fn break_connections(&self) {
        self.proxy.set(Traffic::Breaks);
        sleep(Duration::from_millis(300)).await;
        self.proxy.set(Traffic::Flows);
    }

    /// Makes the database roll back the commit and close its connection. Later commits are not delayed.
    async fn roll_back(&self) {
        let process = self.until_commit().await;
        self.execute(&format!(
            "CREATE OR REPLACE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql \
             AS $$ BEGIN RETURN NULL; END $$; SELECT pg_terminate_backend({process})"
        ))
        .await;
    }

    async fn stock(&self) -> Value {
        let product = "query($id: ID!) { product(id: $id) { stock } }";
        let data = self.admin.data(product, json!({"id": self.product})).await;
        data["product"]["stock"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commit_without_a_response_is_found_with_a_key() {
    let shop = Shop::start().await;
    let (adjusted, ()) = tokio::join!(shop.adjust(Some("key")), shop.lose_connections());
    let stock = &adjusted.json["data"]["adjustStock"]["product"]["stock"];
    assert_eq!(*stock, 11, "{}", adjusted.text);
    let repeated = shop.adjust(Some("key")).await;
    assert_eq!(repeated.header("idempotency-replayed"), "true");
    assert_eq!(repeated.json["data"], adjusted.json["data"]);
    assert_eq!(shop.stock().await, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn commit_without_a_response_and_a_key_is_found() {
    let shop = Shop::start().await;
    let (adjusted, ()) = tokio::join!(shop.adjust(None), shop.lose_connections());
    let stock = &adjusted.json["data"]["adjustStock"]["product"]["stock"];
    assert_eq!(*stock, 11, "{}", adjusted.text);
    assert_eq!(shop.stock().await, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn second_commit_of_a_request_without_a_response_is_found() {
    let shop = Shop::start().await;
    let twice = "mutation($input: AdjustStockInput!) {
        first: adjustStock(input: $input) { product { stock } }
        second: adjustStock(input: $input) { product { stock } } }";
    let variables = json!({"input": {"id": shop.product, "delta": 1}});
    let lose = async {
        let movements = "SELECT count(*) FROM stock_movements";
        let before = shop.number(movements).await;
        while shop.number(movements).await == before {
            sleep(Duration::from_millis(10)).await;
        }
        shop.lose_connections().await;
    };
    let sent = keyed(&shop.admin, "key", twice, variables);
    let (adjusted, ()) = tokio::join!(sent, lose);
    assert_eq!(
        adjusted.json["data"],
        json!({"first": {"product": {"stock": 11}}, "second": {"product": {"stock": 12}}}),
        "{}",
        adjusted.text
    );
    assert_eq!(shop.stock().await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_transactions_that_write_store_their_outcome() {
    let app = App::start(Backend::Postgres, &[]).await;
    let outcomes = async || app.count("catalog_changes").await;
    let before = outcomes().await;
    let reading = app.state.db.begin().await.unwrap();
    let sql = "SELECT count(*) FROM categories";
    reading.execute_unprepared(sql).await.unwrap();
    reading.commit().await.unwrap();
    assert_eq!(outcomes().await, before);
    let admin = app.admin().await;
    let known = outcomes().await;
    let create = "mutation { createCategory(input: {name: \"All\"}) { category { id } } }";
    admin.data(create, json!({})).await;
    assert!(outcomes().await > known);
}

#[tokio::test(flavor = "multi_thread")]
async fn commit_that_was_rolled_back_is_executed_again() {
    for key in [Some("key"), None] {
        let shop = Shop::start().await;
        let (adjusted, ()) = tokio::join!(shop.adjust(key), shop.roll_back());
        let stock = &adjusted.json["data"]["adjustStock"]["product"]["stock"];
        assert_eq!(*stock, 11, "{}", adjusted.text);
        assert_eq!(shop.stock().await, 11);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_whose_connection_is_lost_before_the_commit_is_executed_again() {
    let shop = Shop::start().await;
    shop.execute("DROP TRIGGER wait ON stock_movements").await;
    // The mutation waits for this lock.
    let lock = shop.direct.begin().await.unwrap();
    let table = "LOCK TABLE variants IN ACCESS EXCLUSIVE MODE";
    lock.execute_unprepared(table).await.unwrap();
    let lose = async {
        sleep(Duration::from_millis(500)).await;
        shop.break_connections().await;
        lock.rollback().await.unwrap();
    };
    let (adjusted, ()) = tokio::join!(shop.adjust(None), lose);
    let stock = &adjusted.json["data"]["adjustStock"]["product"]["stock"];
    assert_eq!(*stock, 11, "{}", adjusted.text);
    assert_eq!(shop.stock().await, 11);
    assert_eq!(
        shop.app
            .sql_number("SELECT count(*) FROM audit_log WHERE action = 'adjustStock'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn payload_is_read_once_the_connection_is_back() {
    let shop = Shop::start().await;
    let lose = async {
        shop.until_commit().await;
        // Granted after the commit. The payload waits for it.
        let lock = shop.direct.begin().await.unwrap();
        let table = "LOCK TABLE stock_levels IN ACCESS EXCLUSIVE MODE";
        lock.execute_unprepared(table).await.unwrap();
        sleep(Duration::from_millis(300)).await;
        shop.break_connections().await;
        lock.rollback().await.unwrap();
    };
    let (adjusted, ()) = tokio::join!(shop.adjust(Some("key")), lose);
    let stock = &adjusted.json["data"]["adjustStock"]["product"]["stock"];
    assert_eq!(*stock, 11, "{}", adjusted.text);
    let repeated = shop.adjust(Some("key")).await;
    assert_eq!(repeated.json["data"], adjusted.json["data"]);
}
