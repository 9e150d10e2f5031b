//! Rewrites tags before HTML is parsed, because the parser does more than needed with elements outside of the subset.
//!
//! Blocks become paragraphs: the parser would leave their content without a border, and join the words of adjacent ones.
//! Other elements are removed; enclosing thousands of others, they would make parsing slow.
//!
//! Formatting elements lose their attributes. The parser opens elements such as `<b>` again in each block until they are
//! closed, up to three with the same attributes: thousands with different ones would need gigabytes of memory.

use super::sanitize::{ELEMENTS, REMOVED};
use super::text::{after, after_close, after_tag, is_tag};

/// Blocks that become paragraphs.
const BLOCKS: [&str; 19] = [
    "address",
    "article",
    "aside",
    "center",
    "dd",
    "details",
    "div",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "main",
    "nav",
    "pre",
    "section",
    "summary",
];
/// Elements with raw text, in which tags have no meaning. They are removed with it.
const RAW: [&str; 9] = [
    "iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp",
];
/// The length of the longest of these names, in bytes.
const MAX_NAME: usize = 10;

/// Returns the HTML with rewritten tags and without comments.
pub fn rewrite(html: &str) -> String {
    let mut rewritten = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(index) = rest.find('<') {
        rewritten.push_str(&rest[..index]);
        rest = tag(&rest[index..], &mut rewritten);
    }
    rewritten.push_str(rest);
    rewritten
}

/// Rewrites a tag, and returns the text after it.
fn tag<'a>(tag: &'a str, rewritten: &mut String) -> &'a str {
    // Not the whole tag: what the parser takes for the end of its attributes may differ.
    let retain = |rewritten: &mut String| {
        rewritten.push('<');
        &tag[1..]
    };
    if tag.starts_with("<!--") {
        return after(&tag[2..], "-->");
    }
    if !is_tag(tag) {
        return retain(rewritten);
    }
    let slash = if tag.starts_with("</") { "/" } else { "" };
    let name = name(&tag[1 + slash.len()..]);
    let replacement = match name.as_str() {
        "b" | "em" | "i" | "s" | "strong" | "u" => name.as_str(),
        "strike" => "s",
        "h1" => "h2",
        "h5" | "h6" => "h4",
        block if BLOCKS.contains(&block) => "p",
        raw if slash.is_empty() && RAW.contains(&raw) => return after_close(after_tag(tag), raw),
        other if ELEMENTS.contains(&other) || REMOVED.contains(&other) => {
            return retain(rewritten);
        }
        _ => return after_tag(tag),
    };
    for part in ["<", slash, replacement, ">"] {
        rewritten.push_str(part);
    }
    after_tag(tag)
}

/// Returns the name of an element in lowercase. Empty if it is too long.
fn name(tag: &str) -> String {
    let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    let end = tag.bytes().take(MAX_NAME + 1).position(is_end);
    let name = end.and_then(|end| tag.get(..end));
    name.unwrap_or_default().to_ascii_lowercase()
}
