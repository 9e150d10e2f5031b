//! Rate limits of sign-ins for clients and accounts, and the queue for password hashing.

use std::time::Duration;

use serde_json::json;
use wares::accounts::user::Role;

use crate::harness::{App, Backend, JSON, PASSWORD, on_both_databases};

const ANN: &str = "ann@shop.example";

#[tokio::test]
async fn login_allows_10_attempts_then_one_every_20_seconds() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let attempt = async |address: &str| {
            let client = app.anonymous().with_address(address);
            let input = json!({"email": ANN, "password": PASSWORD});
            let response = client.mutate("login", input, "accessToken").await;
            response.json["data"]["login"]["accessToken"].is_string()
        };
        for _ in 0..10 {
            assert!(attempt("192.0.2.1").await);
        }
        assert!(!attempt("192.0.2.1").await);
        assert!(
            !attempt("::ffff:192.0.2.1").await,
            "the same address in other clothes"
        );
        assert!(attempt("192.0.2.2").await);
        for _ in 0..3 {
            app.advance(Duration::from_secs(20));
            assert!(attempt("192.0.2.1").await);
            assert!(!attempt("192.0.2.1").await);
        }
        app.advance(Duration::from_secs(200));
        for _ in 0..10 {
            assert!(attempt("192.0.2.1").await);
        }
        // All addresses of a /64 network count as one client.
        for number in 0..10 {
            assert!(attempt(&format!("2001:db8:1:2::{number}")).await);
        }
        assert!(!attempt("2001:db8:1:2:ffff::9").await);
        assert!(attempt("2001:db8:1:3::1").await);
    })
    .await;
}

#[tokio::test]
async fn account_is_locked_temporarily_after_distributed_guessing() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &["--limit-login-account=5/1d"]).await;
        app.user(ANN, Role::Customer).await;
        for _ in 0..4 {
            app.anonymous().login(ANN, "a wrong guess").await;
        }
        // A success resets the failures.
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
        let stranger = app.anonymous();
        for _ in 0..5 {
            stranger.login(ANN, "a wrong guess").await;
        }
        let input = json!({"email": ANN, "password": PASSWORD});
        let response = stranger.mutate("login", input.clone(), "accessToken").await;
        assert_eq!(response.code(), "RATE_LIMITED");
        assert_eq!(
            response.json["errors"][0]["extensions"]["retryAfterSeconds"],
            17_280
        );
        // The owner can reset the password by email.
        app.anonymous()
            .run_mutation("forgotPassword", json!({"email": ANN}), "")
            .await;
        let reset =
            json!({"email": ANN, "otp": app.code().await, "newPassword": "quite another one"});
        assert_eq!(
            app.anonymous()
                .run_mutation("resetPassword", reset, "")
                .await["userErrors"],
            json!([])
        );
        let login = app.anonymous().login(ANN, "quite another one").await;
        assert!(login["accessToken"].is_string());
        // The lock is temporary.
        for _ in 0..5 {
            app.anonymous().login(ANN, "a wrong guess").await;
        }
        app.advance(Duration::from_secs(17_281));
        let login = app.anonymous().login(ANN, "quite another one").await;
        assert!(login["accessToken"].is_string());
    }
}

#[tokio::test]
async fn forwarded_address_is_used_from_a_trusted_proxy_only() {
    for (proxies, forwarded, limited) in [
        // Without a trusted proxy the header is ignored.
        ("", "198.51.100.{}", true),
        ("10.0.0.0/8", "198.51.100.{}", false),
        (
            "10.9.9.9,10.0.0.0/8",
            "203.0.113.5, 198.51.100.{}, 10.2.3.4",
            false,
        ),
        // The client wrote the earlier entries itself.
        ("10.0.0.0/8", "198.51.100.{}, 203.0.113.5", true),
        ("10.0.0.0/8", "nonsense {}", true),
    ] {
        let flag = format!("--trusted-proxies={proxies}");
        let flags: &[&str] = if proxies.is_empty() { &[] } else { &[&flag] };
        let app = App::start(Backend::Sqlite, flags).await;
        let mut responses = Vec::new();
        for number in 0..12 {
            let forwarded = forwarded.replace("{}", &number.to_string());
            let headers = [JSON, ("x-forwarded-for", &*forwarded)];
            let body = r#"{"query":"mutation { login(input: {email: \"a@b.example\", password: \"x\"}) { accessToken } }"}"#;
            responses.push(
                app.anonymous()
                    .with_address("10.1.1.1")
                    .post_with(&headers, body)
                    .await,
            );
        }
        let refused = responses
            .iter()
            .any(|response| response.text.contains("RATE_LIMITED"));
        assert_eq!(refused, limited, "{proxies}: {forwarded}");
    }
}

#[tokio::test]
async fn login_returns_unavailable_when_the_hashing_queue_is_full() {
    let app = App::start(
        Backend::Sqlite,
        &["--password-hashes=1", "--password-queue=1"],
    )
    .await;
    let attempts = (0..20).map(async |_| {
        let input = json!({"email": ANN, "password": PASSWORD});
        app.anonymous().mutate("login", input, "accessToken").await
    });
    let responses = futures_util::future::join_all(attempts).await;
    let (busy, tried): (Vec<_>, Vec<_>) = responses
        .iter()
        .partition(|response| response.json["errors"].is_array());
    assert!(
        !busy.is_empty() && !tried.is_empty(),
        "{} {}",
        busy.len(),
        tried.len()
    );
    for response in busy {
        assert_eq!(
            (response.code(), response.header("retry-after")),
            ("SERVICE_UNAVAILABLE", "1")
        );
    }
}

#[tokio::test]
async fn servers_share_rate_limits_and_session_revocation() {
    let secret = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let one = App::start(backend, &[secret]).await;
        let other = App::on_database(backend, one.address.clone(), &[secret]).await;
        let ann = one.signed_in(ANN, Role::Customer).await;
        let query = "mutation { logoutAll { userErrors { code } } }";
        let same = other.signed_in(ANN, Role::Customer).await;
        same.data(query, json!({})).await;
        assert!(!ann.is_signed_in().await);

        let mut refused = 0;
        for number in 0..14 {
            let app = [&one, &other][number % 2];
            let client = app.anonymous().with_address("192.0.2.99");
            let input = json!({"email": ANN, "password": PASSWORD});
            let response = client.mutate("login", input, "accessToken").await;
            refused += usize::from(response.json["errors"].is_array());
        }
        assert_eq!(refused, 4);
    }
}
