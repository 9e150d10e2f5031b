//! Linking and unlinking of Google accounts.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::auth::service::create_admin;
use wares::accounts::identity::service::{Intent, Refusal};
use wares::accounts::user::Role;

use crate::harness::google_claims::{
    VERIFIER, claims, client_of, issue_code, issue_code_with_challenge, sign_in,
};
use crate::harness::{App, Client, PASSWORD, on_both_databases, user_error};

const ANN: &str = "ann@corp.example";

async fn link(client: &Client, code: &str, password: Option<&str>) -> Value {
    let input = json!({"code": code, "verifier": VERIFIER, "password": password});
    let select = "identity { id provider email }";
    client.run_mutation("linkGoogle", input, select).await
}

/// Links a subject to the user with [`PASSWORD`]. Returns the id of the identity.
async fn linked(app: &App, client: &Client, subject: &str) -> Value {
    let code =
        issue_code_with_challenge(app, Intent::Link, claims(subject, "ann@private.example")).await;
    let payload = link(client, &code, Some(PASSWORD)).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["identity"]["id"].clone()
}

async fn unlink(client: &Client, id: &Value, password: Option<&str>) -> String {
    let input = json!({"id": id, "password": password});
    let payload = client
        .run_mutation("unlinkIdentity", input, "user { email }")
        .await;
    user_error(&payload).to_owned()
}

#[tokio::test]
async fn link_requires_proof_of_both_accounts() {
    on_both_databases(async |app| {
        for role in [Role::Customer, Role::Admin] {
            let email = format!("{}@corp.example", role.as_str().to_lowercase());
            let ann = app.signed_in(&email, role).await;
            let claims = || claims(role.as_str(), "ann@private.example");
            let code = issue_code_with_challenge(app, Intent::Link, claims()).await;
            // A wrong password does not use up the code.
            for wrong in [None, Some("wrong password")] {
                let payload = link(&ann, &code, wrong).await;
                assert_eq!(user_error(&payload), "INVALID_CREDENTIALS");
                assert_eq!(payload["userErrors"][0]["field"], "password");
            }
            let payload = link(&ann, &code, Some(PASSWORD)).await;
            assert_eq!(
                (user_error(&payload), &payload["identity"]["email"]),
                ("", &json!("ann@private.example"))
            );
            let letters = app.emails().await;
            assert_eq!((letters.len(), &letters[0].to), (1, &email));
            let payload = link(&ann, &code, Some(PASSWORD)).await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID");
            // It can be used to sign in now, and the email address does not change.
            let payload = sign_in(app, claims()).await;
            assert_eq!(
                (&payload["user"]["email"], &payload["user"]["role"]),
                (&json!(email), &json!(role.as_str()))
            );
            // Repeating it succeeds and sends no notice.
            let code = issue_code_with_challenge(app, Intent::Link, claims()).await;
            let payload = link(&ann, &code, Some(PASSWORD)).await;
            assert_eq!(user_error(&payload), "");
            assert_eq!(app.emails().await.len(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn link_code_requires_its_verifier() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let code = issue_code(app, claims("1", "ann@private.example")).await;
        let payload = link(&ann, &code.unwrap(), Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        let code =
            issue_code_with_challenge(app, Intent::SignIn, claims("1", "ann@private.example"))
                .await;
        let payload = link(&ann, &code, Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        let code =
            issue_code_with_challenge(app, Intent::Link, claims("1", "ann@private.example")).await;
        let input = json!({"code": code, "verifier": "another", "password": PASSWORD});
        let payload = ann.run_mutation("linkGoogle", input, "").await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        let payload = link(&ann, &code, Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        for input in [
            json!({"password": PASSWORD}),
            json!({"code": code, "password": PASSWORD}),
            json!({"code": code, "verifier": VERIFIER, "idToken": "a", "nonce": "b"}),
            json!({"idToken": "a", "password": PASSWORD}),
        ] {
            let payload = ann.run_mutation("linkGoogle", input, "").await;
            assert_eq!(user_error(&payload), "BAD_USER_INPUT");
        }
        let response = app
            .anonymous()
            .mutate(
                "linkGoogle",
                json!({"code": code, "verifier": VERIFIER}),
                "",
            )
            .await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        assert_eq!(app.count("identities").await, 0);
    })
    .await;
}

#[tokio::test]
async fn google_account_links_to_one_user_and_vice_versa() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let bob = app.signed_in("bob@corp.example", Role::Customer).await;
        linked(app, &ann, "1").await;
        app.emails().await;
        let code =
            issue_code_with_challenge(app, Intent::Link, claims("1", "ann@private.example")).await;
        let payload = link(&bob, &code, Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        let code =
            issue_code_with_challenge(app, Intent::Link, claims("2", "ann@private.example")).await;
        let payload = link(&ann, &code, Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        assert_eq!(app.count("identities").await, 1);
        assert_eq!(app.emails().await.len(), 0);
        // Two users link the same one concurrently.
        let cid = app.signed_in("cid@corp.example", Role::Customer).await;
        let one =
            issue_code_with_challenge(app, Intent::Link, claims("3", "ann@private.example")).await;
        let other =
            issue_code_with_challenge(app, Intent::Link, claims("3", "ann@private.example")).await;
        let (bobs, cids) = tokio::join!(
            link(&bob, &one, Some(PASSWORD)),
            link(&cid, &other, Some(PASSWORD))
        );
        let mut codes = [user_error(&bobs), user_error(&cids)];
        codes.sort_unstable();
        assert_eq!(codes, ["", "CONFLICT"]);
        assert_eq!(app.emails().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn unlink_ends_other_sessions() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let id = linked(app, &ann, "1").await;
        let payload = sign_in(app, claims("1", "ann@private.example")).await;
        let other = client_of(app, &payload);
        assert!(other.is_signed_in().await);
        assert_eq!(unlink(&ann, &id, Some(PASSWORD)).await, "");
        assert!(!other.is_signed_in().await);
        assert!(ann.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn failed_link_uses_up_the_code() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let bob = app.signed_in("bob@corp.example", Role::Customer).await;
        let id = linked(app, &ann, "1").await;
        let code =
            issue_code_with_challenge(app, Intent::Link, claims("1", "ann@private.example")).await;
        let payload = link(&bob, &code, Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        assert_eq!(unlink(&ann, &id, Some(PASSWORD)).await, "");
        let payload = link(&bob, &code, Some(PASSWORD)).await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
    })
    .await;
}

#[tokio::test]
async fn create_admin_voids_linked_identities() {
    on_both_databases(async |app| {
        // Of a person who had the address before.
        sign_in(app, claims("1", "boss@corp.example")).await;
        let password = "a fine day for sailing".to_owned().into();
        let made = create_admin(&app.state, "boss@corp.example", None, &password).await;
        assert!(!made.unwrap());
        let refused = issue_code(app, claims("1", "boss@corp.example")).await;
        assert_eq!(refused.unwrap_err(), Refusal::LinkRequired);
        // The owner of the password may link it explicitly.
        let input = json!({"email": "boss@corp.example", "password": "a fine day for sailing"});
        let payload = app
            .anonymous()
            .run_mutation("login", input, "accessToken")
            .await;
        let boss = client_of(app, &payload);
        app.advance(Duration::from_secs(1));
        let code =
            issue_code_with_challenge(app, Intent::Link, claims("1", "boss@corp.example")).await;
        let payload = link(&boss, &code, Some("a fine day for sailing")).await;
        assert_eq!(user_error(&payload), "");
        let payload = sign_in(app, claims("1", "boss@corp.example")).await;
        assert_eq!(payload["user"]["role"], "ADMIN");
    })
    .await;
}

#[tokio::test]
async fn last_sign_in_method_cannot_be_unlinked() {
    on_both_databases(async |app| {
        let payload = sign_in(app, claims("1", ANN)).await;
        let client = client_of(app, &payload);
        let id = &payload["user"]["identities"][0]["id"];
        assert_eq!(unlink(&client, id, None).await, "LAST_SIGN_IN_METHOD");
        assert_eq!(app.count("identities").await, 1);
        // With a password it is not the last one.
        let ask = json!({"email": ANN});
        client.run_mutation("forgotPassword", ask, "").await;
        let otp = app.code().await;
        let reset = json!({"email": ANN, "otp": otp, "newPassword": PASSWORD});
        let payload = client.run_mutation("resetPassword", reset, "").await;
        assert_eq!(user_error(&payload), "");
        assert!(!client.is_signed_in().await);
        app.emails().await;
        let client = app.signed_in(ANN, Role::Customer).await;
        assert_eq!(unlink(&client, id, None).await, "INVALID_CREDENTIALS");
        assert_eq!(unlink(&client, id, Some(PASSWORD)).await, "");
        let letters = app.emails().await;
        assert_eq!((letters.len(), letters[0].to.as_str()), (1, ANN));
        assert_eq!(unlink(&client, id, Some(PASSWORD)).await, "NOT_FOUND");
        let nonsense = json!("idn_nonsense");
        assert_eq!(
            unlink(&client, &nonsense, Some(PASSWORD)).await,
            "BAD_USER_INPUT"
        );
        // It can't be used to sign in, and is not linked automatically.
        assert!(issue_code(app, claims("1", ANN)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn gmail_address_is_linked_again_after_unlink() {
    on_both_databases(async |app| {
        let ann = app.signed_in("ann@gmail.com", Role::Customer).await;
        let linked = async || {
            let payload = sign_in(app, claims("1", "ann@gmail.com")).await;
            payload["user"]["identities"][0]["id"].clone()
        };
        let id = linked().await;
        assert_eq!(unlink(&ann, &id, Some(PASSWORD)).await, "");
        assert_ne!(linked().await, id);
        // The owner is notified each time.
        assert_eq!(app.emails().await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn link_without_password_requires_a_recent_sign_in() {
    on_both_databases(async |app| {
        let payload = sign_in(app, claims("1", ANN)).await;
        let client = client_of(app, &payload);
        let id = &payload["user"]["identities"][0]["id"];
        app.advance(Duration::from_secs(599));
        let again = issue_code_with_challenge(app, Intent::Link, claims("1", ANN)).await;
        assert_eq!(user_error(&link(&client, &again, None).await), "");
        app.advance(Duration::from_secs(2));
        let input = json!({"refreshToken": payload["refreshToken"]});
        let fresh = client
            .run_mutation("refreshToken", input, "accessToken")
            .await;
        let client = client_of(app, &fresh);
        let expected = "REAUTHENTICATION_REQUIRED";
        assert_eq!(unlink(&client, id, None).await, expected);
        let again = issue_code_with_challenge(app, Intent::Link, claims("1", ANN)).await;
        assert_eq!(user_error(&link(&client, &again, None).await), expected);
    })
    .await;
}

#[tokio::test]
async fn identities_of_other_users_are_inaccessible() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let bob = app.signed_in("bob@corp.example", Role::Customer).await;
        let id = linked(app, &ann, "1").await;
        assert_eq!(unlink(&bob, &id, Some(PASSWORD)).await, "NOT_FOUND");
        let query = "query($id: ID!) { node(id: $id) { ... on Identity { email provider createdAt lastUsedAt } } }";
        let admin = app.admin().await;
        for (client, sees) in [
            (&ann, true),
            (&admin, true),
            (&bob, false),
            (&app.anonymous(), false),
        ] {
            let data = client.data(query, json!({ "id": id })).await;
            assert_eq!(data["node"]["email"].is_string(), sees);
        }
        let query = "{ users { nodes { email identities { id } } } }";
        let data = admin.data(query, json!({})).await;
        for user in data["users"]["nodes"].as_array().unwrap() {
            let expected = if user["email"] == ANN {
                json!([{ "id": id }])
            } else {
                json!([])
            };
            assert_eq!(user["identities"], expected);
        }
        let statements = app.record_statements(admin.data(query, json!({}))).await;
        assert_eq!(statements.len(), 2, "{statements:?}");
    })
    .await;
}

#[tokio::test]
async fn code_with_unverified_email_is_refused() {
    on_both_databases(async |app| {
        // As if the code was stored under earlier rules.
        let code = issue_code_with_challenge(app, Intent::SignIn, claims("1", ANN)).await;
        app.sql("UPDATE oauth_codes SET claims = replace(claims, 'true', 'false')")
            .await;
        let input = json!({"code": code, "verifier": VERIFIER});
        let payload = app
            .anonymous()
            .run_mutation("exchangeOAuthCode", input, "")
            .await;
        assert_eq!(user_error(&payload), "EMAIL_NOT_VERIFIED");
        assert_eq!(app.count("users").await, 0);
        // It is void as well.
        let input = json!({"code": code, "verifier": VERIFIER});
        let payload = app
            .anonymous()
            .run_mutation("exchangeOAuthCode", input, "")
            .await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
    })
    .await;
}
