//! Wrong one-time codes are counted over all codes of an account.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{ApiResponse, App, Client, on_both_databases, user_error};

const ANN: &str = "ann@shop.example";
const NOBODY: &str = "nobody@shop.example";
const NEW: &str = "a storm on the lake";

fn outcome(response: &ApiResponse, name: &str) -> String {
    if response.json["errors"].is_array() {
        return response.code().to_owned();
    }
    user_error(&response.json["data"][name]).to_owned()
}

async fn verify(client: &Client, otp: &str) -> String {
    let input = json!({"email": ANN, "otp": otp});
    outcome(
        &client.mutate("verifyEmail", input, "").await,
        "verifyEmail",
    )
}

async fn reset(client: &Client, email: &str, otp: &str) -> String {
    let input = json!({"email": email, "otp": otp, "newPassword": NEW});
    outcome(
        &client.mutate("resetPassword", input, "").await,
        "resetPassword",
    )
}

async fn forgot(client: &Client, email: &str) {
    let payload = client
        .run_mutation("forgotPassword", json!({"email": email}), "")
        .await;
    assert_eq!(payload["userErrors"], json!([]));
}

fn other_than(otp: &str) -> String {
    let number: u32 = otp.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

fn is_short(otp: &str) -> bool {
    otp.len() == 6 && otp.bytes().all(|byte| byte.is_ascii_digit())
}

#[tokio::test]
async fn after_100_wrong_codes_only_an_emailed_token_is_accepted() {
    on_both_databases(async |app| {
        app.anonymous().register(ANN).await;
        let mut wrong = 0;
        let mut otp = app.code().await;
        for _ in 0..10 {
            let (own, other) = (app.anonymous(), app.anonymous());
            own.run_mutation("resendOtp", json!({"email": ANN}), "")
                .await;
            otp = app.code().await;
            assert!(is_short(&otp), "{otp}");
            for client in [&own, &other] {
                for _ in 0..5 {
                    assert_eq!(verify(client, &other_than(&otp)).await, "OTP_INVALID");
                    wrong += 1;
                }
            }
        }
        assert_eq!(wrong, 100);
        let client = app.anonymous();
        for guess in [&*other_than(&otp), &*otp, "", "12345"] {
            assert_eq!(verify(&client, guess).await, "RATE_LIMITED", "{guess}");
        }
        client
            .run_mutation("resendOtp", json!({"email": ANN}), "")
            .await;
        let token = app.code().await;
        assert_eq!(token.replace('-', "").len(), 30, "{token}");
        // In upper case with spaces, as a user may copy it.
        let typed = format!(" {} ", token.to_uppercase().replace('-', " "));
        assert_eq!(verify(&app.anonymous(), &typed).await, "");
        assert_eq!(app.count("code_failures").await, 0);
    })
    .await;
}

/// Returns the right code, and the number of notices among the due emails.
async fn emails(app: &App) -> (Option<String>, usize) {
    let letters = app.emails().await;
    let notices = letters
        .iter()
        .filter(|letter| letter.subject.contains("Many wrong codes"));
    let notices = notices.inspect(|letter| assert_eq!(letter.to, ANN)).count();
    let mut codes = letters.into_iter().filter_map(|letter| letter.code);
    (codes.next_back(), notices)
}

#[tokio::test]
async fn owner_is_notified_once_and_unknown_addresses_get_the_same_response() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let mut responses: Vec<Vec<String>> = Vec::new();
        let mut codes = Vec::new();
        for email in [ANN, NOBODY] {
            let client = app.anonymous();
            forgot(&client, email).await;
            let (code, _) = emails(app).await;
            let guess = code
                .as_deref()
                .map_or_else(|| "123456".to_owned(), other_than);
            codes.push(code);
            let mut told = vec![reset(&client, email, &guess).await];
            app.sql("UPDATE code_failures SET failures = 99").await;
            for _ in 0..3 {
                told.push(reset(&client, email, &guess).await);
            }
            let notices = emails(app).await.1;
            assert_eq!(notices, usize::from(email == ANN));
            responses.push(told);
            app.sql("UPDATE code_failures SET failures = 100").await;
        }
        let expected = ["OTP_INVALID", "OTP_INVALID", "RATE_LIMITED", "RATE_LIMITED"];
        assert_eq!(responses, [expected, expected]);
        // The code sent before is void too.
        let short = codes[0].clone().unwrap();
        assert_eq!(reset(&app.anonymous(), ANN, &short).await, "RATE_LIMITED");

        let (owner, stranger) = (app.anonymous(), app.anonymous());
        forgot(&owner, ANN).await;
        let (token, notices) = emails(app).await;
        let token = token.unwrap();
        assert!(!is_short(&token) && notices == 0);
        let guess: String = token.chars().rev().collect();
        for client in [&owner, &stranger] {
            for _ in 0..6 {
                assert_eq!(reset(client, ANN, &guess).await, "OTP_INVALID");
            }
        }
        assert_eq!(reset(&stranger, ANN, &token).await, "");
        assert!(app.anonymous().login(ANN, NEW).await["accessToken"].is_string());
        forgot(&app.anonymous(), ANN).await;
        assert!(is_short(&emails(app).await.0.unwrap()));

        // The count expires 30 days after the last wrong code.
        let client = app.anonymous();
        app.advance(Duration::from_hours(30 * 24 - 1));
        assert_eq!(reset(&client, NOBODY, "123456").await, "RATE_LIMITED");
        app.advance(Duration::from_hours(1));
        assert_eq!(reset(&client, NOBODY, "123456").await, "OTP_INVALID");
        wares::accounts::auth::service::delete_expired(&app.state)
            .await
            .unwrap();
        assert_eq!(app.count("code_failures").await, 0);
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_of_an_email_change_are_limited() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let input = json!({"newEmail": "new@shop.example", "password": crate::harness::PASSWORD});
        let ask = async || {
            ann.run_mutation("changeEmail", input.clone(), "").await;
            app.emails()
                .await
                .into_iter()
                .find_map(|letter| letter.code)
                .unwrap()
        };
        let confirm = async |otp: &str| {
            let response = ann
                .mutate("confirmEmailChange", json!({"otp": otp}), "")
                .await;
            outcome(&response, "confirmEmailChange")
        };
        let otp = ask().await;
        assert_eq!(confirm(&other_than(&otp)).await, "OTP_INVALID");
        app.sql("UPDATE code_failures SET failures = 99").await;
        assert_eq!(confirm(&other_than(&otp)).await, "OTP_INVALID");
        assert_eq!(emails(app).await, (None, 1));
        let response = ann
            .mutate("confirmEmailChange", json!({"otp": otp}), "")
            .await;
        assert_eq!(response.code(), "RATE_LIMITED");
        assert_eq!(
            response.json["errors"][0]["extensions"]["retryAfterSeconds"],
            60
        );
        let message: &Value = &response.json["errors"][0]["message"];
        assert!(message.as_str().unwrap().contains("Request a new code"));
        app.advance(Duration::from_secs(61));
        let token = ask().await;
        assert!(!is_short(&token));
        assert_eq!(confirm(&token).await, "");
    })
    .await;
}
