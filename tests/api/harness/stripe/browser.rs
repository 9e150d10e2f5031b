//! The files that a browser loads: the part of Stripe.js that a storefront uses, and the page of its frame.

/// Returns the media type and the content of a file.
pub fn file(path: &str) -> Option<(&'static str, &'static str)> {
    match path {
        "/stripe.js" => Some(("text/javascript", include_str!("../../../stripe/stripe.js"))),
        "/elements.html" => Some(("text/html", include_str!("../../../stripe/elements.html"))),
        _ => None,
    }
}
