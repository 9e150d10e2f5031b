//! Codes of the sign-in with Google: exchange, validity, rate limit.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::identity::service::{Intent, Refusal, delete_expired, mark_flow_used};
use wares::accounts::user::Role;
use wares::infra::oidc::Claims;

use crate::accounts::identities::assert_nothing_stored;
use crate::harness::google_claims::{
    TOKENS, VERIFIER, challenge, claims, client_of, exchange, issue_code, issue_code_with_challenge,
};
use crate::harness::{on_both_databases, user_error};

#[tokio::test]
async fn code_is_valid_once_for_a_minute() {
    on_both_databases(async |app| {
        let code = issue_code(app, claims("1", "ann@shop.example")).await;
        let code = code.unwrap();
        assert_eq!(code.len(), 43);
        let (one, other) = (app.anonymous(), app.anonymous());
        let both = join_all([exchange(&one, &code), exchange(&other, &code)]).await;
        let mut codes: Vec<_> = both.iter().map(user_error).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["", "TOKEN_INVALID"]);
        let again = exchange(&one, &code).await;
        assert_eq!(user_error(&again), "TOKEN_INVALID");
        let error = &again["userErrors"][0];
        assert_eq!(
            (&error["field"], &again["user"]),
            (&json!("code"), &Value::Null)
        );
        for (wait, expected) in [(59, ""), (60, "TOKEN_INVALID")] {
            let code = issue_code(app, claims("1", "ann@shop.example")).await;
            app.advance(Duration::from_secs(wait));
            let payload = exchange(&app.anonymous(), &code.unwrap()).await;
            assert_eq!(user_error(&payload), expected, "after {wait} seconds");
        }
        for nonsense in ["", "x", &*"\u{fffd}".repeat(5_000)] {
            let payload = exchange(&app.anonymous(), nonsense).await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID");
        }
    })
    .await;
}

#[tokio::test]
async fn code_requires_its_verifier_and_purpose() {
    on_both_databases(async |app| {
        let ann = || claims("1", "ann@shop.example");
        let client = app.anonymous();
        let bring = async |code: &str, verifier: Option<&str>| {
            let input = json!({ "code": code, "verifier": verifier });
            let payload = client
                .run_mutation("exchangeOAuthCode", input, TOKENS)
                .await;
            user_error(&payload).to_owned()
        };
        for wrong in [None, Some(""), Some("another"), Some(&*challenge())] {
            let code = issue_code_with_challenge(app, Intent::SignIn, ann()).await;
            assert_eq!(bring(&code, wrong).await, "TOKEN_INVALID", "{wrong:?}");
            // The code is void now.
            assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
            app.advance(Duration::from_mins(4));
        }
        // Another client may have started without a challenge.
        let code = issue_code(app, ann()).await.unwrap();
        assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
        let code = issue_code_with_challenge(app, Intent::Link, ann()).await;
        assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
        assert_nothing_stored(app).await;
        let code = issue_code_with_challenge(app, Intent::SignIn, ann()).await;
        assert_eq!(bring(&code, Some(VERIFIER)).await, "");
    })
    .await;
}

#[tokio::test]
async fn changes_before_the_code_exchange_are_respected() {
    on_both_databases(async |app| {
        let early = issue_code(app, claims("1", "ann@corp.example")).await;
        let shut = issue_code(app, claims("2", "bob@corp.example")).await;
        app.user("ann@corp.example", Role::Customer).await;
        let payload = exchange(&app.anonymous(), &early.unwrap()).await;
        assert_eq!(user_error(&payload), "LINK_REQUIRED");
        let bob = exchange(&app.anonymous(), &shut.unwrap()).await;
        let later = issue_code(app, claims("2", "bob@corp.example")).await;
        let input = json!({"id": bob["user"]["id"], "disabled": true});
        app.admin()
            .await
            .run_mutation("updateUser", input, "")
            .await;
        assert!(!client_of(app, &bob).is_signed_in().await);
        let payload = exchange(&app.anonymous(), &later.unwrap()).await;
        assert_eq!(user_error(&payload), "ACCOUNT_DISABLED");
        assert_eq!(payload["user"], Value::Null);
        let refused = issue_code(app, claims("2", "bob@corp.example")).await;
        assert_eq!(refused, Err(Refusal::AccountDisabled));
        // Nor by another subject with the address, even if the provider hosts it.
        let claims = Claims {
            hosted_domain: Some("corp.example".to_owned()),
            ..claims("3", "bob@corp.example")
        };
        assert_eq!(issue_code(app, claims).await, Err(Refusal::AccountDisabled));
    })
    .await;
}

#[tokio::test]
async fn exchange_sets_the_refresh_cookie() {
    on_both_databases(async |app| {
        let code = issue_code(app, claims("1", "ann@gmail.com")).await.unwrap();
        let client = app.anonymous();
        let query = format!(
            "mutation {{ exchangeOAuthCode(input: {{ code: \"{code}\", refreshTokenIn: COOKIE }}) {{
                accessToken refreshToken userErrors {{ code field }} }} }}"
        );
        let body = json!({ "query": query }).to_string();
        let response = client.post(&body).await;
        let refused = &response.json["data"]["exchangeOAuthCode"]["userErrors"];
        assert_eq!(
            *refused,
            json!([{"code": "BAD_USER_INPUT", "field": "refreshTokenIn"}])
        );
        // The code is not used up.
        let headers = [crate::harness::JSON, ("apollo-require-preflight", "true")];
        let response = client.post_with(&headers, body).await;
        let payload = &response.json["data"]["exchangeOAuthCode"];
        assert!(payload["accessToken"].is_string(), "{}", response.text);
        assert_eq!(payload["refreshToken"], Value::Null);
        let cookie = response.header("set-cookie");
        assert!(
            cookie.starts_with("wares_refresh=") && cookie.contains("HttpOnly"),
            "{cookie}"
        );
    })
    .await;
}

#[tokio::test]
async fn code_exchanges_share_the_login_rate_limit() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        for _ in 0..10 {
            let payload = exchange(&client, "nonsense").await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID");
        }
        let input = json!({"code": "nonsense"});
        let response = client.mutate("exchangeOAuthCode", input, "").await;
        assert_eq!(response.code(), "RATE_LIMITED");
        let input = json!({"idToken": "nonsense", "nonce": "0123456789abcdef"});
        let response = client.mutate("signInWithGoogle", input, "").await;
        assert_eq!(response.code(), "RATE_LIMITED");
    })
    .await;
}

#[tokio::test]
async fn sign_in_with_google_returns_not_configured() {
    on_both_databases(async |app| {
        let input = json!({"idToken": "nonsense", "nonce": "0123456789abcdef"});
        let payload = app
            .anonymous()
            .run_mutation("signInWithGoogle", input, "")
            .await;
        assert_eq!(user_error(&payload), "NOT_CONFIGURED");
    })
    .await;
}

#[tokio::test]
async fn used_flows_are_rejected_and_expired_rows_deleted() {
    on_both_databases(async |app| {
        let state = &app.state;
        let expires = state.clock.now().after(Duration::from_mins(10));
        let use_it = |byte: u8| mark_flow_used(state, [byte; 32], expires);
        let (one, other) = tokio::join!(use_it(1), use_it(1));
        assert_ne!(one.unwrap(), other.unwrap());
        assert!(!use_it(1).await.unwrap());
        assert!(use_it(2).await.unwrap());
        issue_code(app, claims("1", "ann@gmail.com")).await.unwrap();
        delete_expired(state).await.unwrap();
        assert_eq!(app.count("used_oauth_flows").await, 2);
        assert_eq!(app.count("oauth_codes").await, 1);
        app.advance(Duration::from_mins(1));
        delete_expired(state).await.unwrap();
        assert_eq!(app.count("oauth_codes").await, 0);
        app.advance(Duration::from_mins(9));
        delete_expired(state).await.unwrap();
        assert_eq!(app.count("used_oauth_flows").await, 0);
    })
    .await;
}
