//! Settings of the sign-in with Google.

use axum::http::Method;

use crate::harness::{Process, Provider, error_line, sqlite_app};

const LOGIN: &str = "/auth/google/login";
const CALLBACK: &str = "/auth/google/callback?state=a&code=b";

#[tokio::test]
async fn google_sign_in_is_disabled_without_settings() {
    let app = sqlite_app().await;
    for method in [Method::GET, Method::POST, Method::HEAD] {
        for path in [LOGIN, CALLBACK] {
            let response = app.anonymous().request(method.clone(), path, &[], "").await;
            assert_eq!(response.status, 404);
            if method != Method::HEAD {
                response.assert_refused(404, "NOT_FOUND");
            }
        }
    }
    assert!(app.state.google.redirect().is_none());
    assert!(app.customer().await.is_signed_in().await);
}

#[test]
fn incomplete_google_settings_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let id = "--google-client-id=shop";
    let secret = "--google-client-secret=hunter2";
    let production = "--env=production";
    for (flags, named) in [
        (vec![id], "GOOGLE_CLIENT_SECRET"),
        (vec![secret], "GOOGLE_CLIENT_ID"),
        (vec!["--google-app-client-ids=phone"], "GOOGLE_CLIENT_ID"),
        (vec![id, secret, "--listen=127.0.0.1:0"], "PUBLIC_URL"),
        (vec![id, secret, production], "https"),
        (
            vec![id, secret, production, "--public-url=http://shop.example"],
            "https",
        ),
        (
            vec!["--google-issuer=http://accounts.example"],
            "--google-issuer",
        ),
        (
            vec!["--google-issuer=ftp://accounts.example"],
            "--google-issuer",
        ),
        (
            vec!["--google-issuer=https://a@accounts.example"],
            "--google-issuer",
        ),
        (
            vec!["--google-redirect-url=/callback"],
            "--google-redirect-url",
        ),
        (
            vec!["--google-redirect-url=https://shop.example/#a"],
            "--google-redirect-url",
        ),
        (vec!["--app-links=javascript:alert(1)"], "--app-links"),
        (vec!["--app-links=http://app.example/open"], "--app-links"),
        (vec!["--app-links=com.example.shop:/a?b"], "--app-links"),
        (vec!["--app-links=/open"], "--app-links"),
        (
            vec!["--app-links=https://*.app.example/open"],
            "--app-links",
        ),
    ] {
        let jwt = "--jwt-secrets=dKq8f3JmZp0sXyTn5vLb2wRh7cUe9gAo";
        let arguments = [flags.as_slice(), &["serve", jwt]].concat();
        let output = Process::run(folder.path(), &arguments);
        let line = error_line(&output);
        assert!(line.contains(named), "{flags:?}: {line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test]
async fn client_secret_is_not_shown() {
    let provider = Provider::start().await;
    let app = provider.app(crate::harness::Backend::Sqlite, &[]).await;
    let shown = format!("{:?}", app.state);
    assert!(
        shown.contains(&provider.issuer) && !shown.contains("hunter2"),
        "{shown}"
    );
    let folder = tempfile::tempdir().unwrap();
    let output = Process::command(folder.path(), &["serve", "--help"])
        .env("GOOGLE_CLIENT_SECRET", "hunter2")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("GOOGLE_CLIENT_SECRET") && !help.contains("hunter2"));
}
