//! OpenID client: accepted and rejected tokens, and cached keys.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::infra::oidc::{Claims, OidcError};

use crate::harness::{App, Backend, Provider, Signing};

pub const NONCE: &str = "a nonce of the phone's own";
pub const DISCOVERY: &str = "/.well-known/openid-configuration";

pub async fn shop() -> (App, Provider) {
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[]).await;
    (app, provider)
}

/// Returns the claims of an app's ID token that the provider has signed.
async fn told(app: &App, provider: &Provider, claims: Value) -> Result<Claims, OidcError> {
    provider.set_claims(&claims);
    let token = provider.id_token("phone-client", NONCE);
    let verified = app.state.google.verify(&token, NONCE).await;
    verified.map(|(claims, _)| claims)
}

#[tokio::test]
async fn app_token_returns_claims_and_expiry() {
    let (app, provider) = shop().await;
    let picture = "https://pictures.example/ann.jpg";
    provider.set_claims(&json!({"picture": picture, "hd": "shop.example"}));
    for audience in ["phone-client", "shop-client"] {
        let token = provider.id_token(audience, NONCE);
        let (claims, until) = app.state.google.verify(&token, NONCE).await.unwrap();
        let expected = Claims {
            issuer: provider.issuer.clone(),
            subject: "1001".to_owned(),
            email: Some("ann@gmail.com".to_owned()),
            email_verified: true,
            name: Some("Ann Lee".to_owned()),
            picture: Some(picture.to_owned()),
            hosted_domain: Some("shop.example".to_owned()),
        };
        assert_eq!(claims, expected);
        let lifetime = until.since(app.state.clock.now());
        assert_eq!(lifetime, Duration::from_mins(61));
    }
    provider.set_signing(Signing::Curve);
    provider.publish_keys(&["first", "curve"]);
    app.advance(Duration::from_hours(2));
    assert_eq!(
        told(&app, &provider, json!({})).await.unwrap().subject,
        "1001"
    );
}

#[tokio::test]
async fn token_not_signed_by_the_provider_is_refused() {
    let (app, provider) = shop().await;
    for signing in [
        Signing::Nothing,
        Signing::PublicKeyAsSecret,
        Signing::WrongKeyId,
        Signing::Tampered,
        Signing::Second,
        Signing::Curve,
    ] {
        provider.set_signing(signing);
        let told = told(&app, &provider, json!({})).await;
        assert_eq!(told, Err(OidcError::Refused), "{signing:?}");
    }
    provider.set_signing(Signing::First);
    assert!(told(&app, &provider, json!({})).await.is_ok());
    let token = provider.id_token("phone-client", NONCE);
    let long = format!("{token}{}", "A".repeat(16 << 10));
    for text in [
        "",
        "..",
        "a.b.c",
        "\u{1f600}",
        &long,
        &token[1..],
        &token[..token.len() - 4],
    ] {
        let told = app.state.google.verify(text, NONCE).await;
        assert_eq!(told.unwrap_err(), OidcError::Refused, "{text}");
    }
}

#[tokio::test]
async fn token_with_wrong_audience_or_time_is_refused() {
    let (app, provider) = shop().await;
    let now = app.state.clock.now().seconds();
    let honest = json!({
        "iss": provider.issuer, "aud": "phone-client", "azp": null, "exp": now + 3_600, "iat": now,
        "nbf": null, "nonce": NONCE, "sub": "1001",
    });
    for wrong in [
        json!({"iss": "https://accounts.google.com"}),
        json!({"iss": format!("{}/", provider.issuer)}),
        json!({"iss": null}),
        json!({"iss": [provider.issuer]}),
        json!({"aud": "evil"}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"aud": ["phone-client", "evil"]}),
        json!({"aud": ["phone-client", "evil"], "azp": "evil"}),
        json!({"aud": {"phone-client": true}}),
        json!({"exp": now - 61}),
        json!({"exp": null}),
        json!({"exp": "tomorrow"}),
        json!({"exp": 0}),
        json!({"iat": now + 120}),
        json!({"iat": null}),
        json!({"nbf": now + 120}),
        json!({"nonce": "another"}),
        json!({"nonce": 5}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 1001}),
        json!({"sub": "ж"}),
        json!({"sub": "1".repeat(256)}),
    ] {
        let refused = told(&app, &provider, wrong.clone()).await;
        assert_eq!(refused, Err(OidcError::Refused), "{wrong}");
        let good = told(&app, &provider, honest.clone()).await;
        assert!(good.is_ok(), "{wrong}");
    }
    for right in [
        json!({"aud": ["phone-client"]}),
        json!({"aud": ["other", "phone-client"], "azp": "phone-client"}),
        json!({"azp": "some-android-app"}),
        json!({"exp": now - 59, "iat": now + 59}),
        json!({"exp": 1e11}),
        json!({"sub": "1".repeat(255)}),
    ] {
        let good = told(&app, &provider, right.clone()).await;
        assert!(good.is_ok(), "{right}");
        told(&app, &provider, honest.clone()).await.unwrap();
    }
    let none = told(&app, &provider, json!({ "nonce": null })).await;
    assert_eq!(none, Err(OidcError::NoNonce));
    let foreign = json!({"nonce": null, "aud": "evil"});
    assert_eq!(
        told(&app, &provider, foreign).await,
        Err(OidcError::Refused)
    );
    let token = provider.id_token("phone-client", "");
    let empty = app.state.google.verify(&token, "").await;
    assert_eq!(empty.unwrap_err(), OidcError::Refused);
}

#[tokio::test]
async fn email_is_verified_only_by_an_unambiguous_claim() {
    let (app, provider) = shop().await;
    for said in [
        json!(false),
        Value::Null,
        json!("true"),
        json!("false"),
        json!(1),
        json!([true]),
    ] {
        let claims = told(&app, &provider, json!({ "email_verified": said })).await;
        assert!(!claims.unwrap().email_verified, "{said}");
    }
    let claims = told(
        &app,
        &provider,
        json!({"email": 5, "name": {}, "email_verified": true}),
    );
    let claims = claims.await.unwrap();
    assert_eq!((claims.email, claims.name), (None, None));
}

#[tokio::test]
async fn keys_are_cached_and_refetched_at_most_once_a_minute() {
    let (app, provider) = shop().await;
    let asked = || provider.request_bodies("/jwks").len();
    for _ in 0..3 {
        told(&app, &provider, json!({})).await.unwrap();
    }
    assert_eq!((asked(), provider.request_bodies(DISCOVERY).len()), (1, 1));
    // An unknown key: many tokens with one cause at most one request a minute.
    provider.set_signing(Signing::Second);
    app.advance(Duration::from_secs(61));
    for _ in 0..5 {
        let unknown = told(&app, &provider, json!({})).await;
        assert_eq!(unknown, Err(OidcError::Refused));
        app.advance(Duration::from_secs(10));
    }
    assert_eq!(asked(), 2);
    // The provider rotates its keys.
    provider.publish_keys(&["second"]);
    app.advance(Duration::from_secs(61));
    told(&app, &provider, json!({})).await.unwrap();
    assert_eq!(asked(), 3);
    provider.set_signing(Signing::First);
    assert_eq!(
        told(&app, &provider, json!({})).await,
        Err(OidcError::Refused)
    );
    // For as long as the provider allows: two hours.
    provider.set_signing(Signing::Second);
    app.advance(Duration::from_mins(119));
    told(&app, &provider, json!({})).await.unwrap();
    assert_eq!(asked(), 3);
    app.advance(Duration::from_mins(2));
    told(&app, &provider, json!({})).await.unwrap();
    assert_eq!(asked(), 4);
    assert_eq!(provider.request_bodies(DISCOVERY).len(), 2);
}

#[tokio::test]
async fn concurrent_verifications_share_one_request() {
    let (app, provider) = shop().await;
    let token = provider.id_token("phone-client", NONCE);
    let verified = (0..20).map(|_| app.state.google.verify(&token, NONCE));
    assert!(join_all(verified).await.iter().all(Result::is_ok));
    assert_eq!(provider.request_bodies("/jwks").len(), 1);
    assert_eq!(provider.request_bodies(DISCOVERY).len(), 1);
}

#[tokio::test]
async fn unusable_keys_are_skipped() {
    let (app, provider) = shop().await;
    provider.publish_keys(&["first"]);
    let secret = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "first", "alg": "HS256"});
    let small = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "first"});
    let strange = json!({"kty": ["RSA"], "kid": 7});
    provider.publish_key_documents(vec![secret.clone(), small.clone(), strange.clone()]);
    let unavailable = told(&app, &provider, json!({})).await;
    assert_eq!(unavailable, Err(OidcError::Unavailable));
    app.advance(Duration::from_secs(3));
    provider.publish_keys(&["first"]);
    let honest = provider.keys();
    let mut encrypts = honest[0].clone();
    encrypts["use"] = "enc".into();
    provider.publish_key_documents([vec![secret, small, strange, encrypts], honest].concat());
    told(&app, &provider, json!({})).await.unwrap();
}
