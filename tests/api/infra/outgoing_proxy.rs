//! Outgoing requests through the HTTP proxies of the environment.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::{
    Authority, CertificateKind, HttpProxy, Process, Smtp, TlsProxy, error_line, http_post, moto,
};
use crate::server::check::part;

/// Basic credentials of `shop` with the password `hunter2`.
const BASIC: &str = "Proxy-Authorization: Basic c2hvcDpodW50ZXIy";

/// Starts an OpenID provider for `wares check`, with TLS, as `provider.test`. Returns its issuer.
async fn provider(authority: &Authority) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let certificate_kind = ("provider.test", CertificateKind::Valid);
    let front = TlsProxy::before(server, authority, certificate_kind, false).await;
    let issuer = format!("https://provider.test:{}", front.port);
    let discovery = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    });
    let response = async move || Json(discovery.clone());
    let router = Router::new().route("/.well-known/openid-configuration", get(response));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer
}

/// Returns the command `wares check` with this provider.
fn check(folder: &Path, issuer: &str, authority: &Authority, flags: &[&str]) -> Command {
    let issuer = format!("--google-issuer={issuer}");
    let fixed = [
        "check",
        "--google-client-id=client",
        "--google-client-secret=secret",
        &issuer,
    ];
    let mut command = Process::command(folder, &[&fixed[..], flags].concat());
    command.env("SSL_CERT_FILE", &authority.file);
    command
}

fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_requests_use_the_proxy_and_mail_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let issuer = provider(&authority).await;
    let proxy = HttpProxy::start().await;
    let smtp = Smtp::start().await;
    let mail = smtp.flag();
    let by = format!("http://shop:hunter2@{}", proxy.address);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let mut command = check(folder.path(), &issuer, &authority, &[&mail]);
        let text = printed(command.env(name, &by));
        assert!(
            part(&text, "google").0 && part(&text, "mail").0,
            "{name}: {text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
        let heads = proxy.take();
        assert_eq!(heads.len(), 1, "{heads:?}");
        let host = issuer.strip_prefix("https://").unwrap();
        assert!(
            heads[0].starts_with(&format!("CONNECT {host} HTTP/1.1")),
            "{heads:?}"
        );
        // The case of a header's name means nothing.
        let head = heads[0].replace("proxy-authorization", "Proxy-Authorization");
        assert!(head.contains(BASIC), "{heads:?}");
    }
    // Without a proxy the name can't be resolved.
    for no_proxy in ["provider.test", ".test", "*"] {
        let mut command = check(folder.path(), &issuer, &authority, &[]);
        let text = printed(command.env("HTTPS_PROXY", &by).env("NO_PROXY", no_proxy));
        assert!(!part(&text, "google").0, "{text}");
        assert!(
            text.contains("connection failed: host name not found"),
            "{text}"
        );
        assert_eq!(proxy.take(), Vec::<String>::new());
    }
}

/// A name that can't be resolved here. Moto does not take its first label for a bucket.
const STORE: &str = "host.docker.internal";

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_an_object_store_are_tunnelled() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let server: SocketAddr = moto()
        .await
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let front = TlsProxy::before(server, &authority, (STORE, CertificateKind::Valid), false).await;
    let proxy = HttpProxy::start().await;
    let endpoint = format!("--s3-endpoint=https://{STORE}:{}", front.port);
    let store = |file: Option<&Path>| {
        let mut command = Process::command(folder.path(), &["check", &endpoint]);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDTESTS")
            .env("AWS_SECRET_ACCESS_KEY", "a secret of the tests")
            .env("HTTPS_PROXY", format!("http://{}", proxy.address));
        if let Some(file) = file {
            command.env("SSL_CERT_FILE", file);
        }
        command
    };
    let text = printed(&mut store(Some(&authority.file)));
    assert!(part(&text, "images").0, "{text}");
    assert!(!proxy.take().is_empty());
    let text = printed(&mut store(None));
    assert!(!part(&text, "images").0, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_use_the_proxy_for_http_and_https() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let router = Router::new().route("/v1/traces", post(async || ""));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let front = TlsProxy::before(
        server,
        &authority,
        ("collector.test", CertificateKind::Valid),
        false,
    )
    .await;
    let proxy = HttpProxy::start().await;
    for (name, endpoint, line) in [
        (
            "HTTP_PROXY",
            format!("http://collector.test:{}", server.port()),
            "POST http://collector.test",
        ),
        (
            "HTTPS_PROXY",
            format!("https://collector.test:{}", front.port),
            "CONNECT collector.test",
        ),
    ] {
        let flag = format!("--otel-exporter-otlp-endpoint={endpoint}");
        let mut command = Process::command(folder.path(), &["--demo=off", &flag]);
        command
            .env("SSL_CERT_FILE", &authority.file)
            .env(name, format!("http://shop:hunter2@{}", proxy.address))
            .env("OTEL_BSP_SCHEDULE_DELAY", "100");
        let server = Process::serve_command(folder.path(), command);
        let begun = Instant::now();
        let mut heads = Vec::new();
        while heads.is_empty() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{}",
                server.log()
            );
            http_post(
                &server.address,
                r#"{"query": "{ categories { totalCount } }"}"#,
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
            heads = proxy.take();
        }
        assert!(heads[0].starts_with(line), "{heads:?}");
        let head = heads[0].to_ascii_lowercase();
        assert!(head.contains(&BASIC.to_ascii_lowercase()), "{heads:?}");
        assert!(
            !server
                .log()
                .contains("failed to send traces to the collector"),
            "{}",
            server.log()
        );
    }
}

#[test]
fn invalid_proxy_fails_the_start_without_showing_the_password() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("HTTPS_PROXY", "https://shop:hunter2@proxy.example:3128"),
        ("http_proxy", "socks5://shop:hunter2@proxy.example"),
        ("ALL_PROXY", "http://"),
    ] {
        let mut command = Process::command(folder.path(), &["migrate", "status"]);
        let output = command.env(name, value).output().unwrap();
        let text = error_line(&output);
        assert!(
            text.contains(name) && text.contains("http://proxy.example.com:3128"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
}
