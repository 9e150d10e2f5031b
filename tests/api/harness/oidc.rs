//! The certified OpenID provider `oidc-provider` from npm, started once per test run, and a client that signs in
//! at it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use url::{Url, form_urlencoded};
use wares::core::clock::Timestamp;

use super::external_server::{ExternalServer, free_port, install_once, run};
use super::sample_image::png;
use super::{App, Backend, HttpResponse, fetch, system_time};

const CLIENT: &str = "shop-client";
const SECRET: &str = "shop-client-secret-hunter2";
const PROVIDER: &str = include_str!("../../oidc/provider.mjs");
const PACKAGE: &str = include_str!("../../oidc/package.json");
const LOCK: &str = include_str!("../../oidc/package-lock.json");
const ADVICE: &str = "The tests need Node.js 20 or later with npm.";

/// The provider of this test run. It stops with the process. Its users are `ann@gmail.com`, `bob@corp.example`,
/// and `eve@corp.example`, whose address is not verified.
#[derive(Debug)]
pub struct Oidc {
    pub issuer: String,
    _server: ExternalServer,
}

/// Returns the provider of this test run. Starts it at the first call.
pub async fn oidc() -> &'static Oidc {
    static OIDC: OnceCell<Oidc> = OnceCell::const_new();
    let start = async || tokio::task::spawn_blocking(Oidc::start).await.unwrap();
    OIDC.get_or_init(start).await
}

impl Oidc {
    fn start() -> Self {
        let folder = npm_packages(&["node", "npm"]);
        let script = write_atomically(&folder, "provider.mjs", PROVIDER.as_bytes());
        let sample_image = write_atomically(&folder, "picture.png", &png(64, 64));
        let port = free_port();
        let command = [
            "node",
            &script,
            &port.to_string(),
            &sample_image,
            CLIENT,
            SECRET,
            // The provider accepts any port.
            "http://localhost/auth/google/callback",
        ];
        Self {
            issuer: format!("http://127.0.0.1:{port}"),
            _server: ExternalServer::start("oidc-provider", port, &command),
        }
    }

    /// Returns the settings of a server that uses this provider.
    pub fn flags(&self) -> [String; 4] {
        [
            format!("--google-issuer={}", self.issuer),
            format!("--google-client-id={CLIENT}"),
            format!("--google-client-secret={SECRET}"),
            "--fetch-private-addresses=on".to_owned(),
        ]
    }

    /// Starts an application with this provider and the storefront `https://shop.example`. Its clock shows the
    /// system time.
    pub async fn app(&self, backend: Backend) -> App {
        let flags = self.flags();
        let mut settings: Vec<_> = flags.iter().map(String::as_str).collect();
        settings.push("--public-url=http://localhost:8000");
        settings.push("--frontend-urls=https://shop.example");
        let app = App::start(backend, &settings).await;
        let Timestamp(clock_start) = app.state.clock.now();
        let Timestamp(now) = system_time();
        let micros = u64::try_from(now - clock_start).unwrap();
        app.advance(std::time::Duration::from_micros(micros));
        app
    }
}

/// Runs a test on both databases, each time with a new application.
pub async fn on_both_databases_with_oidc(test: impl AsyncFn(&App, &Oidc)) {
    let oidc = oidc().await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = oidc.app(backend).await;
        test(&app, oidc).await;
        app.stop().await;
    }
}

/// Returns the folder with the npm packages. Fails unless these programs are installed.
pub fn npm_packages(programs: &[&str]) -> PathBuf {
    npm_packages_of(programs, PACKAGE, LOCK)
}

/// Returns the folder with the npm packages of a `package.json` and its lock file. Fails unless these programs are
/// installed.
pub fn npm_packages_of(programs: &[&str], package: &str, lock_file: &str) -> PathBuf {
    let lock = Sha256::digest(lock_file);
    let name = format!(
        "npm-{:02x}{:02x}{:02x}{:02x}",
        lock[0], lock[1], lock[2], lock[3]
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs.sh");
    run(Command::new(script).args(programs), ADVICE);
    install_once(&name, |folder| {
        write_atomically(folder, "package.json", package.as_bytes());
        write_atomically(folder, "package-lock.json", lock_file.as_bytes());
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run(npm.current_dir(folder), ADVICE);
    })
}

/// Writes a file atomically, so that concurrent writers of the same content are safe: other test programs, and other
/// tests of this one. Returns its path.
pub fn write_atomically(folder: &Path, name: &str, content: &[u8]) -> String {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let path = folder.join(name);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let new = folder.join(format!("{name}.{}.{number}", std::process::id()));
    fs::write(&new, content).unwrap();
    fs::rename(new, &path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A browser at the provider. It follows redirects and submits forms.
#[derive(Default)]
pub struct ProviderBrowser {
    /// Values by path and name.
    cookies: BTreeMap<(String, String), String>,
}

impl ProviderBrowser {
    /// Signs in with this email address, and answers the consent form. Returns the URL to which the provider
    /// redirects.
    pub async fn sign_in(&mut self, url: &str, email: &str, consent: &str) -> String {
        let mut current_url = Url::parse(url).unwrap();
        let provider_origin = current_url.origin();
        let mut form = None;
        for _ in 0..12 {
            let reply = self.open(&current_url, form.take()).await;
            if let Some(next) = reply.sent("location") {
                current_url = current_url.join(next).unwrap();
                if current_url.origin() != provider_origin {
                    return current_url.into();
                }
                continue;
            }
            let page = String::from_utf8(reply.body).unwrap();
            assert_eq!(reply.status, 200, "{current_url}: {page}");
            form = Some(if page.contains("name=\"email\"") {
                vec![("email", email), ("answer", "next")]
            } else {
                assert!(page.contains(&format!("value=\"{consent}\"")), "{page}");
                vec![("answer", consent)]
            });
        }
        panic!("redirect loop at the provider: {current_url}");
    }

    async fn open(&mut self, url: &Url, form: Option<Vec<(&str, &str)>>) -> HttpResponse {
        let matching_cookies = self.cookies.iter();
        let matching_cookies =
            matching_cookies.filter(|((path, _), _)| url.path().starts_with(path.as_str()));
        let pairs: Vec<_> = matching_cookies
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut headers = vec![("Cookie".to_owned(), pairs.join("; "))];
        let method = if form.is_some() { "POST" } else { "GET" };
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.unwrap_or_default())
            .finish();
        if method == "POST" {
            let kind = "application/x-www-form-urlencoded";
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
            headers.push(("Content-Length".to_owned(), body.len().to_string()));
        }
        let reply = fetch(method, url.as_str(), &headers, body.as_bytes()).await;
        for cookie in reply.all_sent("set-cookie") {
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.find_map(|part| part.strip_prefix("path="));
            let key = (path.unwrap_or("/").to_owned(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        reply
    }
}
