//! The size of a document's text, counted before parsing.

/// The counts of a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextSize {
    /// Names, numbers, strings and punctuators.
    pub tokens: usize,
    /// The maximum nesting depth of brackets.
    pub nesting: usize,
}

impl TextSize {
    /// Counts in one pass. The content of strings and comments does not count.
    pub fn of(document: &str) -> Self {
        let (mut counted, mut depth) = (Self::default(), 0_usize);
        let mut rest = document.as_bytes();
        while let Some((byte, tail)) = rest.split_first() {
            let after = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => Err(tail),
                b'#' => Err(after_line(tail)),
                b'"' => Ok(after_text(rest)),
                b'.' => Ok(rest.strip_prefix(b"...").unwrap_or(tail)),
                byte if is_of_name(*byte) => Ok(after_name(tail)),
                _ => Ok(tail),
            };
            match byte {
                b'{' | b'(' | b'[' => {
                    depth += 1;
                    counted.nesting = counted.nesting.max(depth);
                }
                b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            counted.tokens += usize::from(after.is_ok());
            let (Ok(after) | Err(after)) = after;
            rest = after;
        }
        counted
    }
}

/// Returns whether a byte can continue a name or a number.
const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn after_name(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| !is_of_name(*byte));
    end.map_or(&[], |end| &rest[end..])
}

/// Returns the rest after the string that `document` begins with: `"..."` on one line, or `"""..."""` over several.
fn after_text(document: &[u8]) -> &[u8] {
    const BLOCK: &[u8] = b"\"\"\"";
    if let Some(mut rest) = document.strip_prefix(BLOCK) {
        loop {
            if let Some(after) = rest.strip_prefix(BLOCK) {
                return after;
            }
            let escaped = rest
                .strip_prefix(br"\")
                .and_then(|rest| rest.strip_prefix(BLOCK));
            let Some(after) = escaped.or_else(|| rest.get(1..)) else {
                return rest;
            };
            rest = after;
        }
    }
    let mut rest = &document[1..];
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' | b'\n' | b'\r' => return after,
            b'\\' => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    rest
}

fn after_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    end.map_or(&[], |end| &rest[end..])
}
