//! Many concurrent requests for one address.

use futures_util::future::join_all;
use serde_json::json;
use wares::accounts::user::Role;

use crate::harness::{ApiResponse, App, on_both_databases_with, user_error};

const ANN: &str = "ann@shop.example";

/// One hash at a time, and a queue that a burst of 50 would overflow.
const NARROW: &[&str] = &[
    "--password-hashes=1",
    "--password-queue=2",
    "--request-timeout=5m",
];

/// Registers 50 times concurrently, each from a network of its own.
async fn burst(app: &App, password: impl Fn(usize) -> String) {
    let all = (0..50).map(|number| {
        let input = json!({"email": ANN, "password": password(number), "name": "Ann"});
        let client = app.anonymous();
        async move { client.mutate("register", input, "resendAfterSeconds").await }
    });
    let done = json!({"resendAfterSeconds": 60, "userErrors": []});
    for response in join_all(all).await {
        assert_eq!(response.json["data"]["register"], done, "{}", response.text);
    }
    assert_eq!(app.count("registrations").await, 1);
}

#[tokio::test]
async fn concurrent_registrations_create_one_account() {
    on_both_databases_with(NARROW, async |app| {
        burst(app, |_| "correct horse 9".to_owned()).await;
        let otp = app.code().await;
        assert_eq!(user_error(&app.anonymous().verify(ANN, &otp).await), "");
        let login = app.anonymous().login(ANN, "correct horse 9").await;
        assert!(login["accessToken"].is_string(), "{login}");
        assert_eq!(app.count("users").await, 1);
    })
    .await;
}

#[tokio::test]
async fn concurrent_registrations_with_different_passwords_discard_all() {
    on_both_databases_with(NARROW, async |app| {
        burst(app, |number| format!("correct horse {number}")).await;
        let unsure = "SELECT count(*) FROM registrations WHERE password_hash IS NULL";
        assert_eq!(app.sql_number(unsure).await, 1);
    })
    .await;
}

#[tokio::test]
async fn concurrent_requests_for_codes_are_answered() {
    on_both_databases_with(&["--request-timeout=5m"], async |app| {
        app.user(ANN, Role::Customer).await;
        app.anonymous().register("new@shop.example").await;
        for (name, email) in [("forgotPassword", ANN), ("resendOtp", "new@shop.example")] {
            let all = (0..50).map(|_| {
                let client = app.anonymous();
                async move { client.mutate(name, json!({ "email": email }), "").await }
            });
            let responses = join_all(all).await;
            let refused = responses
                .iter()
                .filter(|response| response.json["errors"].is_array());
            let codes: Vec<_> = refused.map(ApiResponse::code).collect();
            // Registration has used one of the 30 emails an hour to the address.
            let limited = 20 + usize::from(name == "resendOtp");
            assert_eq!(codes, vec!["RATE_LIMITED"; limited], "{name}");
        }
    })
    .await;
}
