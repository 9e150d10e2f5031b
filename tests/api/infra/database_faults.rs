//! The database closes connections, hangs or has no free connection; and recovers.

use std::time::{Duration, Instant};

use axum::http::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use wares::config::Secret;
use wares::infra::database::{Address, Database};

use crate::harness::{Answer, App, Backend, Client, Proxy, Traffic, fresh_database};

/// The timeout of each step of a test.
const PATIENCE: Duration = Duration::from_secs(30);
/// The maximum time of a response without a database: five seconds, and a margin for slow machines.
const SOON: Duration = Duration::from_secs(12);
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
    let app = App::over(Backend::Postgres, address, &settings).await;
    (app, proxy, folder)
}

async fn assert_away(app: &App) {
    let shop = app.anonymous();
    let begun = Instant::now();
    let asks = futures_util::future::join_all((0..8).map(|_| shop.send(LISTS, json!({}))));
    for answer in asks.await {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
        assert!(answer.json.as_object().unwrap().contains_key("data"));
        let extensions = &answer.json["errors"][0]["extensions"];
        assert!(extensions["retryAfterSeconds"].is_i64(), "{}", answer.text);
        for secret in ["sqlx", "127.0.0.1", "connection", "os error"] {
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let ready = shop.request(Method::GET, "/health/ready", &[], "").await;
    assert_eq!(ready.status.as_u16(), 503, "{}", ready.text);
    let live = shop.request(Method::GET, "/health/live", &[], "").await;
    assert_eq!(live.status.as_u16(), 200);
    // A database error must not be reported as invalid credentials.
    let somebody = app.anonymous().with_token("eyJhbGciOiJIUzI1NiJ9.e30.x");
    let answer = somebody.send(LISTS, json!({})).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}

async fn assert_back(app: &App) {
    let begun = Instant::now();
    loop {
        let answer = app.anonymous().send(LISTS, json!({})).await;
        if answer.json["data"]["products"]["totalCount"].is_i64() {
            break;
        }
        assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
        assert!(begun.elapsed() < SOON, "it does not recover");
    }
    let ready = app
        .anonymous()
        .request(Method::GET, "/health/ready", &[], "")
        .await;
    assert_eq!(ready.status.as_u16(), 200, "{}", ready.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_cut_off_is_unavailable_and_found_again_when_it_is_back() {
    let (app, proxy, _folder) = app().await;
    assert_back(&app).await;
    for traffic in [Traffic::Breaks, Traffic::Hangs, Traffic::Breaks] {
        proxy.set(traffic);
        assert_away(&app).await;
        proxy.set(Traffic::Flows);
        assert_back(&app).await;
    }
    app.stop().await;
}

/// Sends requests while the connection to the database is open, and cuts it meanwhile.
async fn cut_during(
    app: &App,
    proxy: &Proxy,
    traffic: Traffic,
    client: &Client,
    query: &str,
) -> Answer {
    let table = if query == LISTS {
        "products"
    } else {
        "categories"
    };
    // Another connection makes it wait for a lock.
    let direct = direct(app, proxy);
    let other = Database::connect(&direct, 1).await.unwrap();
    let work = other.begin().await.unwrap();
    let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    work.execute_unprepared(&lock).await.unwrap();
    let cut = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        proxy.set(traffic);
        work.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(client.send(query, json!({})), cut);
    other.close().await.unwrap();
    answer
}

fn direct(app: &App, proxy: &Proxy) -> Address {
    let Address::Postgres(url) = &app.address else {
        panic!()
    };
    let mut url = url::Url::parse(url.expose()).unwrap();
    url.set_port(Some(proxy.server.port())).unwrap();
    Address::Postgres(Secret::from(url.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_flight_when_the_database_is_cut_off_is_done_whole_or_not_at_all() {
    let (app, proxy, _folder) = app().await;
    let admin = app.admin().await;
    let make = "mutation { createCategory(input: {name: \"Sale\"}) { category { id } userErrors { code } } }";
    let mut count = 0;
    for traffic in [Traffic::Breaks, Traffic::Hangs] {
        for query in [LISTS, make] {
            let begun = Instant::now();
            let answer = cut_during(&app, &proxy, traffic, &admin, query).await;
            assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
            assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
            proxy.set(Traffic::Flows);
            assert_back(&app).await;
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
async fn one_connection_serves_everything() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let app = App::over(Backend::Postgres, address.clone(), &[]).await;
    let mut state = app.state.clone();
    state.db = Database::connect(&address, 1).await.unwrap();
    let shop = Client::new(wares::api::http::router(&state));
    let email = "ada@example.com";
    let begun = Instant::now();
    shop.register(email).await;
    shop.verify(email, &app.code().await).await;
    let tokens = shop.login(email, "correct horse 9").await;
    let refresh = json!({"refreshToken": tokens["refreshToken"]});
    let fresh = shop.done("refreshToken", refresh, "accessToken").await;
    let ada = shop
        .clone()
        .with_token(fresh["accessToken"].as_str().unwrap());
    let asks = (0..10).map(|_| ada.data("{ me { email } sessions { id } categories { totalCount } products(search: \"x\") { totalCount nodes { id } } }", json!({})));
    for data in futures_util::future::join_all(asks).await {
        assert_eq!(data["me"]["email"], email);
    }
    ada.data("mutation { logoutAll { userErrors { code } } }", json!({}))
        .await;
    assert!(begun.elapsed() < PATIENCE);
    state.db.close().await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_all_connections_asleep_is_told_so_soon() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let settings = ["--read-cache-bytes=0"];
    let app = App::over(Backend::Postgres, address.clone(), &settings).await;
    let mut state = app.state.clone();
    state.db = Database::connect(&address, 2).await.unwrap();
    let shop = Client::new(wares::api::http::router(&state));
    let sleeping = [
        state.db.begin().await.unwrap(),
        state.db.begin().await.unwrap(),
    ];
    let begun = Instant::now();
    // More than are executed at once: queued requests fail earlier.
    let asks = futures_util::future::join_all((0..100).map(|_| shop.send(LISTS, json!({}))));
    for answer in asks.await {
        assert_eq!(answer.code(), "SERVICE_UNAVAILABLE", "{}", answer.text);
        let extensions = &answer.json["errors"][0]["extensions"];
        assert!(extensions["retryAfterSeconds"].is_i64(), "{}", answer.text);
    }
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    for transaction in sleeping {
        transaction.rollback().await.unwrap();
    }
    let answer = shop.send(LISTS, json!({})).await;
    assert_eq!(answer.json["data"]["products"]["totalCount"], 0);
    state.db.close().await.unwrap();
    app.stop().await;
}
