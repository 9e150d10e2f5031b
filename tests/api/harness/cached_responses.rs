//! Requests whose responses the read cache keeps.

use std::time::Duration;

use axum::http::Method;
use wares::catalog::category::entity::Model as Category;

use super::{ApiResponse, App, Client};

/// Creates one product.
pub async fn fill(app: &App) -> Category {
    let root = app.shop().root("root", 0).await;
    let product = app.shop().product("lamp", &root, |_| ()).await;
    app.shop().image(&product, 0).await;
    root
}

/// The same, and waits until the cache is enabled.
pub async fn open(app: &App) -> Category {
    let root = fill(app).await;
    app.start_change_watcher();
    root
}

/// Sends requests until the response is cached. Returns that response and the previous one.
pub async fn kept(app: &App, ask: impl AsyncFn() -> ApiResponse) -> (ApiResponse, ApiResponse) {
    let mut before = ask().await;
    // The last change by another process may not be known yet, and a busy machine may renew the lease late.
    for _ in 0..200 {
        let mut response = None;
        let statements = app
            .record_statements(async { response = Some(ask().await) })
            .await;
        let response = response.unwrap();
        if statements.is_empty() {
            return (before, response);
        }
        before = response;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is not kept: {}", before.text);
}

/// Fails if `change` ends the cached response of a request. A busy machine may renew the lease too late for one of the attempts.
pub async fn assert_stays_cached(
    app: &App,
    ask: impl AsyncFn() -> ApiResponse,
    change: impl AsyncFn(),
) {
    let mut statements = Vec::new();
    for _ in 0..3 {
        kept(app, &ask).await;
        change().await;
        statements = app.record_statements(ask()).await;
        if statements.is_empty() {
            return;
        }
    }
    panic!("it is read again: {statements:?}");
}

/// Returns the URL of a query by GET.
pub fn address(parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new("/graphql?".to_owned());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    query.finish().replacen("/graphql?&", "/graphql?", 1)
}

pub async fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> ApiResponse {
    client.request(Method::GET, path, headers, "").await
}
