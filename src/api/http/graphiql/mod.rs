//! GraphiQL: a page at `/graphql` and its files, which are part of the program.
//!
//! The folder `packages` has the published files of npm packages, compressed. The others are ours.

mod files;

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

pub use self::files::{PATH, file};

use crate::state::State;

const TEMPLATE: &str = include_str!("page.html");

/// The page of this shop.
#[derive(Debug)]
pub struct Page {
    /// The page without the nonce, which each response has anew.
    template: String,
}

impl Page {
    /// Creates the page, or returns `None` if GraphiQL is disabled.
    pub fn new(state: &State) -> Option<Self> {
        let config = &state.config;
        let google = state.google.redirect();
        let google = google.map(|redirect| redirect.origin().ascii_serialization());
        let template = TEMPLATE
            .replace("{{TITLE}}", &html_escape::encode_text(&config.shop_name))
            .replace("{{FILES}}", &files::folder())
            .replace("{{GOOGLE}}", &google.unwrap_or_default())
            .replace("{{INTROSPECTION}}", &config.introspection().to_string());
        config.graphiql().then_some(Self { template })
    }

    /// Creates the response. Images may be loaded from the object store.
    pub fn respond(&self, state: &State) -> Response {
        let images = Url::parse(&state.storage.url("image", state.clock.now()));
        let images =
            images.map_or_else(|_| String::new(), |url| url.origin().ascii_serialization());
        let nonce = format!("{:032x}", rand::random::<u128>());
        // A package adds a style sheet that depends on the width of the scroll bar, hence the nonce. GraphiQL shows the
        // image of a URL in a response and requests its type.
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
             img-src 'self' data: {images}; font-src data:; connect-src 'self' {images}; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let page = self.template.replace("{{NONCE}}", &nonce);
        let mut response = Html(page).into_response();
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }
}
