//! Refresh tokens in cookies.

use serde_json::Value;
use wares::accounts::user::Role;

use crate::accounts::refreshing::{ANN, send};
use crate::harness::{ApiResponse, App, Backend, PASSWORD, on_both_databases};

const PREFLIGHT: (&str, &str) = ("apollo-require-preflight", "true");

/// Returns the value and the attributes of a `Set-Cookie` header.
fn cookie(response: &ApiResponse) -> (String, String) {
    let header = response.header("set-cookie");
    let (pair, attributes) = header.split_once("; ").unwrap_or_default();
    (pair.to_owned(), attributes.to_owned())
}

fn login_query() -> String {
    format!(
        "mutation {{ login(input: {{email: \"{ANN}\", password: \"{PASSWORD}\", refreshTokenIn: COOKIE}}) {{
            accessToken refreshToken userErrors {{ code field }} }} }}"
    )
}

const REFRESH: &str =
    "mutation { refreshToken(input: {}) { accessToken refreshToken userErrors { code field } } }";

#[tokio::test]
async fn refresh_token_is_stored_in_a_cookie() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let client = app.anonymous();
        let refused = send(&client, &[], &login_query()).await;
        assert_eq!(
            refused.json["data"]["login"]["userErrors"][0]["field"],
            "refreshTokenIn"
        );

        let response = send(&client, &[PREFLIGHT], &login_query()).await;
        let payload = &response.json["data"]["login"];
        assert!(payload["accessToken"].is_string());
        assert_eq!(payload["refreshToken"], Value::Null);
        let (pair, attributes) = cookie(&response);
        assert!(pair.starts_with("wares_refresh="), "{pair}");
        assert_eq!(
            attributes,
            "Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"
        );
        assert_eq!(response.header("cache-control"), "no-store");

        // A cross-site request can carry the cookie, but not the header.
        let with_cookie = [("cookie", &*pair)];
        let response = send(&client, &with_cookie, REFRESH).await;
        assert_eq!(
            response.json["data"]["refreshToken"]["userErrors"][0]["code"],
            "BAD_USER_INPUT"
        );
        assert_eq!(app.sql_number("SELECT generation FROM sessions").await, 1);
        let logout = "mutation { logout { userErrors { code } } }";
        let response = send(&client, &with_cookie, logout).await;
        assert_eq!(
            response.json["data"]["logout"]["userErrors"][0]["code"],
            "BAD_USER_INPUT"
        );
        assert_eq!(app.count("sessions").await, 1);

        let jar = format!("other=1; {pair}; last=2");
        let response = send(&client, &[("cookie", &jar), PREFLIGHT], REFRESH).await;
        let payload = &response.json["data"]["refreshToken"];
        assert!(payload["accessToken"].is_string() && payload["refreshToken"].is_null());
        let (next, _) = cookie(&response);
        assert_ne!(next, pair);

        let response = send(&client, &[("cookie", &next), PREFLIGHT], logout).await;
        assert_eq!(cookie(&response).0, "wares_refresh=");
        assert!(cookie(&response).1.contains("Max-Age=0"));
        assert_eq!(app.count("sessions").await, 0);
        let response = send(&client, &[("cookie", &next), PREFLIGHT], REFRESH).await;
        assert_eq!(
            response.json["data"]["refreshToken"]["userErrors"][0]["code"],
            "TOKEN_INVALID"
        );
        assert!(
            cookie(&response).1.contains("Max-Age=0"),
            "a dead cookie is taken away"
        );
    })
    .await;
}

#[tokio::test]
async fn production_cookie_is_secure() {
    let secret = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    let app = App::start(Backend::Sqlite, &["--env=production", secret]).await;
    app.user(ANN, Role::Customer).await;
    let response = send(&app.anonymous(), &[PREFLIGHT], &login_query()).await;
    let (pair, attributes) = cookie(&response);
    assert!(pair.starts_with("__Host-wares_refresh="), "{pair}");
    assert_eq!(
        attributes,
        "Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure"
    );
    let response = send(&app.anonymous(), &[PREFLIGHT, ("cookie", &pair)], REFRESH).await;
    let (next, _) = cookie(&response);
    assert!(next.starts_with("__Host-wares_refresh="), "{next}");
    // A sibling host can set this one.
    let planted = next.trim_start_matches("__Host-");
    let response = send(&app.anonymous(), &[PREFLIGHT, ("cookie", planted)], REFRESH).await;
    let payload = &response.json["data"]["refreshToken"];
    assert_eq!(payload["userErrors"][0]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn cookies_have_the_host_prefix_where_the_public_url_is_https() {
    let url = "--public-url=https://api.shop.example";
    let app = App::start(Backend::Sqlite, &[url]).await;
    app.user(ANN, Role::Customer).await;
    let response = send(&app.anonymous(), &[PREFLIGHT], &login_query()).await;
    let cookies: Vec<_> = response.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-wares_"), "{cookie}");
        assert!(
            cookie.contains("; Path=/; ") && cookie.ends_with("; Secure"),
            "{cookie}"
        );
        assert!(!cookie.to_lowercase().contains("domain"), "{cookie}");
    }
}

#[tokio::test]
async fn refresh_cookies_with_different_values_are_refused() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        app.user("mallory@shop.example", Role::Customer).await;
        let client = app.anonymous();
        let (ours, _) = cookie(&send(&client, &[PREFLIGHT], &login_query()).await);
        let query = login_query().replace(ANN, "mallory@shop.example");
        let (planted, _) = cookie(&send(&client, &[PREFLIGHT], &query).await);
        let logout = "mutation { logout { userErrors { code } } }";
        for jar in [
            format!("{planted}; {ours}"),
            format!("{ours}; {planted}"),
            format!("{ours}; wares_refresh="),
        ] {
            for (name, query) in [("refreshToken", REFRESH), ("logout", logout)] {
                let response = send(&client, &[PREFLIGHT, ("cookie", &jar)], query).await;
                let payload = &response.json["data"][name];
                assert_eq!(payload["userErrors"][0]["code"], "TOKEN_INVALID", "{name}");
                assert_eq!(response.header("set-cookie"), "");
            }
        }
        // Two headers count as one.
        let both = [PREFLIGHT, ("cookie", &planted), ("cookie", &ours)];
        let response = send(&client, &both, REFRESH).await;
        let payload = &response.json["data"]["refreshToken"];
        assert_eq!(payload["userErrors"][0]["code"], "TOKEN_INVALID");
        assert_eq!(app.count("sessions").await, 2);
        // The same value twice is no conflict.
        let jar = format!("{ours}; {ours}");
        let response = send(&client, &[PREFLIGHT, ("cookie", &jar)], REFRESH).await;
        assert!(response.json["data"]["refreshToken"]["accessToken"].is_string());
    })
    .await;
}
