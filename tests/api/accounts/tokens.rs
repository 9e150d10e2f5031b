//! Access tokens: accepted and rejected claims.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use wares::accounts::user::Role;

use crate::harness::{App, Backend, JSON, PASSWORD, on_both_databases};

const ANN: &str = "ann@shop.example";
const ME: &str = "{ me { email role } }";

/// Creates an HS256 token with these parts and this secret.
fn forge(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).unwrap();
    mac.update(signed.as_bytes());
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

#[tokio::test]
async fn access_token_identifies_the_user_and_invalid_ones_are_refused() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let data = ann.data(ME, json!({})).await;
        assert_eq!(data["me"], json!({"email": ANN, "role": "CUSTOMER"}));
        assert_eq!(
            ann.send(ME, json!({})).await.header("cache-control"),
            "no-store"
        );
        for header in [
            "Bearer x",
            "Basic YTpi",
            "x",
            "bearer a.b.c",
            "Bearer \u{fc}",
        ] {
            let headers = [JSON, ("authorization", header)];
            let body = r#"{"query":"{ products { totalCount } }"}"#;
            let response = app.anonymous().post_with(&headers, body).await;
            response.assert_refused(401, "UNAUTHENTICATED");
        }
        // An anonymous client gets null for the field, and data for the others.
        let query = "{ me { email } products { totalCount } }";
        let response = app.anonymous().send(query, json!({})).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        assert_eq!(
            response.json["data"],
            json!({"me": null, "products": {"totalCount": 0}})
        );
    })
    .await;
}

#[tokio::test]
async fn expired_access_token_does_not_block_a_refresh() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let stale = app.anonymous().with_token("x.y.z");
        let login = stale.login(ANN, PASSWORD).await;
        let input = json!({"refreshToken": login["refreshToken"]});
        let payload = stale
            .run_mutation("refreshToken", input, "accessToken")
            .await;
        assert!(payload["accessToken"].is_string());
        assert_eq!(
            stale
                .data("mutation { logout { userErrors { code } } }", json!({}))
                .await["logout"]["userErrors"],
            json!([])
        );
        assert!(
            stale
                .data("{ __typename __schema { queryType { name } } }", json!({}))
                .await
                .is_object()
        );
        for query in [
            "mutation { logout { userErrors { code } } logoutAll { userErrors { code } } }",
            "mutation { ...F } fragment F on Mutation { logoutAll { userErrors { code } } }",
            "mutation { ... { ... { logoutAll { userErrors { code } } } } }",
            "{ products { totalCount } }",
            "{ login: me { id } }",
        ] {
            stale
                .send(query, json!({}))
                .await
                .assert_refused(401, "UNAUTHENTICATED");
        }
    })
    .await;
}

#[tokio::test]
async fn access_token_claims_are_validated() {
    const SECRET: &str = "zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(
            backend,
            &[&format!(
                "--jwt-secrets=another-secret-Q8sY2kL7mN4bR9tH1wJ6pF,{SECRET}"
            )],
        )
        .await;
        app.user(ANN, Role::Customer).await;
        let login = app.anonymous().login(ANN, PASSWORD).await;
        let token = login["accessToken"].as_str().unwrap();
        let part = |index: usize| {
            let part = token.split('.').nth(index).unwrap();
            serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (part(0), part(1));
        assert_eq!(header, json!({"alg": "HS256", "typ": "at+jwt"}));
        let now = claims["iat"].as_i64().unwrap();
        assert_eq!(claims["exp"].as_i64(), Some(now + 600));
        let with = |name: &str, value: Value| {
            let mut changed = claims.clone();
            changed[name] = value;
            forge(&header, &changed, SECRET.as_bytes())
        };
        let without = |name: &str| {
            let mut changed = claims.clone();
            changed.as_object_mut().unwrap().remove(name);
            forge(&header, &changed, SECRET.as_bytes())
        };
        // The second secret is accepted too, so that the first can be replaced.
        let good = forge(&header, &claims, SECRET.as_bytes());
        assert!(app.anonymous().with_token(&good).is_signed_in().await);
        assert!(
            app.anonymous()
                .with_token(&with("exp", json!(now - 29)))
                .is_signed_in()
                .await
        );

        let signature = token.rsplit('.').next().unwrap();
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut bad = vec![
            forge(&header, &claims, b"a secret that nobody has given us"),
            format!(
                "{}.{}.",
                encode(&json!({"alg": "none", "typ": "at+jwt"})),
                encode(&claims)
            ),
            format!(
                "{}.{}.",
                encode(&json!({"alg": "None", "typ": "at+jwt"})),
                encode(&claims)
            ),
            format!("{}.{}.", encode(&header), encode(&claims)),
            format!(
                "{}.{}.{signature}",
                encode(&header),
                encode(&{
                    let mut edited = claims.clone();
                    edited["role"] = json!("ADMIN");
                    edited
                })
            ),
            forge(
                &json!({"alg": "HS384", "typ": "at+jwt"}),
                &claims,
                SECRET.as_bytes(),
            ),
            forge(
                &json!({"alg": "HS256", "typ": "JWT"}),
                &claims,
                SECRET.as_bytes(),
            ),
            forge(&json!({"alg": "HS256"}), &claims, SECRET.as_bytes()),
            format!("{token}x"),
            login["refreshToken"].as_str().unwrap().to_owned(),
            with("exp", json!(now - 31)),
            with("exp", json!((now + 600).to_string())),
            with("exp", json!(1e300)),
            with("exp", json!(-1)),
            with("nbf", json!(now + 300)),
            with("iat", json!(now + 300)),
            with("iss", json!("https://evil.example")),
            with("aud", json!("another")),
            with("sub", json!("user_00000000000000000000000000")),
            with("sub", json!("../../etc")),
            with("sid", json!("sess_00000000000000000000000000")),
            with("sid", claims["sub"].clone()),
        ];
        bad.extend(["exp", "iss", "aud", "sub", "sid", "iat", "nbf"].map(without));
        for token in bad {
            assert!(
                !app.anonymous().with_token(&token).is_signed_in().await,
                "{token}"
            );
        }
        app.advance(Duration::from_secs(600 + 29));
        assert!(app.anonymous().with_token(token).is_signed_in().await);
        app.advance(Duration::from_secs(2));
        assert!(!app.anonymous().with_token(token).is_signed_in().await);
    }
}
