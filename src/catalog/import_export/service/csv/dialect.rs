//! Detects the separator of a file: from a first line such as `sep=;` (an Excel convention), otherwise the most
//! frequent separator in the header.

/// Common separators of spreadsheets.
const SEPARATORS: [u8; 3] = *b",;\t";
/// Used if the header contains none of the others.
const PIPE: u8 = b'|';
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Separator declared in a first line `sep=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclaredSeparator {
    Separator(u8),
    /// No separator after `sep=`.
    Unknown,
    /// Not a usable separator.
    Unusable,
}

/// Parses a first line such as `sep=;`. `None` for any other line.
pub fn declared_separator(line: &[u8]) -> Option<DeclaredSeparator> {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (name, named) = line.split_at_checked(4)?;
    if !name.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    // A program that saved the file again may have appended its own separators.
    let saved = named.iter().position(|byte| *byte == b'"');
    let own = saved.and_then(|index| named.get(index + 1)).copied();
    let own = own.filter(|byte| SEPARATORS.contains(byte) || *byte == PIPE);
    let named = saved.map_or(named, |index| &named[..index]);
    Some(match (own, named.trim_ascii_end()) {
        (Some(own), _) => DeclaredSeparator::Separator(own),
        (None, b"") if named.contains(&b'\t') => DeclaredSeparator::Separator(b'\t'),
        (None, b"\\t") => DeclaredSeparator::Separator(b'\t'),
        (None, b"") => DeclaredSeparator::Unknown,
        (None, [one, rest @ ..]) if is_usable(*one) && rest.iter().all(|byte| byte == one) => {
            DeclaredSeparator::Separator(*one)
        }
        // `sep=;,,,`: the line was saved as a cell of a comma-separated file.
        (None, [one, second, rest @ ..])
            if is_usable(*one)
                && SEPARATORS.contains(second)
                && rest.iter().all(|byte| byte == second) =>
        {
            DeclaredSeparator::Separator(*second)
        }
        _ => DeclaredSeparator::Unusable,
    })
}

const fn is_usable(separator: u8) -> bool {
    separator.is_ascii() && !separator.is_ascii_alphanumeric() && !matches!(separator, b'"' | 0)
}

/// Returns the most frequent separator of a header line.
pub fn separator(line: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut line_state = LineState::default();
    for byte in line.iter().filter(|byte| line_state.is_outside(**byte)) {
        let found = SEPARATORS.iter().position(|separator| separator == byte);
        if let Some(found) = found {
            counts[found] += 1;
        }
    }
    let max_count = counts.iter().copied().max().unwrap_or_default();
    if max_count == 0 && line.contains(&PIPE) {
        return PIPE;
    }
    let first = counts.iter().position(|count| *count == max_count);
    SEPARATORS[first.unwrap_or_default()]
}

/// Parser state within a line. As in the parser, a quote is special only at the start of a field.
#[derive(Clone, Copy, Debug, Default)]
pub enum LineState {
    /// Before the first non-empty line.
    #[default]
    Before,
    FieldStart,
    Plain,
    Quoted,
    /// After a closing quote, or after the first of two quotes.
    Closed,
}

impl LineState {
    /// Consumes a byte. Returns whether it is within the line and outside quotes.
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
