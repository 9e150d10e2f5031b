//! An HTTP client for requests to other servers, such as the OpenID provider, limited in size and time.
//!
//! All outgoing TLS connections trust the same [`Roots`]. Requests use the proxies of the environment; fetches and
//! emails do not.

pub mod fetch;
mod proxy;
mod reason;
mod roots;

pub use proxy::ProxyConnector;
pub use reason::reason;
pub use roots::{Roots, roots};

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT,
};
use hyper::{Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, timeout_at};

/// The maximum size of a response body in bytes.
const MOST: usize = 256 << 10;
/// The size of the read buffer, which limits the head of a response.
const BUFFER: usize = 64 << 10;
/// The `User-Agent`.
pub const AGENT: &str = concat!("Wares/", env!("CARGO_PKG_VERSION"));

/// An HTTP client over this connector, with TLS for `https` URLs. A connection serves one request.
pub type WireClient<C, B> = Client<HttpsConnector<C>, B>;

/// Sends requests. A connection serves one request, because a pooled one may be dead when it is needed.
#[derive(Clone, Debug)]
pub struct Wire {
    client: WireClient<ProxyConnector, Full<Bytes>>,
}

/// The reason why a request failed, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(pub String);

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for Trouble {}

impl Default for Wire {
    /// Creates a client without connecting.
    fn default() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        Self {
            client: client(ProxyConnector { http }),
        }
    }
}

/// Loads the trusted root certificates and the proxies at start.
///
/// # Errors
/// When an environment variable is invalid. The error names the variable.
pub fn load() -> anyhow::Result<()> {
    roots::load()?;
    proxy::load()
}

/// Returns a client over this connector.
pub fn client<C, B>(connector: C) -> WireClient<C, B>
where
    HttpsConnector<C>: Connect + Clone,
    B: Body + Send,
    B::Data: Send,
{
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(roots().https())
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .http1_max_buf_size(BUFFER)
        .build(connector)
}

impl Wire {
    /// Sends a request and reads the whole response, until the deadline `end`. Does not follow redirects.
    ///
    /// # Errors
    /// No connection, a timeout, more than 256 KiB, a redirect, or a status that is not final (408, 429, 500 and
    /// above).
    pub async fn ask(
        &self,
        request: Request<Vec<u8>>,
        end: Instant,
    ) -> Result<Response<Vec<u8>>, Trouble> {
        let answer = timeout_at(end, self.converse(request)).await;
        answer.unwrap_or_else(|_| Err(trouble("it takes too long")))
    }

    async fn converse(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Trouble> {
        let mut request = request.map(|body| Full::from(Bytes::from(body)));
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(authorization) = proxy::authorization(request.uri()) {
            let headers = request.headers_mut();
            headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        let answer = self.client.request(request).await.map_err(|error| {
            let reason = reason(&error).map(|reason| format!(": {reason}"));
            let reason = reason.unwrap_or_default();
            Trouble(if error.is_connect() {
                format!("no connection to it{reason}")
            } else {
                format!("it does not answer as a web server does{reason}")
            })
        })?;
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() {
            return Err(trouble("it sends us elsewhere"));
        }
        let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
        if head.status.is_server_error() || passing.contains(&head.status) {
            return Err(Trouble(format!("it said {}", head.status.as_u16())));
        }
        let packed = head.headers.get(CONTENT_ENCODING);
        if packed.is_some_and(|how| how != "identity") {
            return Err(trouble("it sends packed what was not to be packed"));
        }
        let body = Limited::new(body, MOST).collect().await.map_err(|error| {
            trouble(if error.is::<LengthLimitError>() {
                "it says more than 256 KiB"
            } else {
                "the connection broke off"
            })
        })?;
        Ok(Response::from_parts(head, body.to_bytes().into()))
    }
}

/// Creates an error with this text.
pub fn trouble(story: &str) -> Trouble {
    Trouble(story.to_owned())
}
