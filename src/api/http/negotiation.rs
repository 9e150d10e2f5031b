//! Media types: content negotiation of responses, and types of request bodies.
//!
//! See the GraphQL-over-HTTP specification (<https://graphql.github.io/graphql-over-http/draft/>).

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};

/// The media type of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status states whether the request was well-formed.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed HTTP request, as older clients expect.
    Json,
    /// `text/html`: a page for a browser.
    Html,
}

impl MediaType {
    /// Returns the `Content-Type` of a response.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn matches(self, range: &str) -> bool {
        match self {
            Self::GraphqlResponse => {
                matches!(
                    range,
                    "application/graphql-response+json" | "application/*" | "*/*"
                )
            }
            Self::Json => matches!(range, "application/json" | "application/*" | "*/*"),
            Self::Html => matches!(range, "text/html" | "text/*" | "*/*"),
        }
    }
}

/// Returns the offer that the client prefers: by weight, then exact before wildcard, then in the order of the offers.
/// Without an `Accept` header the first offer; `None` if no offer is acceptable.
pub fn negotiate(headers: &HeaderMap, offers: &[MediaType]) -> Option<MediaType> {
    let mut accepted = headers.get_all(ACCEPT).iter().peekable();
    if accepted.peek().is_none() {
        return offers.first().copied();
    }
    let ranges: Vec<(String, u16)> = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(parse_range)
        .collect();
    let preference = |offer: &MediaType| {
        let exactness = |range: &str| match range {
            "*/*" => 0,
            _ if range.ends_with("/*") => 1,
            _ => 2,
        };
        // The most specific matching range decides (RFC 9110, 12.5.1).
        let (exact, weight) = ranges
            .iter()
            .filter(|(range, _)| offer.matches(range))
            .map(|(range, weight)| (exactness(range), *weight))
            .max_by_key(|(exact, _)| *exact)?;
        (weight > 0).then_some((weight, exact))
    };
    let mut best: Option<((u16, i32), MediaType)> = None;
    for offer in offers {
        if let Some(liked) = preference(offer)
            && best.is_none_or(|(highest, _)| liked > highest)
        {
            best = Some((liked, *offer));
        }
    }
    best.map(|(_, offer)| offer)
}

/// Parses a media range of an `Accept` header and its weight in thousandths.
fn parse_range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?;
    let weight = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("q")
            .then_some(value.trim())
    });
    let weight = match weight {
        None => 1_000,
        Some(text) => {
            let weight: f32 = text.parse().ok()?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 0 to 1000"
            )]
            let thousandths = (weight.clamp(0.0, 1.0) * 1_000.0) as u16;
            thousandths
        }
    };
    Some((range.to_ascii_lowercase(), weight))
}

/// The type of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyType {
    /// JSON in UTF-8.
    Json,
    /// `multipart/form-data`: an upload.
    Multipart,
    /// Any other type, or none.
    Other,
}

/// Parses the `Content-Type` of a request.
pub fn body_type(headers: &HeaderMap) -> BodyType {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return BodyType::Other;
    };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let charset = value.trim().trim_matches('"');
            charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    });
    match essence.as_str() {
        "application/json" if utf8 => BodyType::Json,
        "multipart/form-data" => BodyType::Multipart,
        _ => BodyType::Other,
    }
}
