//! OpenID client: providers that are down, slow, oversized or inconsistent.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wares::infra::oidc::{Google, OidcError};

use crate::accounts::google_client::{DISCOVERY, NONCE, shop};
use crate::harness::{App, Backend, Log, Provider, Signing, Step};

/// Timeout of the provider in a shop with a short one.
const HASTE: Duration = Duration::from_millis(400);
/// Log message for a failed request to the provider.
const FAILED: &str = "sign-in provider failed";

/// A client with an empty cache and a short timeout.
fn impatient_client(app: &App) -> Google {
    Google::with(&app.state.config, &app.state.clock, HASTE)
}

/// Invalid responses of a provider.
fn invalid_responses() -> Vec<(&'static str, Vec<Step>)> {
    let send = |text: &str| vec![Step::Send(text.as_bytes().to_vec())];
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    vec![
        ("500", send("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")),
        ("503", send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")),
        ("429", send("HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n")),
        (
            "404",
            send("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}"),
        ),
        (
            "JSON that breaks off",
            send(&format!("{head}Content-Length: 1\r\n\r\n{{")),
        ),
        ("nothing", send(&format!("{head}Content-Length: 0\r\n\r\n"))),
        (
            "an array",
            send(&format!("{head}Content-Length: 2\r\n\r\n[]")),
        ),
        (
            "a page",
            send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>Hello!</h1>",
            ),
        ),
        ("closed", vec![]),
        ("noise", send("\u{1}\u{2}\u{3}\r\n\r\n")),
        (
            "closed in the middle",
            send(&format!("{head}Content-Length: 900\r\n\r\n{{\"a\":")),
        ),
        (
            "elsewhere",
            send("HTTP/1.1 302 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
        ),
        (
            "64 MB",
            [
                send(&format!("{head}Content-Length: 67108864\r\n\r\n")),
                vec![Step::Pour],
            ]
            .concat(),
        ),
        (
            "no end",
            [send(&format!("{head}\r\n")), vec![Step::Pour]].concat(),
        ),
        (
            "a head without end",
            [send("HTTP/1.1 200 OK\r\na: "), vec![Step::Pour]].concat(),
        ),
        ("silence", vec![Step::Hang]),
        (
            "silence after the head",
            [send(&format!("{head}\r\n")), vec![Step::Hang]].concat(),
        ),
        (
            "drops",
            [send(&format!("{head}\r\n")), vec![Step::Drip]].concat(),
        ),
        (
            "packed",
            send(&format!(
                "{head}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{{}}"
            )),
        ),
    ]
}

#[tokio::test]
async fn invalid_provider_responses_return_unavailable_within_the_timeout() {
    let (app, provider) = shop().await;
    let token = provider.id_token("phone-client", NONCE);
    for path in [DISCOVERY, "/jwks"] {
        for (name, steps) in invalid_responses() {
            let log = Log::capture();
            provider.set_steps(path, &steps);
            let is_huge = ["64 MB", "no end"].contains(&name);
            // Enough time for all of the response.
            let patience = if is_huge { HASTE * 50 } else { HASTE };
            let google = Google::with(&app.state.config, &app.state.clock, patience);
            let began = Instant::now();
            let told = google.verify(&token, NONCE).await;
            assert_eq!(told.unwrap_err(), OidcError::Unavailable, "{path}: {name}");
            assert!(began.elapsed() < HASTE * 50, "{path}: {name}");
            // The caller may time out shortly before the request does.
            while log.lines_with(FAILED).is_empty() {
                assert!(began.elapsed() < HASTE * 50, "{path}: {name}: no line");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let lines = log.lines_with(FAILED);
            assert_eq!(lines.len(), 1, "{path}: {name}: {lines:?}");
            if is_huge {
                assert!(lines[0].contains("larger than 256 KiB"), "{lines:?}");
            }
            // The provider has recovered.
            provider.reset_responses();
            let paused = google.verify(&token, NONCE).await;
            assert_eq!(paused.unwrap_err(), OidcError::Unavailable, "{name}");
            app.advance(Duration::from_secs(2));
            assert!(google.verify(&token, NONCE).await.is_ok(), "{path}: {name}");
        }
    }
    assert!(provider.request_bodies("/elsewhere").is_empty());
}

#[tokio::test]
async fn inconsistent_provider_metadata_is_refused() {
    let (app, provider) = shop().await;
    let token = provider.id_token("phone-client", NONCE);
    let issuer = &provider.issuer;
    let honest = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
    });
    for (name, value) in [
        ("issuer", json!("https://accounts.google.com")),
        ("issuer", json!(format!("{issuer}/"))),
        ("issuer", Value::Null),
        ("jwks_uri", json!("http://keys.example/jwks")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("jwks_uri", json!("//evil")),
        ("jwks_uri", json!(5)),
        ("token_endpoint", json!("http://10.0.0.1/token")),
        ("token_endpoint", json!("javascript:alert(1)")),
        ("authorization_endpoint", json!("http://evil.example/")),
        ("authorization_endpoint", json!(format!("{issuer}/a#b"))),
        (
            "authorization_endpoint",
            json!(format!("{issuer}/{}", "a".repeat(2_000))),
        ),
    ] {
        let mut lie = honest.clone();
        lie[name] = value;
        provider.set_document(DISCOVERY, 200, &lie.to_string());
        let told = impatient_client(&app).verify(&token, NONCE).await;
        assert_eq!(told.unwrap_err(), OidcError::Unavailable, "{lie}");
    }
    provider.set_document(DISCOVERY, 200, &honest.to_string());
    assert!(impatient_client(&app).verify(&token, NONCE).await.is_ok());
}

#[tokio::test]
async fn unreachable_provider_returns_unavailable() {
    let provider = Provider::start().await;
    let token = provider.id_token("phone-client", NONCE);
    for issuer in [
        "http://127.0.0.1:1",
        "https://nobody.invalid",
        "https://127.0.0.1:1",
    ] {
        let setting = format!("--google-issuer={issuer}");
        let app = provider.app(Backend::Sqlite, &[&setting]).await;
        let google = Google::with(&app.state.config, &app.state.clock, HASTE * 5);
        let told = google.verify(&token, NONCE).await;
        assert_eq!(told.unwrap_err(), OidcError::Unavailable, "{issuer}");
    }
}

#[tokio::test]
async fn valid_tokens_are_verified_while_a_key_request_hangs() {
    let (app, provider) = shop().await;
    let patience = HASTE * 10;
    let google = Google::with(&app.state.config, &app.state.clock, patience);
    let good = provider.id_token("phone-client", NONCE);
    google.verify(&good, NONCE).await.unwrap();
    provider.set_signing(Signing::Second);
    let unknown = provider.id_token("phone-client", NONCE);
    provider.set_steps("/jwks", &[Step::Hang]);
    app.advance(Duration::from_secs(61));
    let hanging = google.verify(&unknown, NONCE);
    let others = async {
        while provider.request_bodies("/jwks").len() < 2 {
            tokio::task::yield_now().await;
        }
        let began = Instant::now();
        google.verify(&good, NONCE).await.unwrap();
        began.elapsed()
    };
    let (hung, took) = tokio::join!(hanging, others);
    assert_eq!(hung.unwrap_err(), OidcError::Unavailable);
    assert!(took < patience, "{took:?}");
}
