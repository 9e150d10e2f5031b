//! Facets: the buckets of prices.

use serde_json::{Value, json};

use crate::catalog::facets::{assert_values, facets};
use crate::harness::{App, on_both_databases, on_both_databases_with};

/// Returns the buckets of products with these prices as "from-to: count".
async fn buckets(app: &App, prices: &[i64]) -> Vec<String> {
    let category = app.shop().root("all", 0).await;
    for (number, price) in prices.iter().enumerate() {
        app.shop()
            .product(&format!("p{number}"), &category, |product| {
                product.price = *price;
            })
            .await;
    }
    let found = facets(&app.anonymous(), &json!({})).await;
    assert_values(&app.anonymous(), &json!({}), &found, false).await;
    let buckets = found["price"]["buckets"].as_array().unwrap().iter();
    let text = |bucket: &Value| {
        let end = |name: &str| bucket[name]["amount"].as_str().unwrap();
        format!("{}-{}: {}", end("from"), end("to"), bucket["count"])
    };
    buckets.map(text).collect()
}

#[tokio::test]
async fn prices_fall_into_round_buckets() {
    on_both_databases(async |app| {
        let prices: Vec<i64> = (1..=40).map(|number| number * number * 50).collect();
        let found = buckets(app, &prices).await;
        let expected = [
            "0.50-0.99: 1",
            "1.00-1.99: 0",
            "2.00-4.99: 2",
            "5.00-9.99: 1",
            "10.00-19.99: 2",
            "20.00-49.99: 3",
            "50.00-99.99: 5",
            "100.00-199.99: 5",
            "200.00-499.99: 12",
            "500.00-999.99: 9",
        ];
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn close_prices_get_finer_buckets() {
    on_both_databases(async |app| {
        let found = buckets(app, &[1_000, 1_150, 1_299, 1_350, 1_500, 1_799, 1_999]).await;
        let expected = [
            "10.00-11.99: 2",
            "12.00-13.99: 2",
            "14.00-15.99: 1",
            "16.00-17.99: 1",
            "18.00-19.99: 1",
        ];
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn the_minimum_and_maximum_price_have_buckets() {
    on_both_databases(async |app| {
        let found = buckets(app, &[0, 1, 500, 1_000_000_000_000]).await;
        assert_eq!(found.len(), 10);
        assert!(found[0].starts_with("0.00-"), "{found:?}");
        assert!(found[9].ends_with("-10000000000.00: 1"), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn a_currency_without_minor_units_has_whole_buckets() {
    on_both_databases_with(&["--shop-currency", "JPY"], async |app| {
        let found = buckets(app, &[1, 3, 100, 450, 2_000, 9_999]).await;
        let expected = [
            "1-1: 1",
            "2-4: 1",
            "5-9: 0",
            "10-19: 0",
            "20-99: 0",
            "100-199: 1",
            "200-499: 1",
            "500-999: 0",
            "1000-1999: 0",
            "2000-9999: 2",
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert_eq!(found[0], expected[0]);
    })
    .await;
}
