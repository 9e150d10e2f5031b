//! HTML of descriptions: reduction to a harmless subset, and conversion from and to plain text.

mod rewrite;
mod sanitize;
mod text;

pub use text::to_text;

use html_escape::encode_text_to_string;

use crate::core::text::{NUL_CHARACTER, check_description};

/// The maximum size of an HTML description in bytes.
pub const MAX_HTML: usize = 100_000;

/// A checked HTML description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RichText {
    /// The sanitized HTML. `None` if it has no text, or says no more than the plain text.
    pub html: Option<String>,
    /// The same as plain text.
    pub text: String,
}

impl RichText {
    /// Sanitizes HTML and derives the plain text.
    ///
    /// # Errors
    /// The HTML, also when sanitized, or its text is too long, or contains NUL characters.
    pub fn parse(html: &str) -> Result<Self, &'static str> {
        const TOO_LONG: &str = "At most 100000 bytes of HTML are allowed.";
        if html.len() > MAX_HTML {
            return Err(TOO_LONG);
        }
        if html.contains('\0') {
            return Err(NUL_CHARACTER);
        }
        let html = sanitize::sanitize(html);
        if html.len() > MAX_HTML {
            return Err(TOO_LONG);
        }
        let text = check_description(&to_text(&html))?;
        let has_markup = html.contains('<') && !text.is_empty() && html != from_text(&text);
        Ok(Self {
            html: has_markup.then_some(html),
            text,
        })
    }
}

/// Converts plain text to HTML: a paragraph for each block between empty lines, with its line breaks.
pub fn from_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 7);
    let paragraphs = text
        .split("\n\n")
        .map(|paragraph| paragraph.trim_matches('\n'));
    for paragraph in paragraphs.filter(|paragraph| !paragraph.is_empty()) {
        html.push_str("<p>");
        for (number, line) in paragraph.split('\n').enumerate() {
            if number > 0 {
                html.push_str("<br>");
            }
            encode_text_to_string(line, &mut html);
        }
        html.push_str("</p>");
    }
    html
}
