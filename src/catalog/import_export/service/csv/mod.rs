//! CSV by RFC 4180 and as written by spreadsheets.
//!
//! Our own parser, because lenient parsers accept an unclosed quote and text after a closing quote. It also reports
//! the line of a row as shown by an editor, for any line ending.

mod dialect;
mod encoding;
mod kind;
mod parser;
mod reader;

pub use parser::Record;
pub use reader::Reader;

/// The maximum size of a row in bytes: the maximum buffered of a file.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Writes a row with its line ending.
pub fn write<'a>(into: &mut Vec<u8>, fields: impl IntoIterator<Item = &'a str>) {
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            into.push(b',');
        }
        if needs_quotes(field) {
            into.push(b'"');
            into.extend_from_slice(field.replace('"', "\"\"").as_bytes());
            into.push(b'"');
        } else {
            into.extend_from_slice(field.as_bytes());
        }
    }
    into.extend_from_slice(b"\r\n");
}

fn needs_quotes(field: &str) -> bool {
    // Quote fields with outer spaces or other separators, for lenient readers.
    field.starts_with(' ')
        || field.ends_with(' ')
        || field.contains(['"', ',', ';', '\t', '\r', '\n'])
}
