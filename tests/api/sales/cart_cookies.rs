//! The token of a cart in a cookie.

use serde_json::{Value, json};

use crate::harness::{ApiResponse, App, Backend, Client, JSON, on_both_databases};

const PREFLIGHT: (&str, &str) = ("apollo-require-preflight", "true");
const CREATE: &str = "mutation { createCart(input: {tokenIn: COOKIE}) { cart { id } cartToken userErrors { code field } } }";
const CART: &str = "{ cart { id } }";
const CLAIM: &str = "mutation { claimCart { cart { id } userErrors { code } } }";

async fn send(client: &Client, headers: &[(&str, &str)], query: &str) -> ApiResponse {
    let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
    client
        .post_with(&headers, json!({"query": query}).to_string())
        .await
}

/// Returns the name and value of the cookie that a response sets.
fn cookie(response: &ApiResponse) -> String {
    let header = response.header("set-cookie");
    header.split("; ").next().unwrap().to_owned()
}

#[tokio::test]
async fn token_is_stored_in_a_cookie() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        let refused = send(&client, &[], CREATE).await;
        let error = json!({"code": "BAD_USER_INPUT", "field": "tokenIn"});
        assert_eq!(refused.json["data"]["createCart"]["userErrors"][0], error);
        assert_eq!(app.count("carts").await, 0);

        let response = send(&client, &[PREFLIGHT], CREATE).await;
        let payload = &response.json["data"]["createCart"];
        assert_eq!(payload["cartToken"], Value::Null);
        let header = response.header("set-cookie");
        assert!(header.starts_with("wares_cart="), "{header}");
        assert!(
            header.ends_with("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"),
            "{header}"
        );
        assert_eq!(response.header("cache-control"), "no-store");

        let pair = cookie(&response);
        let response = send(&client, &[PREFLIGHT, ("cookie", &pair)], CART).await;
        assert_eq!(response.json["data"]["cart"], payload["cart"]);
        assert_eq!(response.header("cache-control"), "no-store");
        // A cross-site request can carry the cookie, but not the header.
        let response = send(&client, &[("cookie", &pair)], CART).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        // The header takes precedence.
        let other = app.anonymous().with_cart_token("x");
        let response = send(&other, &[PREFLIGHT, ("cookie", &pair)], CART).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        // One of two values may have been set by another host.
        let jar = format!("{pair}; wares_cart=x");
        let response = send(&client, &[PREFLIGHT, ("cookie", &jar)], CART).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");

        let customer = app.customer().await;
        let response = send(&customer, &[PREFLIGHT, ("cookie", &pair)], CLAIM).await;
        assert_eq!(response.json["data"]["claimCart"]["cart"], payload["cart"]);
        assert!(
            response
                .header("set-cookie")
                .starts_with("wares_cart=; Path=/; Max-Age=0")
        );
        let response = send(&customer, &[PREFLIGHT], CLAIM).await;
        assert_eq!(response.header("set-cookie"), "");
    })
    .await;
}

#[tokio::test]
async fn cookie_is_secure_in_production() {
    let secret = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    let app = App::start(Backend::Sqlite, &["--env=production", secret]).await;
    let response = send(&app.anonymous(), &[PREFLIGHT], CREATE).await;
    let header = response.header("set-cookie");
    assert!(
        header.starts_with("__Host-wares_cart=") && header.ends_with("; Secure"),
        "{header}"
    );
    app.stop().await;
}

#[tokio::test]
async fn browsers_of_allowed_origins_may_send_the_header() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let headers = [
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "cart-token"),
    ];
    let method = axum::http::Method::OPTIONS;
    let response = app
        .anonymous()
        .request(method, "/graphql", &headers, "")
        .await;
    let allowed = response.header("access-control-allow-headers");
    assert!(
        allowed.split(',').any(|name| name == "cart-token"),
        "{allowed}"
    );
    app.stop().await;
}
