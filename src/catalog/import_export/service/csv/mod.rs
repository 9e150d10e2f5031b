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

use anyhow::anyhow;
use bytes::Bytes;
use futures_util::stream;

use crate::core::error::{Error, Result};

/// The most bytes that a row may have: what is held of a file at once.
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
    // Spaces at an end and other separators are safer in quotes, whoever reads the file next.
    field.starts_with(' ')
        || field.ends_with(' ')
        || field.contains(['"', ',', ';', '\t', '\r', '\n'])
}
