//! The database closes connections, hangs or has no free connection; and recovers.

use std::time::{Duration, Instant};

use axum::http::Method;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use wares::config::Secret;
use wares::infra::database::{Address, Database};

use crate::harness::{ApiResponse, App, Backend, Client, Proxy, Traffic, fresh_database};

/// The timeout of each step of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum time of a response without a database: five seconds, and a margin for slow machines.
const UNAVAILABLE_TIMEOUT: Duration = Duration::from_secs(12);
const LISTS: &str = "{ products { totalCount } }";

/// Returns the address of the same database through a proxy.
pub fn through(address: &Address) -> (Proxy, Address) {
    let Address::Postgres(url) = address else {
        panic!("{address:?}")
    };
    let mut url = url::Url::parse(url.expose()).unwrap();
    let proxy = Proxy::before(&format!("http://127.0.0.1:{}", url.port().unwrap()));
    let (_, port) = proxy.endpoint.rsplit_once(':').unwrap();
    url.set_ip_host([127, 0, 0, 1].into()).unwrap();
    url.set_port(Some(port.parse().unwrap())).unwrap();
    let address = Address::Postgres(Secret::from(url.to_string()));
    (proxy, address)
}

/// A shop whose database is behind a proxy, with a request timeout of two seconds.
async fn app() -> (App, Proxy, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let settings = ["--read-cache-bytes=0", "--request-timeout=3s"];
    let app = App::on_database(Backend::Postgres, address, &settings).await;
    (app, proxy, folder)
}

async fn assert_unavailable(app: &App) {
    let shop = app.anonymous();
    let begun = Instant::now();
    let asks = futures_util::future::join_all((0..8).map(|_| shop.send(LISTS, json!({}))));
    for response in asks.await {
        assert_eq!(response.status.as_u16(), 200, "{}", response.text);
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        assert!(response.json.as_object().unwrap().contains_key("data"));
        let extensions = &response.json["errors"][0]["extensions"];
        assert!(
            extensions["retryAfterSeconds"].is_i64(),
            "{}",
            response.text
        );
        for secret in ["sqlx", "127.0.0.1", "connection", "os error"] {
            assert!(!response.text.contains(secret), "{}", response.text);
        }
    }
    assert!(
        begun.elapsed() < UNAVAILABLE_TIMEOUT,
        "{:?}",
        begun.elapsed()
    );
    let ready = shop.request(Method::GET, "/health/ready", &[], "").await;
    assert_eq!(ready.status.as_u16(), 503, "{}", ready.text);
    let live = shop.request(Method::GET, "/health/live", &[], "").await;
    assert_eq!(live.status.as_u16(), 200);
    // A database error must not be reported as invalid credentials.
    let somebody = app.anonymous().with_token("eyJhbGciOiJIUzI1NiJ9.e30.x");
    let response = somebody.send(LISTS, json!({})).await;
    assert_eq!(response.code(), "UNAUTHENTICATED");
}

async fn assert_available(app: &App) {
    let begun = Instant::now();
    loop {
        let response = app.anonymous().send(LISTS, json!({})).await;
        if response.json["data"]["products"]["totalCount"].is_i64() {
            break;
        }
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        assert!(begun.elapsed() < UNAVAILABLE_TIMEOUT, "it does not recover");
    }
    let ready = app
        .anonymous()
        .request(Method::GET, "/health/ready", &[], "")
        .await;
    assert_eq!(ready.status.as_u16(), 200, "{}", ready.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_database_returns_unavailable_until_it_is_back() {
    let (app, proxy, _folder) = app().await;
    assert_available(&app).await;
    for traffic in [Traffic::Breaks, Traffic::Hangs, Traffic::Breaks] {
        proxy.set(traffic);
        assert_unavailable(&app).await;
        proxy.set(Traffic::Flows);
        assert_available(&app).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn session_lookup_ends_with_the_request_timeout() {
    let (app, proxy, _folder) = app().await;
    let admin = app.admin().await;
    proxy.set(Traffic::Hangs);
    let begun = Instant::now();
    let response = admin.send("{ me { id } }", json!({})).await;
    assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
    // Waiting for a connection alone may take five seconds.
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(4_500), "{took:?}");
    proxy.set(Traffic::Flows);
    app.stop().await;
}

/// Sends requests while the connection to the database is open, and cuts it meanwhile.
async fn cut_during(
    app: &App,
    proxy: &Proxy,
    traffic: Traffic,
    client: &Client,
    query: &str,
) -> ApiResponse {
    let table = if query == LISTS {
        "products"
    } else {
        "categories"
    };
    // Another connection makes it wait for a lock.
    let direct_address = direct_address(app, proxy);
    let other = Database::connect(&direct_address, 1).await.unwrap();
    let work = other.begin().await.unwrap();
    let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    work.execute_unprepared(&lock).await.unwrap();
    let cut = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        proxy.set(traffic);
        work.rollback().await.unwrap();
    };
    let (response, ()) = tokio::join!(client.send(query, json!({})), cut);
    other.close().await.unwrap();
    response
}

fn direct_address(app: &App, proxy: &Proxy) -> Address {
    let Address::Postgres(url) = &app.address else {
        panic!()
    };
    let mut url = url::Url::parse(url.expose()).unwrap();
    url.set_port(Some(proxy.server.port())).unwrap();
    Address::Postgres(Secret::from(url.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn in_flight_mutations_are_atomic_when_the_database_is_lost() {
    let (app, proxy, _folder) = app().await;
    let admin = app.admin().await;
    let make = "mutation { createCategory(input: {name: \"Sale\"}) { category { id } userErrors { code } } }";
    let mut count = 0;
    for traffic in [Traffic::Breaks, Traffic::Hangs] {
        for query in [LISTS, make] {
            let begun = Instant::now();
            let response = cut_during(&app, &proxy, traffic, &admin, query).await;
            assert!(
                begun.elapsed() < UNAVAILABLE_TIMEOUT,
                "{:?}",
                begun.elapsed()
            );
            assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
            proxy.set(Traffic::Flows);
            assert_available(&app).await;
        }
        let data = admin.data(make, json!({})).await;
        assert_ne!(data["createCategory"]["category"]["id"], Value::Null);
        count += 1;
    }
    // Each change is found with its audit entry, or neither exists.
    assert_eq!(app.count("categories").await, count);
    let noted = "SELECT count(*) FROM audit_log WHERE action = 'createCategory'";
    assert_eq!(app.sql_number(noted).await, count);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_requests_succeed_with_one_connection() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let app = App::on_database(Backend::Postgres, address.clone(), &[]).await;
    let mut state = app.state.clone();
    state.db = Database::connect(&address, 1).await.unwrap();
    let shop = Client::new(wares::api::http::router(&state));
    let email = "ada@example.com";
    let begun = Instant::now();
    shop.register(email).await;
    shop.verify(email, &app.code().await).await;
    let tokens = shop.login(email, "correct horse 9").await;
    let refresh = json!({"refreshToken": tokens["refreshToken"]});
    let fresh = shop
        .run_mutation("refreshToken", refresh, "accessToken")
        .await;
    let ada = shop
        .clone()
        .with_token(fresh["accessToken"].as_str().unwrap());
    let asks = (0..10).map(|_| ada.data("{ me { email } sessions { id } categories { totalCount } products(search: \"x\") { totalCount nodes { id } } }", json!({})));
    for data in futures_util::future::join_all(asks).await {
        assert_eq!(data["me"]["email"], email);
    }
    ada.data("mutation { logoutAll { userErrors { code } } }", json!({}))
        .await;
    assert!(begun.elapsed() < TIMEOUT);
    state.db.close().await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_connections_return_unavailable_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let settings = ["--read-cache-bytes=0"];
    let app = App::on_database(Backend::Postgres, address.clone(), &settings).await;
    let mut state = app.state.clone();
    state.db = Database::connect(&address, 2).await.unwrap();
    let shop = Client::new(wares::api::http::router(&state));
    // Of two connections, transactions that write use one.
    let sleeping = [
        state.db.begin().await.unwrap(),
        state.db.begin_snapshot().await.unwrap(),
    ];
    let begun = Instant::now();
    // More than are executed at once: queued requests fail earlier.
    let asks = futures_util::future::join_all((0..100).map(|_| shop.send(LISTS, json!({}))));
    for response in asks.await {
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        let extensions = &response.json["errors"][0]["extensions"];
        assert!(
            extensions["retryAfterSeconds"].is_i64(),
            "{}",
            response.text
        );
    }
    assert!(
        begun.elapsed() < UNAVAILABLE_TIMEOUT,
        "{:?}",
        begun.elapsed()
    );
    for transaction in sleeping {
        transaction.rollback().await.unwrap();
    }
    let response = shop.send(LISTS, json!({})).await;
    assert_eq!(response.json["data"]["products"]["totalCount"], 0);
    state.db.close().await.unwrap();
    app.stop().await;
}

/// Transactions whose requests have ended still wait for a lock. Their connections count until then.
#[tokio::test(flavor = "multi_thread")]
async fn cancelled_transactions_leave_connections_for_reads() {
    const WAIT: &str = "SELECT pg_advisory_xact_lock(1)";
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let direct = Database::connect(&address, 2).await.unwrap();
    let holder = direct.begin().await.unwrap();
    holder.execute_unprepared(WAIT).await.unwrap();
    // Of three connections, transactions that write use two.
    let database = Database::connect(&address, 3).await.unwrap();
    let wait = async |database: Database| {
        let transaction = database.begin().await.unwrap();
        transaction.execute_unprepared(WAIT).await.unwrap();
    };
    for _ in 0..3 {
        let requests = [(); 2].map(|()| tokio::spawn(wait(database.clone())));
        while number(&direct, WAITING).await < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Time in which a transaction could begin.
        tokio::time::sleep(Duration::from_millis(200)).await;
        for request in requests {
            request.abort();
        }
        assert!(number(&direct, WAITING).await <= 2);
        assert_eq!(number(&database, "SELECT count(*) FROM products").await, 0);
    }
    holder.rollback().await.unwrap();
    for _ in 0..5 {
        let two = tokio::try_join!(database.begin(), database.begin());
        drop(two.unwrap());
    }
    database.close().await.unwrap();
    direct.close().await.unwrap();
}

#[tokio::test]
async fn query_whose_connection_was_closed_is_executed_once_more() {
    let app = App::start(Backend::Postgres, &[]).await;
    let other = Database::connect(&app.address, 1).await.unwrap();
    // In use until now, so that it is not tested before the next use.
    app.count("products").await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let work = other.begin().await.unwrap();
    work.execute_unprepared(cut).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(app.count("products").await, 0);
    other.close().await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_begin_leaves_no_open_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let observer = Database::connect(&address, 1).await.unwrap();
    let (proxy, address) = through(&address);
    let database = Database::connect(&address, 1).await.unwrap();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state LIKE 'idle in transaction%'";
    for _ in 0..5 {
        // Just used, so that it is not tested before `BEGIN`.
        assert_eq!(number(&database, "SELECT 1::bigint").await, 1);
        proxy.set(Traffic::Hangs);
        let begun = timeout(Duration::from_millis(100), database.begin()).await;
        assert!(begun.is_err());
        proxy.set(Traffic::Flows);
        assert_eq!(number(&database, "SELECT 2::bigint").await, 2);
        assert_eq!(number(&observer, open).await, 0);
    }
    database.close().await.unwrap();
    observer.close().await.unwrap();
}

/// A proxy that still leads some connections to the former primary, which does not respond, fails no request.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_to_connect_without_a_response_are_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let settings = ["--read-cache-bytes=0", "--request-timeout=20s"];
    let app = App::on_database(Backend::Postgres, address, &settings).await;
    assert_available(&app).await;
    proxy.close_and_ignore(1).await;
    let shop = app.anonymous();
    // Different ones, because equal requests share a result.
    let asks = (1..=3).map(async |first| {
        let products = format!("{{ products(first: {first}) {{ nodes {{ id }} }} }}");
        shop.send(&products, json!({})).await
    });
    for response in futures_util::future::join_all(asks).await {
        assert_eq!(
            response.json,
            json!({ "data": { "products": { "nodes": [] } } })
        );
    }
    assert_eq!(proxy.left_to_ignore(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_to_begin_without_a_response_are_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let (proxy, address) = through(&address);
    let database = Database::connect(&address, 1).await.unwrap();
    for is_snapshot in [false, true] {
        proxy.close_and_ignore(1).await;
        // A connection that was idle for a second is tested before use.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let begun = if is_snapshot {
            database.begin_snapshot().await
        } else {
            database.begin().await
        };
        begun.unwrap().rollback().await.unwrap();
        assert_eq!(proxy.left_to_ignore(), 0);
    }
    database.close().await.unwrap();
}

async fn number(database: &Database, sql: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let found = database.reader().query_one_raw(statement).await.unwrap();
    found.unwrap().try_get_by_index(0).unwrap()
}
