//! One-time codes: purpose, lifetime and rate limits.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use wares::accounts::user::Role;

use crate::harness::{Client, on_both_databases, user_error};

const ANN: &str = "ann@shop.example";

/// Returns a six-digit code that differs from this one.
fn other_than(otp: &str) -> String {
    let number: u32 = otp.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn code_is_void_after_5_attempts() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        client.register(ANN).await;
        let otp = app.code().await;
        for _ in 0..5 {
            let payload = client.verify(ANN, &other_than(&otp)).await;
            assert_eq!(user_error(&payload), "OTP_INVALID");
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&error["field"], &error["retryAfterSeconds"]),
                (&json!("otp"), &json!(null))
            );
        }
        app.advance(Duration::from_secs(20));
        let payload = client.verify(ANN, &otp).await;
        assert_eq!(user_error(&payload), "OTP_INVALID");
        assert_eq!(payload["userErrors"][0]["retryAfterSeconds"], 40);
        app.advance(Duration::from_secs(41));
        client
            .run_mutation("resendOtp", json!({"email": ANN}), "resendAfterSeconds")
            .await;
        let otp = app.code().await;
        assert_eq!(user_error(&client.verify(ANN, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn other_clients_cannot_use_up_attempts_or_emails() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let (ann, stranger) = (app.anonymous(), app.anonymous());
        let ask = async |client: &Client| {
            let response = client
                .mutate("forgotPassword", json!({"email": ANN}), "")
                .await;
            response.json["errors"].is_null()
        };
        let reset = async |client: &Client, otp: &str| {
            let input = json!({"email": ANN, "otp": otp, "newPassword": "a storm on the lake"});
            client.run_mutation("resetPassword", input, "").await
        };
        for _ in 0..3 {
            assert!(ask(&stranger).await);
            app.advance(Duration::from_secs(61));
        }
        assert!(!ask(&stranger).await);
        assert!(ask(&ann).await);
        let otp = app.emails().await.pop().unwrap().code.unwrap();
        for _ in 0..10 {
            let payload = reset(&stranger, &other_than(&otp)).await;
            assert_eq!(user_error(&payload), "OTP_INVALID");
        }
        assert_eq!(user_error(&reset(&stranger, &otp).await), "OTP_INVALID");
        assert_eq!(user_error(&reset(&ann, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn queued_email_with_a_void_code_is_cancelled() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        client.register(ANN).await;
        app.advance(Duration::from_secs(61));
        client
            .run_mutation("resendOtp", json!({"email": ANN}), "")
            .await;
        let otp = app.code().await;
        let (first, second) = otp.split_at(3);
        let payload = client.verify(ANN, &format!("{first} {second}")).await;
        assert_eq!(user_error(&payload), "");
    })
    .await;
}

#[tokio::test]
async fn concurrent_guesses_are_limited_to_5() {
    on_both_databases(async |app| {
        app.anonymous().register(ANN).await;
        let otp: u32 = app.code().await.parse().unwrap();
        let guess = async |number: u32| {
            let guess = format!("{:06}", (otp + number) % 1_000_000);
            // Each from an address of its own, so that only the limit of the code applies.
            app.anonymous().verify(ANN, &guess).await
        };
        // The right code is in the middle; 50 requests are in flight at any time.
        let guesses = stream::iter((100..200).chain(0..100).map(guess));
        let all: Vec<_> = guesses.buffer_unordered(50).collect().await;
        let right = all
            .iter()
            .filter(|payload| user_error(payload).is_empty())
            .count();
        let wrong = all
            .iter()
            .filter(|payload| user_error(payload) == "OTP_INVALID")
            .count();
        assert!(right <= 1, "{right} were taken");
        assert_eq!(right + wrong, 200);
        let left =
            app.sql_number("SELECT count(*) FROM one_time_codes WHERE attempts_left_to_others = 0");
        assert_eq!(left.await, i64::from(right == 0));
    })
    .await;
}

#[tokio::test]
async fn code_is_valid_once_for_10_minutes() {
    on_both_databases(async |app| {
        app.anonymous().register(ANN).await;
        let otp = app.code().await;
        let (one, other) = (app.anonymous(), app.anonymous());
        let twice = join_all([one.verify(ANN, &otp), other.verify(ANN, &otp)]).await;
        let refused = twice
            .iter()
            .filter(|payload| user_error(payload) == "OTP_INVALID")
            .count();
        assert_eq!(refused, 1, "{twice:?}");
        assert_eq!(
            user_error(&app.anonymous().verify(ANN, &otp).await),
            "OTP_INVALID"
        );

        let bob = "bob@shop.example";
        app.anonymous().register(bob).await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(601));
        assert_eq!(
            user_error(&app.anonymous().verify(bob, &otp).await),
            "OTP_INVALID"
        );
        let input = json!({"email": bob});
        app.anonymous()
            .run_mutation("resendOtp", input, "resendAfterSeconds")
            .await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(599));
        assert_eq!(user_error(&app.anonymous().verify(bob, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn code_is_valid_for_its_address_and_purpose_only() {
    on_both_databases(async |app| {
        let bob = "bob@shop.example";
        app.anonymous().register(ANN).await;
        let of_ann = app.code().await;
        app.anonymous().register(bob).await;
        let of_bob = app.code().await;
        assert_ne!(of_ann, of_bob, "one in a million");
        assert_eq!(
            user_error(&app.anonymous().verify(bob, &of_ann).await),
            "OTP_INVALID"
        );
        let reset = json!({"email": ANN, "otp": of_ann, "newPassword": "correct horse 10"});
        let payload = app
            .anonymous()
            .run_mutation("resetPassword", reset, "")
            .await;
        assert_eq!(user_error(&payload), "OTP_INVALID");
        // The attempt counted for Bob's address.
        let left =
            "SELECT attempts_left_to_others FROM one_time_codes WHERE subject = 'bob@shop.example'";
        assert_eq!(app.sql_number(left).await, 4);
        assert_eq!(user_error(&app.anonymous().verify(ANN, &of_ann).await), "");
    })
    .await;
}

#[tokio::test]
async fn code_is_resent_after_a_minute_and_at_most_3_times_an_hour() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        client.register(ANN).await;
        let again = async |email: &str| {
            let input = json!({"email": email});
            client
                .mutate("resendOtp", input, "resendAfterSeconds")
                .await
        };
        // The wait is the same for known and unknown addresses.
        again("nobody@shop.example").await;
        for email in [ANN, "nobody@shop.example"] {
            let response = again(email).await;
            assert_eq!(
                (response.status.as_u16(), response.code()),
                (200, "RATE_LIMITED")
            );
            assert_eq!(
                response.json["errors"][0]["extensions"]["retryAfterSeconds"],
                60
            );
            assert_eq!(response.header("retry-after"), "60");
        }
        for _ in 0..2 {
            assert_eq!(app.emails().await.len(), 1);
            app.advance(Duration::from_secs(61));
            assert_eq!(
                again(ANN).await.json["data"]["resendOtp"]["userErrors"],
                json!([])
            );
        }

        app.advance(Duration::from_secs(61));
        let response = again(ANN).await;
        let wait = &response.json["errors"][0]["extensions"]["retryAfterSeconds"];
        assert_eq!(wait.as_i64(), Some(1_200 - 3 * 61));
        app.advance(Duration::from_mins(20));
        assert_eq!(
            again(ANN).await.json["data"]["resendOtp"]["userErrors"],
            json!([])
        );
    })
    .await;
}

#[tokio::test]
async fn placeholder_emails_are_not_sent() {
    on_both_databases(async |app| {
        app.user("old@shop.example", Role::Customer).await;
        for (mutation, email) in [
            ("resendOtp", "nobody@shop.example"),
            ("resendOtp", "old@shop.example"),
            ("forgotPassword", "nobody@shop.example"),
        ] {
            let client = app.anonymous();
            let input = json!({"email": email});
            let payload = client
                .run_mutation(mutation, input, "resendAfterSeconds")
                .await;
            assert_eq!(payload, json!({"resendAfterSeconds": 60, "userErrors": []}));
        }
        assert_eq!(app.count("outbox").await, 3);
        assert_eq!(app.emails().await.len(), 0);
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn client_can_request_5_codes_a_minute() {
    on_both_databases(async |app| {
        let client = app.anonymous().with_address("2001:db8:1:2::1");
        for number in 0..5 {
            client.register(&format!("c{number}@shop.example")).await;
        }
        // Addresses of one /64 network are one client; another network is another client.
        for (address, limited) in [
            ("2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:3::1", false),
            ("192.0.2.1", false),
        ] {
            let input = json!({"email": "later@shop.example"});
            let client = app.anonymous().with_address(address);
            let response = client
                .mutate("forgotPassword", input, "resendAfterSeconds")
                .await;
            assert_eq!(
                response.json["errors"].is_array(),
                limited,
                "{address}: {}",
                response.text
            );
            app.advance(Duration::from_secs(5));
            // Different addresses, so that only the limit of the client applies.
            app.sql("DELETE FROM throttles WHERE key LIKE 'reset-%'")
                .await;
        }
    })
    .await;
}
