//! Searches for outdated responses of pages and lists with concurrent readers and writers, for `WARES_TEST_HUNT_SECONDS`
//! seconds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::RngExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;
use wares::catalog::product;
use wares::infra::database::{Catalog, Connection, Database, StockChange};

use crate::harness::cached_responses::{address, get, kept, open};
use crate::harness::{App, Client, on_both_databases};
use crate::infra::read_cache_fresh::STOCK;

/// The time within which other servers must notice a change.
const MAX_LAG: Duration = Duration::from_secs(1);

/// Queries, with the column of the lamp that they select.
const QUERIES: [(&str, Column); 4] = [
    (STOCK, Column::Stock),
    (
        "{ product(slug: \"lamp\") { price { amount } } }",
        Column::Price,
    ),
    ("{ products(first: 1) { nodes { stock } } }", Column::Stock),
    (
        "{ products(first: 1) { nodes { price { amount } } } }",
        Column::Price,
    ),
];

/// A column that a writer increments.
#[derive(Clone, Copy)]
enum Column {
    Stock,
    Price,
}

impl Column {
    /// Returns the value in a response.
    fn value(self, data: &Value) -> Option<i64> {
        let found = &data["product"];
        let product = if found.is_null() {
            &data["products"]["nodes"][0]
        } else {
            found
        };
        match self {
            Self::Stock => product["stock"].as_i64(),
            Self::Price => {
                let amount = product["price"]["amount"].as_str()?;
                amount.replace('.', "").parse().ok()
            }
        }
    }
}

/// The values of a column.
#[derive(Default)]
struct Values {
    /// The last one whose commit was acknowledged.
    done: AtomicI64,
    /// The same with times, for servers that may lag.
    history: Mutex<VecDeque<(Instant, i64)>>,
}

/// The state shared by all tasks.
#[derive(Default)]
struct Field {
    over: AtomicBool,
    columns: [Values; 2],
    writes: AtomicU64,
    reads: AtomicU64,
    stale: AtomicU64,
    backward: AtomicU64,
}

impl Field {
    fn acknowledge(&self, column: Column, value: i64) {
        let values = &self.columns[column as usize];
        values.done.fetch_max(value, Ordering::SeqCst);
        let mut history = values.history.lock().unwrap();
        history.push_back((Instant::now(), value));
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the minimum value that a response to a request sent now must contain.
    fn floor(&self, column: Column, elsewhere: bool) -> i64 {
        let values = &self.columns[column as usize];
        if !elsewhere {
            return values.done.load(Ordering::SeqCst);
        }
        let now = Instant::now();
        let mut history = values.history.lock().unwrap();
        let is_old = |entry: Option<&(Instant, i64)>| {
            entry.is_some_and(|(at, _)| now.duration_since(*at) >= MAX_LAG)
        };
        while is_old(history.get(1)) {
            history.pop_front();
        }
        let first = history.front().copied();
        first
            .filter(|first| is_old(Some(first)))
            .map_or(0, |(_, value)| value)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// Increments the stock and the price in turn. Some commits are cancelled by their callers.
async fn write(field: Arc<Field>, db: Database, lamp: Uuid) {
    let mut value = 1_000;
    while !field.is_over() {
        value += 1;
        let transaction = db.begin().await.unwrap();
        let (column, name) = match value % 2 {
            0 => (Column::Stock, "stock"),
            _ => (Column::Price, "price"),
        };
        transaction.touch(match column {
            Column::Stock => Catalog::Stock(
                lamp,
                StockChange {
                    before: 1_000,
                    after: 1_001,
                },
            ),
            Column::Price => Catalog::Product(lamp),
        });
        let sql = format!("UPDATE products SET {name} = {value} WHERE slug = 'lamp'");
        transaction.execute_unprepared(&sql).await.unwrap();
        let commit = transaction.commit();
        if value % 7 == 0 {
            _ = tokio::time::timeout(Duration::from_micros(200), commit).await;
        } else {
            commit.await.unwrap();
            field.acknowledge(column, value);
        }
        let pause = rand::rng().random_range(0..40);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// Changes another product or a category, so that commits overlap.
async fn disturb(field: Arc<Field>, db: Database, chair: Uuid) {
    while !field.is_over() {
        let transaction = db.begin().await.unwrap();
        let table = if rand::rng().random() {
            transaction.touch(Catalog::Category(chair));
            "categories"
        } else {
            transaction.touch(Catalog::Product(chair));
            "products"
        };
        let sql = format!("UPDATE {table} SET description = description WHERE slug <> 'lamp'");
        transaction.execute_unprepared(&sql).await.unwrap();
        transaction.commit().await.unwrap();
        let pause = rand::rng().random_range(0..80);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

async fn read(field: Arc<Field>, client: Client, (query, column): (&str, Column), elsewhere: bool) {
    let path = address(&[("query", query)]);
    let mut last = 0;
    let mut round = 0_u32;
    while !field.is_over() {
        round += 1;
        let floor = field.floor(column, elsewhere);
        let response = if round.is_multiple_of(2) {
            get(&client, &path, &[]).await
        } else {
            client.send(query, json!({})).await
        };
        let Some(value) = column.value(&response.json["data"]) else {
            panic!("{}", response.text);
        };
        field.reads.fetch_add(1, Ordering::Relaxed);
        field
            .stale
            .fetch_add(u64::from(value < floor), Ordering::Relaxed);
        if !elsewhere {
            field
                .backward
                .fetch_add(u64::from(value < last), Ordering::Relaxed);
        }
        last = value;
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cached_responses_are_never_outdated() {
    let seconds = std::env::var("WARES_TEST_HUNT_SECONDS");
    let seconds = seconds.map_or(3, |seconds| seconds.parse().unwrap());
    on_both_databases(async |app| {
        let root = open(app).await;
        let chair = app.shop().product("other", &root, |_| ()).await;
        let lamp = product::service::find_by_slugs(app.state.db.reader(), &["lamp"]).await;
        let lamp = lamp.unwrap()[0].id;
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
            for query in QUERIES {
                tasks.spawn(read(field.clone(), app.anonymous(), query, elsewhere));
            }
        }
        tasks.spawn(write(field.clone(), app.state.db.clone(), lamp.into()));
        tasks.spawn(disturb(field.clone(), app.state.db.clone(), chair.id.into()));
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
