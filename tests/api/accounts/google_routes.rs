//! Browser routes of the sign-in with Google: redirects, cookies and secrets.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;
use wares::api::http;
use wares::infra::keys::Keys;

use crate::harness::{
    App, Backend, Browser, Client, Log, Process, Provider, http_get,
    on_both_databases_with_provider,
};

pub const SHOP: &str = "https://shop.example/";
pub const LOGIN: &str = "/auth/google/login";

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest("a verifier of the client's own"))
}

pub fn query(url: &str) -> HashMap<String, String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn login_redirects_to_the_provider_with_fresh_secrets() {
    let redirect = "https://api.shop.example/auth/google/callback";
    let setting = format!("--google-redirect-url={redirect}");
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[&setting]).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = Browser::new(&app).open(LOGIN).await;
        assert_eq!(response.status, 302);
        assert_eq!(response.header("cache-control"), "no-store");
        assert_eq!(response.header("referrer-policy"), "no-referrer");
        let asked = query(response.header("location"));
        assert_eq!(asked["redirect_uri"], redirect);
        assert_eq!(asked["code_challenge_method"], "S256");
        for (name, length) in [("state", 54), ("nonce", 43), ("code_challenge", 43)] {
            assert_eq!(asked[name].len(), length, "{name}");
            assert!(!seen.contains(&asked[name]), "{name}");
            seen.push(asked[name].clone());
        }
        let cookie = response.header("set-cookie").to_owned();
        assert!(cookie.starts_with("__Host-wares-google-"), "{cookie}");
        let attributes = "; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure";
        assert!(cookie.ends_with(attributes), "{cookie}");
        // The values sent to the provider can't be derived from the cookie.
        let value = cookie.split(['=', '.']).nth(1).unwrap();
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
        assert!(
            seen.iter().all(|secret| !text.contains(secret.as_str())),
            "{text}"
        );
    }
}

#[tokio::test]
async fn callback_returns_only_a_code_in_the_fragment() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let mut browser = Browser::new(app);
        let return_to = "return_to=https://shop.example/account?tab=1&intent=sign_in";
        let callback = browser.begin(provider, return_to).await;
        let response = browser.open(&callback).await;
        assert_eq!(response.status, 302);
        assert_eq!(response.header("cache-control"), "no-store");
        assert_eq!(response.header("referrer-policy"), "no-referrer");
        let (before, code) = response.header("location").split_once("#code=").unwrap();
        assert_eq!(before, "https://shop.example/account?tab=1");
        assert!(URL_SAFE_NO_PAD.decode(code).unwrap().len() >= 32, "{code}");
        assert!(browser.cookies.is_empty());
        // No user is created before the code is exchanged.
        assert_eq!(app.count("oauth_codes").await, 1);
        assert_eq!(app.count("users").await, 0);
        // The provider's code and tokens are not passed on.
        let told = format!("{:?} {}", response.headers, response.text);
        assert!(!told.contains("provider-access-token") && !told.contains("eyJ"));
        // Without a return URL: the first storefront.
        let end = browser.sign_in(provider, "").await;
        assert!(end.starts_with(&format!("{SHOP}#code=")), "{end}");
    })
    .await;
}

#[tokio::test]
async fn concurrent_sign_ins_keep_their_return_urls() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let mut browser = Browser::new(app);
        let first = browser
            .begin(provider, "return_to=https://shop.example/1")
            .await;
        let second = browser
            .begin(provider, "return_to=https://other.example/2")
            .await;
        assert_eq!(browser.cookies.len(), 2);
        let end = browser.open(&second).await;
        assert!(
            end.header("location")
                .starts_with("https://other.example/2#code=")
        );
        let end = browser.open(&first).await;
        assert!(
            end.header("location")
                .starts_with("https://shop.example/1#code=")
        );
    })
    .await;
}

#[tokio::test]
async fn callback_is_accepted_once() {
    on_both_databases_with_provider(&[], async |app, provider| {
        let mut browser = Browser::new(app);
        let callback = browser.begin(provider, "").await;
        let before = browser.clone();
        let open = async || {
            let mut browser = before.clone();
            browser.open(&callback).await
        };
        let (one, two, three) = tokio::join!(open(), open(), open());
        let mut statuses = [one.status, two.status, three.status].map(|status| status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [302, 400, 400]);
        open().await.assert_refused(400, "BAD_REQUEST");
        assert_eq!(provider.request_bodies("/token").len(), 1);
        assert_eq!(app.count("oauth_codes").await, 1);
    })
    .await;
}

#[tokio::test]
async fn sign_in_is_valid_for_10_minutes_and_across_key_rotation() {
    let provider = Provider::start().await;
    let (old, new) = (
        "a".repeat(4) + "bcdefghijklmnopqrstuvwxyz012345",
        "9".repeat(4) + "876543210zyxwvutsrqponmlkjihgfe",
    );
    let setting = format!("--jwt-secrets={old}");
    let app = provider.app(Backend::Sqlite, &[&setting]).await;
    let mut browser = Browser::new(&app);
    let late = browser.begin(&provider, "").await;
    app.advance(Duration::from_mins(10));
    browser.open(&late).await.assert_refused(400, "BAD_REQUEST");
    let callback = browser.begin(&provider, "").await;
    app.advance(Duration::from_secs(599));
    let over = |keys: Keys| {
        let mut state = app.state.clone();
        state.keys = Arc::new(keys);
        let mut after = Browser::with_client(Client::new(http::router(&state)));
        after.cookies.clone_from(&browser.cookies);
        after
    };
    let response = over(Keys::new(&new, [])).open(&callback).await;
    response.assert_refused(400, "BAD_REQUEST");
    let response = over(Keys::new(&new, [&old])).open(&callback).await;
    assert!(
        response
            .header("location")
            .starts_with(&format!("{SHOP}#code="))
    );
}

#[tokio::test]
async fn development_allows_loopback_return_urls() {
    let provider = Provider::start().await;
    let flags = provider.flags();
    let flags = flags
        .iter()
        .filter(|flag| !flag.starts_with("--frontend-urls"));
    let flags: Vec<_> = flags.map(String::as_str).collect();
    let app = App::start(Backend::Sqlite, &flags).await;
    for (to, status) in [
        ("?return_to=http://localhost:3000/a", 302),
        ("?return_to=http://127.0.0.1:3000/", 302),
        ("?return_to=http://localhost.evil.example/", 400),
        ("?return_to=https://shop.example/", 400),
        ("?return_to=ftp://localhost/", 400),
        ("", 400),
    ] {
        let response = Browser::new(&app).open(&format!("{LOGIN}{to}")).await;
        assert_eq!(response.status, status, "{to}");
    }
}

#[tokio::test]
async fn graphiql_is_an_allowed_return_url() {
    let provider = Provider::start().await;
    let url = "--public-url=https://api.shop.example";
    for (graphiql, to, status) in [
        ("on", "https://api.shop.example/graphql", 302),
        ("on", "https://api.shop.example/", 400),
        ("on", "https://api.shop.example/graphql?query=a", 400),
        ("on", "https://evil.example/graphql", 400),
        ("off", "https://api.shop.example/graphql", 400),
    ] {
        let graphiql = format!("--graphiql={graphiql}");
        let app = provider.app(Backend::Sqlite, &[url, &graphiql]).await;
        let path = format!("{LOGIN}?return_to={to}");
        let response = Browser::new(&app).open(&path).await;
        assert_eq!(response.status, status, "{to}, {graphiql}");
    }
}

#[tokio::test]
async fn challenge_is_required_for_apps_and_linking() {
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[]).await;
    let good = challenge();
    let short = &good[1..];
    for wrong in [
        "return_to=com.example.shop:/signed-in".to_owned(),
        "intent=link".to_owned(),
        "intent=steal".to_owned(),
        format!("challenge={short}"),
        format!("challenge={good}A"),
        format!("challenge={}", "!".repeat(43)),
        "challenge=".to_owned(),
        format!("challenge={good}&challenge={good}"),
    ] {
        let response = Browser::new(&app).open(&format!("{LOGIN}?{wrong}")).await;
        response.assert_refused(400, "BAD_REQUEST");
    }
    let link = format!("intent=link&challenge={good}");
    let end = Browser::new(&app).sign_in(&provider, &link).await;
    assert!(end.starts_with(&format!("{SHOP}#code=")), "{end}");
}

#[tokio::test]
async fn legacy_paths_complete_a_sign_in() {
    let redirect = "http://localhost:8000/api/v1/auth/google/callback";
    let setting = format!("--google-redirect-url={redirect}");
    on_both_databases_with_provider(&[&setting], async |app, provider| {
        for login in ["/api/v1/auth/google/login", LOGIN] {
            let mut browser = Browser::new(app);
            let response = browser.open(&format!("{login}?return_to={SHOP}")).await;
            assert_eq!(response.status, 302, "{}", response.text);
            let callback = provider.authorize(response.header("location"));
            let path = callback.strip_prefix("http://localhost:8000").unwrap();
            assert!(path.starts_with("/api/v1/auth/google/callback?"), "{path}");
            let response = browser.open(path).await;
            assert_eq!(response.status, 302, "{}", response.text);
            let back = response.header("location");
            assert!(back.starts_with(&format!("{SHOP}#code=")), "{back}");
        }
    })
    .await;
}

#[tokio::test]
async fn routes_accept_only_get_and_starts_are_rate_limited() {
    let provider = Provider::start().await;
    let app = provider
        .app(Backend::Sqlite, &["--limit-login-client=3/1m"])
        .await;
    for method in [Method::POST, Method::HEAD, Method::PUT] {
        for path in [LOGIN, "/auth/google/callback"] {
            let response = app.anonymous().request(method.clone(), path, &[], "").await;
            assert_eq!(
                (response.status.as_u16(), response.header("allow")),
                (405, "GET")
            );
        }
    }
    let mut browser = Browser::new(&app);
    for _ in 0..3 {
        assert_eq!(browser.open(LOGIN).await.status, 302);
    }
    let response = browser.open(LOGIN).await;
    response.assert_refused(429, "RATE_LIMITED");
    assert_eq!(response.header("retry-after"), "20");
    assert_eq!(Browser::new(&app).open(LOGIN).await.status, 302);
}

#[tokio::test]
async fn abandoned_sign_ins_store_nothing() {
    on_both_databases_with_provider(&[], async |app, _| {
        let mut browser = Browser::new(app);
        for _ in 0..12 {
            assert_eq!(browser.open(LOGIN).await.status, 302);
            assert!(browser.cookies.len() <= 5);
            app.advance(Duration::from_secs(1));
        }
        assert_eq!(browser.cookies.len(), 5);
        for table in ["used_oauth_flows", "oauth_codes", "users"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        assert!(app.count("throttles").await <= 1);
        // Expired sign-in cookies are deleted; unrelated cookies stay.
        app.advance(Duration::from_mins(10));
        browser.cookies.insert("basket".to_owned(), "1".to_owned());
        assert_eq!(browser.open(LOGIN).await.status, 302);
        assert_eq!(browser.cookies.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn codes_tokens_and_state_are_not_logged() {
    let provider = Provider::start().await;
    let app = provider.app(Backend::Sqlite, &[]).await;
    let log = Log::capture();
    let mut browser = Browser::new(&app);
    let mut secrets = Vec::new();
    for trouble in [
        json!({}),
        json!({"id_token": "eyJ.forged.token"}),
        json!({"token_type": 5}),
    ] {
        provider.set_token_fields(&trouble);
        let callback = browser.begin(&provider, "").await;
        secrets.extend(query(&format!("http://shop{callback}")).into_values());
        secrets.extend(browser.cookies.values().cloned());
        let response = browser.open(&callback).await;
        let (_, word) = response.header("location").split_once('#').unwrap();
        secrets.extend(word.strip_prefix("code=").map(ToOwned::to_owned));
        browser.open(&callback).await;
    }
    assert_eq!(secrets.len(), 3 * 3 + 1);
    assert!(log.lines_with("/auth/google/callback").len() == 6);
    for secret in secrets
        .iter()
        .map(String::as_str)
        .chain(["eyJ", "hunter2", "access-token"])
    {
        assert_eq!(log.lines_with(secret), Vec::<String>::new());
    }
}

#[test]
fn url_of_100_kilobytes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let flags = [
        "--google-client-id=shop",
        "--google-client-secret=hunter2",
        "--google-issuer=http://127.0.0.1:1",
        "--public-url=http://127.0.0.1",
        "--frontend-urls=https://shop.example",
        "--demo=off",
    ];
    let process = Process::serve(folder.path(), &flags);
    let state = "a".repeat(100_000);
    let response = http_get(
        &process.address,
        &format!("/auth/google/callback?state={state}&code=b"),
    );
    let status = response.split(' ').nth(1).unwrap();
    assert!(["400", "414", "431"].contains(&status), "{status}");
    let response = http_get(&process.address, LOGIN);
    assert!(
        response.contains("location: https://shop.example/#error=provider_unavailable"),
        "{response}"
    );
}
