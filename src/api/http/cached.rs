//! Cacheable responses: from memory, and for browsers and CDNs.
//!
//! Requests without credentials may be served from memory, over GET and POST. A response to GET also has an `ETag`
//! and a `max-age`.

use std::sync::Arc;

use async_graphql::Response as GraphqlResponse;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use memchr::memmem;

use super::authenticate;
use super::idempotency;
use super::negotiation::MediaType;
use super::reply::set_content_type;
use crate::core::viewer::Viewer;
use crate::infra::cache::{CacheKey, CacheLookup, CachedResponse, PendingEntry, ReadCache};

/// The HTTP method of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Get,
    Post,
}

/// Response extension: the response is the same for all anonymous clients and may be cached.
#[derive(Clone, Copy, Debug)]
pub struct Cacheable;

/// A request that may have a cacheable response.
pub struct CacheableRequest<'a> {
    headers: &'a HeaderMap,
    media: MediaType,
    transport: Transport,
    max_age: u32,
    pending: Option<PendingEntry>,
}

/// Looks up the response in the cache, or waits for that of an equal request. On a miss returns a [`CacheableRequest`] that completes the response, or
/// `None` if the request has credentials.
pub async fn find<'a>(
    cache: &ReadCache,
    headers: &'a HeaderMap,
    (transport, media, max_age): (Transport, MediaType, u32),
    request_bytes: &Bytes,
) -> Result<Response, Option<CacheableRequest<'a>>> {
    if authenticate::has_credentials(headers) || headers.contains_key(idempotency::KEY) {
        return Err(None);
    }
    let mut public = CacheableRequest {
        headers,
        media,
        transport,
        max_age,
        pending: None,
    };
    // Not cacheable. Equal mutations must not wait for each other either.
    if memmem::find(request_bytes, b"mutation").is_some() {
        return Err(Some(public));
    }
    let cache_key = CacheKey {
        kind: transport as u8 * 2 + u8::from(media == MediaType::Json),
        bytes: request_bytes.clone(),
    };
    match cache.find(&cache_key) {
        CacheLookup::CachedResponse(response) => return Ok(public.reply(&response)),
        CacheLookup::PendingEntry(pending) => public.pending = Some(pending),
        CacheLookup::EqualRequest(equal) => {
            if let Some(response) = equal.response().await {
                return Ok(public.reply(&response));
            }
        }
        CacheLookup::Disabled => {}
    }
    Err(Some(public))
}

/// Returns whether a response may be cached, according to the viewer and the cache hints of the schema.
pub fn is_cacheable(response: &GraphqlResponse, viewer: Viewer) -> bool {
    let hints = response.cache_control;
    viewer == Viewer::Anonymous && response.is_ok() && hints.public && hints.max_age > 0
}

impl CacheableRequest<'_> {
    /// Completes a response: stores it if `may_store` is set and it may be cached, and adds the caching headers.
    pub async fn finish(self, cache: &ReadCache, response: Response, may_store: bool) -> Response {
        let is_cacheable = response.extensions().get::<Cacheable>().is_some();
        if !is_cacheable || response.status() != StatusCode::OK {
            return response;
        }
        // The body is in memory, so reading it can't fail.
        let body = to_bytes(response.into_body(), usize::MAX).await;
        let response = Arc::new(CachedResponse::new(body.unwrap_or_default()));
        if let Some(pending) = self.pending.as_ref().filter(|_| may_store) {
            cache.store(pending, &response);
        }
        self.reply(&response)
    }

    fn reply(&self, response: &CachedResponse) -> Response {
        let mut reply = match self.transport {
            Transport::Get if self.matches_etag(response.etag()) => not_modified(),
            _ => self.with_body(response),
        };
        let headers = reply.headers_mut();
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        if self.transport == Transport::Post {
            return reply;
        }
        let etag = response.etag();
        let age = format!("public, max-age={}, must-revalidate", self.max_age);
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
