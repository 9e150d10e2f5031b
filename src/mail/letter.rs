//! A letter: text and HTML made of the same paragraphs.

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::{Mailbox, Message, MultiPart};
use url::Host;
use uuid::Uuid;

use super::envelope;

/// The paragraph in whose place the code stands.
pub const CODE: &str = "{{code}}";
const LAYOUT: &str = include_str!("letter.html");

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
            Some(code) if paragraph == CODE => format!("<p class=\"code\">{}</p>", escape(code)),
            _ => format!("<p>{}</p>", escape(paragraph).replace('\n', "<br>")),
        });
        let paragraphs = paragraphs.collect::<Vec<_>>().join("\n      ");
        // The paragraphs last: what stands in them is no place for anything.
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

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
