//! A simulated OpenID provider. It is correct by default, and misbehaves as a test requires.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::{Url, form_urlencoded};
use wares::core::clock::Clock;

use super::provider_keys::{Signing, public_key, sign};
use super::web::{perform, serve};
use super::{App, Backend, Step};

const CLIENT: &str = "shop-client";
const SECRET: &str = "shop-client-secret-hunter2";

/// A provider on its own port. It stops on drop.
pub struct Provider {
    pub issuer: String,
    state: Arc<ProviderState>,
    listening: JoinHandle<()>,
}

struct ProviderState {
    issuer: String,
    behaviour: Mutex<ProviderBehaviour>,
}

struct ProviderBehaviour {
    clock: Clock,
    claims: Map<String, Value>,
    signing: Signing,
    keys: Vec<Value>,
    /// Overridden responses by path.
    pages: HashMap<String, Vec<Step>>,
    /// The OAuth error of all authorization requests.
    error: Option<String>,
    /// Additional fields of token responses. Null removes a field.
    token: Map<String, Value>,
    grants: HashMap<String, Grant>,
    received_requests: Vec<(String, String)>,
}

/// The data of an authorization code.
struct Grant {
    nonce: Option<String>,
    challenge: String,
    redirect: String,
}

/// Runs a test on both databases, each time with a new application and a new provider.
pub async fn on_both_databases_with_provider(
    settings: &[&str],
    test: impl AsyncFn(&App, &Provider),
) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let provider = Provider::start().await;
        let app = provider.app(backend, settings).await;
        test(&app, &provider).await;
        app.stop().await;
    }
}

impl Provider {
    /// Starts a provider with the user `ann@gmail.com`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let claims = json!({
            "sub": "1001", "email": "ann@gmail.com", "email_verified": true, "name": "Ann Lee",
        });
        let state = Arc::new(ProviderState {
            issuer: issuer.clone(),
            behaviour: Mutex::new(ProviderBehaviour {
                clock: Clock::System,
                claims: claims.as_object().unwrap().clone(),
                signing: Signing::First,
                keys: vec![public_key("first")],
                pages: HashMap::new(),
                error: None,
                token: Map::new(),
                grants: HashMap::new(),
                received_requests: Vec::new(),
            }),
        });
        Self {
            issuer,
            listening: tokio::spawn(serve(listener, state.clone(), serve_connection)),
            state,
        }
    }

    /// Starts an application with this provider, the storefront `https://shop.example` and the app
    /// `com.example.shop`.
    pub async fn app(&self, backend: Backend, settings: &[&str]) -> App {
        let flags = self.flags();
        let given = |name: &str| settings.iter().any(|flag| flag.starts_with(name));
        let flags = flags.iter().map(String::as_str);
        let flags = flags.filter(|flag| !given(flag.split('=').next().unwrap()));
        let settings: Vec<_> = flags.chain(settings.iter().copied()).collect();
        let app = App::start(backend, &settings).await;
        self.behaviour().clock = app.state.clock.clone();
        app
    }

    /// Returns the settings of a server with this provider.
    pub fn flags(&self) -> Vec<String> {
        vec![
            format!("--google-issuer={}", self.issuer),
            format!("--google-client-id={CLIENT}"),
            format!("--google-client-secret={SECRET}"),
            "--google-app-client-ids=phone-client".to_owned(),
            "--public-url=http://api.shop.example".to_owned(),
            "--frontend-urls=https://shop.example,https://other.example".to_owned(),
            "--app-links=com.example.shop:/signed-in".to_owned(),
            "--limit-login-client=1000/1s".to_owned(),
        ]
    }

    fn behaviour(&self) -> MutexGuard<'_, ProviderBehaviour> {
        self.state.behaviour.lock().unwrap()
    }

    /// Sets claims of ID tokens, in addition to the default ones. Null removes a claim.
    pub fn set_claims(&self, claims: &Value) {
        let claims = claims.as_object().unwrap().clone();
        self.behaviour().claims.extend(claims);
    }

    /// Restores the default of a claim.
    pub fn reset_claim(&self, name: &str) {
        self.behaviour().claims.remove(name);
    }

    /// Sets the signature of future ID tokens.
    pub fn set_signing(&self, signing: Signing) {
        self.behaviour().signing = signing;
    }

    /// Sets the published keys: `first`, `second`, `curve`.
    pub fn publish_keys(&self, names: &[&str]) {
        self.publish_key_documents(names.iter().map(|name| public_key(name)).collect());
    }

    /// Sets the published keys to any documents.
    pub fn publish_key_documents(&self, keys: Vec<Value>) {
        self.behaviour().keys = keys;
    }

    /// Returns the published keys.
    pub fn keys(&self) -> Vec<Value> {
        self.behaviour().keys.clone()
    }

    /// Overrides the response to a path with these steps.
    pub fn set_steps(&self, path: &str, steps: &[Step]) {
        let mut behaviour = self.behaviour();
        behaviour.pages.insert(path.to_owned(), steps.to_vec());
    }

    /// Overrides the response to a path with this document.
    pub fn set_document(&self, path: &str, status: u16, body: &str) {
        self.set_steps(path, &[Step::Send(document(status, "", body))]);
    }

    /// Removes all overridden responses.
    pub fn reset_responses(&self) {
        self.behaviour().pages.clear();
    }

    /// Lets authorization requests fail with this OAuth error.
    pub fn set_authorization_error(&self, error: &str) {
        self.behaviour().error = Some(error.to_owned());
    }

    /// Sets fields of token responses. Null removes a field.
    pub fn set_token_fields(&self, response: &Value) {
        let response = response.as_object().unwrap().clone();
        self.behaviour().token.extend(response);
    }

    /// Returns the bodies of all requests for a path.
    pub fn request_bodies(&self, path: &str) -> Vec<String> {
        let behaviour = self.behaviour();
        let received_requests = behaviour
            .received_requests
            .iter()
            .filter(|(requested, _)| requested == path);
        received_requests.map(|(_, body)| body.clone()).collect()
    }

    /// Returns the URL to which an authorization request redirects.
    pub fn authorize(&self, url: &str) -> String {
        assert!(url.starts_with(&format!("{}/authorize?", self.issuer)));
        self.state.authorize(&Url::parse(url).unwrap())
    }

    /// Returns an ID token as the provider issues it to apps.
    pub fn id_token(&self, audience: &str, nonce: &str) -> String {
        self.state.id_token(audience, Some(nonce))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl ProviderState {
    fn authorize(&self, url: &Url) -> String {
        let parameters: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(parameters["client_id"], CLIENT);
        assert_eq!(parameters["response_type"], "code");
        assert_eq!(parameters["code_challenge_method"], "S256");
        let mut scopes: Vec<_> = parameters["scope"].split(' ').collect();
        scopes.sort_unstable();
        assert_eq!(scopes, ["email", "openid", "profile"]);
        let mut redirect_url = Url::parse(&parameters["redirect_uri"]).unwrap();
        let mut behaviour = self.behaviour.lock().unwrap();
        if let Some(error) = &behaviour.error {
            redirect_url.query_pairs_mut().append_pair("error", error);
        } else {
            let code = format!("code-{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 9]>()));
            let grant = Grant {
                nonce: parameters.get("nonce").cloned(),
                challenge: parameters["code_challenge"].clone(),
                redirect: parameters["redirect_uri"].clone(),
            };
            behaviour.grants.insert(code.clone(), grant);
            redirect_url.query_pairs_mut().append_pair("code", &code);
        }
        redirect_url
            .query_pairs_mut()
            .append_pair("state", &parameters["state"]);
        redirect_url.into()
    }

    fn token(&self, head: &str, body: &str) -> Vec<u8> {
        let parameters: HashMap<_, _> = form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
        let in_body = parameters
            .get("client_secret")
            .is_some_and(|secret| secret == SECRET);
        if !in_body && !head.contains(&basic) {
            return document(401, "", r#"{"error":"invalid_client"}"#);
        }
        let grant = self
            .behaviour
            .lock()
            .unwrap()
            .grants
            .remove(&parameters["code"]);
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&parameters["code_verifier"]));
        let is_valid =
            |grant: &Grant| grant.challenge == hash && grant.redirect == parameters["redirect_uri"];
        let Some(grant) = grant.filter(is_valid) else {
            return document(400, "", r#"{"error":"invalid_grant"}"#);
        };
        let mut response = Map::new();
        merge(
            &mut response,
            &json!({
                "access_token": "provider-access-token", "token_type": "Bearer", "expires_in": 3600,
                "id_token": self.id_token(CLIENT, grant.nonce.as_deref()),
            }),
        );
        let changes = self.behaviour.lock().unwrap().token.clone();
        merge(&mut response, &changes.into());
        document(200, "", &Value::Object(response).to_string())
    }

    fn id_token(&self, audience: &str, nonce: Option<&str>) -> String {
        let behaviour = self.behaviour.lock().unwrap();
        let now = behaviour.clock.now().seconds();
        let mut claims = Map::new();
        merge(
            &mut claims,
            &json!({
                "iss": self.issuer, "aud": audience, "iat": now, "exp": now + 3600, "nonce": nonce,
            }),
        );
        merge(&mut claims, &behaviour.claims.clone().into());
        sign(behaviour.signing, &Value::Object(claims))
    }

    fn response_bytes(&self, path: &str, head: &str, body: &str) -> Vec<u8> {
        let issuer = &self.issuer;
        let url = Url::parse(&format!("{issuer}{path}")).unwrap();
        match url.path() {
            "/.well-known/openid-configuration" => {
                let metadata = json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/jwks"),
                    "id_token_signing_alg_values_supported": ["RS256"],
                });
                document(200, "", &metadata.to_string())
            }
            "/jwks" => {
                let keys = self.behaviour.lock().unwrap().keys.clone();
                let age = "Cache-Control: public, max-age=7200\r\n";
                document(200, age, &json!({ "keys": keys }).to_string())
            }
            "/authorize" => {
                let redirect_url = self.authorize(&url);
                document(302, &format!("Location: {redirect_url}\r\n"), "")
            }
            "/token" => self.token(head, body),
            _ => document(404, "", "{}"),
        }
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<ProviderState>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while stream.read_line(&mut head).await? > 2 {}
    let lower = head.to_lowercase();
    let mut lines = lower.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8(body).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let path_without_query = path.split('?').next().unwrap().to_owned();
    let steps = {
        let mut behaviour = state.behaviour.lock().unwrap();
        behaviour
            .received_requests
            .push((path_without_query.clone(), body.clone()));
        behaviour.pages.get(&path_without_query).cloned()
    };
    let default_steps = || vec![Step::Send(state.response_bytes(&path, &head, &body))];
    perform(&mut stream, steps.unwrap_or_else(default_steps), b' ').await
}

fn document(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} So\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    format!("{head}{body}").into_bytes()
}

/// Sets the fields of `changes` in `map`, and removes those that are null.
fn merge(map: &mut Map<String, Value>, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
}
