//! The provider's configuration (OpenID Connect Discovery 1.0) and keys (RFC 7517).

use std::sync::Arc;
use std::time::Duration;

use hyper::header::{ACCEPT, CACHE_CONTROL, HeaderMap};
use hyper::{Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use super::OidcError;
use super::cached_document::CachedDocument;
use super::jwks::{KeySet, Keys};
use crate::config::is_confidential;
use crate::core::clock::Clock;
use crate::infra::http_client::{HttpClient, RequestError};

/// The cache lifetime of the endpoints.
const DISCOVERY_AGE: Duration = Duration::from_hours(1);
/// Minimum and maximum cache lifetime of the keys, whatever `Cache-Control` says.
const KEYS_AGE: [Duration; 2] = [Duration::from_mins(5), Duration::from_hours(24)];
/// The maximum length of an endpoint URL in characters.
const MAX_URL_LENGTH: usize = 2_000;

/// An OpenID provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    issuer: Arc<str>,
    /// The timeout of a request whose response is shared by many callers.
    timeout: Duration,
    pub http: HttpClient,
    endpoints: CachedDocument<Endpoints>,
    keys: CachedDocument<Keys>,
}

/// The provider's endpoints.
#[derive(Debug)]
pub struct Endpoints {
    pub authorization: Url,
    pub token: Url,
    keys: Url,
    /// Whether the client secret is sent in the body instead of the `Authorization` header.
    pub secret_in_body: bool,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Provider {
    pub fn new(issuer: &str, clock: &Clock, timeout: Duration) -> Self {
        Self {
            issuer: issuer.into(),
            timeout,
            http: HttpClient::default(),
            endpoints: CachedDocument::new(clock),
            keys: CachedDocument::new(clock),
        }
    }

    /// Returns the endpoints.
    pub async fn endpoints(&self, deadline: Instant) -> Result<Arc<Endpoints>, OidcError> {
        let provider = self.clone();
        let ask = async move {
            let url = provider.issuer.trim_end_matches('/');
            let url = format!("{url}/.well-known/openid-configuration");
            let document = provider.fetch(&url).await;
            let endpoints =
                document.and_then(|(document, _)| Endpoints::read(document, &provider.issuer));
            let endpoints = endpoints.map_err(|error| unavailable("discovery", &error))?;
            Ok((endpoints, DISCOVERY_AGE))
        };
        self.endpoints.get(ask, deadline).await
    }

    /// Returns the keys.
    pub async fn keys(&self, deadline: Instant) -> Result<Arc<Keys>, OidcError> {
        self.keys.get(self.clone().fetch_keys(), deadline).await
    }

    /// Returns refreshed keys, for a token whose key is missing in the cached ones.
    pub async fn refresh_keys(&self, deadline: Instant) -> Result<Arc<Keys>, OidcError> {
        self.keys.refresh(self.clone().fetch_keys(), deadline).await
    }

    async fn fetch_keys(self) -> Result<(Keys, Duration), OidcError> {
        let endpoints = self.endpoints(Instant::now() + self.timeout).await?;
        let document = self.fetch::<KeySet>(endpoints.keys.as_str()).await;
        let keys = document.and_then(|(document, age)| Ok((Keys::read(document)?, age)));
        keys.map_err(|error| unavailable("keys", &error))
    }

    /// Fetches a document and its cache lifetime. The timeout is that of the provider, not of the caller: others wait
    /// too.
    async fn fetch<T: DeserializeOwned>(&self, url: &str) -> Result<(T, Duration), RequestError> {
        let deadline = Instant::now() + self.timeout;
        let request = Request::get(url)
            .header(ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| RequestError::new("invalid URL"))?;
        let response: Response<Vec<u8>> = self.http.send(request, deadline).await?;
        if response.status() != StatusCode::OK {
            return Err(RequestError(format!(
                "unexpected status {}",
                response.status().as_u16()
            )));
        }
        let age = max_age(response.headers()).unwrap_or_default();
        // The body is not logged: it may be a page of an unrelated server.
        let document = serde_json::from_slice(response.body());
        let document = document.map_err(|_| RequestError::new("invalid response body"))?;
        Ok((document, age.clamp(KEYS_AGE[0], KEYS_AGE[1])))
    }
}

impl Endpoints {
    fn read(document: Discovery, issuer: &str) -> Result<Self, RequestError> {
        if document.issuer != issuer {
            return Err(RequestError::new("the issuer differs from GOOGLE_ISSUER"));
        }
        let secure = issuer.starts_with("https:");
        let read = |text: &str| {
            let url = Url::parse(text).ok().filter(|url| {
                let confidential = is_confidential(url) && (!secure || url.scheme() == "https");
                confidential && url.fragment().is_none() && url.as_str().len() <= MAX_URL_LENGTH
            });
            url.ok_or_else(|| RequestError::new("an endpoint URL is not secure"))
        };
        let methods = document.token_endpoint_auth_methods_supported;
        let methods = methods.unwrap_or_default();
        let supports = |method: &str| methods.iter().any(|name| name == method);
        Ok(Self {
            authorization: read(&document.authorization_endpoint)?,
            token: read(&document.token_endpoint)?,
            keys: read(&document.jwks_uri)?,
            secret_in_body: supports("client_secret_post") && !supports("client_secret_basic"),
        })
    }
}

/// Returns the `max-age` of a response.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|directive| directive.trim().split_once('='));
    let (_, seconds) = directives.find(|(name, _)| name.eq_ignore_ascii_case("max-age"))?;
    seconds
        .trim_matches('"')
        .parse()
        .map(Duration::from_secs)
        .ok()
}

/// Logs a failure of the provider.
pub fn unavailable(what: &str, error: &RequestError) -> OidcError {
    tracing::warn!(what, cause = %error, "sign-in provider failed");
    OidcError::Unavailable
}
