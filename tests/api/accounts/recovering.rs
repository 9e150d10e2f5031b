//! Password reset and change, change of the email address, and deletion of an account.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{App, PASSWORD, on_both_databases, user_error};

const ANN: &str = "ann@shop.example";
const NEW: &str = "a storm on the lake";

async fn can_sign_in(app: &App, email: &str, password: &str) -> bool {
    app.anonymous().login(email, password).await["accessToken"].is_string()
}

async fn reset(app: &App, otp: &str, password: &str) -> Value {
    let input = json!({"email": ANN, "otp": otp, "newPassword": password});
    app.anonymous()
        .run_mutation("resetPassword", input, "")
        .await
}

#[tokio::test]
async fn forgotten_password_is_reset_by_email() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let forgot = async || {
            let (client, input) = (app.anonymous(), json!({"email": "Ann@Shop.example"}));
            let payload = client
                .run_mutation("forgotPassword", input, "resendAfterSeconds")
                .await;
            assert_eq!(payload, json!({"resendAfterSeconds": 60, "userErrors": []}));
            app.code().await
        };
        let otp = forgot().await;
        // An invalid new password does not use up the code.
        assert_eq!(
            user_error(&reset(app, &otp, "password1234").await),
            "BAD_USER_INPUT"
        );
        assert!(can_sign_in(app, ANN, PASSWORD).await);
        let both = join_all([reset(app, &otp, NEW), reset(app, &otp, NEW)]).await;
        assert_eq!(
            both.iter()
                .filter(|payload| user_error(payload) == "OTP_INVALID")
                .count(),
            1
        );
        assert_eq!(user_error(&reset(app, &otp, NEW).await), "OTP_INVALID");
        // All sessions end, no new one is created, and the owner is notified.
        assert!(!ann.is_signed_in().await);
        assert_eq!(app.count("sessions").await, 0);
        let letters = app.emails().await;
        assert_eq!(letters.len(), 1);
        assert!(letters[0].subject.contains("password was changed"));
        assert!(!can_sign_in(app, ANN, PASSWORD).await);
        assert!(can_sign_in(app, ANN, NEW).await);

        app.advance(Duration::from_hours(1));
        let old = forgot().await;
        app.advance(Duration::from_secs(61));
        let newer = forgot().await;
        assert_eq!(
            user_error(&reset(app, &old, "another one yet").await),
            "OTP_INVALID"
        );
        app.advance(Duration::from_secs(601));
        assert_eq!(
            user_error(&reset(app, &newer, "another one yet").await),
            "OTP_INVALID"
        );
        assert!(can_sign_in(app, ANN, NEW).await);
    })
    .await;
}

#[tokio::test]
async fn new_password_voids_all_codes() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let input = json!({"newEmail": "anna@shop.example", "password": PASSWORD});
        ann.run_mutation("changeEmail", input, "").await;
        let letters = app.emails().await;
        let code = letters.into_iter().find_map(|letter| letter.code).unwrap();
        app.anonymous()
            .run_mutation("forgotPassword", json!({"email": ANN}), "")
            .await;
        let otp = app.code().await;
        assert_eq!(user_error(&reset(app, &otp, NEW).await), "");
        let ann = app.anonymous().login(ANN, NEW).await;
        let ann = app
            .anonymous()
            .with_token(ann["accessToken"].as_str().unwrap());
        let payload = ann
            .run_mutation("confirmEmailChange", json!({"otp": code}), "")
            .await;
        assert_eq!(user_error(&payload), "OTP_INVALID");
    })
    .await;
}

#[tokio::test]
async fn change_password_keeps_the_current_session() {
    on_both_databases(async |app| {
        let other = app.signed_in(ANN, Role::Customer).await;
        let login = app.anonymous().login(ANN, PASSWORD).await;
        let client = app
            .anonymous()
            .with_token(login["accessToken"].as_str().unwrap());
        let change = async |current: &str, new: &str| {
            let input = json!({"currentPassword": current, "newPassword": new});
            client
                .run_mutation(
                    "changePassword",
                    input,
                    "accessToken refreshToken user { email }",
                )
                .await
        };
        let payload = change("not the password", NEW).await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("INVALID_CREDENTIALS", &json!("currentPassword"))
        );
        let payload = change(PASSWORD, "short").await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("BAD_USER_INPUT", &json!("newPassword"))
        );
        assert!(other.is_signed_in().await);

        let payload = change(PASSWORD, NEW).await;
        assert_eq!(payload["user"]["email"], ANN);
        assert!(!other.is_signed_in().await);
        assert!(client.is_signed_in().await);
        assert!(
            app.anonymous()
                .with_token(payload["accessToken"].as_str().unwrap())
                .is_signed_in()
                .await
        );
        assert!(
            app.emails().await[0]
                .subject
                .contains("password was changed")
        );
        let refresh = async |token: &Value| {
            let client = app.anonymous();
            client
                .run_mutation(
                    "refreshToken",
                    json!({"refreshToken": token}),
                    "refreshToken",
                )
                .await
        };
        assert_eq!(user_error(&refresh(&payload["refreshToken"]).await), "");
        // The old refresh token gets no tokens, and a tab that still has it does not end the session.
        assert_eq!(
            user_error(&refresh(&login["refreshToken"]).await),
            "TOKEN_INVALID"
        );
        assert!(can_sign_in(app, ANN, NEW).await && !can_sign_in(app, ANN, PASSWORD).await);
    })
    .await;
}

#[tokio::test]
async fn change_password_is_rate_limited_like_login() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let mut limited = false;
        for _ in 0..12 {
            let input = json!({"currentPassword": "a wrong guess", "newPassword": NEW});
            let response = ann.mutate("changePassword", input, "").await;
            limited = response.text.contains("RATE_LIMITED");
        }
        assert!(limited);
    })
    .await;
}

#[tokio::test]
async fn email_change_requires_confirmation() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let ask = async |new: &str, password: &str| {
            let input = json!({"newEmail": new, "password": password});
            ann.run_mutation("changeEmail", input, "resendAfterSeconds")
                .await
        };
        assert_eq!(
            user_error(&ask("anna@shop.example", "wrong guess 1").await),
            "INVALID_CREDENTIALS"
        );
        assert_eq!(
            user_error(&ask("nonsense", PASSWORD).await),
            "BAD_USER_INPUT"
        );
        assert_eq!(app.emails().await.len(), 0);
        assert_eq!(user_error(&ask("Anna@shop.example", PASSWORD).await), "");
        let mut letters = app.emails().await;
        letters.sort_by_key(|letter| letter.code.is_some());
        assert_eq!(
            (letters[0].to.as_str(), letters[1].to.as_str()),
            (ANN, "Anna@shop.example")
        );
        let otp = letters[1].code.clone().unwrap();
        assert!(
            can_sign_in(app, ANN, PASSWORD).await
                && !can_sign_in(app, "anna@shop.example", PASSWORD).await
        );

        // A reset code for the old address is void.
        app.anonymous()
            .run_mutation("forgotPassword", json!({"email": ANN}), "")
            .await;
        let old = app.code().await;
        let confirm = async |otp: &str| {
            ann.run_mutation(
                "confirmEmailChange",
                json!({"otp": otp}),
                "user { email emailVerified }",
            )
            .await
        };
        assert_eq!(user_error(&confirm("12345").await), "OTP_INVALID");
        let payload = confirm(&otp).await;
        assert_eq!(
            payload["user"],
            json!({"email": "Anna@shop.example", "emailVerified": true})
        );
        assert_eq!(user_error(&confirm(&otp).await), "OTP_INVALID");
        assert!(
            !can_sign_in(app, ANN, PASSWORD).await
                && can_sign_in(app, "anna@shop.example", PASSWORD).await
        );
        assert_eq!(user_error(&reset(app, &old, NEW).await), "OTP_INVALID");
        let letters = app.emails().await;
        assert_eq!((letters.len(), letters[0].to.as_str()), (1, ANN));
    })
    .await;
}

#[tokio::test]
async fn email_change_to_a_taken_address_is_not_disclosed() {
    on_both_databases(async |app| {
        app.user("bob@shop.example", Role::Customer).await;
        let ann = app.signed_in(ANN, Role::Customer).await;
        let ask = async |new: &str| {
            let input = json!({"newEmail": new, "password": PASSWORD});
            ann.run_mutation("changeEmail", input, "resendAfterSeconds")
                .await
        };
        assert_eq!(
            ask("BOB@shop.example").await,
            json!({"resendAfterSeconds": 60, "userErrors": []})
        );
        let letters = app.emails().await;
        assert_eq!(letters.len(), 2);
        assert!(letters.iter().all(|letter| letter.code.is_none()));
        // Free when it was requested, and taken when it is confirmed.
        app.advance(Duration::from_secs(61));
        ask("carl@shop.example").await;
        let otp = app
            .emails()
            .await
            .into_iter()
            .find_map(|letter| letter.code)
            .unwrap();
        app.user("carl@shop.example", Role::Customer).await;
        let payload = ann
            .run_mutation("confirmEmailChange", json!({"otp": otp}), "user { id }")
            .await;
        assert_eq!(user_error(&payload), "CONFLICT");
        assert!(can_sign_in(app, ANN, PASSWORD).await);
    })
    .await;
}

#[tokio::test]
async fn delete_me_deletes_all_data() {
    on_both_databases(async |app| {
        app.signed_in("bob@shop.example", Role::Customer).await;
        let ann = app.signed_in(ANN, Role::Customer).await;
        app.anonymous()
            .run_mutation("forgotPassword", json!({"email": ANN}), "")
            .await;
        for input in [json!({}), json!({"password": "wrong guess 1"})] {
            let payload = ann.run_mutation("deleteMe", input, "user { id }").await;
            assert_eq!(user_error(&payload), "INVALID_CREDENTIALS");
        }
        assert!(ann.is_signed_in().await);
        let payload = ann
            .run_mutation("deleteMe", json!({"password": PASSWORD}), "user { email }")
            .await;
        assert_eq!(payload["user"]["email"], ANN);
        assert!(!ann.is_signed_in().await && !can_sign_in(app, ANN, PASSWORD).await);
        app.emails().await;
        for table in ["users", "sessions"] {
            assert_eq!(app.count(table).await, 1, "{table}");
        }
        assert_eq!(
            app.count("one_time_codes").await + app.count("outbox").await,
            0
        );
        // The address can be registered again.
        app.anonymous().register(ANN).await;
        let otp = app.code().await;
        assert_eq!(user_error(&app.anonymous().verify(ANN, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn account_without_password_requires_a_recent_sign_in() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        app.sql("UPDATE users SET password_hash = NULL").await;
        let data = ann.data("{ me { hasPassword } }", json!({})).await;
        assert_eq!(data["me"]["hasPassword"], false);
        let input = json!({"currentPassword": "", "newPassword": NEW});
        app.advance(Duration::from_secs(599));
        let ask = json!({"newEmail": "anna@shop.example"});
        assert_eq!(
            user_error(&ann.run_mutation("changeEmail", ask.clone(), "").await),
            ""
        );
        app.advance(Duration::from_secs(2));
        for (mutation, input) in [
            ("changeEmail", ask),
            ("deleteMe", json!({})),
            ("changePassword", input),
        ] {
            let payload = ann.run_mutation(mutation, input, "").await;
            assert_eq!(
                user_error(&payload),
                "REAUTHENTICATION_REQUIRED",
                "{mutation}"
            );
        }
        assert_eq!(app.count("users").await, 1);
    })
    .await;
}
