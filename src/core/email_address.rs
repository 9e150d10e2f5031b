//! Email addresses: validation and equality.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Host;

use crate::core::text;

/// The maximum length of an address in bytes (RFC 5321, 4.5.3.1.3, without the brackets).
pub const MAX_ADDRESS: usize = 254;
/// The maximum length of the local part in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// A valid email address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    /// The address as its owner writes it.
    pub address: String,
    /// The normalised form for comparison: lower case, domain in ASCII (IDNA).
    pub key: String,
}

impl EmailAddress {
    /// Parses user input; the error is a message for the user. Full-width and other variants of ASCII characters
    /// become ASCII (NFKC), and surrounding invisible characters are removed.
    ///
    /// Accepts a dot-atom (RFC 5322, 3.2.3, with the letters of RFC 6532) at a domain with a dot. Rejects quoted
    /// local parts and address literals in brackets.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "This is not a valid email address.";
        let address = text::normalise(&plain(text));
        if address.contains(is_unseen) {
            return Err(WRONG);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(WRONG)?;
        let local_fits = local.len() <= MAX_LOCAL && local.split('.').all(is_atom);
        // The host parser would decode percent escapes and accept other characters as dots.
        if address.len() > MAX_ADDRESS
            || !local_fits
            || domain.ends_with('.')
            || !domain.chars().all(is_of_domain)
        {
            return Err(WRONG);
        }
        let Ok(Host::Domain(ascii)) = Host::parse(domain) else {
            return Err(WRONG);
        };
        let key = format!("{}@{ascii}", local.to_lowercase());
        if !ascii.contains('.') || !ascii.split('.').all(is_label) || key.len() > MAX_ADDRESS {
            return Err(WRONG);
        }
        Ok(Self {
            key: text::normalise(&key),
            address,
        })
    }

    /// Returns the part before the `@`, in lower case.
    pub fn local_part(&self) -> &str {
        self.key.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// Returns the part after the `@`, in its ASCII form.
    pub fn domain(&self) -> &str {
        self.key.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Folds variants of ASCII characters, and removes invisible characters around the text.
///
/// Only full-width and half-width characters and those that are ASCII in NFKC are folded: NFKC of the whole text
/// would damage other scripts, such as Thai.
fn plain(text: &str) -> String {
    let is_around = |letter: char| letter.is_whitespace() || is_unseen(letter);
    let text = text.trim_matches(is_around);
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        let folded = || std::iter::once(letter).nfkc();
        let is_width = matches!(letter, '\u{ff00}'..='\u{ffef}');
        if is_width || folded().all(|letter| letter.is_ascii()) {
            plain.extend(folded());
        } else {
            plain.push(letter);
        }
    }
    plain.trim_matches(is_around).to_owned()
}

/// Invisible characters. Around an address they are removed; within it they are rejected.
fn is_unseen(letter: char) -> bool {
    text::is_invisible(letter)
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200c}'
                | '\u{200d}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

fn is_atom(text: &str) -> bool {
    let fits = |letter: char| {
        letter.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(letter)
            || (!letter.is_ascii() && letter.is_alphanumeric())
    };
    !text.is_empty() && text.chars().all(fits)
}

fn is_of_domain(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter) || matches!(letter, '-' | '.')
}

fn is_label(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
