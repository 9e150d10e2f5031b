//! An email: text and HTML parts made of the same blocks.

use std::error::Error;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use url::Host;
use uuid::Uuid;

use super::block::{Block, escape};
use super::envelope;

const LAYOUT: &str = include_str!("letter.html");

/// An email to one recipient.
#[derive(Clone, Debug)]
pub struct EmailMessage {
    /// Stays the same when the email is sent again, so that a mailbox can detect duplicates (`Message-ID`).
    pub id: Uuid,
    pub to: String,
    pub subject: String,
    pub blocks: Vec<Block>,
    /// The one-time code that one of the blocks contains.
    pub code: Option<String>,
}

impl EmailMessage {
    /// Returns the content as plain text.
    pub fn text(&self) -> String {
        let blocks: Vec<_> = self.blocks.iter().map(Block::text).collect();
        blocks.join("\n\n")
    }

    /// Returns the content as HTML.
    pub fn html(&self, shop: &str) -> String {
        let blocks: Vec<_> = self.blocks.iter().map(Block::html).collect();
        LAYOUT
            .replace("{{shop}}", &escape(shop))
            .replace("{{subject}}", &escape(&self.subject))
            .replace("{{blocks}}", &blocks.join("\n        "))
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
