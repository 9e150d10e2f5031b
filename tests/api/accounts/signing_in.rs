//! Sign-in by password.

use serde_json::json;
use wares::accounts::user::Role;

use crate::harness::{App, Backend, Log, PASSWORD, on_both_databases, user_error};

const ANN: &str = "ann@shop.example";

#[tokio::test]
async fn login_failures_return_the_same_error() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        app.user("shut@shop.example", Role::Customer).await;
        app.sql("UPDATE users SET disabled_at = 1 WHERE email LIKE 'shut%'")
            .await;
        app.anonymous().register("new@shop.example").await;
        app.user("google@shop.example", Role::Customer).await;
        app.sql("UPDATE users SET password_hash = NULL WHERE email LIKE 'google%'")
            .await;
        let long = "x".repeat(900_000);
        let mut responses = Vec::new();
        for (email, password) in [
            (ANN, "not the password"),
            ("nobody@shop.example", PASSWORD),
            ("shut@shop.example", PASSWORD),
            ("new@shop.example", "not the password"),
            ("google@shop.example", PASSWORD),
            (ANN, ""),
            (ANN, &long),
            ("no address", PASSWORD),
        ] {
            responses.push(app.anonymous().login(email, password).await);
        }
        assert_eq!(user_error(&responses[0]), "INVALID_CREDENTIALS");
        assert!(
            responses.iter().all(|response| *response == responses[0]),
            "{responses:#?}"
        );
        // Only the right password discloses that the address is not verified.
        let payload = app
            .anonymous()
            .login("new@shop.example", "correct horse 9")
            .await;
        assert_eq!(user_error(&payload), "EMAIL_NOT_VERIFIED");
        assert_eq!(app.count("sessions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn weak_hash_is_upgraded_at_sign_in() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        // argon2id of "a fine day for sailing" with a quarter of the memory.
        let params = argon2::Params::new(4_864, 1, 1, None).unwrap();
        let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let weak = argon2::PasswordHasher::hash_password(&argon2, PASSWORD.as_bytes()).unwrap();
        app.sql(&format!("UPDATE users SET password_hash = '{weak}'")).await;
        let strong = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
        assert!(app.anonymous().login(ANN, "wrong guess 1").await["accessToken"].is_null());
        assert_eq!(app.sql_number(strong).await, 0);
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
        assert_eq!(app.sql_number(strong).await, 1);
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn log_contains_no_secret() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &[]).await;
        let log = Log::capture();
        let mut secrets = vec![
            "correct horse 9".to_owned(),
            "wrong guess 77".to_owned(),
            ANN.to_owned(),
        ];
        let client = app.anonymous();
        let input = json!({"email": ANN, "password": "correct horse 9", "name": "Ann"});
        client.run_mutation("register", input, "").await;
        let otp = app.code().await;
        client
            .run_mutation("verifyEmail", json!({"email": ANN, "otp": "000000"}), "")
            .await;
        client
            .run_mutation("verifyEmail", json!({"email": ANN, "otp": otp}), "")
            .await;
        client.login(ANN, "wrong guess 77").await;
        let login = client.login(ANN, "correct horse 9").await;
        let first = login["refreshToken"].as_str().unwrap().to_owned();
        let refresh = async |token: &str| {
            client
                .run_mutation(
                    "refreshToken",
                    json!({"refreshToken": token}),
                    "accessToken refreshToken",
                )
                .await
        };
        let second = refresh(&first).await;
        let third = refresh(second["refreshToken"].as_str().unwrap()).await;
        assert_eq!(user_error(&refresh(&first).await), "TOKEN_INVALID");
        for payload in [&login, &second, &third] {
            secrets.push(payload["accessToken"].as_str().unwrap().to_owned());
            secrets.push(payload["refreshToken"].as_str().unwrap().to_owned());
        }
        let broken = "mutation { login(input: {email: \"ann@shop.example\", password: \"correct horse 9\", x: 1}) { accessToken } }";
        client.send(broken, json!({})).await;
        secrets.push(otp);
        secrets.push("argon2id".to_owned());
        assert_eq!(log.lines_with("refresh_token_reused").len(), 1);
        for secret in secrets {
            assert_eq!(log.lines_with(&secret), Vec::<String>::new());
        }
    }
}
