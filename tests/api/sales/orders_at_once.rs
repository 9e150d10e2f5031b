//! Orders at once: nothing is sold twice, one cart makes one order, numbers have no gaps.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::json;

use super::order_kills::assert_consistent;
use super::orders::{buyer, digital, place, placed};
use super::{errors, guest};
use crate::harness::{on_both_databases, on_both_databases_with};

#[tokio::test]
async fn twenty_calls_at_once_make_one_order() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        for provider in ["TEST", "MANUAL"] {
            let client = buyer(app, &[(&ids[0], 1)]).await;
            let calls = (0..20).map(|_| placed(&client, "10.00", provider));
            let found = join_all(calls).await;
            let distinct: HashSet<_> = found
                .iter()
                .map(|(order, token)| (order["id"].to_string(), token))
                .collect();
            assert_eq!(distinct.len(), 1);
        }
        assert_eq!(app.count("orders").await, 2);
        let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(reserved).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_hundred_buyers_buy_exactly_the_twenty_pieces() {
    let settings = ["--limit-carts-client=1000/1m"];
    on_both_databases_with(&settings, async |app| {
        // 20 of each. One in two buyers wants both, in either order.
        let ids = digital(app, &["pan", "pot"]).await;
        app.sql("UPDATE stock_levels SET on_hand = 20").await;
        app.sql("UPDATE products SET stock = 20").await;
        let mut buyers = Vec::new();
        for number in 0..100 {
            let one = |index: usize| (ids[index].as_str(), 1);
            let lines = match number % 4 {
                0 => vec![one(0)],
                1 => vec![one(0), one(1)],
                2 => vec![one(1)],
                _ => vec![one(1), one(0)],
            };
            buyers.push((buyer(app, &lines).await, lines.len()));
        }
        let calls = buyers.iter().map(async |(client, lines)| {
            let total = format!("{lines}0.00");
            let payload = place(client, &total, "MANUAL").await;
            let refused = errors(&payload);
            assert!(
                refused.iter().all(|(code, _)| *code == "OUT_OF_STOCK"),
                "{payload}"
            );
            if refused.is_empty() { *lines } else { 0 }
        });
        let sold: usize = join_all(calls).await.into_iter().sum();
        let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(reserved).await, i64::try_from(sold).unwrap());
        // Those who want one piece take what is left.
        assert_eq!(sold, 40);
        let shown = "SELECT count(*) FROM products WHERE in_stock = FALSE AND backorder = FALSE";
        assert_eq!(app.sql_number(shown).await, 2);
        let moved = "SELECT CAST(sum(reserved_delta) AS bigint) FROM stock_movements";
        assert_eq!(app.sql_number(moved).await, 40);
        let numbers = "SELECT max(number) - min(number) + 1 - count(*) FROM orders";
        assert_eq!(app.sql_number(numbers).await, 0);
    })
    .await;
}

#[tokio::test]
async fn numbers_begin_with_the_configured_one() {
    on_both_databases_with(&["--order-number-start=500"], async |app| {
        let ids = digital(app, &["pan"]).await;
        for number in 500..502 {
            let client = buyer(app, &[(&ids[0], 1)]).await;
            assert_eq!(placed(&client, "10.00", "MANUAL").await.0["number"], number);
        }
    })
    .await;
}

#[tokio::test]
async fn fifty_calls_at_once_with_two_ways_to_pay_make_one_order() {
    on_both_databases_with(&["--request-timeout=60s"], async |app| {
        let ids = digital(app, &["pan"]).await;
        let client = buyer(app, &[(&ids[0], 1)]).await;
        let providers = ["TEST", "MANUAL"].into_iter().cycle().take(50);
        let calls = providers.map(|provider| place(&client, "10.00", provider));
        for payload in join_all(calls).await {
            assert_eq!(errors(&payload), [], "{payload}");
            // Never one that was replaced before it was returned.
            let status = payload["order"]["status"].as_str().unwrap();
            assert!(["PENDING", "CONFIRMED"].contains(&status), "{payload}");
        }
        let live =
            "SELECT count(*) FROM orders WHERE status IN ('PENDING', 'CLOSING', 'CONFIRMED')";
        assert_eq!(app.sql_number(live).await, 1);
        let (order, _) = placed(&client, "10.00", "TEST").await;
        assert_eq!(
            (&order["status"], &order["number"]),
            (&json!("CONFIRMED"), &json!(1_001))
        );
        let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(reserved).await, 1);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn statements_do_not_depend_on_the_number_of_lines() {
    on_both_databases(async |app| {
        let names: Vec<_> = (0..32).map(|number| format!("p{number}")).collect();
        let slugs: Vec<_> = names.iter().map(String::as_str).collect();
        let ids = digital(app, &slugs).await;
        let mut counts = Vec::new();
        for range in [0..2, 2..32] {
            let lines: Vec<_> = ids[range].iter().map(|id| (id.as_str(), 1)).collect();
            let client = buyer(app, &lines).await;
            let total = format!("{}0.00", lines.len());
            let work = async { _ = placed(&client, &total, "MANUAL").await };
            counts.push(app.record_statements(work).await.len());
        }
        assert_eq!(counts[0], counts[1]);
        assert!(counts[0] <= 60, "{counts:?}");
        let (empty, _) = guest(app).await;
        let refused = place(&empty, "0", "MANUAL").await;
        assert_ne!(refused["userErrors"], json!([]));
    })
    .await;
}
