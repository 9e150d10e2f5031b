//! Fetches what lies at an address that somebody else wrote, such as the picture of a row of an import.
//!
//! Whoever writes an address makes the server connect, so the server does not let itself be led into its own network:
//! what counts is the address that is connected to, at each redirect again. Nothing is sent that tells who asks, and what
//! comes is bounded in bytes and time.

mod address;
mod fault;
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

use self::fault::{PRIVATE, SLOW, larger, permanent, refusal, story, temporary};
use self::resolver::Resolver;
use crate::config::Config;
use crate::core::retry::Failure;
use crate::infra::http_client;

/// How many times a host may send us elsewhere.
const REDIRECTS: usize = 3;

/// Fetches from other servers. Cheap to clone. A connection serves one request, because the next is likely to be to
/// another host.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    may_reach: fn(IpAddr) -> bool,
    times: Times,
}

/// How long what may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// To connect to a host whose address is known.
    pub connect: Duration,
    /// To connect, from its name on, and get the head of an answer. For each redirect again.
    pub head: Duration,
    /// Until something more of the body comes.
    pub stall: Duration,
    /// All together.
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

/// What a host has begun to send.
pub struct Fetched {
    /// How many bytes it says there are.
    pub length: Option<u64>,
    /// They themselves. After an error nothing comes any more; to drop it ends the connection.
    pub stream: BoxStream<'static, Result<Bytes, Failure>>,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Fetched");
        debug.field("length", &self.length).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// The fetcher of the settings.
    pub fn new(config: &Config) -> Self {
        let everywhere = config.fetching.fetch_private_addresses.is_on();
        let may_reach = if everywhere { |_| true } else { is_public };
        Self::with(may_reach, Times::default())
    }

    /// One that connects only to addresses of which `may_reach` is true, and has these times.
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

    /// Begins to fetch what lies at `url`, which is at most `most` bytes. Follows up to 3 redirects, never from `https`
    /// to `http`.
    ///
    /// # Errors
    /// Permanent for an address that is none or is private, an answer other than 200, and more bytes than `most`.
    /// Temporary when the host is not known, is not reached, is slow, has enough for now (408, 425, 429) or is broken (500
    /// and above). The stream fails in the same way.
    pub async fn get(&self, url: &str, most: u64) -> Result<Fetched, Failure> {
        let end = Instant::now() + self.times.whole;
        let mut url = check(url).map_err(permanent)?;
        for _ in 0..=REDIRECTS {
            let response = self.request(&url, end).await?;
            match redirect(&url, &response)? {
                Some(next) => url = next,
                None => return self.accept(response, most, end),
            }
        }
        Err(permanent("the host redirects too often"))
    }

    async fn request(&self, url: &Url, end: Instant) -> Result<Response, Failure> {
        // The client resolves names alone.
        if address::literal(url).is_some_and(|address| !(self.may_reach)(address)) {
            return Err(permanent(PRIVATE));
        }
        let request = self.client.get(url.clone()).header(ACCEPT, "image/*");
        let end = end.min(Instant::now() + self.times.head);
        let response = timeout_at(end, request.send()).await;
        response
            .map_err(|_| temporary(SLOW))?
            .map_err(|error| story(&error))
    }

    fn accept(&self, response: Response, most: u64, end: Instant) -> Result<Fetched, Failure> {
        let status = response.status();
        if status != StatusCode::OK {
            return Err(refusal(status));
        }
        if http_client::is_encoded(response.headers()) {
            return Err(permanent(
                "the host sends it packed, though it was not asked to",
            ));
        }
        let length = response.content_length();
        if length.is_some_and(|length| length > most) {
            return Err(larger(most));
        }
        let rest = Rest {
            body: response.into(),
            most,
            left: most,
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

/// What has not come yet.
struct Rest {
    body: Body,
    most: u64,
    left: u64,
    stall: Duration,
    end: Instant,
}

impl Rest {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Failure> {
        loop {
            // Anew each time it is asked for: the host is not to blame for who is slow to take it.
            let end = self.end.min(Instant::now() + self.stall);
            let frame = timeout_at(end, self.body.frame()).await;
            let frame = match frame.map_err(|_| temporary(SLOW))? {
                None => return Ok(None),
                Some(Ok(frame)) => frame,
                Some(Err(_)) => return Err(temporary("the connection broke off")),
            };
            // Otherwise it is a frame of headers.
            if let Ok(bytes) = frame.into_data() {
                let left = self.left.checked_sub(bytes.len() as u64);
                self.left = left.ok_or_else(|| larger(self.most))?;
                return Ok(Some((bytes, self)));
            }
        }
    }
}

/// Where a host sends us on its part, if it does.
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
        return Err(permanent("the host redirects to what is not fetched"));
    };
    if url.scheme() == "https" && next.scheme() != "https" {
        return Err(permanent("the host redirects from https to http"));
    }
    Ok(Some(next))
}
