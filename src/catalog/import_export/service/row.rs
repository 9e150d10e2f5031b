//! What a file says of one product, and what is told of its rows.

use std::sync::Arc;

use super::cells;
use super::csv::Record;
use super::paths::Path;
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::catalog::product_image::service::{self as product_image, Source};
use crate::infra::http_client::fetch;

/// What is said of bytes that are no text.
const NO_TEXT: &str =
    "This is no text in UTF-8, nor in the encoding of the file: save it as CSV (UTF-8).";

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
    pub product: ImportedProduct,
    /// The categories it is to be in, the primary one first; none to leave them as they are.
    pub paths: Vec<Path>,
    /// Where a new product goes that names none.
    pub otherwise: Option<Path>,
    /// The pictures it is to have.
    pub pictures: Vec<Source>,
    /// What the file calls its columns.
    pub names: Arc<ColumnNames>,
    /// Whether it is imported without its SKU when another product has that.
    pub lends_sku: bool,
}

/// What a file calls the columns that are told of after they were read.
#[derive(Debug, PartialEq, Eq)]
pub struct ColumnNames {
    pub name: String,
    pub sku: String,
    pub slug: String,
    pub categories: String,
}

impl ColumnNames {
    /// What the file calls the column of this field of ours.
    pub fn column<'a>(&'a self, field: &'a str) -> &'a str {
        match field {
            "name" => &self.name,
            "sku" => &self.sku,
            "slug" => &self.slug,
            "categories" => &self.categories,
            _ => field,
        }
    }
}

/// A product as its row names it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub line: u64,
    column: String,
    value: String,
}

impl Row {
    /// What the row calls its product: its slug or its SKU, whichever it is looked for by first, else its name.
    pub fn subject(&self) -> Subject {
        let sku = self.product.sku();
        let sku = sku.map(|sku| (&self.names.sku, sku.as_str()));
        let slug = self.product.fields.slug.as_deref();
        let slug = slug.map(|slug| (&self.names.slug, slug));
        let first = match self.product.found_by {
            FoundBy::SkuThenSlug => sku.or(slug),
            FoundBy::Slug | FoundBy::SlugThenSku => slug.or(sku),
        };
        let (column, value) = first.unwrap_or((&self.names.name, self.product.name()));
        Subject {
            line: self.line,
            column: column.clone(),
            value: cells::short(value),
        }
    }
}

impl Subject {
    /// The notice that an earlier line means the same product.
    pub fn repeats(self, first: u64) -> RowIssue {
        let Self {
            line,
            column,
            value,
        } = self;
        let mut message = format!(
            "Line {first} means the same product, {value}: line {line} has replaced what it says."
        );
        if is_rounded(&value) {
            message.push_str(" A spreadsheet has rounded the number: format its column as text.");
        }
        RowIssue {
            line,
            column: Some(column),
            message,
        }
    }
}

/// Whether this is a number such as `1.23457E+12`.
fn is_rounded(value: &str) -> bool {
    let Some((digits, exponent)) = value.split_once("E+") else {
        return false;
    };
    let is_number = |text: &str| {
        let mut bytes = text.bytes();
        !text.is_empty() && bytes.all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    };
    is_number(digits) && is_number(exponent)
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

/// The fields of a row as texts, as many as the header has. Cells that are missing at the end are empty, and empty ones too
/// many are left out, as spreadsheets have it.
pub fn texts<'a>(record: &'a Record, header: &[String]) -> Result<Vec<&'a str>, RowIssue> {
    let issue = |column: Option<&String>, message: String| RowIssue {
        line: record.line,
        column: column.filter(|name| !name.is_empty()).cloned(),
        message,
    };
    if let Some(fault) = record.fault {
        return Err(issue(None, fault.message().to_owned()));
    }
    let surplus = record.fields().skip(header.len());
    let is_blank = |field: &[u8]| std::str::from_utf8(field).is_ok_and(cells::is_blank);
    if surplus.into_iter().any(|field| !is_blank(field)) {
        let (here, wanted) = (record.len(), header.len());
        let message = format!("The row has {here} columns, the header has {wanted}.");
        return Err(issue(None, message));
    }
    let fields = record.fields().chain(std::iter::repeat(&b""[..]));
    let texts = fields.zip(header).map(|(field, name)| {
        let text = std::str::from_utf8(field);
        text.map_err(|_| issue(Some(name), NO_TEXT.to_owned()))
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
