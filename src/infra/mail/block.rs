//! The blocks that an email consists of. Each has a text form and an HTML form.

use super::table::Table;

/// The placeholder that is replaced with the code: a paragraph, or a part of a URL.
pub const CODE: &str = "{{code}}";
// Inline styles, because many email clients drop style sheets.
const PARAGRAPH_STYLE: &str = "margin:0 0 16px";
const CODE_STYLE: &str = "margin:20px 0;padding:16px 0;border-radius:8px;background:#f1f1f3;color:#222226;text-align:center;font:700 32px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:6px;text-indent:6px";
const TOKEN_STYLE: &str = "margin:20px 0;padding:16px;border-radius:8px;background:#f1f1f3;color:#222226;text-align:center;font:700 18px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere";
const LINK_STYLE: &str = "color:inherit";
/// The maximum length in characters of a code that is displayed in large letters.
const MAX_SHORT_CODE: usize = 8;

/// A part of the content of an email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Text of one or more lines.
    Paragraph(String),
    /// An HTTP URL.
    Link(String),
    /// A one-time code.
    Code(String),
    Table(Table),
}

impl Block {
    /// Parses paragraphs separated by empty lines. A paragraph is text, an HTTP URL, or [`CODE`], which is replaced with
    /// the code, also within a URL.
    pub fn parse(body: &str, code: Option<&str>) -> Vec<Self> {
        let paragraphs = body.split("\n\n");
        let blocks = paragraphs.map(|paragraph| match code {
            Some(code) if paragraph == CODE => Self::Code(code.to_owned()),
            _ if is_url(paragraph) => Self::Link(paragraph.replace(CODE, code.unwrap_or_default())),
            _ => Self::Paragraph(paragraph.to_owned()),
        });
        blocks.collect()
    }

    /// Returns the text form.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Paragraph(text) | Self::Link(text) | Self::Code(text) => text.clone(),
            Self::Table(table) => table.text(),
        }
    }

    /// Returns the HTML form.
    pub(super) fn html(&self) -> String {
        match self {
            Self::Paragraph(text) => {
                let lines = escape_lines(text);
                format!("<p style=\"{PARAGRAPH_STYLE}\">{lines}</p>")
            }
            Self::Link(url) => {
                let url = escape(url);
                let link = format!("<a href=\"{url}\" style=\"{LINK_STYLE}\">{url}</a>");
                format!("<p style=\"{PARAGRAPH_STYLE}\">{link}</p>")
            }
            Self::Code(code) => {
                let style = if code.len() > MAX_SHORT_CODE {
                    TOKEN_STYLE
                } else {
                    CODE_STYLE
                };
                let code = escape(code);
                format!("<p class=\"code\" style=\"{style}\">{code}</p>")
            }
            Self::Table(table) => table.html(),
        }
    }
}

fn is_url(paragraph: &str) -> bool {
    let has_scheme = paragraph.starts_with("https://") || paragraph.starts_with("http://");
    has_scheme && !paragraph.contains(char::is_whitespace)
}

/// Escapes text of several lines for HTML.
pub(super) fn escape_lines(text: &str) -> String {
    escape(text).replace('\n', "<br>")
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Keeps inserted text from forming a placeholder of the layout.
            '{' => escaped.push_str("&#123;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
