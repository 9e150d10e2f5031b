//! The separator of a file: the one that its first line names, as Excel has it, or the one that stands most often between
//! the names of its columns.

/// What spreadsheets separate fields by.
const SEPARATORS: [u8; 3] = *b",;\t";
/// Counts where none of the others stands in the header.
const PIPE: u8 = b'|';
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a first line says of the separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// It is this one.
    Separator(u8),
    /// It is not said which.
    Unknown,
    /// It is one that files can't be read by.
    Unusable,
}

/// Reads a first line such as `sep=;`; `None` when it is another.
pub fn announced(line: &[u8]) -> Option<Announced> {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (name, named) = line.split_at_checked(4)?;
    if !name.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    // What saved the file again may have put its own separators behind it.
    let saved = named.iter().position(|byte| *byte == b'"');
    let own = saved.and_then(|place| named.get(place + 1)).copied();
    let own = own.filter(|byte| SEPARATORS.contains(byte) || *byte == PIPE);
    let named = saved.map_or(named, |place| &named[..place]);
    Some(match (own, named.trim_ascii_end()) {
        (Some(own), _) => Announced::Separator(own),
        (None, b"") if named.contains(&b'\t') => Announced::Separator(b'\t'),
        (None, b"\\t") => Announced::Separator(b'\t'),
        (None, b"") => Announced::Unknown,
        (None, [one, rest @ ..]) if is_usable(*one) && rest.iter().all(|byte| byte == one) => {
            Announced::Separator(*one)
        }
        // `sep=;,,,`: a cell of a file that was saved with commas.
        (None, [one, second, rest @ ..])
            if is_usable(*one)
                && SEPARATORS.contains(second)
                && rest.iter().all(|byte| byte == second) =>
        {
            Announced::Separator(*second)
        }
        _ => Announced::Unusable,
    })
}

const fn is_usable(separator: u8) -> bool {
    separator.is_ascii() && !separator.is_ascii_alphanumeric() && !matches!(separator, b'"' | 0)
}

/// The one that stands most often between the names of the columns.
pub fn separator(line: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut place = Place::default();
    for byte in line.iter().filter(|byte| place.is_outside(**byte)) {
        let found = SEPARATORS.iter().position(|separator| separator == byte);
        if let Some(found) = found {
            counts[found] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    if most == 0 && line.contains(&PIPE) {
        return PIPE;
    }
    let first = counts.iter().position(|count| *count == most);
    SEPARATORS[first.unwrap_or_default()]
}

/// Where in a line the next byte stands. As for the parser, a quote means something only where a field begins.
#[derive(Clone, Copy, Debug, Default)]
pub enum Place {
    /// Before the first line that is not empty.
    #[default]
    Before,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote that closes, or is half of one.
    Closed,
}

impl Place {
    /// Goes on by a byte; whether that stands in the line, and outside of quotes.
    pub fn is_outside(&mut self, byte: u8) -> bool {
        *self = match (*self, byte) {
            (Self::Before, b'\r' | b'\n') => Self::Before,
            (Self::Before, byte) if BYTE_ORDER_MARK.contains(&byte) => Self::Before,
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Before | Self::FieldStart | Self::Closed, b'"') | (Self::Quoted, _) => {
                Self::Quoted
            }
            (_, byte) if SEPARATORS.contains(&byte) => Self::FieldStart,
            _ => Self::Plain,
        };
        matches!(self, Self::FieldStart | Self::Plain)
    }
}
