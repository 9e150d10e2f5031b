//! Refresh tokens: tolerated reuse, detected reuse, expiry.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{
    ApiResponse, App, Backend, Client, GRAPHQL_RESPONSE, JSON, PASSWORD, on_both_databases,
};

pub const ANN: &str = "ann@shop.example";

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

pub async fn send(client: &Client, headers: &[(&str, &str)], query: &str) -> ApiResponse {
    let headers = [&[JSON], headers].concat();
    client
        .post_with(&headers, json!({"query": query}).to_string())
        .await
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
