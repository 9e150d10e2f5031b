//! Cacheable responses: from memory, and for browsers and CDNs.
//!
//! Requests without credentials may be served from memory, over GET and POST. A response to GET also has an `ETag`
//! and a `max-age`. Requests of signed-in customers get the same responses, without these headers, after their token
//! was verified.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response as GraphqlResponse;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{
    ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use memchr::memmem;

use super::negotiation::MediaType;
use super::reply::set_content_type;
use crate::core::viewer::{Audience, Viewer};
use crate::infra::cache::{CacheKey, CacheLookup, CachedResponse, PendingEntry, ReadCache};
use crate::infra::database::Dependencies;

/// The HTTP method of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Get,
    Post,
}

/// Response extension: the response is the same for all anonymous clients and customers and may be cached, until one
/// of these parts of the catalog changes.
#[derive(Clone, Debug)]
pub struct Cacheable {
    pub dependencies: Dependencies,
    /// The number of the last change of the catalog that it is certain to show, if a replica may have been read.
    pub seen: Option<u64>,
    /// The time since the last response of the database's primary, if a replica was read because it does not respond.
    pub staleness: Option<Duration>,
}

/// A request that may have a cacheable response.
pub struct CacheableRequest<'a> {
    headers: &'a HeaderMap,
    media: MediaType,
    transport: Transport,
    max_age: u32,
    /// The time for which clients may use a response while the server fails.
    stale_for: Duration,
    pending: Option<PendingEntry>,
}

/// Returns the cache key of a request.
pub fn key(transport: Transport, media: MediaType, request_bytes: &Bytes) -> CacheKey {
    CacheKey {
        kind: transport as u8 * 2 + u8::from(media == MediaType::Json),
        bytes: request_bytes.clone(),
    }
}

/// Returns a request whose response is not looked up and not stored.
pub fn without_lookup(
    headers: &HeaderMap,
    (transport, media, max_age): (Transport, MediaType, u32),
    stale_for: Duration,
) -> CacheableRequest<'_> {
    CacheableRequest {
        headers,
        media,
        transport,
        max_age,
        stale_for,
        pending: None,
    }
}

/// Looks up the response to a request without credentials in the cache, or waits for that of an equal request. On a
/// miss returns a [`CacheableRequest`] that completes the response.
pub async fn find<'a>(
    cache: &ReadCache,
    headers: &'a HeaderMap,
    transport: (Transport, MediaType, u32),
    stale_for: Duration,
    cache_key: &CacheKey,
) -> Result<Response, CacheableRequest<'a>> {
    let mut public = without_lookup(headers, transport, stale_for);
    // Not cacheable. Equal mutations must not wait for each other either.
    if memmem::find(&cache_key.bytes, b"mutation").is_some() {
        return Err(public);
    }
    match look_up(cache, cache_key).await {
        Ok((response, staleness)) => Ok(public.reply(&response, staleness)),
        Err(pending) => {
            public.pending = pending;
            Err(public)
        }
    }
}

/// Looks up the response to a request of a customer, who sees the same catalog as an anonymous client. The token must
/// have been verified. On a miss returns the entry for [`store`].
pub async fn find_for_customer(
    cache: &ReadCache,
    cache_key: &CacheKey,
    media: MediaType,
) -> Result<Response, Option<PendingEntry>> {
    let (response, _) = look_up(cache, cache_key).await?;
    let mut reply = Response::new(Body::from(response.body().clone()));
    set_content_type(&mut reply, media);
    Ok(reply)
}

/// Stores the response to a request of a customer if it may be cached, and returns it.
pub async fn store(cache: &ReadCache, pending: PendingEntry, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(cacheable) = parts.extensions.remove::<Cacheable>() else {
        return Response::from_parts(parts, body);
    };
    let response = cached_response(body).await;
    cache.store(pending, &response, cacheable.dependencies, cacheable.seen);
    Response::from_parts(parts, Body::from(response.body().clone()))
}

/// Returns the response, with the time since the last check of it if the database's primary does not respond.
async fn look_up(
    cache: &ReadCache,
    cache_key: &CacheKey,
) -> Result<(Arc<CachedResponse>, Option<Duration>), Option<PendingEntry>> {
    cache.wake().await;
    match cache.find(cache_key) {
        CacheLookup::CachedResponse(response) => Ok((response, None)),
        CacheLookup::StaleResponse(response, staleness) => Ok((response, Some(staleness))),
        CacheLookup::PendingEntry(pending) => Err(Some(pending)),
        CacheLookup::EqualRequest(equal) => match equal.response().await {
            Some(response) => Ok((response, None)),
            None => Err(None),
        },
        CacheLookup::Disabled => Err(None),
    }
}

async fn cached_response(body: Body) -> Arc<CachedResponse> {
    // The body is in memory, so reading it can't fail.
    let body = to_bytes(body, usize::MAX).await;
    Arc::new(CachedResponse::new(body.unwrap_or_default()))
}

/// Returns whether a response may be cached, according to the viewer and the cache hints of the schema.
pub fn is_cacheable(response: &GraphqlResponse, viewer: Viewer) -> bool {
    let hints = response.cache_control;
    viewer.audience() == Audience::Public && response.is_ok() && hints.public && hints.max_age > 0
}

impl CacheableRequest<'_> {
    /// Returns the number of the last change of the catalog that made a cached response invalid, if there was one.
    pub fn changed(&self) -> Option<u64> {
        self.pending.as_ref().and_then(PendingEntry::changed)
    }

    /// Completes a response: stores it if `may_store` is set and it may be cached, and adds the caching headers.
    pub async fn finish(
        mut self,
        cache: &ReadCache,
        response: Response,
        may_store: bool,
    ) -> Response {
        let (mut parts, body) = response.into_parts();
        let Some(cacheable) = parts.extensions.remove::<Cacheable>() else {
            return Response::from_parts(parts, body);
        };
        let response = cached_response(body).await;
        if let Some(pending) = self.pending.take().filter(|_| may_store) {
            cache.store(pending, &response, cacheable.dependencies, cacheable.seen);
        }
        self.reply(&response, cacheable.staleness)
    }

    fn reply(&self, response: &CachedResponse, staleness: Option<Duration>) -> Response {
        let mut reply = match self.transport {
            Transport::Get if self.matches_etag(response.etag()) => not_modified(),
            _ => self.with_body(response),
        };
        let headers = reply.headers_mut();
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(staleness) = staleness {
            headers.insert(AGE, staleness.as_secs().into());
        }
        if self.transport == Transport::Post {
            return reply;
        }
        let etag = response.etag();
        let age = match self.stale_for.as_secs() {
            0 => format!("public, max-age={}, must-revalidate", self.max_age),
            seconds => format!("public, max-age={}, stale-if-error={seconds}", self.max_age),
        };
        for (name, value) in [(ETAG, etag.clone()), (CACHE_CONTROL, age.into())] {
            if let Ok(value) = HeaderValue::from_maybe_shared(value) {
                headers.insert(name, value);
            }
        }
        reply
    }

    fn with_body(&self, response: &CachedResponse) -> Response {
        let gzipped = accepts_gzip(self.headers)
            .then(|| response.gzipped())
            .flatten();
        let mut reply = Response::new(Body::from(gzipped.unwrap_or(response.body()).clone()));
        if gzipped.is_some() {
            let gzip = HeaderValue::from_static("gzip");
            reply.headers_mut().insert(CONTENT_ENCODING, gzip);
        }
        set_content_type(&mut reply, self.media);
        reply
    }

    /// Returns whether the client has this response already (RFC 9110, 13.1.2).
    fn matches_etag(&self, etag: &[u8]) -> bool {
        let opaque = etag.strip_prefix(b"W/").unwrap_or(etag);
        items(self.headers, IF_NONE_MATCH).any(|item| {
            let item = item.strip_prefix("W/").unwrap_or(item);
            item == "*" || item.as_bytes() == opaque
        })
    }
}

fn not_modified() -> Response {
    let mut reply = Response::new(Body::empty());
    *reply.status_mut() = StatusCode::NOT_MODIFIED;
    reply
}

/// Returns whether the client accepts gzip. Other encodings are left to the compression layer.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    items(headers, ACCEPT_ENCODING).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().trim_start_matches("q=");
        let refused = !weight.is_empty() && weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Returns the items of a list header.
fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}
