//! Browser routes of the sign-in with Google: refused requests and failing providers.

use std::time::{Duration, Instant};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wares::api::http;
use wares::infra::oidc::Google;

use crate::accounts::google_routes::{LOGIN, SHOP, challenge, query};
use crate::harness::{
    App, Backend, Browser, Client, Provider, Signing, Step, on_both_databases_with_provider,
};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const HASTE: Duration = Duration::from_millis(400);

/// Fails if the sign-in has stored a user, an identity or a code.
async fn assert_nothing_made(app: &App) {
    for table in ["users", "identities", "oauth_codes", "sessions"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}

/// The same shop with a shorter timeout for the provider.
fn impatient_app(app: &App) -> Browser {
    let mut state = app.state.clone();
    state.google = Google::with(&state.config, &state.clock, HASTE);
    Browser::with_client(Client::new(http::router(&state)))
}

#[tokio::test]
async fn forged_callback_is_refused_without_a_provider_request() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let mut ann = Browser::new(app);
        let of_ann = ann.begin(provider, "").await;
        let mut eve = Browser::new(app);
        let of_eve = eve.begin(provider, "").await;
        let state = query(&format!("http://shop{of_ann}"))["state"].clone();
        let callback = "/auth/google/callback";
        // The same sign-in without its proof.
        let forged = format!("{}{}", &state[..30], "A".repeat(24));
        let mut wrong = vec![
            callback.to_owned(),
            format!("{callback}?code=a"),
            format!("{callback}?state=&code=a"),
            format!("{callback}?state=guess&code=a"),
            format!("{callback}?state={}&code=a", "A".repeat(54)),
            format!("{callback}?state={forged}&code=a"),
            format!("{callback}?state={}&code=a", "x".repeat(60_000)),
            format!("{callback}?state={state}"),
            format!("{callback}?state={state}&state={state}&code=a"),
            format!("{callback}?state={state}&code=a&code=b"),
            format!("{callback}?state={state}&code=a&error=b&error=c"),
            // The state of another sign-in.
            of_eve.clone(),
        ];
        wrong.push(of_eve.replace("state=", "state=A"));
        for path in wrong {
            let response = ann.open(&path).await;
            response.assert_refused(400, "BAD_REQUEST");
            assert!(response.text.len() < 300 && !response.text.contains("guess"));
            assert_eq!(response.header("cache-control"), "no-store");
        }
        // No cookie, and an altered cookie.
        Browser::new(app)
            .open(&of_ann)
            .await
            .assert_refused(400, "BAD_REQUEST");
        let mut changed = ann.clone();
        for value in changed.cookies.values_mut() {
            let (text, proof) = value.split_once('.').unwrap();
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
            let text = text.replace("shop.example", "evil.example");
            *value = format!("{}.{proof}", URL_SAFE_NO_PAD.encode(text));
        }
        changed
            .open(&of_ann)
            .await
            .assert_refused(400, "BAD_REQUEST");
        assert!(provider.request_bodies("/token").is_empty());
        assert_eq!(app.count("used_oauth_flows").await, 0);
        assert_nothing_made(app).await;
        assert!(
            ann.open(&of_ann)
                .await
                .header("location")
                .contains("#code=")
        );
    })
    .await;
}

#[tokio::test]
async fn provider_errors_are_mapped_to_error_codes() {
    on_both_databases_with_provider(&[], async |app, provider| {
        for (error, word) in [
            ("access_denied", "access_denied"),
            ("<script>alert(1)</script>", "provider_error"),
            ("server_error", "provider_error"),
            ("", "provider_error"),
        ] {
            provider.set_authorization_error(error);
            let mut browser = Browser::new(app);
            let callback = browser.begin(provider, "").await;
            let before = browser.clone();
            let response = browser
                .open(&format!("{callback}&error_description=%3Cb%3E"))
                .await;
            assert_eq!(response.header("location"), format!("{SHOP}#error={word}"));
            assert!(browser.cookies.is_empty() && !response.text.contains('<'));
            // The sign-in has ended.
            let again = before.clone().open(&callback).await;
            again.assert_refused(400, "BAD_REQUEST");
        }
        assert!(provider.request_bodies("/token").is_empty());
        assert_nothing_made(app).await;
    })
    .await;
}

#[tokio::test]
async fn return_url_must_be_configured() {
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[]).await;
    let challenge = challenge();
    let long = format!("https://shop.example/{}", "a".repeat(2_000));
    for evil in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/account",
        "",
        "javascript:alert(1)",
        "data:text/html,hello",
        "http://shop.example/",
        "https://shop.example:444/",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "https://ann@shop.example/",
        "https://evil.example\\@shop.example/",
        "https://shop.example\\.evil.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/ a",
        " https://shop.example/",
        "https://shop.example/#here",
        "https://shop.example/#",
        "http://localhost:3000/",
        "com.example.shop:/other",
        "com.example.shop:/signed-in/",
        "com.example.shop:/signed-in?a=b",
        "COM.example.shop:/signed-in",
        &long,
    ] {
        let pairs = [("return_to", evil), ("challenge", &challenge)];
        let parameters = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let response = Browser::new(&app)
            .open(&format!("{LOGIN}?{parameters}"))
            .await;
        response.assert_refused(400, "BAD_REQUEST");
        assert!(!response.text.contains("evil") && response.header("location").is_empty());
        assert!(response.header("set-cookie").is_empty());
    }
    assert!(provider.request_bodies(DISCOVERY).is_empty());
    let app_link = format!("return_to=com.example.shop:/signed-in&challenge={challenge}");
    for (good, end) in [
        ("return_to=https://shop.example", "https://shop.example/"),
        (
            "return_to=https://OTHER.example:443/a%2520b?c=d",
            "https://other.example/a%20b?c=d",
        ),
        (
            "return_to=https://other.example/%22%3Cb%3E",
            "https://other.example/%22%3Cb%3E",
        ),
        (&app_link, "com.example.shop:/signed-in"),
    ] {
        let to = Browser::new(&app).sign_in(&provider, good).await;
        assert_eq!(to.split_once("#code=").unwrap().0, end);
    }
}

#[tokio::test]
async fn cross_site_navigation_does_not_start_a_sign_in() {
    on_both_databases_with_provider(&[], async |app, _| {
        for (kind, expected) in [
            ("image", 400),
            ("script", 400),
            ("iframe", 400),
            ("document", 302),
        ] {
            let headers = [("sec-fetch-dest", kind)];
            let path = format!("/auth/google/login?return_to={SHOP}");
            let client = app.anonymous();
            let response = client.request(Method::GET, &path, &headers, "").await;
            assert_eq!(response.status, expected, "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn unverified_email_is_refused() {
    on_both_databases_with_provider(&[], async |app, provider| {
        for claims in [
            json!({"email_verified": false}),
            json!({ "email_verified": null }),
            json!({"email_verified": "false"}),
            json!({"email_verified": "true"}),
            json!({"email": null, "email_verified": true}),
        ] {
            provider.set_claims(&claims);
            let end = Browser::new(app).sign_in(provider, "").await;
            assert_eq!(end, format!("{SHOP}#error=email_not_verified"), "{claims}");
            provider.set_claims(&json!({"email": "ann@gmail.com"}));
        }
        assert_nothing_made(app).await;
    })
    .await;
}

#[tokio::test]
async fn invalid_id_token_is_refused() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let end = async || Browser::new(app).sign_in(provider, "").await;
        let refused = format!("{SHOP}#error=sign_in_refused");
        for signing in [
            Signing::Nothing,
            Signing::PublicKeyAsSecret,
            Signing::WrongKeyId,
        ] {
            provider.set_signing(signing);
            assert_eq!(end().await, refused, "{signing:?}");
        }
        provider.set_signing(Signing::First);
        let now = app.state.clock.now().seconds();
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            // Valid for the shop's app, but not for the browser sign-in.
            ("aud", json!("phone-client")),
            ("exp", json!(now - 100)),
            ("nonce", json!("another")),
            ("nonce", json!(["another"])),
        ] {
            provider.set_claims(&json!({ name: value }));
            assert_eq!(end().await, refused, "{name}");
            // Restored, because the provider would send the claim twice.
            provider.reset_claim(name);
        }
        for token in [Value::Null, json!("no token"), json!("")] {
            provider.set_token_fields(&json!({ "id_token": token }));
            assert_eq!(end().await, refused, "{token}");
        }
        assert_nothing_made(app).await;
    })
    .await;
}

#[tokio::test]
async fn unknown_provider_code_is_refused() {
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[]).await;
    let mut browser = Browser::new(&app);
    let callback = browser.begin(&provider, "").await;
    let forged = callback.replace("code=code-", "code=evil-");
    let response = browser.open(&forged).await;
    assert_eq!(
        response.header("location"),
        format!("{SHOP}#error=sign_in_refused")
    );
    assert_nothing_made(&app).await;
}

#[tokio::test]
async fn failing_provider_redirects_with_an_error_within_the_timeout() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let unavailable = format!("{SHOP}#error=provider_unavailable");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
        let send = |text: String| Step::Send(text.into_bytes());
        for (name, steps) in [
            ("500", vec![send("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_owned())]),
            ("503", vec![send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".to_owned())]),
            ("malformed", vec![send(format!("{head}Content-Length: 2\r\n\r\n{{]"))]),
            (
                "HTML",
                vec![send(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>".to_owned(),
                )],
            ),
            ("closed", vec![]),
            (
                "redirect",
                vec![send(
                    "HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_owned(),
                )],
            ),
            ("64 MB", vec![send(format!("{head}Content-Length: 67108864\r\n\r\n")), Step::Pour]),
            ("hang", vec![Step::Hang]),
            (
                "not our secret",
                vec![send(
                    "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n{\"error\":\"invalid_client\"}"
                        .to_owned(),
                )],
            ),
        ] {
            for path in ["/token", "/jwks", DISCOVERY] {
                let mut browser = impatient_app(app);
                provider.set_steps(path, &steps);
                let began = Instant::now();
                let response = browser.open(LOGIN).await;
                let end = if path == DISCOVERY {
                    assert!(browser.cookies.is_empty());
                    response.header("location").to_owned()
                } else {
                    browser.sign_in(provider, "").await
                };
                assert_eq!(end, unavailable, "{path}: {name}");
                assert!(began.elapsed() < HASTE * 8, "{path}: {name}");
                provider.reset_responses();
            }
        }
        assert!(provider.request_bodies("/elsewhere").is_empty());
        assert_nothing_made(app).await;
    })
    .await;
}

#[tokio::test]
async fn hanging_provider_does_not_block_other_requests() {
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[]).await;
    let mut state = app.state.clone();
    state.google = Google::with(&state.config, &state.clock, HASTE * 5);
    let router = http::router(&state);
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let mut browser = Browser::with_client(Client::new(router.clone()));
        let callback = browser.begin(&provider, "").await;
        browsers.push((browser, callback));
    }
    provider.set_steps("/token", &[Step::Hang]);
    let began = Instant::now();
    let waiting = browsers.iter_mut().map(async |(browser, callback)| {
        let response = browser.open(callback).await;
        let word = response
            .header("location")
            .ends_with("#error=provider_unavailable");
        assert!(word, "{response:?}");
        began.elapsed()
    });
    let others = async {
        while provider.request_bodies("/token").len() < 16 {
            tokio::task::yield_now().await;
        }
        let response = Client::new(router.clone())
            .send("{ __typename }", json!({}))
            .await;
        assert_eq!(response.status, 200);
        began.elapsed()
    };
    let (waited, served) = tokio::join!(futures_util::future::join_all(waiting), others);
    let at_once = waited.iter().filter(|time| **time < HASTE * 5).count();
    assert_eq!((at_once, provider.request_bodies("/token").len()), (4, 16));
    assert!(served < HASTE * 5 && waited.iter().all(|time| *time < HASTE * 10));
}
