//! An email: text and HTML parts made of the same paragraphs.

use std::error::Error;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use url::Host;
use uuid::Uuid;

use super::envelope;

/// The placeholder paragraph that is replaced with the code.
pub const CODE: &str = "{{code}}";
const LAYOUT: &str = include_str!("letter.html");
// Inline styles, because many email clients drop style sheets.
const PARAGRAPH_STYLE: &str = "margin:0 0 16px";
const CODE_STYLE: &str = "margin:20px 0;padding:16px 0;border-radius:8px;background:#f1f1f3;color:#222226;text-align:center;font:700 32px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:6px;text-indent:6px";
const TOKEN_STYLE: &str = "margin:20px 0;padding:16px;border-radius:8px;background:#f1f1f3;color:#222226;text-align:center;font:700 18px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere";
const LINK_STYLE: &str = "color:inherit";
/// The maximum length in characters of a code that is displayed in large letters.
const MAX_SHORT_CODE: usize = 8;

/// An email to one recipient.
#[derive(Clone, Debug)]
pub struct EmailMessage {
    /// Stays the same when the email is sent again, so that a mailbox can detect duplicates (`Message-ID`).
    pub id: Uuid,
    pub to: String,
    pub subject: String,
    /// Paragraphs separated by empty lines. A paragraph is text, an HTTP URL, or [`CODE`], which is replaced with the
    /// code, also within a URL.
    pub body: String,
    pub code: Option<String>,
}

impl EmailMessage {
    /// Returns the content as plain text.
    pub fn text(&self) -> String {
        let code = self.code.as_deref().unwrap_or_default();
        self.body.replace(CODE, code)
    }

    /// Returns the content as HTML.
    pub fn html(&self, shop: &str) -> String {
        let paragraphs = self.body.split("\n\n").map(|paragraph| match &self.code {
            Some(code) if paragraph == CODE => {
                let style = if code.len() > MAX_SHORT_CODE {
                    TOKEN_STYLE
                } else {
                    CODE_STYLE
                };
                let code = escape(code);
                format!("<p class=\"code\" style=\"{style}\">{code}</p>")
            }
            _ if is_url(paragraph) => {
                let code = self.code.as_deref().unwrap_or_default();
                let url = escape(&paragraph.replace(CODE, code));
                let link = format!("<a href=\"{url}\" style=\"{LINK_STYLE}\">{url}</a>");
                format!("<p style=\"{PARAGRAPH_STYLE}\">{link}</p>")
            }
            _ => {
                let lines = escape(paragraph).replace('\n', "<br>");
                format!("<p style=\"{PARAGRAPH_STYLE}\">{lines}</p>")
            }
        });
        let paragraphs = paragraphs.collect::<Vec<_>>().join("\n        ");
        LAYOUT
            .replace("{{shop}}", &escape(shop))
            .replace("{{subject}}", &escape(&self.subject))
            .replace("{{paragraphs}}", &paragraphs)
    }

    /// Returns the name of the file that it is written to, without extension.
    pub fn file_name(&self) -> String {
        self.id.simple().to_string()
    }

    /// Returns the message (RFC 5322) and its envelope.
    pub(super) fn message(&self, from: &Mailbox) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let to = ascii_domain(&self.to)?;
        let domain = from.email.domain();
        let shop = from.name.as_deref().unwrap_or_default();
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(&self.subject)
            .header(AutoSubmitted)
            .message_id(Some(format!("<{}@{domain}>", self.id.simple())))
            .multipart(MultiPart::alternative_plain_html(
                self.text(),
                self.html(shop),
            ))?;
        Ok((envelope(from, to)?, message.formatted()))
    }
}

/// Returns the address with its domain in ASCII (Punycode), which every server supports.
pub(super) fn ascii_domain(address: &str) -> anyhow::Result<Address> {
    let (local, domain) = address.rsplit_once('@').unwrap_or_default();
    let domain = Host::parse(domain)?.to_string();
    // The library's error would quote the address.
    Address::new(local, domain).map_err(|_| anyhow::anyhow!("invalid recipient address"))
}

/// The `Auto-Submitted` header, which prevents automatic replies (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn is_url(paragraph: &str) -> bool {
    let has_scheme = paragraph.starts_with("https://") || paragraph.starts_with("http://");
    has_scheme && !paragraph.contains(char::is_whitespace)
}

fn escape(text: &str) -> String {
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
