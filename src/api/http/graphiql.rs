//! The GraphiQL page. Its scripts come from a CDN in pinned versions with integrity hashes.

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};

const TEMPLATE: &str = include_str!("graphiql.html");

/// The page of this shop. Shares its text, because every request clones the state of the handlers.
#[derive(Clone, Debug)]
pub struct Page(Bytes);

impl Page {
    pub fn new(shop_name: &str) -> Self {
        let title = shop_name
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        Self(TEMPLATE.replace("{{TITLE}}", &title).into())
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        (headers, Html(self.0)).into_response()
    }
}
