//! Shopify's product export: consecutive rows with the same handle form a product. The first row contains the product
//! and its first variant, the others additional variants and images.

mod columns;

pub use columns::EXPORTED;

use std::sync::Arc;

use self::columns::{KNOWN, REQUIRED_HEADINGS};
use super::AmountFormat;
use super::duplicates::DuplicateCheck;
use super::fields::{Context, row};
use super::headings::{Cells, Field, Headings, is};
use super::images::ImageList;
use super::options::{self, OptionNames};
use super::variants::variant;
use crate::catalog::import_export::service::attributes::{self, AttributeColumn};
use crate::catalog::import_export::service::csv::Record;
use crate::catalog::import_export::service::paths::{self, Path};
use crate::catalog::import_export::service::row::{
    Checks, ColumnNames, Row, RowChunk, RowIssue, decode_fields,
};
use crate::catalog::product::service::variants::{Choice, MAX_VARIANTS};

/// Reader of such a file.
#[derive(Debug)]
pub struct Shopify {
    headings: Headings,
    attributes: Vec<AttributeColumn>,
    names: Arc<ColumnNames>,
    money: AmountFormat,
    /// The product whose rows are being read.
    group: Option<Group>,
    /// Whether the previous row was invalid. It may have been the first of a product.
    is_first_lost: bool,
    seen: DuplicateCheck,
}

#[derive(Debug)]
struct Group {
    handle: String,
    /// The product or its errors. `None` if one of its rows was already reported as invalid.
    row: Option<Result<Row, Vec<RowIssue>>>,
    options: OptionNames,
    variants: usize,
    images: ImageList,
}

impl Shopify {
    /// Whether the header is that of a Shopify export.
    pub fn is_shopify(header: &[String]) -> bool {
        let has = |mark: &&str| header.iter().any(|name| is(name, mark));
        REQUIRED_HEADINGS
            .into_iter()
            .all(|marks| marks.iter().any(&has))
            && !has(&"name")
    }

    /// Maps the header.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn new(header: &[String], money: AmountFormat) -> Result<Self, String> {
        let mut headings = Headings::new(header, KNOWN)?;
        let attributes = attributes::columns(header, false)?;
        for column in &attributes {
            headings.claim(column.index);
        }
        Ok(Self {
            attributes,
            names: Arc::new(headings.column_names()),
            headings,
            money,
            group: None,
            is_first_lost: false,
            seen: DuplicateCheck::default(),
        })
    }

    /// Processes a row. A product is added to `row_chunk` when the next one begins.
    pub fn take(&mut self, record: &Record, row_chunk: &mut RowChunk) {
        let fields = match decode_fields(record, self.headings.names()) {
            Ok(fields) => fields,
            // The row may be an image of the current product, or a new product.
            Err(issue) => {
                self.is_first_lost = true;
                return row_chunk.add(Err(vec![issue]));
            }
        };
        let is_first_lost = std::mem::take(&mut self.is_first_lost);
        self.headings
            .note_unmapped_columns(record.line, &fields, row_chunk);
        let cells = Cells {
            headings: &self.headings,
            fields: &fields,
        };
        let handle = cells.get(Field::Handle);
        if let Some(group) = self.group.as_mut().filter(|group| group.handle == handle) {
            if is_first_lost {
                group.row = None;
            }
            let mut notices = Checks::new(record.line);
            let context = Context {
                money: &mut self.money,
                names: &self.names,
                notices: &mut notices,
            };
            group.add(record.line, &cells, context, &mut self.seen);
            row_chunk.notices.extend(notices.into_issues());
            return;
        }
        let group = if is_first_lost && cells.get(Field::Name).is_empty() {
            Group::lost(&cells)
        } else {
            let mut notices = Checks::new(record.line);
            let context = Context {
                money: &mut self.money,
                names: &self.names,
                notices: &mut notices,
            };
            let mut options = Checks::new(record.line);
            let names = options::names(&cells, &mut options);
            let choices = options::choices(options::of_shop(&cells), &names, &mut options);
            let row = first_row(record.line, &cells, choices, context);
            let mut row = row.and_then(|row| self.seen.take(row, &cells, &mut notices));
            if let Ok(row) = &mut row {
                row.attributes = attributes::cells(&self.attributes, &fields, (row.line, 0));
            }
            Group::new(
                &cells,
                with_issues(row, options),
                (names, notices),
                row_chunk,
            )
        };
        if let Some(done) = self.group.replace(group) {
            done.finish(row_chunk);
        }
    }

    /// Adds the last product to `row_chunk`.
    pub fn finish(&mut self, row_chunk: &mut RowChunk) {
        if let Some(group) = self.group.take() {
            group.finish(row_chunk);
        }
    }
}

/// Returns the row if there are no other issues either.
fn with_issues(row: Result<Row, Vec<RowIssue>>, checks: Checks) -> Result<Row, Vec<RowIssue>> {
    let mut issues = checks.into_issues();
    match row {
        Ok(row) if issues.is_empty() => Ok(row),
        Ok(_) => Err(issues),
        Err(others) => {
            issues.extend(others);
            Err(issues)
        }
    }
}

fn first_row(
    line: u64,
    cells: &Cells<'_>,
    choices: Option<Vec<Choice>>,
    context: Context<'_>,
) -> Result<Row, Vec<RowIssue>> {
    if cells.get(Field::Name).is_empty() {
        let mut checks = Checks::new(line);
        checks.add(
            cells.name(Field::Name),
            "The first row of a product must contain its title, directly followed by its other rows.",
        );
        return checks.finish(None);
    }
    row(line, cells, categories(cells), choices, context)
}

/// Parses the categories of a row: the product category, or else the type, which is written as in our own files.
fn categories(cells: &Cells<'_>) -> Result<Vec<Path>, String> {
    let category = cells.get(Field::Category);
    if category.is_empty() {
        return paths::parse(cells.get(Field::Kind));
    }
    let names = category.split('>').map(|name| name.trim().to_owned());
    Ok(vec![paths::check(names)?])
}

impl Group {
    /// The additional rows of a product whose first row is invalid.
    fn lost(cells: &Cells<'_>) -> Self {
        Self {
            handle: cells.get(Field::Handle).to_owned(),
            row: None,
            options: [None, None, None],
            variants: 0,
            images: ImageList::default(),
        }
    }

    fn new(
        cells: &Cells<'_>,
        row: Result<Row, Vec<RowIssue>>,
        (options, mut notices): (OptionNames, Checks),
        row_chunk: &mut RowChunk,
    ) -> Self {
        let mut images = ImageList::default();
        images.take(cells, None, &mut notices);
        row_chunk.notices.extend(notices.into_issues());
        Self {
            handle: cells.get(Field::Handle).to_owned(),
            row: Some(row),
            options,
            variants: 1,
            images,
        }
    }

    /// Adds a row: a variant, an image, or both.
    fn add(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        mut context: Context<'_>,
        seen: &mut DuplicateCheck,
    ) {
        let Some(row) = &mut self.row else { return };
        self.images.take(cells, None, context.notices);
        if cells.get(Field::Price).is_empty() && !options::has_values(cells) {
            return;
        }
        self.variants += 1;
        let mut checks = Checks::new(line);
        if self.variants > MAX_VARIANTS {
            if self.variants == MAX_VARIANTS + 1 {
                let message = "A product has at most 1,000 variants.";
                checks.add(cells.name(Field::Option1), message);
            }
        } else {
            options::check_further_row(cells, &self.options, &mut checks);
            let choices = options::choices(options::of_shop(cells), &self.options, &mut checks);
            let mut variant = variant(line, cells, choices, &mut context, &mut checks);
            seen.take_sku(&mut variant, cells, context.notices);
            if let Ok(row) = row {
                row.product.variants.push(variant);
            }
        }
        let issues = checks.into_issues();
        match row {
            Err(known) => known.extend(issues),
            Ok(_) if !issues.is_empty() => *row = Err(issues),
            Ok(_) => {}
        }
    }

    fn finish(self, row_chunk: &mut RowChunk) {
        let Some(mut row) = self.row else { return };
        if let Ok(row) = &mut row {
            row.images = self.images.in_order();
        }
        row_chunk.add(row);
    }
}
