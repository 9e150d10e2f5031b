//! CORS: allows the configured origins, and loopback origins in development.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, IF_NONE_MATCH, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method, request};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use super::client::CART_TOKEN;
use super::idempotency;
use crate::config::{Config, is_loopback};

/// The request headers that are always allowed: those that Wares reads, and those that common clients add.
const ALLOWED_HEADERS: [HeaderName; 33] = [
    ACCEPT,
    AUTHORIZATION,
    CACHE_CONTROL,
    CONTENT_TYPE,
    IF_NONE_MATCH,
    idempotency::KEY,
    CART_TOKEN,
    // Preflight, and client awareness of GraphQL clients.
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("graphql-client-name"),
    HeaderName::from_static("graphql-client-version"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("x-apollo-operation-id"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("x-apollo-operation-type"),
    // Tracing.
    HeaderName::from_static("b3"),
    HeaderName::from_static("baggage"),
    HeaderName::from_static("elastic-apm-traceparent"),
    HeaderName::from_static("newrelic"),
    HeaderName::from_static("sentry-trace"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-b3-sampled"),
    HeaderName::from_static("x-b3-spanid"),
    HeaderName::from_static("x-b3-traceid"),
    HeaderName::from_static("x-datadog-origin"),
    HeaderName::from_static("x-datadog-parent-id"),
    HeaderName::from_static("x-datadog-sampling-priority"),
    HeaderName::from_static("x-datadog-trace-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-requested-with"),
];

/// The time that browsers may cache a preflight response.
const MAX_AGE: Duration = Duration::from_hours(1);

pub fn layer(config: &Config) -> CorsLayer {
    let allowed: Arc<[String]> = config.frontend_urls.clone().into();
    let development = config.is_development();
    let decide = move |origin: &HeaderValue, _: &request::Parts| {
        origin.to_str().is_ok_and(|origin| {
            allowed.iter().any(|allowed| allowed == origin)
                || (development && Url::parse(origin).is_ok_and(|origin| is_loopback(&origin)))
        })
    };
    let more = config.cors_allowed_headers.iter();
    // The settings were validated, so each is a header name.
    let more = more.filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok());
    let mut headers: Vec<_> = ALLOWED_HEADERS.into_iter().chain(more).collect();
    headers.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    headers.dedup();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(decide))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers)
        .expose_headers([
            RETRY_AFTER,
            idempotency::REPLAYED,
            HeaderName::from_static("x-request-id"),
        ])
        .allow_credentials(true)
        .max_age(MAX_AGE)
}
