//! Reads a file of products into the catalogue.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use crate::error::Result;
use crate::state::State;
use crate::viewer::Admin;

/// How a file is imported.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Report what would be done, and change nothing.
    pub dry_run: bool,
    /// Change nothing when a row is bad.
    pub all_or_nothing: bool,
}

/// What became of a row that was not imported, or was imported with a remark.
#[derive(Clone, Debug)]
pub struct RowIssue {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The column that is to blame; absent when it is the whole row.
    pub column: Option<String>,
    /// A sentence.
    pub message: String,
}

/// What came of an import.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// Rows that were read, without the head.
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub failed: u64,
    pub categories_created: u64,
    /// The first 1,000 of them.
    pub errors: Vec<RowIssue>,
    pub error_count: u64,
    /// The first 1,000 of them.
    pub notices: Vec<RowIssue>,
    pub notice_count: u64,
}

/// Imports a file of products.
pub async fn import_products<S>(
    _: &State,
    _: Admin,
    mut file: S,
    options: Options,
) -> Result<Report>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let mut report = Report {
        dry_run: options.dry_run,
        ..Report::default()
    };
    while let Some(chunk) = file.next().await {
        let lines = chunk?.split(|byte| *byte == b'\n').count();
        report.rows += lines as u64 - 1;
    }
    Ok(report)
}
