//! Fetches URLs from user input, such as the image URLs of an import.
//!
//! To prevent server-side request forgery (SSRF), only the address that is actually connected to is checked, at each
//! redirect again. Requests do not identify the user, and responses are limited in size and time.

mod address;
mod failure;
mod resolver;

pub use address::{LONGEST, check, is_public};

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::{ACCEPT, LOCATION};
use reqwest::{Body, Client, Response};
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::failure::{PRIVATE, SLOW, larger, permanent, reason, refusal, temporary};
use self::resolver::Resolver;
use crate::config::Config;
use crate::core::retry::Failure;
use crate::infra::http_client;

/// The maximum number of redirects.
const REDIRECTS: usize = 3;

/// Fetches from other servers. Cheap to clone. A connection serves one request, because the next one probably has
/// another host.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    may_reach: fn(IpAddr) -> bool,
    times: Times,
}

/// Timeouts of a fetch.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Connecting to a resolved address.
    pub connect: Duration,
    /// Resolving, connecting and receiving the head of a response. Restarts with each redirect.
    pub head: Duration,
    /// Waiting for more of the body.
    pub stall: Duration,
    /// The whole fetch.
    pub whole: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            head: Duration::from_secs(10),
            stall: Duration::from_secs(10),
            whole: Duration::from_mins(1),
        }
    }
}

/// A response whose body is being received.
pub struct Fetched {
    /// The length according to the host.
    pub length: Option<u64>,
    /// The body. Ends after an error. Dropping it closes the connection.
    pub stream: BoxStream<'static, Result<Bytes, Failure>>,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Fetched");
        debug.field("length", &self.length).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// Creates the configured fetcher.
    pub fn new(config: &Config) -> Self {
        let everywhere = config.fetching.fetch_private_addresses.is_on();
        let may_reach = if everywhere { |_| true } else { is_public };
        Self::with(may_reach, Times::default())
    }

    /// Creates a fetcher that connects only to addresses for which `may_reach` is true, with these timeouts.
    pub fn with(may_reach: fn(IpAddr) -> bool, times: Times) -> Self {
        let client = http_client::builder()
            .no_proxy()
            .dns_resolver(Resolver { may_reach })
            .connect_timeout(times.connect);
        Self {
            client: http_client::build(client),
            may_reach,
            times,
        }
    }

    /// Fetches `url`, up to `max_bytes` bytes. Follows up to 3 redirects, but not from `https` to `http`.
    ///
    /// # Errors
    /// Permanent: an invalid or private address, a status other than 200, or more bytes than `max_bytes`. Temporary:
    /// the host is unknown, unreachable or slow, or returns 408, 425, 429 or 500 and above. The stream fails in the
    /// same way.
    pub async fn get(&self, url: &str, max_bytes: u64) -> Result<Fetched, Failure> {
        let end = Instant::now() + self.times.whole;
        let mut url = check(url).map_err(permanent)?;
        for _ in 0..=REDIRECTS {
            let response = self.request(&url, end).await?;
            match redirect(&url, &response)? {
                Some(next) => url = next,
                None => return self.accept(response, max_bytes, end),
            }
        }
        Err(permanent("the host redirects too often"))
    }

    async fn request(&self, url: &Url, end: Instant) -> Result<Response, Failure> {
        // The resolver checks names only, so literal addresses are checked here.
        if address::literal(url).is_some_and(|address| !(self.may_reach)(address)) {
            return Err(permanent(PRIVATE));
        }
        let request = self.client.get(url.clone()).header(ACCEPT, "image/*");
        let end = end.min(Instant::now() + self.times.head);
        let response = timeout_at(end, request.send()).await;
        response
            .map_err(|_| temporary(SLOW))?
            .map_err(|error| reason(&error))
    }

    fn accept(&self, response: Response, max_bytes: u64, end: Instant) -> Result<Fetched, Failure> {
        let status = response.status();
        if status != StatusCode::OK {
            return Err(refusal(status));
        }
        if http_client::is_encoded(response.headers()) {
            return Err(permanent(
                "the host returned an unexpected content encoding",
            ));
        }
        let length = response.content_length();
        if length.is_some_and(|length| length > max_bytes) {
            return Err(larger(max_bytes));
        }
        let rest = Rest {
            body: response.into(),
            max_bytes,
            left: max_bytes,
            stall: self.times.stall,
            end,
        };
        let stream = stream::try_unfold(rest, Rest::next);
        Ok(Fetched {
            length,
            stream: stream.boxed(),
        })
    }
}

/// The body that has not been received yet.
struct Rest {
    body: Body,
    max_bytes: u64,
    left: u64,
    stall: Duration,
    end: Instant,
}

impl Rest {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Failure> {
        loop {
            // The timeout starts when the caller asks for more: a slow caller is not the host's fault.
            let end = self.end.min(Instant::now() + self.stall);
            let frame = timeout_at(end, self.body.frame()).await;
            let frame = match frame.map_err(|_| temporary(SLOW))? {
                None => return Ok(None),
                Some(Ok(frame)) => frame,
                Some(Err(_)) => {
                    return Err(temporary("connection closed while reading the response"));
                }
            };
            // Other frames are trailers.
            if let Ok(bytes) = frame.into_data() {
                let left = self.left.checked_sub(bytes.len() as u64);
                self.left = left.ok_or_else(|| larger(self.max_bytes))?;
                return Ok(Some((bytes, self)));
            }
        }
    }
}

/// Returns the target of a redirect, or `None` for another status.
///
/// # Errors
/// A redirect without a `Location`, to a URL that is not allowed, or from `https` to `http`.
fn redirect(url: &Url, response: &Response) -> Result<Option<Url>, Failure> {
    let status = response.status();
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Err(refusal(status));
    };
    let next = str::from_utf8(location.as_bytes()).ok();
    let next = next.and_then(|next| url.join(next).ok());
    let next = next.and_then(|next| address::admit(next).ok());
    let Some(next) = next else {
        return Err(permanent("the host redirects to a URL that is not allowed"));
    };
    if url.scheme() == "https" && next.scheme() != "https" {
        return Err(permanent("the host redirects from https to http"));
    }
    Ok(Some(next))
}
