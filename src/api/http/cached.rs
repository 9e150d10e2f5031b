//! Answers that may be given again: from memory, and by the browsers and CDNs between us and the client.
//!
//! What is asked by nobody in particular may be answered from memory, by GET or POST. An answer to a GET has
//! an `ETag` besides and says for how long others may give it.

use std::sync::Arc;

use async_graphql::Response as GraphqlResponse;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use super::authenticate;
use super::idempotency;
use super::negotiation::MediaType;
use super::reply::set_content_type;
use crate::core::viewer::Viewer;
use crate::infra::cache::{Answer, Found, Place, Question, ReadCache};

/// The HTTP method of a GraphQL request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Get,
    Post,
}

/// Put beside an answer that may be given to others who ask the same.
#[derive(Clone, Copy, Debug)]
pub struct ForAll;

/// The public answer to a request, as far as there can be one.
pub struct Public<'a> {
    headers: &'a HeaderMap,
    media: MediaType,
    transport: Transport,
    max_age: u32,
    place: Option<Place>,
}

/// Looks for the answer in memory. Otherwise gives what makes one of the answer that is found, or nothing when somebody
/// in particular asks.
pub fn find<'a>(
    cache: &ReadCache,
    headers: &'a HeaderMap,
    (transport, media, max_age): (Transport, MediaType, u32),
    asked: &Bytes,
) -> Result<Response, Option<Public<'a>>> {
    if authenticate::has_credentials(headers) || headers.contains_key(idempotency::KEY) {
        return Err(None);
    }
    let mut public = Public {
        headers,
        media,
        transport,
        max_age,
        place: None,
    };
    let question = Question {
        kind: transport as u8 * 2 + u8::from(media == MediaType::Json),
        bytes: asked.clone(),
    };
    match cache.find(&question) {
        Found::Answer(answer) => return Ok(public.reply(&answer)),
        Found::Place(place) => public.place = Some(place),
        Found::Nothing => {}
    }
    Err(Some(public))
}

/// Whether the answer to this viewer may be given to everybody, as the hints of the schema say.
pub fn is_for_all(response: &GraphqlResponse, viewer: Viewer) -> bool {
    let hints = response.cache_control;
    viewer == Viewer::Anonymous && response.is_ok() && hints.public && hints.max_age > 0
}

impl Public<'_> {
    /// Makes the best of an answer: keeps it if that is wanted and it may be kept, and says so to others.
    pub async fn finish(self, cache: &ReadCache, answer: Response, keeps: bool) -> Response {
        let is_for_all = answer.extensions().get::<ForAll>().is_some();
        if !is_for_all || answer.status() != StatusCode::OK {
            return answer;
        }
        // Made in memory just now: reading it can't fail.
        let body = to_bytes(answer.into_body(), usize::MAX).await;
        let answer = Arc::new(Answer::new(body.unwrap_or_default()));
        if let Some(place) = self.place.as_ref().filter(|_| keeps) {
            cache.keep(place, &answer);
        }
        self.reply(&answer)
    }

    fn reply(&self, answer: &Answer) -> Response {
        let mut reply = match self.transport {
            Transport::Get if self.has(answer.tag()) => not_modified(),
            _ => self.with_body(answer),
        };
        let headers = reply.headers_mut();
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        if self.transport == Transport::Post {
            return reply;
        }
        let tag = answer.tag();
        let age = format!("public, max-age={}, must-revalidate", self.max_age);
        for (name, value) in [(ETAG, tag.clone()), (CACHE_CONTROL, age.into())] {
            if let Ok(value) = HeaderValue::from_maybe_shared(value) {
                headers.insert(name, value);
            }
        }
        reply
    }

    fn with_body(&self, answer: &Answer) -> Response {
        let packed = takes_gzip(self.headers).then(|| answer.packed()).flatten();
        let mut reply = Response::new(Body::from(packed.unwrap_or(answer.body()).clone()));
        if packed.is_some() {
            let gzip = HeaderValue::from_static("gzip");
            reply.headers_mut().insert(CONTENT_ENCODING, gzip);
        }
        set_content_type(&mut reply, self.media);
        reply
    }

    /// Whether the client has an answer already (RFC 9110, 13.1.2).
    fn has(&self, tag: &[u8]) -> bool {
        let opaque = tag.strip_prefix(b"W/").unwrap_or(tag);
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

/// Whether a client says that it takes gzip. What else it may say is for the layer that packs all other answers.
fn takes_gzip(headers: &HeaderMap) -> bool {
    items(headers, ACCEPT_ENCODING).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().trim_start_matches("q=");
        let refused = !weight.is_empty() && weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// The items of a header that is a list.
fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}
