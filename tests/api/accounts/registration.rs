//! Registration: validation, and responses that don't disclose accounts.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{App, PASSWORD, on_both_databases, user_error};

const ANN: &str = "ann@shop.example";

#[tokio::test]
async fn registration_is_verified_and_signs_in() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        let payload = client.register(" Ann@Shop.Example ").await;
        assert_eq!(payload, json!({"resendAfterSeconds": 60, "userErrors": []}));
        let letters = app.emails().await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, "Ann@Shop.Example");
        let otp = letters[0].code.as_ref().unwrap();
        assert!(otp.len() == 6 && otp.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(letters[0].text().contains(otp));

        let login = client.login(ANN, "correct horse 9").await;
        assert_eq!(user_error(&login), "EMAIL_NOT_VERIFIED");
        assert_eq!(login["accessToken"], Value::Null);

        let payload = client.verify("ANN@shop.example", &format!(" {otp} ")).await;
        assert_eq!(
            payload["user"],
            json!({"email": "Ann@Shop.Example", "emailVerified": true})
        );
        let login = client.login(ANN, "correct horse 9").await;
        let client = client.with_token(login["accessToken"].as_str().unwrap());
        let me = client
            .data("{ me { name role hasPassword disabled } }", json!({}))
            .await;
        assert_eq!(
            me["me"],
            json!({"name": "Ann", "role": "CUSTOMER", "hasPassword": true, "disabled": false})
        );
    })
    .await;
}

#[tokio::test]
async fn registration_returns_all_errors_at_once() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        let input = json!({"email": "nobody", "password": "short", "name": " "});
        let payload = client
            .run_mutation("register", input, "resendAfterSeconds")
            .await;
        let errors = payload["userErrors"].as_array().unwrap();
        let fields: Vec<_> = errors
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!(fields, ["email", "name", "password"]);
        assert!(errors.iter().all(|error| error["code"] == "BAD_USER_INPUT"));
        assert_eq!(payload["resendAfterSeconds"], Value::Null);
        assert_eq!(app.count("users").await + app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn valid_addresses_are_accepted_and_invalid_ones_refused() {
    on_both_databases(async |app| {
        let at = |local: usize, domain: &str| format!("{}@{domain}", "a".repeat(local));
        let long = format!("{}.example", "d.".repeat(100));
        for (email, fine) in [
            ("o'hara+shop@mail.example", true),
            ("märtha@bücher.example", true),
            (&at(64, "shop.example"), true),
            (&at(65, "shop.example"), false),
            (&at(60, &long), false),
            ("a@b", false),
            ("a@[127.0.0.1]", false),
            ("a@127.0.0.1", false),
            ("\"a b\"@shop.example", false),
            ("a b@shop.example", false),
            (".a@shop.example", false),
            ("a..b@shop.example", false),
            ("a@shop.example.", false),
            ("a@-shop.example", false),
            ("a@shop.example\r\nBcc: b@shop.example", false),
            ("a\u{0}@shop.example", false),
            ("<a@shop.example>", false),
            ("a@shop.example, b@shop.example", false),
            ("a@shop\u{3002}example", false),
            ("a@sh%6fp.example", false),
            ("a@shop.exam\u{200b}ple", false),
            ("", false),
        ] {
            let payload = app.anonymous().register(email).await;
            assert_eq!(
                payload["userErrors"] == json!([]),
                fine,
                "{email}: {payload}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn names_are_validated() {
    on_both_databases(async |app| {
        for (number, (name, fine)) in [
            ("  Zoë  ", true),
            (&*"n".repeat(200), true),
            (&"n".repeat(201), false),
            (&"n".repeat(900_000), false),
            ("", false),
            ("\u{301}\u{301}", false),
            ("\u{200d}", false),
            ("\u{3164}", false),
            ("Ann\u{e0041}", true),
            ("Ann\r\nBcc: x", true),
            ("Ann\u{0}", false),
            ("\u{202e}nnA", true),
            ("\u{202e}\u{200b}", false),
        ]
        .into_iter()
        .enumerate()
        {
            let email = format!("n{number}@shop.example");
            let input = json!({"email": email, "password": "correct horse 9", "name": name});
            let payload = app
                .anonymous()
                .run_mutation("register", input, "resendAfterSeconds")
                .await;
            assert_eq!(
                payload["userErrors"] == json!([]),
                fine,
                "{number}: {payload}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn common_passwords_are_refused() {
    on_both_databases(async |app| {
        for (password, rule) in [
            ("password1234", "too common"),
            ("Password1!", "too common"),
            ("ann@shop.example", "address"),
            ("ANN@SHOP.EXAMPLE!!", "address"),
            ("1234567", "At least 8"),
            ("twelve\u{0}twelve", "Control characters"),
            (&*"x".repeat(129), "At most 128"),
            (&"x".repeat(900_000), "At most 128"),
        ] {
            let input = json!({"email": ANN, "password": password, "name": "Ann"});
            let payload = app
                .anonymous()
                .run_mutation("register", input, "resendAfterSeconds")
                .await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("BAD_USER_INPUT"), &json!("password"))
            );
            assert!(error["message"].as_str().unwrap().contains(rule), "{error}");
        }
        assert_eq!(app.count("users").await, 0);
        for password in ["пароль для магазина", "    spaces    ", &"x7".repeat(64)]
        {
            let email = format!("u{}@shop.example", password.len());
            let input = json!({"email": email, "password": password, "name": "Ann"});
            let payload = app
                .anonymous()
                .run_mutation("register", input, "resendAfterSeconds")
                .await;
            assert_eq!(payload["userErrors"], json!([]), "{password}");
            let otp = app.code().await;
            app.anonymous().verify(&email, &otp).await;
            let login = app.anonymous().login(&email, password).await;
            assert!(login["accessToken"].is_string(), "{login}");
        }
    })
    .await;
}

#[tokio::test]
async fn registration_does_not_disclose_an_account() {
    on_both_databases(async |app| {
        app.user("Jane@Bücher.example", Role::Customer).await;
        let new = app.anonymous().register(ANN).await;
        app.emails().await;
        for spelling in [
            "jane@bücher.example",
            "JANE@BÜCHER.EXAMPLE",
            "jane@bu\u{308}cher.example",
            "jane@xn--bcher-kva.example",
        ] {
            assert_eq!(app.anonymous().register(spelling).await, new);
        }
        assert_eq!(app.count("users").await, 1);
        // The owner is notified once a day, without a code.
        let letters = app.emails().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0].to, "Jane@Bücher.example");
        assert_eq!(letters[0].code, None);
        app.advance(Duration::from_hours(25));
        app.anonymous().register("jane@bücher.example").await;
        assert_eq!(app.emails().await.len(), 1);
        // The owner's password still works.
        let login = app.anonymous().login("jane@bücher.example", PASSWORD).await;
        assert!(login["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn pending_registration_does_not_disclose_an_account() {
    on_both_databases(async |app| {
        app.user("bob@shop.example", Role::Customer).await;
        for email in ["bob@shop.example", "nobody@shop.example"] {
            app.anonymous().register(email).await;
            let login = app.anonymous().login(email, "correct horse 9").await;
            assert_eq!(user_error(&login), "EMAIL_NOT_VERIFIED", "{email}");
            let login = app.anonymous().login(email, "another one 77").await;
            assert_eq!(user_error(&login), "INVALID_CREDENTIALS", "{email}");
        }
        // The registration gives no access to the account.
        let letters = app.emails().await;
        let code = letters
            .iter()
            .find_map(|letter| letter.code.clone())
            .unwrap();
        let payload = app.anonymous().verify("bob@shop.example", &code).await;
        assert_eq!(user_error(&payload), "OTP_INVALID");
        let login = app.anonymous().login("bob@shop.example", PASSWORD).await;
        assert!(login["accessToken"].is_string());
    })
    .await;
}

/// Registers as a person without knowledge of the other registration.
async fn register_with(app: &App, password: &str) {
    let client = app.anonymous();
    let input = json!({"email": ANN, "password": password, "name": "Ann"});
    let payload = client
        .run_mutation("register", input, "resendAfterSeconds")
        .await;
    assert_eq!(payload["userErrors"], json!([]));
}

#[tokio::test]
async fn password_is_discarded_after_conflicting_registrations() {
    on_both_databases(async |app| {
        // In either order, and after any delay.
        for (first, second, wait) in [
            ("the owner's own one", "the thief's bad one", 0),
            ("the owner's own one", "the thief's bad one", 120),
            ("the thief's bad one", "the owner's own one", 0),
            ("the thief's bad one", "the owner's own one", 120),
        ] {
            register_with(app, first).await;
            app.advance(Duration::from_secs(wait));
            register_with(app, second).await;
            let letters = app.emails().await;
            let code = letters.last().unwrap().code.clone().unwrap();
            let client = app.anonymous();
            let input = json!({"email": ANN, "otp": code});
            let payload = client.run_mutation("verifyEmail", input, "user { hasPassword }").await;
            assert_eq!(payload["user"]["hasPassword"], false, "{payload}");
            for password in [first, second] {
                let login = app.anonymous().login(ANN, password).await;
                assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
            }
            // The owner of the mailbox sets a password.
            app.anonymous().run_mutation("forgotPassword", json!({"email": ANN}), "").await;
            let input = json!({"email": ANN, "otp": app.code().await, "newPassword": "a storm on the lake"});
            app.anonymous().run_mutation("resetPassword", input, "").await;
            let login = app.anonymous().login(ANN, "a storm on the lake").await;
            assert!(login["accessToken"].is_string());
            app.sql("DELETE FROM users").await;
            app.emails().await;
            app.advance(Duration::from_hours(25));
        }
    })
    .await;
}

#[tokio::test]
async fn repeated_registration_sends_another_code() {
    on_both_databases(async |app| {
        app.anonymous().register(ANN).await;
        let first = app.code().await;
        app.advance(Duration::from_secs(61));
        app.anonymous().register(ANN).await;
        let second = app.code().await;
        assert_eq!(
            user_error(&app.anonymous().verify(ANN, &first).await),
            "OTP_INVALID"
        );
        assert_eq!(user_error(&app.anonymous().verify(ANN, &second).await), "");
        let login = app.anonymous().login(ANN, "correct horse 9").await;
        assert!(login["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn registration_expires_after_a_day() {
    on_both_databases(async |app| {
        app.anonymous().register(ANN).await;
        app.emails().await;
        app.advance(Duration::from_hours(23));
        app.anonymous()
            .run_mutation("resendOtp", json!({"email": ANN}), "")
            .await;
        let otp = app.code().await;
        app.advance(Duration::from_hours(1));
        assert_eq!(
            user_error(&app.anonymous().verify(ANN, &otp).await),
            "OTP_INVALID"
        );
        let login = app.anonymous().login(ANN, "correct horse 9").await;
        assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
        app.anonymous()
            .run_mutation("resendOtp", json!({"email": ANN}), "")
            .await;
        assert_eq!(app.emails().await.len(), 0);
        wares::accounts::auth::service::delete_expired(&app.state)
            .await
            .unwrap();
        assert_eq!(app.count("registrations").await, 0);
    })
    .await;
}

#[tokio::test]
async fn registration_never_creates_an_admin() {
    on_both_databases(async |app| {
        for field in ["role: ADMIN", "id: \"x\"", "emailVerified: true", "passwordHash: \"x\""] {
            let query = format!(
                "mutation {{ register(input: {{email: \"{ANN}\", password: \"correct horse 9\", name: \"Ann\", {field}}}) {{ resendAfterSeconds }} }}"
            );
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!(response.code(), "GRAPHQL_VALIDATION_FAILED", "{field}");
        }
        assert_eq!(app.count("users").await, 0);
    })
    .await;
}
