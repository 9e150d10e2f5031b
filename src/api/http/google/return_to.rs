//! Validates the URL that a browser returns to after sign-in.

use url::Url;

use crate::config::{Config, is_loopback};

/// The maximum length of a URL in characters: it is stored in a cookie.
const MAX_LENGTH: usize = 500;

/// A URL that a sign-in may return to.
pub struct ReturnTo {
    pub url: String,
    /// Whether it opens an app. Another app may have claimed the same link.
    pub is_app: bool,
}

impl ReturnTo {
    /// Validates the URL of a client: a URL of an allowed origin, an allowed app link, or GraphiQL beside the callback.
    /// Default: the first storefront.
    pub fn read(config: &Config, callback: Option<&Url>, given: Option<&str>) -> Option<Self> {
        let storefronts = &config.frontend_urls;
        let given = given.or_else(|| storefronts.first().map(String::as_str))?;
        if config.google.app_links.iter().any(|link| link == given) {
            return Some(Self {
                url: given.to_owned(),
                is_app: true,
            });
        }
        // Browsers normalise some of these to other URLs.
        let is_ambiguous = |character: char| {
            character.is_control() || character.is_whitespace() || character == '\\'
        };
        if given.chars().count() > MAX_LENGTH || given.contains(is_ambiguous) {
            return None;
        }
        let url = Url::parse(given).ok()?;
        let web = matches!(url.scheme(), "http" | "https");
        let bare = url.username().is_empty() && url.password().is_none();
        let whole = url.fragment().is_none() && url.as_str().len() <= MAX_LENGTH;
        let origin = url.origin().ascii_serialization();
        let anywhere_here = storefronts.is_empty() && config.is_development();
        let graphiql = callback.and_then(|callback| callback.join("/graphql").ok());
        let is_graphiql = config.graphiql() && graphiql.as_ref() == Some(&url);
        let allowed =
            storefronts.contains(&origin) || (anywhere_here && is_loopback(&url)) || is_graphiql;
        (web && bare && whole && allowed).then(|| Self {
            url: url.into(),
            is_app: false,
        })
    }
}
