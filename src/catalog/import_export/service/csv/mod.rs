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

use anyhow::anyhow;
use bytes::Bytes;
use futures_util::stream;

use crate::core::error::{Error, Result};

/// The maximum size of a row in bytes, which bounds the memory for a file.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Reads a whole file of `N` columns that is part of this program. Returns its rows without the header.
///
/// # Errors
/// The file is not valid.
pub async fn csv_rows<const N: usize>(file: &'static str) -> Result<Vec<[String; N]>> {
    let file = stream::iter([Ok(Bytes::from_static(file.as_bytes()))]);
    let reader = Reader::open(file).await?;
    let mut reader = reader.map_err(|message| Error::internal(anyhow!(message)))?;
    let mut rows = Vec::new();
    reader.next().await?;
    while let Some(record) = reader.next().await? {
        let fields = record.fields().map(String::from_utf8_lossy);
        let fields: Vec<_> = fields.map(Into::into).collect();
        let row = fields.try_into();
        rows.push(row.map_err(|_| {
            let line = record.line;
            Error::internal(anyhow!("line {line} does not have {N} columns"))
        })?);
    }
    Ok(rows)
}

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
    // Quote fields with outer spaces or other separators, for lenient readers.
    field.starts_with(' ')
        || field.ends_with(' ')
        || field.contains(['"', ',', ';', '\t', '\r', '\n'])
}
