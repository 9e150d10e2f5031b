//! Sign-in with ID tokens from Google's SDKs.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::identity::service::delete_expired;
use wares::accounts::user::Role;

use crate::harness::{Client, PASSWORD, Signing, on_both_databases_with_provider, user_error};

const NONCE: &str = "a-nonce-of-a-phone";

async fn sign_in(client: &Client, token: &str, nonce: &str) -> Value {
    let input = json!({"idToken": token, "nonce": nonce});
    let select = "accessToken refreshToken user { id email role }";
    client.run_mutation("signInWithGoogle", input, select).await
}

#[tokio::test]
async fn app_token_signs_in_once() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let client = app.anonymous();
        let mut users = Vec::new();
        for audience in ["shop-client", "phone-client"] {
            let token = provider.id_token(audience, NONCE);
            let payload = sign_in(&client, &token, NONCE).await;
            assert_eq!(user_error(&payload), "", "{audience}");
            assert_eq!(
                (&payload["user"]["email"], &payload["user"]["role"]),
                (&json!("ann@gmail.com"), &json!("CUSTOMER"))
            );
            users.push(payload["user"]["id"].clone());
            let access = payload["accessToken"].as_str().unwrap();
            assert!(app.anonymous().with_token(access).is_signed_in().await);
            let again = sign_in(&client, &token, NONCE).await;
            assert_eq!(user_error(&again), "TOKEN_INVALID");
            assert_eq!(again["userErrors"][0]["field"], "idToken");
        }
        assert_eq!(users[0], users[1]);
        let token = provider.id_token("phone-client", "another nonce of it");
        let both = tokio::join!(
            sign_in(&client, &token, "another nonce of it"),
            sign_in(&client, &token, "another nonce of it")
        );
        let mut codes = [user_error(&both.0), user_error(&both.1)];
        codes.sort_unstable();
        assert_eq!(codes, ["", "TOKEN_INVALID"]);
        // Its use is stored until it expires, and no longer.
        app.advance(Duration::from_secs(3_600 + 59));
        delete_expired(&app.state).await.unwrap();
        let again = sign_in(&client, &token, "another nonce of it").await;
        assert_eq!(user_error(&again), "TOKEN_INVALID");
        assert_eq!(app.count("used_oauth_flows").await, 3);
        app.advance(Duration::from_mins(10));
        delete_expired(&app.state).await.unwrap();
        assert_eq!(app.count("used_oauth_flows").await, 0);
    })
    .await;
}

#[tokio::test]
async fn token_of_another_sign_in_is_refused() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let client = app.anonymous();
        let refused = async |token: &str, nonce: &str| {
            let payload = sign_in(&client, token, nonce).await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID", "{token}");
            assert_eq!(payload["accessToken"], Value::Null);
        };
        refused(&provider.id_token("other-client", NONCE), NONCE).await;
        refused(&provider.id_token("", NONCE), NONCE).await;
        refused(
            &provider.id_token("phone-client", NONCE),
            "another nonce of it",
        )
        .await;
        let old = provider.id_token("phone-client", NONCE);
        app.advance(Duration::from_secs(3_600 + 61));
        refused(&old, NONCE).await;
        for signing in [
            Signing::WrongKeyId,
            Signing::Nothing,
            Signing::PublicKeyAsSecret,
            Signing::Tampered,
        ] {
            provider.set_signing(signing);
            refused(&provider.id_token("phone-client", NONCE), NONCE).await;
        }
        for nonsense in ["", "a.b.c", &*"x".repeat(100_000)] {
            refused(nonsense, NONCE).await;
        }
        provider.set_signing(Signing::First);
        for nonce in ["", "fifteen letters", &*"x".repeat(257)] {
            let payload = sign_in(&client, "token", nonce).await;
            assert_eq!(user_error(&payload), "BAD_USER_INPUT");
            assert_eq!(payload["userErrors"][0]["field"], "nonce");
        }
        for verified in [json!(false), json!("true"), json!(1), Value::Null] {
            provider.set_claims(&json!({ "email_verified": verified }));
            let token = provider.id_token("phone-client", NONCE);
            let payload = sign_in(&client, &token, NONCE).await;
            assert_eq!(user_error(&payload), "EMAIL_NOT_VERIFIED", "{verified}");
            app.advance(Duration::from_secs(1));
        }
        for table in ["users", "identities", "sessions"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn token_without_nonce_is_refused_with_a_reason() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let client = app.anonymous();
        provider.set_claims(&json!({ "nonce": null }));
        let token = provider.id_token("phone-client", NONCE);
        let input = json!({"idToken": token, "nonce": NONCE});
        let payload = client
            .run_mutation("signInWithGoogle", input.clone(), "accessToken")
            .await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        let error = &payload["userErrors"][0];
        assert_eq!(error["field"], "idToken");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("has no nonce") && message.contains("library"),
            "{message}"
        );
        let bob = app.signed_in("bob@corp.example", Role::Customer).await;
        let mut input = input;
        input["password"] = json!(PASSWORD);
        let payload = bob
            .run_mutation("linkGoogle", input, "identity { email }")
            .await;
        assert_eq!(payload["userErrors"][0]["message"], message);
        // A token of another sign-in or an unknown issuer does not get this reason.
        provider.set_signing(Signing::WrongKeyId);
        let foreign = provider.id_token("phone-client", NONCE);
        let payload = sign_in(&client, &foreign, NONCE).await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        assert_ne!(payload["userErrors"][0]["message"], message);
        assert_eq!(app.count("identities").await, 0);
    })
    .await;
}

#[tokio::test]
async fn token_claims_never_create_an_admin() {
    on_both_databases_with_provider(&[], async |app, provider| {
        provider.set_claims(&json!({
            "role": "ADMIN", "roles": ["ADMIN"], "groups": ["admin"], "admin": true,
            "hd": "gmail.com", "name": "Admin",
        }));
        let token = provider.id_token("phone-client", NONCE);
        let payload = sign_in(&app.anonymous(), &token, NONCE).await;
        assert_eq!(payload["user"]["role"], "CUSTOMER");
    })
    .await;
}

#[tokio::test]
async fn outage_of_google_does_not_use_up_tokens() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let client = app.anonymous();
        let token = provider.id_token("phone-client", NONCE);
        provider.set_document("/jwks", 500, "{}");
        let input = json!({"idToken": token, "nonce": NONCE});
        let response = client.mutate("signInWithGoogle", input, "").await;
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE");
        let message = response.json["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("Google"), "{message}");
        provider.reset_responses();
        app.advance(Duration::from_mins(1));
        let payload = sign_in(&client, &token, NONCE).await;
        assert_eq!(user_error(&payload), "");
    })
    .await;
}

#[tokio::test]
async fn token_links_a_google_account() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let bob = app.signed_in("bob@corp.example", Role::Customer).await;
        let token = provider.id_token("phone-client", NONCE);
        let input = json!({"idToken": token, "nonce": NONCE, "password": PASSWORD});
        let payload = bob
            .run_mutation("linkGoogle", input, "identity { email }")
            .await;
        assert_eq!(user_error(&payload), "");
        assert_eq!(payload["identity"]["email"], "ann@gmail.com");
        // A token used to link can't sign in.
        let again = sign_in(&app.anonymous(), &token, NONCE).await;
        assert_eq!(user_error(&again), "TOKEN_INVALID");
        app.advance(Duration::from_secs(1));
        let token = provider.id_token("phone-client", NONCE);
        let payload = sign_in(&app.anonymous(), &token, NONCE).await;
        assert_eq!(payload["user"]["email"], "bob@corp.example");
    })
    .await;
}
