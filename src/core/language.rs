//! Languages, by their ISO 639-1 codes.

use std::fmt;
use std::str::FromStr;

/// A language of ISO 639-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language([u8; 2]);

/// The message for a text that is not a code.
const INVALID: &str = "a language is a code of ISO 639-1 such as `en`";

impl Language {
    pub const ENGLISH: Self = Self(*b"en");

    /// Returns the code, such as `de`.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = &'static str;

    /// Parses a code in upper or lower case. A region, as in `pt-BR`, is ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().split(['-', '_']).next().unwrap_or_default();
        let letters: [u8; 2] = code.as_bytes().try_into().map_err(|_| INVALID)?;
        if letters.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(letters.map(|letter| letter.to_ascii_lowercase())))
        } else {
            Err(INVALID)
        }
    }
}
