//! Reduces HTML to a subset without styles, scripts and embedded content.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::MAX_HTML;
use super::rewrite::rewrite;
use crate::core::text::clean_text;

/// The elements that remain. Of others, only the content does.
pub(super) const ELEMENTS: [&str; 25] = [
    "a",
    "b",
    "blockquote",
    "br",
    "caption",
    "em",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "s",
    "strong",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];
/// The elements that are removed with their content.
pub(super) const REMOVED: [&str; 18] = [
    "audio", "canvas", "head", "iframe", "math", "noembed", "noframes", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
];
/// The maximum number of passes. HTML that the parser has repaired usually stays the same in the second one.
const MAX_PASSES: usize = 5;

static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let spans = || HashSet::from(["colspan", "rowspan"]);
    let attributes = [
        ("a", HashSet::from(["href"])),
        ("td", spans()),
        ("th", spans()),
    ];
    let mut policy = Builder::new();
    policy
        .tags(HashSet::from(ELEMENTS))
        .clean_content_tags(HashSet::from(REMOVED))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from(attributes))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener"));
    policy
});

/// Returns the sanitized HTML, which may exceed [`MAX_HTML`]. Otherwise sanitizing it again does not change it, so that it
/// can be sent back and imported.
pub fn sanitize(html: &str) -> String {
    let mut sanitized = pass(html);
    for _ in 1..MAX_PASSES {
        if sanitized.len() > MAX_HTML {
            break;
        }
        let again = pass(&sanitized);
        if again == sanitized {
            break;
        }
        sanitized = again;
    }
    sanitized
}

fn pass(html: &str) -> String {
    let sanitized = POLICY.clean(&rewrite(&clean_text(html))).to_string();
    // Remains of rewritten blocks.
    sanitized.replace("<p></p>", "").trim().to_owned()
}
