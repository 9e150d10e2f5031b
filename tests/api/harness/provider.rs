//! A simulated OpenID provider. It is correct by default, and misbehaves as a test requires.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::{Url, form_urlencoded};
use wares::core::clock::Clock;

use super::web::{perform, serve};
use super::{App, Backend, Step};

const CLIENT: &str = "shop-client";
const SECRET: &str = "shop-client-secret-hunter2";

/// The signature of ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// RS256 with the key `first`.
    First,
    /// RS256 with the key `second`.
    Second,
    /// ES256 with the key `curve`.
    Curve,
    /// RS256 with the key `second`, but the key ID `first`.
    Foreign,
    /// No signature: `alg` is `none`.
    Nothing,
    /// HS256 with the public key `first` as the secret.
    PublicKeyAsSecret,
    /// RS256 with the key `first`, and claims changed after signing.
    Tampered,
}

/// A provider on its own port. It stops on drop.
pub struct Provider {
    pub issuer: String,
    desk: Arc<Desk>,
    listening: JoinHandle<()>,
}

struct Desk {
    issuer: String,
    conduct: Mutex<Conduct>,
}

struct Conduct {
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
    visits: Vec<(String, String)>,
}

/// The data of an authorization code.
struct Grant {
    nonce: Option<String>,
    challenge: String,
    redirect: String,
}

/// Runs a test on both databases, each time with a new application and a new provider.
pub async fn on_both_with_provider(settings: &[&str], test: impl AsyncFn(&App, &Provider)) {
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
        let desk = Arc::new(Desk {
            issuer: issuer.clone(),
            conduct: Mutex::new(Conduct {
                clock: Clock::System,
                claims: claims.as_object().unwrap().clone(),
                signing: Signing::First,
                keys: vec![public_key("first")],
                pages: HashMap::new(),
                error: None,
                token: Map::new(),
                grants: HashMap::new(),
                visits: Vec::new(),
            }),
        });
        Self {
            issuer,
            listening: tokio::spawn(serve(listener, desk.clone(), attend)),
            desk,
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
        self.conduct().clock = app.state.clock.clone();
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

    fn conduct(&self) -> MutexGuard<'_, Conduct> {
        self.desk.conduct.lock().unwrap()
    }

    /// Sets claims of ID tokens, in addition to the default ones. Null removes a claim.
    pub fn claim(&self, claims: &Value) {
        let claims = claims.as_object().unwrap().clone();
        self.conduct().claims.extend(claims);
    }

    /// Restores the default of a claim.
    pub fn unclaim(&self, name: &str) {
        self.conduct().claims.remove(name);
    }

    /// Sets the signature of future ID tokens.
    pub fn sign(&self, signing: Signing) {
        self.conduct().signing = signing;
    }

    /// Sets the published keys: `first`, `second`, `curve`.
    pub fn publish(&self, names: &[&str]) {
        self.publish_raw(names.iter().map(|name| public_key(name)).collect());
    }

    /// Sets the published keys to any documents.
    pub fn publish_raw(&self, keys: Vec<Value>) {
        self.conduct().keys = keys;
    }

    /// Returns the published keys.
    pub fn keys(&self) -> Vec<Value> {
        self.conduct().keys.clone()
    }

    /// Overrides the response to a path with these steps.
    pub fn page(&self, path: &str, steps: &[Step]) {
        let mut conduct = self.conduct();
        conduct.pages.insert(path.to_owned(), steps.to_vec());
    }

    /// Overrides the response to a path with this document.
    pub fn document(&self, path: &str, status: u16, body: &str) {
        self.page(path, &[Step::Send(document(status, "", body))]);
    }

    /// Removes all overridden responses.
    pub fn behave(&self) {
        self.conduct().pages.clear();
    }

    /// Lets authorization requests fail with this OAuth error.
    pub fn refuse(&self, error: &str) {
        self.conduct().error = Some(error.to_owned());
    }

    /// Sets fields of token responses. Null removes a field.
    pub fn give(&self, answer: &Value) {
        let answer = answer.as_object().unwrap().clone();
        self.conduct().token.extend(answer);
    }

    /// Returns the bodies of all requests for a path.
    pub fn visits(&self, path: &str) -> Vec<String> {
        let conduct = self.conduct();
        let visits = conduct.visits.iter().filter(|(asked, _)| asked == path);
        visits.map(|(_, body)| body.clone()).collect()
    }

    /// Returns the URL to which an authorization request redirects.
    pub fn authorize(&self, url: &str) -> String {
        assert!(url.starts_with(&format!("{}/authorize?", self.issuer)));
        self.desk.authorize(&Url::parse(url).unwrap())
    }

    /// Returns an ID token as the provider issues it to apps.
    pub fn id_token(&self, audience: &str, nonce: &str) -> String {
        self.desk.id_token(audience, Some(nonce))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Desk {
    fn authorize(&self, url: &Url) -> String {
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut scopes: Vec<_> = asked["scope"].split(' ').collect();
        scopes.sort_unstable();
        assert_eq!(scopes, ["email", "openid", "profile"]);
        let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
        let mut conduct = self.conduct.lock().unwrap();
        if let Some(error) = &conduct.error {
            back.query_pairs_mut().append_pair("error", error);
        } else {
            let code = format!("code-{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 9]>()));
            let grant = Grant {
                nonce: asked.get("nonce").cloned(),
                challenge: asked["code_challenge"].clone(),
                redirect: asked["redirect_uri"].clone(),
            };
            conduct.grants.insert(code.clone(), grant);
            back.query_pairs_mut().append_pair("code", &code);
        }
        back.query_pairs_mut().append_pair("state", &asked["state"]);
        back.into()
    }

    fn token(&self, head: &str, body: &str) -> Vec<u8> {
        let asked: HashMap<_, _> = form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
        let in_body = asked
            .get("client_secret")
            .is_some_and(|secret| secret == SECRET);
        if !in_body && !head.contains(&basic) {
            return document(401, "", r#"{"error":"invalid_client"}"#);
        }
        let grant = self.conduct.lock().unwrap().grants.remove(&asked["code"]);
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&asked["code_verifier"]));
        let good =
            |grant: &Grant| grant.challenge == hash && grant.redirect == asked["redirect_uri"];
        let Some(grant) = grant.filter(good) else {
            return document(400, "", r#"{"error":"invalid_grant"}"#);
        };
        let mut answer = Map::new();
        merge(
            &mut answer,
            &json!({
                "access_token": "provider-access-token", "token_type": "Bearer", "expires_in": 3600,
                "id_token": self.id_token(CLIENT, grant.nonce.as_deref()),
            }),
        );
        let changes = self.conduct.lock().unwrap().token.clone();
        merge(&mut answer, &changes.into());
        document(200, "", &Value::Object(answer).to_string())
    }

    fn id_token(&self, audience: &str, nonce: Option<&str>) -> String {
        let conduct = self.conduct.lock().unwrap();
        let now = conduct.clock.now().seconds();
        let mut claims = Map::new();
        merge(
            &mut claims,
            &json!({
                "iss": self.issuer, "aud": audience, "iat": now, "exp": now + 3600, "nonce": nonce,
            }),
        );
        merge(&mut claims, &conduct.claims.clone().into());
        sign(conduct.signing, &Value::Object(claims))
    }

    fn answer(&self, path: &str, head: &str, body: &str) -> Vec<u8> {
        let issuer = &self.issuer;
        let url = Url::parse(&format!("{issuer}{path}")).unwrap();
        match url.path() {
            "/.well-known/openid-configuration" => {
                let told = json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/jwks"),
                    "id_token_signing_alg_values_supported": ["RS256"],
                });
                document(200, "", &told.to_string())
            }
            "/jwks" => {
                let keys = self.conduct.lock().unwrap().keys.clone();
                let age = "Cache-Control: public, max-age=7200\r\n";
                document(200, age, &json!({ "keys": keys }).to_string())
            }
            "/authorize" => {
                let back = self.authorize(&url);
                document(302, &format!("Location: {back}\r\n"), "")
            }
            "/token" => self.token(head, body),
            _ => document(404, "", "{}"),
        }
    }
}

async fn attend(stream: TcpStream, desk: Arc<Desk>) -> std::io::Result<()> {
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
    let bare = path.split('?').next().unwrap().to_owned();
    let steps = {
        let mut conduct = desk.conduct.lock().unwrap();
        conduct.visits.push((bare.clone(), body.clone()));
        conduct.pages.get(&bare).cloned()
    };
    let proper = || vec![Step::Send(desk.answer(&path, &head, &body))];
    perform(&mut stream, steps.unwrap_or_else(proper), b' ').await
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

fn sign(signing: Signing, claims: &Value) -> String {
    let (algorithm, key, id) = match signing {
        Signing::First | Signing::Tampered => (Algorithm::RS256, "first", "first"),
        Signing::Second => (Algorithm::RS256, "second", "second"),
        Signing::Foreign => (Algorithm::RS256, "second", "first"),
        Signing::Curve => (Algorithm::ES256, "curve", "curve"),
        Signing::Nothing => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let head = json!({"alg": "none", "typ": "JWT", "kid": "first"});
            return format!("{}.{}.", part(&head), part(claims));
        }
        Signing::PublicKeyAsSecret => (Algorithm::HS256, "first", "first"),
    };
    let mut head = Header::new(algorithm);
    head.kid = Some(id.to_owned());
    if signing == Signing::PublicKeyAsSecret {
        let modulus = public_key(key)["n"].as_str().unwrap().to_owned();
        return encode(&head, claims, &EncodingKey::from_secret(modulus.as_bytes())).unwrap();
    }
    let token = encode(&head, claims, &KEYS[key]).unwrap();
    if signing != Signing::Tampered {
        return token;
    }
    let parts: Vec<_> = token.split('.').collect();
    let mut claims = claims.clone();
    claims["sub"] = "somebody else".into();
    let changed = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{}.{changed}.{}", parts[0], parts[2])
}

/// Keys generated for these tests only.
static KEYS: LazyLock<HashMap<&'static str, EncodingKey>> = LazyLock::new(|| {
    let der = |pem: &str| {
        let lines = pem.lines().filter(|line| !line.starts_with("-----"));
        STANDARD.decode(lines.collect::<String>()).unwrap()
    };
    let first = der(include_str!("../files/provider/first.pem"));
    let second = der(include_str!("../files/provider/second.pem"));
    let curve = der(include_str!("../files/provider/curve.pem"));
    HashMap::from([
        ("first", EncodingKey::from_rsa_der(&first)),
        ("second", EncodingKey::from_rsa_der(&second)),
        ("curve", EncodingKey::from_ec_der(&curve)),
    ])
});

fn public_key(name: &str) -> Value {
    let algorithm = if name == "curve" {
        Algorithm::ES256
    } else {
        Algorithm::RS256
    };
    let key = Jwk::from_encoding_key(&KEYS[name], algorithm).unwrap();
    let mut key = serde_json::to_value(key).unwrap();
    key["kid"] = name.into();
    key["use"] = "sig".into();
    key
}
