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
        const INVALID: &str = "This is not a valid email address.";
        let address = text::normalise(&plain(text));
        if address.contains(is_invisible_character) {
            return Err(
                "This email address contains an invisible character. Delete it and type the address again.",
            );
        }
        let (local, domain) = address.rsplit_once('@').ok_or(INVALID)?;
        let local_fits = local.len() <= MAX_LOCAL && local.split('.').all(is_atom);
        // The host parser would decode percent escapes and accept other characters as dots.
        if address.len() > MAX_ADDRESS
            || !local_fits
            || domain.ends_with('.')
            || !domain.chars().all(is_domain_character)
        {
            return Err(INVALID);
        }
        let Ok(Host::Domain(ascii)) = Host::parse(domain) else {
            return Err(INVALID);
        };
        let key = format!("{}@{ascii}", local.to_lowercase());
        if !ascii.contains('.') || !ascii.split('.').all(is_label) || key.len() > MAX_ADDRESS {
            return Err(INVALID);
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
    let is_trimmed =
        |character: char| character.is_whitespace() || is_invisible_character(character);
    let text = text.trim_matches(is_trimmed);
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        let folded = || std::iter::once(character).nfkc();
        let is_width = matches!(character, '\u{ff00}'..='\u{ffef}');
        if is_width || folded().all(|character| character.is_ascii()) {
            plain.extend(folded());
        } else {
            plain.push(character);
        }
    }
    plain.trim_matches(is_trimmed).to_owned()
}

/// Invisible characters. Around an address they are removed; within it they are rejected.
fn is_invisible_character(character: char) -> bool {
    text::is_invisible(character)
        || matches!(
            character,
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
    let fits = |character: char| {
        character.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(character)
            || (!character.is_ascii() && character.is_alphanumeric())
    };
    !text.is_empty() && text.chars().all(fits)
}

fn is_domain_character(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character) || matches!(character, '-' | '.')
}

fn is_label(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
