//! Sign-in with verified Google claims, without a provider.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wares::accounts::identity::service::{Intent, Refusal, SignInParameters, create_code};
use wares::infra::oidc::{Claims, GOOGLE};

use super::{App, Client};

/// Fields of the payload that tests select.
pub const TOKENS: &str =
    "accessToken refreshToken user { id email name role emailVerified hasPassword
    identities { id provider email } }";
/// Verifier of the client.
pub const VERIFIER: &str = "a-verifier-of-forty-three-characters-at-least";

/// Claims with a verified email address.
pub fn claims(subject: &str, email: &str) -> Claims {
    Claims {
        issuer: GOOGLE.to_owned(),
        subject: subject.to_owned(),
        email: Some(email.to_owned()),
        email_verified: true,
        name: Some("Ann Lee".to_owned()),
        picture: None,
        hosted_domain: None,
    }
}

/// Returns the challenge of the verifier.
pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Returns the code of a browser sign-in without a challenge.
pub async fn issue_code(app: &App, claims: Claims) -> Result<String, Refusal> {
    let start = SignInParameters {
        intent: Intent::SignIn,
        challenge: None,
    };
    let code = create_code(&app.state, claims, start).await.unwrap();
    code.map(|code| code.expose().to_owned())
}

/// Returns the code for a client that has sent a challenge.
pub async fn issue_code_with_challenge(app: &App, intent: Intent, claims: Claims) -> String {
    let start = SignInParameters {
        intent,
        challenge: Some(challenge()),
    };
    let code = create_code(&app.state, claims, start)
        .await
        .unwrap()
        .unwrap();
    code.expose().to_owned()
}

/// Exchanges a code. Returns the payload.
pub async fn exchange(client: &Client, code: &str) -> Value {
    let input = json!({ "code": code });
    client
        .run_mutation("exchangeOAuthCode", input, TOKENS)
        .await
}

/// Signs in with these claims. Returns the payload.
pub async fn sign_in(app: &App, claims: Claims) -> Value {
    let code = issue_code(app, claims).await.unwrap();
    let payload = exchange(&app.anonymous(), &code).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload
}

/// Returns a client that is signed in by this payload.
pub fn client_of(app: &App, payload: &Value) -> Client {
    let token = payload["accessToken"].as_str().unwrap();
    app.anonymous().with_token(token)
}
