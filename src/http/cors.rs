//! Which sites' scripts may call the API: those of the settings, and loopback ones in development.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method, request};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use super::idempotency;
use crate::config::{Config, is_loopback};

const ALLOWED_HEADERS: [HeaderName; 7] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-require-preflight"),
    idempotency::KEY,
    HeaderName::from_static("x-apollo-operation-name"),
];

/// How long a browser may remember what it was allowed.
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
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(decide))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(ALLOWED_HEADERS)
        .expose_headers([
            RETRY_AFTER,
            idempotency::REPLAYED,
            HeaderName::from_static("x-request-id"),
        ])
        .allow_credentials(true)
        .max_age(MAX_AGE)
}
