//! A letter: text and HTML made of the same paragraphs.

use std::error::Error;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use url::Host;
use uuid::Uuid;

use super::envelope;

/// The paragraph in whose place the code stands.
pub const CODE: &str = "{{code}}";
const LAYOUT: &str = include_str!("letter.html");
// In the elements themselves, because many mail programs drop a page's styles.
const PARAGRAPH_STYLE: &str = "margin:0 0 16px";
const CODE_STYLE: &str = "margin:20px 0;padding:16px 0;border-radius:8px;background:#f1f1f3;color:#222226;text-align:center;font:700 32px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:6px;text-indent:6px";
const TOKEN_STYLE: &str = "margin:20px 0;padding:16px;border-radius:8px;background:#f1f1f3;color:#222226;text-align:center;font:700 18px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere";
/// Characters of the longest code that is shown in large letters.
const MAX_SHORT_CODE: usize = 8;

/// A letter to one person.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Stays the same when it is sent again, so that a mailbox can tell.
    pub id: Uuid,
    pub to: String,
    pub subject: String,
    /// Paragraphs with an empty line between them; the one that is [`CODE`] is the code.
    pub body: String,
    pub code: Option<String>,
}

impl Letter {
    /// What it says, as plain text.
    pub fn text(&self) -> String {
        let code = self.code.as_deref().unwrap_or_default();
        self.body.replace(CODE, code)
    }

    /// What it says, as a page.
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

    /// The name of the file that it is written to.
    pub fn file_name(&self) -> String {
        self.id.simple().to_string()
    }

    /// The message (RFC 5322) and its envelope.
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

/// The address with its domain in ASCII, which every server understands.
pub(super) fn ascii_domain(address: &str) -> anyhow::Result<Address> {
    let (local, domain) = address.rsplit_once('@').unwrap_or_default();
    let domain = Host::parse(domain)?.to_string();
    // The library's complaint would quote the address.
    Address::new(local, domain).map_err(|_| anyhow::anyhow!("it has no address"))
}

/// Tells programs that answer letters not to answer this one (RFC 3834, 5).
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

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // What is put into the layout is no place for anything else.
            '{' => escaped.push_str("&#123;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
