//! Health checks.

use axum::http::Method;
use serde_json::json;

use crate::harness::on_both_databases;

#[tokio::test]
async fn a_server_is_ready_when_its_database_has_all_migrations() {
    on_both_databases(async |app| {
        let ask = async |path: &str| app.anonymous().request(Method::GET, path, &[], "").await;
        for path in ["/health/live", "/health/ready"] {
            let response = ask(path).await;
            assert_eq!(
                (response.status.as_u16(), response.json),
                (200, json!({"status": "ok"}))
            );
        }
        // After a migration by a newer server, this one can still serve.
        app.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_newer', 0)")
            .await;
        assert_eq!(ask("/health/ready").await.status.as_u16(), 200);
        app.sql("DELETE FROM seaql_migrations WHERE version LIKE '%product_images'")
            .await;
        let response = ask("/health/ready").await;
        assert_eq!(response.status.as_u16(), 503);
        assert_eq!(response.json["problem"], "1 migrations are pending");
        assert_eq!(ask("/health/live").await.status.as_u16(), 200);

        app.state.db.clone().close().await.unwrap();
        let response = ask("/health/ready").await;
        assert_eq!(response.status.as_u16(), 503);
        assert_eq!(response.json["problem"], "the database is unreachable");
        assert_eq!(ask("/health/live").await.status.as_u16(), 200);
    })
    .await;
}
