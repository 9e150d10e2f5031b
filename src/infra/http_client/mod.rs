//! An HTTP client for requests to other servers, such as the OpenID provider, limited in size and time.
//!
//! All outgoing TLS connections trust the same [`Roots`]. Requests use the proxies of the environment; fetches and
//! emails do not.

pub mod fetch;
mod proxy;
mod reason;
mod roots;

pub use reason::reason;
pub use roots::{Roots, roots};

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};
use hyper::{Request, Response, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, retry};
use tokio::time::{Instant, timeout_at};

/// The maximum size of a response, in bytes.
const MAX_BYTES: usize = 256 << 10;
/// The `User-Agent` of all requests.
const USER_AGENT: &str = concat!("Wares/", env!("CARGO_PKG_VERSION"));

/// Sends requests. A connection serves one, because a pooled one may be dead when it is needed.
#[derive(Clone, Debug)]
pub struct HttpClient(Client);

/// Why there is no response, in words that hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError(pub String);

impl RequestError {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for RequestError {}

impl Default for HttpClient {
    /// Creates a client without connecting.
    fn default() -> Self {
        Self(build(builder()))
    }
}

/// Loads the trusted root certificates and the proxies at start.
///
/// # Errors
/// When an environment variable is invalid. The error names the variable.
pub fn load() -> anyhow::Result<()> {
    roots::load()?;
    proxy::check()
}

/// The settings of all clients. Redirects are not followed, and no connection is reused.
fn builder() -> ClientBuilder {
    let headers = [(ACCEPT_ENCODING, HeaderValue::from_static("identity"))];
    Client::builder()
        .tls_backend_preconfigured(roots().https())
        .http1_only()
        .redirect(Policy::none())
        .retry(retry::never())
        .pool_max_idle_per_host(0)
        .user_agent(USER_AGENT)
        .default_headers(headers.into_iter().collect())
}

/// Creates a client that reuses connections, for a server of the shop's own.
pub(super) fn pooled(request_timeout: Duration) -> Client {
    const MAX_IDLE: Duration = Duration::from_secs(30);
    let builder = builder()
        .pool_max_idle_per_host(16)
        .pool_idle_timeout(MAX_IDLE)
        .connect_timeout(Duration::from_secs(2))
        .timeout(request_timeout);
    build(builder)
}

fn build(builder: ClientBuilder) -> Client {
    builder
        .build()
        .expect("the TLS configuration is of the version that the client takes")
}

impl HttpClient {
    /// Sends a request and reads the whole response, until `end`. Redirects are not followed.
    ///
    /// # Errors
    /// No connection, no response in time, more than 256 KiB, a redirect, and the statuses 408, 429 and 500 and above.
    pub async fn send(
        &self,
        request: Request<Vec<u8>>,
        end: Instant,
    ) -> Result<Response<Vec<u8>>, RequestError> {
        let response = timeout_at(end, self.exchange(request)).await;
        response.unwrap_or_else(|_| Err(RequestError::new("timed out")))
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, RequestError> {
        let request = reqwest::Request::try_from(request);
        let request = request.map_err(|_| RequestError::new("its address is not valid"))?;
        let response = self.0.execute(request).await.map_err(|error| {
            let reason = reason(&error).map(|reason| format!(": {reason}"));
            let reason = reason.unwrap_or_default();
            RequestError(if error.is_connect() {
                format!("connection failed{reason}")
            } else {
                format!("invalid HTTP response{reason}")
            })
        })?;
        let (head, body) = Response::from(response).into_parts();
        if head.status.is_redirection() {
            return Err(RequestError::new("unexpected redirect"));
        }
        let temporary = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
        if head.status.is_server_error() || temporary.contains(&head.status) {
            let status = head.status.as_u16();
            return Err(RequestError(format!("it said {status}")));
        }
        if is_encoded(&head.headers) {
            let message = "unexpected content encoding";
            return Err(RequestError::new(message));
        }
        let body = Limited::new(body, MAX_BYTES).collect().await;
        let body = body.map_err(|error| {
            RequestError::new(if error.is::<LengthLimitError>() {
                "response larger than 256 KiB"
            } else {
                "connection closed while reading the response"
            })
        })?;
        let body: Bytes = body.to_bytes();
        Ok(Response::from_parts(head, body.into()))
    }
}

/// Returns whether a response is compressed. No request accepts that.
fn is_encoded(headers: &HeaderMap) -> bool {
    let encoding = headers.get(CONTENT_ENCODING);
    encoding.is_some_and(|encoding| encoding != "identity")
}
