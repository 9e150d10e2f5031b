//! Sign-in with Google during a registration, a verification or another sign-in.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::google_claims::{claims, exchange, issue_code, sign_in};
use crate::harness::{on_both_databases, user_error};

#[tokio::test]
async fn pending_registration_password_is_discarded() {
    on_both_databases(async |app| {
        let (mallory, victim) = (app.anonymous(), "ann@gmail.com");
        mallory.register(victim).await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(61));
        // A second email, which is not sent yet.
        mallory
            .run_mutation("resendOtp", json!({"email": victim}), "")
            .await;
        let payload = sign_in(app, claims("1", victim)).await;
        assert_eq!(payload["user"]["hasPassword"], false);
        for table in ["registrations", "one_time_codes"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        assert_eq!(app.emails().await.len(), 0);
        let login = mallory.login(victim, "correct horse 9").await;
        assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
        assert_eq!(
            user_error(&mallory.verify(victim, &otp).await),
            "OTP_INVALID"
        );
        let login = mallory.login(victim, "correct horse 9").await;
        assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
    })
    .await;
}

#[tokio::test]
async fn concurrent_registration_sets_no_password() {
    on_both_databases(async |app| {
        for round in 0..5 {
            let email = format!("ann{round}@gmail.com");
            let code = issue_code(app, claims(&round.to_string(), &email)).await;
            let (mallory, ann, code) = (app.anonymous(), app.anonymous(), code.unwrap());
            let (_, payload) = tokio::join!(mallory.register(&email), exchange(&ann, &code));
            assert_eq!(payload["user"]["hasPassword"], false, "{payload}");
            for letter in app.emails().await {
                let otp = letter.code.unwrap_or_default();
                let tried = mallory.verify(&email, &otp).await;
                assert_eq!(user_error(&tried), "OTP_INVALID");
            }
            let login = mallory.login(&email, "correct horse 9").await;
            assert_eq!(login["accessToken"], Value::Null);
        }
        assert_eq!(app.count("users").await, 5);
    })
    .await;
}

#[tokio::test]
async fn concurrent_verifications_create_one_user() {
    on_both_databases(async |app| {
        for round in 0..5 {
            let email = format!("ann{round}@gmail.com");
            app.anonymous().register(&email).await;
            let otp = app.code().await;
            let code = issue_code(app, claims(&round.to_string(), &email)).await;
            let (one, other, code) = (app.anonymous(), app.anonymous(), code.unwrap());
            let (verified, payload) =
                tokio::join!(one.verify(&email, &otp), exchange(&other, &code));
            assert_eq!(payload["user"]["email"], email, "{payload}");
            let login = one.login(&email, "correct horse 9").await;
            // The order decides whether the password is discarded.
            let expected = if user_error(&verified).is_empty() {
                ""
            } else {
                "INVALID_CREDENTIALS"
            };
            assert_eq!(user_error(&login), expected);
        }
        assert_eq!(app.count("users").await, 5);
        assert_eq!(app.count("identities").await, 5);
    })
    .await;
}

#[tokio::test]
async fn concurrent_first_sign_ins_create_one_user() {
    on_both_databases(async |app| {
        let mut codes = Vec::new();
        for number in 0..8 {
            // Some with another address, so that only the subject identifies the user.
            let email = format!("ann{}@gmail.com", number % 2);
            codes.push(issue_code(app, claims("1", &email)).await.unwrap());
        }
        let works = codes.iter().map(async |code| {
            let client = app.anonymous();
            exchange(&client, code).await
        });
        let payloads = join_all(works).await;
        for payload in &payloads {
            assert_eq!(payload["userErrors"], json!([]));
            assert_eq!(payload["user"]["id"], payloads[0]["user"]["id"]);
        }
        assert_eq!(app.count("users").await, 1);
        assert_eq!(app.count("identities").await, 1);
        assert_eq!(app.count("sessions").await, 8);
    })
    .await;
}
