//! Searches for outdated responses with concurrent readers and writers, for `WARES_TEST_HUNT_SECONDS` seconds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::RngExt;
use serde_json::json;
use tokio::task::JoinSet;
use wares::infra::database::{Catalog, Connection, Database};

use crate::harness::cached_responses::{address, get, kept, open};
use crate::harness::{App, Client, on_both_databases};
use crate::infra::read_cache_fresh::{STOCK, set_stock};

/// The time within which other servers must notice a change.
const MAX_LAG: Duration = Duration::from_secs(1);

/// The state shared by all tasks.
#[derive(Default)]
struct Field {
    over: AtomicBool,
    /// The last stock whose commit was acknowledged.
    done: AtomicI64,
    /// The same with times, for servers that may lag.
    history: Mutex<VecDeque<(Instant, i64)>>,
    writes: AtomicU64,
    reads: AtomicU64,
    stale: AtomicU64,
    backward: AtomicU64,
}

impl Field {
    fn acknowledge(&self, stock: i64) {
        self.done.fetch_max(stock, Ordering::SeqCst);
        let mut history = self.history.lock().unwrap();
        history.push_back((Instant::now(), stock));
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the minimum stock that a response to a request sent now must contain.
    fn floor(&self, elsewhere: bool) -> i64 {
        if !elsewhere {
            return self.done.load(Ordering::SeqCst);
        }
        let now = Instant::now();
        let mut history = self.history.lock().unwrap();
        let is_old = |entry: Option<&(Instant, i64)>| {
            entry.is_some_and(|(at, _)| now.duration_since(*at) >= MAX_LAG)
        };
        while is_old(history.get(1)) {
            history.pop_front();
        }
        let first = history.front().copied();
        first
            .filter(|first| is_old(Some(first)))
            .map_or(0, |(_, stock)| stock)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// Increments the stock repeatedly. Some commits are cancelled by their callers.
async fn write(field: Arc<Field>, db: Database) {
    let mut stock = 1_000;
    while !field.is_over() {
        stock += 1;
        if stock % 7 == 0 {
            let transaction = db.begin().await.unwrap();
            transaction.touch(Catalog::All);
            let sql = format!("UPDATE products SET stock = {stock} WHERE slug = 'lamp'");
            transaction.execute_unprepared(&sql).await.unwrap();
            _ = tokio::time::timeout(Duration::from_micros(200), transaction.commit()).await;
        } else {
            set_stock(&db, stock).await;
            field.acknowledge(stock);
        }
        let pause = rand::rng().random_range(0..40);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// Changes another part of the catalogue, so that commits overlap.
async fn disturb(field: Arc<Field>, db: Database) {
    while !field.is_over() {
        let transaction = db.begin().await.unwrap();
        transaction.touch(Catalog::All);
        let sql = "UPDATE categories SET description = description WHERE slug = 'root'";
        transaction.execute_unprepared(sql).await.unwrap();
        transaction.commit().await.unwrap();
        let pause = rand::rng().random_range(0..80);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

async fn read(field: Arc<Field>, client: Client, elsewhere: bool) {
    let path = address(&[("query", STOCK)]);
    let mut last = 0;
    let mut round = 0_u32;
    while !field.is_over() {
        round += 1;
        let floor = field.floor(elsewhere);
        let response = if round.is_multiple_of(2) {
            get(&client, &path, &[]).await
        } else {
            client.send(STOCK, json!({})).await
        };
        let Some(stock) = response.json["data"]["product"]["stock"].as_i64() else {
            panic!("{}", response.text);
        };
        field.reads.fetch_add(1, Ordering::Relaxed);
        field
            .stale
            .fetch_add(u64::from(stock < floor), Ordering::Relaxed);
        if !elsewhere {
            field
                .backward
                .fetch_add(u64::from(stock < last), Ordering::Relaxed);
        }
        last = stock;
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cached_responses_are_never_outdated() {
    let seconds = std::env::var("WARES_TEST_HUNT_SECONDS");
    let seconds = seconds.map_or(3, |seconds| seconds.parse().unwrap());
    on_both_databases(async |app| {
        open(app).await;
        let other = App::on_database(app.backend, app.address.clone(), &[]).await;
        other.start_change_watcher();
        for app in [app, &other] {
            let client = app.anonymous();
            kept(app, async || client.send(STOCK, json!({})).await).await;
        }
        let asked = || -> usize {
            let about = |app: &App| app.count_statements_containing("FROM \"products\"");
            [app, &other].into_iter().map(about).sum()
        };
        let before = asked();
        let field = Arc::new(Field::default());
        let mut tasks = JoinSet::new();
        for (app, elsewhere) in [(app, false), (&other, true)] {
            for _ in 0..4 {
                tasks.spawn(read(field.clone(), app.anonymous(), elsewhere));
            }
        }
        tasks.spawn(write(field.clone(), app.state.db.clone()));
        tasks.spawn(disturb(field.clone(), app.state.db.clone()));
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        field.over.store(true, Ordering::Relaxed);
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        let asked = asked() - before;
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let (reads, writes) = (count(&field.reads), count(&field.writes));
        let hits = reads.saturating_sub(asked as u64);
        println!(
            "{:?}, {seconds} s: {writes} writes, {reads} reads, {hits} of them from memory, {} stale, {} backward",
            app.backend,
            count(&field.stale),
            count(&field.backward)
        );
        assert!(writes > seconds && hits > writes, "it is no hunt");
        assert_eq!((count(&field.stale), count(&field.backward)), (0, 0));
        other.stop().await;
    })
    .await;
}
