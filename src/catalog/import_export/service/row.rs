//! Rows of an import file as products, and issues about them.

use std::sync::Arc;

use super::attributes::AttributeCell;
use super::cells;
use super::csv::Record;
use super::paths::Path;
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::catalog::product_image::service::{self as product_image, Source};
use crate::infra::http_client::fetch;

/// Message for invalid bytes.
const INVALID_TEXT: &str =
    "The text is not valid in the encoding of the file: save it as CSV (UTF-8).";

/// An error or notice about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowIssue {
    /// Line where the row begins, as shown by an editor. Starts at 1.
    pub line: u64,
    /// The column, if it concerns one.
    pub column: Option<String>,
    /// Message in English.
    pub message: String,
}

/// A product of a file: one or more rows.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line of its first row.
    pub line: u64,
    pub product: ImportedProduct,
    /// The new categories of the product, the primary one first. If empty, they are unchanged.
    pub paths: Vec<Path>,
    /// Category for a new product without categories.
    pub fallback_path: Option<Path>,
    /// Values of attributes of the product and its variants.
    pub attributes: Vec<AttributeCell>,
    /// Images to fetch.
    pub images: Vec<Source>,
    /// Headings of the file, for messages.
    pub names: Arc<ColumnNames>,
    /// Whether to import the product without its SKU if another product has it.
    pub may_drop_sku: bool,
}

/// Headings used in messages after a row was read.
#[derive(Debug, PartialEq, Eq)]
pub struct ColumnNames {
    pub name: String,
    pub sku: String,
    pub slug: String,
    pub categories: String,
    /// Other fields with their headings, if these differ.
    pub others: Vec<(&'static str, String)>,
}

impl ColumnNames {
    /// Returns the heading of one of our fields.
    pub fn column<'a>(&'a self, field: &'a str) -> &'a str {
        match field {
            "name" => &self.name,
            "sku" => &self.sku,
            "slug" => &self.slug,
            "categories" => &self.categories,
            _ => {
                let mut others = self.others.iter();
                let other = others.find(|(known, _)| *known == field);
                other.map_or(field, |(_, heading)| heading.as_str())
            }
        }
    }
}

/// The identifier of a product in its row.
#[derive(Clone, Debug)]
pub struct ProductKey {
    pub line: u64,
    column: String,
    value: String,
}

impl Row {
    /// Returns the identifier that is looked up first (slug or SKU), or else the name.
    pub fn product_key(&self) -> ProductKey {
        let sku = self.product.skus().next();
        let sku = sku.map(|sku| (&self.names.sku, sku.as_str()));
        let slug = self.product.fields.slug.as_deref();
        let slug = slug.map(|slug| (&self.names.slug, slug));
        let first = match self.product.found_by {
            FoundBy::SkuThenSlug => sku.or(slug),
            FoundBy::Slug | FoundBy::SlugThenSku => slug.or(sku),
        };
        let (column, value) = first.unwrap_or((&self.names.name, self.product.name()));
        ProductKey {
            line: self.line,
            column: column.clone(),
            value: cells::shorten(value),
        }
    }
}

impl ProductKey {
    /// Returns the notice that an earlier line contains the same product.
    pub fn repeats(self, first: u64) -> RowIssue {
        let Self {
            line,
            column,
            value,
        } = self;
        let mut message = format!(
            "Line {first} contains the same product, {value}: line {line} has replaced its values."
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

/// Validates the URL of an image.
pub fn source(url: &str, alt: &str) -> Result<Source, &'static str> {
    let url = fetch::check(url)?;
    // An invalid alternative text is dropped.
    let alt = product_image::check_alt(alt).unwrap_or_default();
    Ok(Source {
        url: url.into(),
        alt,
        variants: Vec::new(),
    })
}

/// Rows read in one step.
#[derive(Debug, Default)]
pub struct RowChunk {
    pub rows: Vec<Row>,
    /// Number of rows of the file, including invalid ones.
    pub records: u64,
    /// Number of products not imported because of invalid rows.
    pub failed: u64,
    pub errors: Vec<RowIssue>,
    pub notices: Vec<RowIssue>,
    /// Approximate memory size of the rows in bytes.
    pub size: usize,
}

impl RowChunk {
    /// Adds a product or its errors.
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

/// Decodes the fields of a row, as many as the header has. Missing trailing cells are empty, and surplus empty cells
/// are dropped, as written by spreadsheets.
pub fn decode_fields<'a>(record: &'a Record, header: &[String]) -> Result<Vec<&'a str>, RowIssue> {
    let issue = |column: Option<&String>, message: String| RowIssue {
        line: record.line,
        column: column.filter(|name| !name.is_empty()).cloned(),
        message,
    };
    if let Some(error) = record.error {
        return Err(issue(None, error.message().to_owned()));
    }
    let surplus = record.fields().skip(header.len());
    let is_blank = |field: &[u8]| std::str::from_utf8(field).is_ok_and(cells::is_blank);
    if surplus.into_iter().any(|field| !is_blank(field)) {
        let (here, wanted) = (record.len(), header.len());
        let message = format!("The row has {here} columns, the header has {wanted}.");
        return Err(issue(None, message));
    }
    let fields = record.fields().chain(std::iter::repeat(&b""[..]));
    let decode_fields = fields.zip(header).map(|(field, name)| {
        let text = std::str::from_utf8(field);
        text.map_err(|_| issue(Some(name), INVALID_TEXT.to_owned()))
    });
    decode_fields.collect()
}

/// Collects all issues of a row, so that its author sees them at once.
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

    /// Returns a checked value, or records the error for the column.
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

    /// Returns the collected issues.
    pub fn into_issues(self) -> Vec<RowIssue> {
        self.issues
    }

    /// Returns the row if there is one and no errors were recorded.
    pub fn finish(self, row: Option<Row>) -> Result<Row, Vec<RowIssue>> {
        match row {
            Some(row) if self.issues.is_empty() => Ok(row),
            _ => Err(self.issues),
        }
    }
}
