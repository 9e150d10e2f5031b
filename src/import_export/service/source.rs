//! The products of a file, in portions.

use bytes::Bytes;
use futures_util::Stream;

use super::cells;
use super::columns::Columns;
use super::csv::{Reader, Record};
use super::row::{Portion, RowIssue};
use super::shopify::Shopify;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::user_error::{UserError, UserErrorCode};

/// How many columns a file has at the most.
const MAX_COLUMNS: usize = 1_000;

/// A file of products that is being read.
#[derive(Debug)]
pub struct Source<S> {
    reader: Reader<S>,
    layout: Layout,
    /// What there is to tell of the header, until it is told.
    notices: Vec<RowIssue>,
    is_over: bool,
}

#[derive(Debug)]
enum Layout {
    Own(Columns),
    Shopify(Box<Shopify>),
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Source<S> {
    /// Reads the header.
    ///
    /// # Errors
    /// A refusal of the whole file, or what kept it from being read.
    pub async fn open(file: S, currency: Currency) -> Result<Self> {
        let reader = Reader::open(file).await?;
        let mut reader = reader.map_err(refuse)?;
        let Some(record) = reader.next().await? else {
            return Err(refuse("It is empty."));
        };
        let header = header(&record)?;
        let mut notices = Vec::new();
        let layout = if Shopify::recognises(&header) {
            Shopify::new(&header, currency).map(|shopify| Layout::Shopify(Box::new(shopify)))
        } else {
            Columns::new(&header, record.line, currency, &mut notices).map(Layout::Own)
        };
        Ok(Self {
            reader,
            layout: layout.map_err(refuse)?,
            notices,
            is_over: false,
        })
    }

    /// The next rows: so many, or so many bytes of them; fewer at the end.
    ///
    /// # Errors
    /// The file can't be read further.
    pub async fn portion(&mut self, max_rows: usize, max_bytes: usize) -> Result<Option<Portion>> {
        if self.is_over {
            return Ok(None);
        }
        let mut portion = Portion {
            notices: std::mem::take(&mut self.notices),
            ..Portion::default()
        };
        // Bad rows and what is told of them take room too.
        while portion.records < max_rows as u64 && portion.size < max_bytes {
            let Some(record) = self.reader.next().await? else {
                self.is_over = true;
                if let Layout::Shopify(shopify) = &mut self.layout {
                    shopify.finish(&mut portion);
                }
                break;
            };
            portion.records += 1;
            portion.size += record.size();
            match &mut self.layout {
                Layout::Own(columns) => columns.take(&record, &mut portion),
                Layout::Shopify(shopify) => shopify.take(&record, &mut portion),
            }
        }
        Ok(Some(portion))
    }
}

/// The names of the columns, as they are told: whatever a file calls them, each bad row may repeat one.
fn header(record: &Record) -> Result<Vec<String>> {
    if let Some(fault) = record.fault {
        return Err(refuse(format!("Line {}: {}", record.line, fault.message())));
    }
    if record.len() > MAX_COLUMNS {
        return Err(refuse("It has more than 1,000 columns."));
    }
    let names = record.fields().map(|name| {
        let name = std::str::from_utf8(name);
        name.map(|name| cells::short(name.trim()))
            .map_err(|_| refuse("Its first line is not in UTF-8: save it as CSV in UTF-8."))
    });
    names.collect()
}

/// The refusal of a whole file.
pub fn refuse(why: impl AsRef<str>) -> Error {
    let message = format!("The file can't be imported. {}", why.as_ref());
    UserError::new(UserErrorCode::BadUserInput, "file", message).into()
}
