//! Reads the products of a file in portions.

use bytes::Bytes;
use futures_util::Stream;

use super::cells;
use super::csv::{Reader, Record};
use super::layout::{AmountFormat, Layout};
use super::mapping::Mapping;
use super::numbers::Numbers;
use super::row::{RowChunk, RowIssue};
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::money::Currency;

/// Maximum number of columns.
const MAX_COLUMNS: usize = 1_000;

/// A product file being read.
#[derive(Debug)]
pub struct Source<S> {
    reader: Reader<S>,
    layout: Layout,
    /// Notices about the header that have not been returned yet.
    notices: Vec<RowIssue>,
    /// Whether a notice about the encoding may still be needed.
    is_encoding_unreported: bool,
    /// Whether all rows were read. The layout may still hold products.
    is_read: bool,
    is_finished: bool,
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Source<S> {
    /// Reads the header.
    ///
    /// # Errors
    /// The error of a rejected file, or an error while reading it.
    pub async fn open(file: S, currency: Currency, mapping: &Mapping) -> Result<Self> {
        let reader = Reader::open(file).await?;
        let mut reader = reader.map_err(refuse)?;
        let Some(record) = reader.next().await? else {
            return Err(refuse("It is empty."));
        };
        let mut header = header(&record)?;
        mapping.apply(&mut header)?;
        let mut notices = Vec::new();
        let money = AmountFormat {
            currency,
            numbers: Numbers::new(reader.separator()),
        };
        let layout = Layout::new(&header, record.line, money, mapping, &mut notices);
        let mut source = Self {
            reader,
            layout: layout.map_err(refuse)?,
            notices: Vec::new(),
            is_encoding_unreported: true,
            is_read: false,
            is_finished: false,
        };
        source.notices = source.encoding_of(&record).into_iter().collect();
        source.notices.extend(notices);
        Ok(source)
    }

    /// Returns a notice once, at the first non-ASCII row, if the file is not UTF-8.
    fn encoding_of(&mut self, record: &Record) -> Option<RowIssue> {
        if !self.is_encoding_unreported || record.is_ascii() {
            return None;
        }
        self.is_encoding_unreported = false;
        self.reader.is_windows().then(|| RowIssue {
            line: record.line,
            column: None,
            message: "The file is not UTF-8: it was read as Windows-1252.".to_owned(),
        })
    }

    /// Reads at most `max_rows` rows or about `max_bytes` bytes. `None` at the end of the file.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn row_chunk(
        &mut self,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Option<RowChunk>> {
        if self.is_finished {
            return Ok(None);
        }
        let mut row_chunk = RowChunk {
            notices: std::mem::take(&mut self.notices),
            ..RowChunk::default()
        };
        // Invalid rows and their issues count too, because they need memory.
        while row_chunk.records < max_rows as u64 && row_chunk.size < max_bytes {
            let record = if self.is_read {
                None
            } else {
                self.reader.next().await?
            };
            let Some(record) = record else {
                self.is_read = true;
                self.is_finished = self.layout.finish(&mut row_chunk);
                break;
            };
            row_chunk.records += 1;
            row_chunk.size += record.size();
            row_chunk.notices.extend(self.encoding_of(&record));
            self.layout.take(&record, &mut row_chunk);
        }
        Ok(Some(row_chunk))
    }
}

/// Parses the headings.
fn header(record: &Record) -> Result<Vec<String>> {
    if let Some(error) = record.error {
        return Err(refuse(format!("Line {}: {}", record.line, error.message())));
    }
    if record.len() > MAX_COLUMNS {
        return Err(refuse("It has more than 1,000 columns."));
    }
    let names = record.fields().map(|name| {
        let name = std::str::from_utf8(name);
        name.map(cells::heading)
            .map_err(|_| refuse("Its first line is not valid UTF-8: save it as CSV (UTF-8)."))
    });
    names.collect()
}

/// Returns the error for a rejected file.
pub fn refuse(why: impl AsRef<str>) -> Error {
    let message = format!("The file can't be imported. {}", why.as_ref());
    UserError::new(UserErrorCode::BadUserInput, "file", message).into()
}
