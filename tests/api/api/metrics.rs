//! The metrics endpoint.

use axum::http::Method;
use serde_json::json;

use crate::harness::{App, on_both_databases, on_both_databases_with};

async fn page(app: &App) -> String {
    let (_, body) = app.anonymous().bytes("/metrics", &[]).await;
    String::from_utf8(body.to_vec()).unwrap()
}

/// Returns the value of the line with this prefix.
fn value(page: &str, words: &str) -> Option<u64> {
    let line = page.lines().find(|line| line.starts_with(words))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn requests_are_counted_by_operation_and_outcome() {
    on_both_databases(async |app| {
        let shop = app.anonymous();
        shop.send("query Front { categories { totalCount } }", json!({}))
            .await;
        shop.send("query Front { categories { totalCount } }", json!({}))
            .await;
        shop.send("{ __typename }", json!({})).await;
        shop.send("query Wrong { product(slug: 1) { id } }", json!({}))
            .await;
        shop.post("no json").await;
        let page = page(app).await;
        let count = |kind: &str, operation: &str, outcome: &str| {
            let labels = format!("kind=\"{kind}\",operation=\"{operation}\",outcome=\"{outcome}\"");
            value(&page, &format!("wares_requests_total{{{labels}}}"))
        };
        // The second response may come from the cache.
        let front = count("query", "Front", "ok").unwrap_or(0);
        let kept = count("query", "(kept)", "ok").unwrap_or(0);
        assert_eq!(front + kept, 2, "{page}");
        assert!(front >= 1, "{page}");
        assert_eq!(count("query", "(none)", "ok"), Some(1), "{page}");
        assert_eq!(count("unknown", "(none)", "refused"), Some(1), "{page}");
        assert_eq!(count("query", "(other)", "refused"), Some(1), "{page}");
        // Operation names are recorded only after a successful response.
        assert!(!page.contains("Wrong"), "{page}");
        let all = value(
            &page,
            "wares_request_duration_seconds_count{kind=\"query\"}",
        );
        assert_eq!(all, Some(4), "{page}");
        assert!(
            page.contains("wares_request_duration_seconds_bucket{kind=\"query\",le=\"0.0025\"}")
        );
    })
    .await;
}

#[tokio::test]
async fn metric_label_values_are_bounded() {
    on_both_databases(async |app| {
        let shop = app.anonymous();
        for number in 0..120 {
            shop.send(&format!("query Q{number} {{ __typename }}"), json!({}))
                .await;
        }
        let page = page(app).await;
        assert_eq!(page.matches("operation=\"Q").count(), 100, "{page}");
        let other = "wares_requests_total{kind=\"query\",operation=\"(other)\",outcome=\"ok\"}";
        assert_eq!(value(&page, other), Some(20), "{page}");
    })
    .await;
}

#[tokio::test]
async fn process_pool_and_job_metrics_are_exported() {
    on_both_databases(async |app| {
        app.anonymous().register("ada@example.com").await;
        let page = page(app).await;
        assert!(
            value(&page, "wares_outbox_waiting ").unwrap() >= 1,
            "{page}"
        );
        assert!(
            value(&page, "process_resident_memory_bytes ").unwrap() > 1 << 20,
            "{page}"
        );
        assert!(value(&page, "process_open_fds ").unwrap() > 3, "{page}");
        assert!(page.contains("wares_database_connections{pool="), "{page}");
        assert!(!page.contains("ada@"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn metrics_are_not_public_in_production() {
    for settings in [
        [
            "--env=production",
            "--jwt-secrets=0123456789abcdefghijklmnopqrstuvwxyz",
        ]
        .as_slice(),
        &["--operator-listen=127.0.0.1:0"],
    ] {
        on_both_databases_with(settings, async |app| {
            let client = app.anonymous();
            let response = client.request(Method::GET, "/metrics", &[], "").await;
            assert_eq!(response.status.as_u16(), 404);
        })
        .await;
    }
}
