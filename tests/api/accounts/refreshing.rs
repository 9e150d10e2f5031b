//! Refresh tokens: tolerated reuse, detected reuse, and the cookie.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{
    ApiResponse, App, Backend, Client, GRAPHQL_RESPONSE, JSON, PASSWORD, on_both_databases,
};

const ANN: &str = "ann@shop.example";
const PREFLIGHT: (&str, &str) = ("apollo-require-preflight", "true");

async fn login(app: &App) -> Value {
    app.user(ANN, Role::Customer).await;
    app.anonymous().login(ANN, PASSWORD).await
}

async fn refresh(app: &App, payload: &Value) -> Value {
    let input = json!({"refreshToken": payload["refreshToken"]});
    let client = app.anonymous();
    client
        .run_mutation(
            "refreshToken",
            input,
            "accessToken refreshToken user { email }",
        )
        .await
}

/// Uses the access token and waits until the session is confirmed.
async fn use_access(app: &App, payload: &Value) {
    let token = payload["accessToken"].as_str().unwrap();
    let client = app.anonymous().with_token(token);
    client.data("{ me { id } }", json!({})).await;
    let confirmed = "SELECT count(*) FROM sessions WHERE confirmed";
    for _ in 0..500 {
        if app.sql_number(confirmed).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the use was not noted");
}

fn is_refused(payload: &Value) -> bool {
    let refused = payload["userErrors"][0]["code"] == "TOKEN_INVALID";
    assert_eq!(refused, payload["accessToken"].is_null(), "{payload}");
    refused
}

#[tokio::test]
async fn refresh_returns_new_tokens() {
    on_both_databases(async |app| {
        let first = login(app).await;
        app.advance(Duration::from_secs(700));
        let second = refresh(app, &first).await;
        assert_eq!(second["user"]["email"], ANN);
        assert_ne!(first["accessToken"], second["accessToken"]);
        assert_ne!(first["refreshToken"], second["refreshToken"]);
        use_access(app, &second).await;
        assert!(!is_refused(&refresh(app, &second).await));
    })
    .await;
}

#[tokio::test]
async fn concurrent_refreshes_return_the_same_token() {
    on_both_databases(async |app| {
        let first = login(app).await;
        let all = join_all((0..20).map(|_| refresh(app, &first))).await;
        let tokens: HashSet<_> = all
            .iter()
            .map(|payload| payload["refreshToken"].as_str())
            .collect();
        assert_eq!(tokens.len(), 1);
        let access: HashSet<_> = all
            .iter()
            .map(|payload| payload["accessToken"].as_str())
            .collect();
        assert_eq!(access.len(), 20);
        assert_eq!(app.sql_number("SELECT generation FROM sessions").await, 2);
        app.advance(Duration::from_secs(700));
        // Each tab's next refresh succeeds.
        for payload in join_all(all.iter().map(|payload| refresh(app, payload))).await {
            assert!(!is_refused(&payload));
        }
        assert_eq!(app.sql_number("SELECT generation FROM sessions").await, 3);
    })
    .await;
}

#[tokio::test]
async fn refresh_can_be_repeated_after_a_lost_response() {
    on_both_databases(async |app| {
        let first = login(app).await;
        let lost = refresh(app, &first).await;
        app.advance(Duration::from_hours(5));
        let again = refresh(app, &first).await;
        assert_eq!(again["refreshToken"], lost["refreshToken"]);
        use_access(app, &again).await;
        assert!(!is_refused(&refresh(app, &again).await));
    })
    .await;
}

#[tokio::test]
async fn previous_token_is_accepted_for_10_seconds() {
    on_both_databases(async |app| {
        let first = login(app).await;
        let second = refresh(app, &first).await;
        use_access(app, &second).await;
        app.advance(Duration::from_secs(10));
        assert_eq!(
            refresh(app, &first).await["refreshToken"],
            second["refreshToken"]
        );
        app.advance(Duration::from_secs(1));
        assert!(is_refused(&refresh(app, &first).await));
        assert!(
            is_refused(&refresh(app, &second).await),
            "the session is over"
        );
    })
    .await;
}

#[tokio::test]
async fn reuse_of_an_old_token_ends_the_session_and_notifies_the_owner() {
    on_both_databases(async |app| {
        let first = login(app).await;
        let other = app.anonymous().login(ANN, PASSWORD).await;
        let second = refresh(app, &first).await;
        let third = refresh(app, &second).await;
        assert!(is_refused(&refresh(app, &first).await));
        for payload in [&first, &second, &third] {
            assert!(is_refused(&refresh(app, payload).await));
            let token = payload["accessToken"].as_str().unwrap();
            let client = app.anonymous().with_token(token);
            client
                .send("{ me { id } }", json!({}))
                .await
                .assert_refused(401, "UNAUTHENTICATED");
        }
        let letters = app.emails().await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, ANN);
        assert!(letters[0].subject.contains("signed out"));
        assert!(
            !is_refused(&refresh(app, &other).await),
            "other devices live"
        );
    })
    .await;
}

#[tokio::test]
async fn forged_token_ends_no_session() {
    on_both_databases(async |app| {
        let first = login(app).await;
        let good = first["refreshToken"].as_str().unwrap();
        let access = first["accessToken"].as_str().unwrap();
        let mut forged = good.to_owned().into_bytes();
        forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        let mut tail = good.to_owned().into_bytes();
        tail[80] = if tail[80] == b'A' { b'B' } else { b'A' };
        let tail = String::from_utf8(tail).unwrap();
        for token in [
            "",
            "x",
            access,
            &good[1..],
            &forged,
            &tail,
            &"A".repeat(86),
            &"A".repeat(900_000),
        ] {
            assert!(is_refused(
                &refresh(app, &json!({"refreshToken": token})).await
            ));
        }
        assert!(!is_refused(&refresh(app, &first).await));
    })
    .await;
}

#[tokio::test]
async fn session_expires_when_idle_or_old() {
    on_both_databases(async |app| {
        let first = login(app).await;
        app.advance(Duration::from_hours(24 * 14));
        assert!(is_refused(&refresh(app, &first).await));
        let mut latest = login(app).await;
        for _ in 0..5 {
            app.advance(Duration::from_hours(24 * 6 - 1));
            latest = refresh(app, &latest).await;
            assert!(!is_refused(&latest));
        }
        app.advance(Duration::from_hours(6));
        assert!(is_refused(&refresh(app, &latest).await));
        let data = app
            .signed_in(ANN, Role::Customer)
            .await
            .data("{ sessions { id } }", json!({}))
            .await;
        assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
        // Expired sessions are deleted.
        assert_eq!(app.count("sessions").await, 3);
        wares::accounts::auth::service::delete_expired(&app.state)
            .await
            .unwrap();
        assert_eq!(app.count("sessions").await, 1);
    })
    .await;
}

#[tokio::test]
async fn disabled_user_cannot_refresh() {
    on_both_databases(async |app| {
        let first = login(app).await;
        app.sql("UPDATE users SET disabled_at = 1").await;
        assert!(is_refused(&refresh(app, &first).await));
    })
    .await;
}

#[tokio::test]
async fn user_has_at_most_50_sessions() {
    on_both_databases(async |app| {
        let first = login(app).await;
        app.advance(Duration::from_secs(1));
        for _ in 0..50 {
            app.anonymous().login(ANN, PASSWORD).await;
        }
        assert_eq!(app.count("sessions").await, 50);
        assert!(
            is_refused(&refresh(app, &first).await),
            "the one that was not used for longest"
        );
    })
    .await;
}

/// Returns the value and the attributes of a `Set-Cookie` header.
fn cookie(response: &ApiResponse) -> (String, String) {
    let header = response.header("set-cookie");
    let (pair, attributes) = header.split_once("; ").unwrap_or_default();
    (pair.to_owned(), attributes.to_owned())
}

async fn send(client: &Client, headers: &[(&str, &str)], query: &str) -> ApiResponse {
    let headers = [&[JSON], headers].concat();
    client
        .post_with(&headers, json!({"query": query}).to_string())
        .await
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

#[tokio::test]
async fn client_can_refresh_120_times_a_minute() {
    let app = App::start(Backend::Sqlite, &["--limit-refresh-client=3/1m"]).await;
    let mut latest = login(&app).await;
    let client = app.anonymous();
    for _ in 0..3 {
        let input = json!({"refreshToken": latest["refreshToken"]});
        latest = client
            .run_mutation("refreshToken", input, "accessToken refreshToken")
            .await;
    }
    let body = json!({
        "query": "mutation($input: RefreshTokenInput!) { refreshToken(input: $input) { accessToken } }",
        "variables": {"input": {"refreshToken": latest["refreshToken"]}},
    });
    let headers = [JSON, ("accept", GRAPHQL_RESPONSE)];
    let response = client.post_with(&headers, body.to_string()).await;
    assert_eq!(
        (response.code(), response.header("retry-after")),
        ("RATE_LIMITED", "20")
    );
    // The refused requests used up nothing.
    assert!(!is_refused(&refresh(&app, &latest).await));
}

#[tokio::test]
async fn rolling_key_rotation_ends_no_session() {
    const OLD: &str = "zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    const NEW: &str = "Kp8dW2xR7vB4nM1tC6yH9jF3sL5gQ0aZ";
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let behind = App::start(backend, &[&format!("--jwt-secrets={OLD}")]).await;
        let ahead = [format!("--jwt-secrets={NEW},{OLD}")];
        let ahead = App::on_database(backend, behind.address.clone(), &[&ahead[0]]).await;
        let first = login(&behind).await;
        let second = refresh(&ahead, &first).await;
        assert!(!is_refused(&second));
        // It can't return the other server's successor, and reports an error without ending the session.
        assert!(is_refused(&refresh(&behind, &first).await));
        assert_eq!(
            refresh(&ahead, &first).await["refreshToken"],
            second["refreshToken"]
        );
        // Once both servers have both keys, either token works.
        let third = refresh(&behind, &second).await;
        assert!(!is_refused(&third));
        assert!(!is_refused(&refresh(&ahead, &third).await));
        assert_eq!(behind.emails().await.len(), 0);
    }
}
