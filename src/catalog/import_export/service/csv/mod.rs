//! CSV as RFC 4180 has it, and as spreadsheets write it.
//!
//! Our own reader, because it tells what a lenient one swallows: a quote that is never closed, text after a closing
//! quote, and the line of a row as an editor shows it, whichever line ends the file has.

mod dialect;
mod encoding;
mod kind;
mod parser;
mod reader;

pub use parser::Record;
pub use reader::Reader;

/// The most bytes that a row may have: what is held of a file at once.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Writes a row, with its line end.
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
    // Spaces at an end and other separators are safer in quotes, whoever reads the file next.
    field.starts_with(' ')
        || field.ends_with(' ')
        || field.contains(['"', ',', ';', '\t', '\r', '\n'])
}
