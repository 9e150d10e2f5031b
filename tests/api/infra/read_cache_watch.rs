//! Changes by other servers and programs, and the cache when such changes can't be watched.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;
use wares::infra::cache::{CacheKey, CacheLookup};
use wares::infra::database::{Address, migrate};

use crate::harness::cached_responses::{assert_stays_cached, kept, open};
use crate::harness::{App, Backend, Log, Proxy, Traffic, on_both_databases};
use crate::infra::read_cache_fresh::{STOCK, ask, set_stock};

/// Whether the cache is enabled now.
fn is_cache_enabled(app: &App) -> bool {
    let cache_key = CacheKey {
        kind: 9,
        bytes: Bytes::from_static(b"nothing that anybody asks"),
    };
    !matches!(app.state.read_cache.find(&cache_key), CacheLookup::Disabled)
}

/// Waits until the cache is enabled or disabled. Returns the time that took.
async fn until(app: &App, open: bool) -> Duration {
    let begun = Instant::now();
    while is_cache_enabled(app) != open {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

/// Waits until a server returns this stock. Returns the time that took.
async fn until_stock(app: &App, stock: i64) -> Duration {
    let begun = Instant::now();
    let client = app.anonymous();
    while ask(&client).await != stock {
        assert!(begun.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

#[tokio::test]
async fn servers_of_one_database_see_each_others_changes_within_a_second() {
    on_both_databases(async |app| {
        open(app).await;
        let other = App::on_database(app.backend, app.address.clone(), &[]).await;
        other.start_change_watcher();
        let mut longest = Duration::ZERO;
        for round in 0..10 {
            let (changed, watching) = if round % 2 == 0 {
                (app, &other)
            } else {
                (&other, app)
            };
            let client = watching.anonymous();
            kept(watching, async || client.send(STOCK, json!({})).await).await;
            set_stock(&changed.state.db, 100 + round).await;
            assert_eq!(ask(&changed.anonymous()).await, 100 + round);
            longest = longest.max(until_stock(watching, 100 + round).await);
        }
        assert!(longest < Duration::from_secs(1), "{longest:?}");
        other.stop().await;
    })
    .await;
}

#[tokio::test]
async fn first_request_after_a_quiet_time_is_answered_from_the_cache() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        // The lease is not renewed between 10.25 and 12 seconds after the last request, and is valid for 0.9 seconds.
        let wait = async || tokio::time::sleep(Duration::from_millis(11_500)).await;
        assert_stays_cached(app, async || client.send(STOCK, json!({})).await, wait).await;
    })
    .await;
}

#[tokio::test]
async fn migration_by_another_program_invalidates() {
    on_both_databases(async |app| {
        open(app).await;
        let other = App::on_database(app.backend, app.address.clone(), &[]).await;
        until(app, true).await;
        let version = app.state.db.changes().version();
        migrate::down(&other.state.db, 1).await.unwrap();
        migrate::up(&other.state.db).await.unwrap();
        let begun = Instant::now();
        while app.state.db.changes().version() == version {
            assert!(begun.elapsed() < Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        other.stop().await;
    })
    .await;
}

#[tokio::test]
async fn reconnected_watch_misses_no_change() {
    let app = App::start(Backend::Postgres, &[]).await;
    open(&app).await;
    let client = app.anonymous();
    for stock in 200..205 {
        kept(&app, async || client.send(STOCK, json!({})).await).await;
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'SELECT pg_is_in_recovery(), pg_post%' AND pid <> pg_backend_pid()";
        assert!(app.sql_number(cut).await >= 1);
        let other = App::on_database(app.backend, app.address.clone(), &[]).await;
        set_stock(&other.state.db, stock).await;
        assert!(until_stock(&app, stock).await < Duration::from_secs(1));
        other.stop().await;
    }
    kept(&app, async || client.send(STOCK, json!({})).await).await;
    app.stop().await;
}

#[tokio::test]
async fn hanging_connection_expires_the_lease_within_a_second() {
    let log = Log::capture();
    let real = App::start(Backend::Postgres, &[]).await;
    open(&real).await;
    let Address::Postgres(url) = &real.address else {
        panic!("it is PostgreSQL");
    };
    let url = url::Url::parse(url.expose()).unwrap();
    let proxy = Proxy::before(&format!("http://127.0.0.1:{}", url.port().unwrap()));
    let mut way = url.clone();
    let port = proxy.endpoint.rsplit(':').next().unwrap().parse().unwrap();
    way.set_port(Some(port)).unwrap();
    let address = Address::Postgres(way.to_string().into());
    let app = App::on_database(Backend::Postgres, address, &[]).await;
    app.start_change_watcher();
    for (traffic, stock) in [(Traffic::Hangs, 300), (Traffic::Breaks, 301)] {
        until(&app, true).await;
        let client = app.anonymous();
        kept(&app, async || client.send(STOCK, json!({})).await).await;
        proxy.set(traffic);
        assert!(until(&app, false).await < Duration::from_secs(1));
        set_stock(&real.state.db, stock).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!is_cache_enabled(&app));
        proxy.set(Traffic::Flows);
        until(&app, true).await;
        assert_eq!(ask(&client).await, stock);
    }
    let lines = log.lines_with("can't watch for changes by other processes");
    assert!(!lines.is_empty());
    proxy.set(Traffic::Breaks);
    real.stop().await;
}
