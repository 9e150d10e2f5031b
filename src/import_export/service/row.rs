//! What a file says of one product, and what is told of its rows.

use super::csv::Record;
use super::paths::Path;
use crate::fetch;
use crate::product::service::batch::Wanted;
use crate::product_image::service::{self as product_image, Source};

/// Something to tell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowIssue {
    /// The line it begins on, from 1, as an editor counts them.
    pub line: u64,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// A sentence in English.
    pub message: String,
}

/// One product of a file.
#[derive(Clone, Debug)]
pub struct Row {
    pub line: u64,
    pub product: Wanted,
    /// The categories it is to be in, the primary one first; none to leave them as they are.
    pub paths: Vec<Path>,
    /// Where a new product goes that names none.
    pub otherwise: Option<Path>,
    /// The pictures it is to have.
    pub pictures: Vec<Source>,
}

/// An address as a file has it, if a picture may be fetched from there.
pub fn source(url: &str, alt: &str) -> Result<Source, &'static str> {
    let url = fetch::check(url)?;
    // What is no description of a picture is none of ours.
    let alt = product_image::check_alt(alt).unwrap_or_default();
    Ok(Source {
        url: url.into(),
        alt,
    })
}

/// What was read of a file in one go.
#[derive(Debug, Default)]
pub struct Portion {
    pub rows: Vec<Row>,
    /// How many rows of the file these are, bad ones included.
    pub records: u64,
    /// How many products were lost to bad rows.
    pub failed: u64,
    pub errors: Vec<RowIssue>,
    pub notices: Vec<RowIssue>,
    /// About how much memory the rows take.
    pub size: usize,
}

impl Portion {
    /// Takes a product, or what is wrong with it.
    pub fn add(&mut self, row: Result<Row, Vec<RowIssue>>) {
        match row {
            Ok(row) => self.rows.push(row),
            Err(issues) => {
                self.failed += 1;
                self.errors.extend(issues);
            }
        }
    }
}

/// The fields of a row as texts, as many as the header has.
pub fn texts<'a>(record: &'a Record, header: &[String]) -> Result<Vec<&'a str>, RowIssue> {
    let issue = |column: Option<&String>, message: String| RowIssue {
        line: record.line,
        column: column.filter(|name| !name.is_empty()).cloned(),
        message,
    };
    if let Some(fault) = record.fault {
        return Err(issue(None, fault.message().to_owned()));
    }
    if record.len() != header.len() {
        let (here, wanted) = (record.len(), header.len());
        let message = format!("The row has {here} columns, the header has {wanted}.");
        return Err(issue(None, message));
    }
    let fields = record.fields().zip(header);
    let texts = fields.map(|(field, name)| {
        std::str::from_utf8(field).map_err(|_| issue(Some(name), "This is not UTF-8.".to_owned()))
    });
    texts.collect()
}

/// Collects what is wrong with a row, so that its author learns all of it at once.
#[derive(Debug)]
pub struct Checks {
    line: u64,
    issues: Vec<RowIssue>,
}

impl Checks {
    pub const fn new(line: u64) -> Self {
        Self {
            line,
            issues: Vec::new(),
        }
    }

    /// Takes what a check gave: the value, or what is wrong with the column.
    pub fn check<T>(&mut self, column: &str, checked: Result<T, impl Into<String>>) -> Option<T> {
        checked.map_err(|message| self.add(column, message)).ok()
    }

    pub fn add(&mut self, column: &str, message: impl Into<String>) {
        self.issues.push(RowIssue {
            line: self.line,
            column: Some(column.to_owned()),
            message: message.into(),
        });
    }

    /// What was collected.
    pub fn into_issues(self) -> Vec<RowIssue> {
        self.issues
    }

    /// The row, when all of it was there.
    pub fn finish(self, row: Option<Row>) -> Result<Row, Vec<RowIssue>> {
        match row {
            Some(row) if self.issues.is_empty() => Ok(row),
            _ => Err(self.issues),
        }
    }
}
