//! The read cache: counts and facets of product lists, cached apart from responses.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::infra::database::{Catalog, Connection, StockChange};

use crate::harness::cached_responses::open;
use crate::harness::{App, Client, on_both_databases, on_both_databases_with};

/// Counts and facets of a list. The number makes it another request.
fn query(number: usize, filter: &str) -> String {
    format!(
        "{{ products(first: {}, filter: {{{filter}}}) {{ nodes {{ name }} totalCount
            facets {{ price {{ isExact min {{ amount }} }} stock {{ inStock }} categories {{ values {{ count }} }} }} }} }} # {number}",
        number % 50 + 1
    )
}

/// Returns how many statements counted products while these requests were answered.
async fn counting(app: &App, client: &Client, queries: &[String]) -> usize {
    let ask = async {
        let sent = queries.iter().map(|query| client.data(query, json!({})));
        join_all(sent).await;
    };
    let statements = app.record_statements(ask).await;
    let counts = statements
        .iter()
        .filter(|statement| statement.sql.contains("COUNT("));
    counts.count()
}

/// Writes to the lamp.
async fn write(app: &App, part: Catalog, set: &str) {
    let transaction = app.state.db.begin().await.unwrap();
    transaction.touch(part);
    let sql = format!("UPDATE products SET {set} WHERE slug = 'lamp'");
    transaction.execute_unprepared(&sql).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn counts_and_facets_are_cached_until_the_catalog_changes() {
    on_both_databases(async |app| {
        open(app).await;
        let (client, admin) = (app.anonymous(), app.admin().await);
        let lamp = uuid::Uuid::now_v7();
        let stock = StockChange {
            before: 50,
            after: 60,
        };
        let mut number = 0;
        let mut next = |filter: &str| {
            number += 1;
            [query(number, filter)]
        };
        let (plain, recent) = (
            "inStock: true",
            "updatedAt: {gte: \"2020-01-01T00:00:00Z\"}",
        );
        // While the machine is too busy to renew the lease, nothing is cached.
        let mut attempts = 0;
        loop {
            attempts += 1;
            assert!(attempts < 50, "counts are not cached");
            counting(app, &client, &next(plain)).await;
            counting(app, &admin, &next(plain)).await;
            let cached = counting(app, &client, &next(plain)).await;
            let for_admin = counting(app, &admin, &next(plain)).await;
            write(app, Catalog::Stock(lamp, stock), "stock = 60").await;
            let restocked = counting(app, &client, &next(plain)).await;
            if (cached, for_admin, restocked) == (0, 0, 0) {
                break;
            }
        }
        counting(app, &client, &next(recent)).await;
        write(app, Catalog::Stock(lamp, stock), "stock = 50").await;
        assert!(counting(app, &client, &next(recent)).await > 0);
        for price in [700, 800, 900] {
            write(app, Catalog::Product(lamp), &format!("price = {price}")).await;
            let [query] = next(plain);
            let data = client.data(&query, json!({})).await;
            let min = &data["products"]["facets"]["price"]["min"]["amount"];
            assert_eq!(*min, json!(format!("{}.00", price / 100)));
        }
    })
    .await;
}

#[tokio::test]
async fn equal_counts_are_merged() {
    on_both_databases(async |app| {
        open(app).await;
        let client = app.anonymous();
        for attempt in 0..50 {
            write(app, Catalog::All, "price = price").await;
            let queries: Vec<_> = (0..8).map(|at| query(attempt * 8 + at, "")).collect();
            // One statement for the count and one for the facets.
            if counting(app, &client, &queries).await == 2 {
                return;
            }
        }
        panic!("equal counts are executed several times");
    })
    .await;
}

#[tokio::test]
async fn counts_are_not_cached_without_a_cache() {
    on_both_databases_with(&["--read-cache-bytes=0"], async |app| {
        open(app).await;
        let client = app.anonymous();
        let first: Value = client.data(&query(1, ""), json!({})).await;
        assert_eq!(first["products"]["totalCount"], 1);
        assert!(counting(app, &client, &[query(1, "")]).await > 0);
    })
    .await;
}
