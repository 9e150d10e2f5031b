//! Our own file layout. Consecutive rows with the same slug and with option values form a product: the first row
//! contains the product and its first variant, the others additional variants.

mod columns;
mod product;
mod variant;

pub use columns::{Column, EXPORTED, EXPORTED_COLUMNS, NAMES, OPTIONS};

use std::sync::Arc;

use self::columns::{Cells, Columns};
use self::variant::{has_values, option_cells, option_names, variant};
use super::AmountFormat;
use super::options::{OptionNames, check_unknown};
use crate::catalog::import_export::service::attributes::{self, AttributeColumn};
use crate::catalog::import_export::service::csv::Record;
use crate::catalog::import_export::service::paths;
use crate::catalog::import_export::service::row::{
    Checks, ColumnNames, Row, RowChunk, RowIssue, decode_fields, source,
};
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::catalog::product::service::variants::MAX_VARIANTS;
use crate::catalog::product_image::service::Source;
use crate::core::text;

/// Reader of such a file.
#[derive(Debug)]
pub struct OwnLayout {
    header: Vec<String>,
    columns: Columns,
    attributes: Vec<AttributeColumn>,
    money: AmountFormat,
    names: Arc<ColumnNames>,
    /// The product whose rows are being read, in a file with options.
    group: Option<Group>,
    /// Whether the previous row was invalid. It may belong to the product before or after it.
    is_row_lost: bool,
}

/// The rows of a product.
#[derive(Debug)]
struct Group {
    slug: String,
    options: OptionNames,
    /// The product, if its first row is valid.
    row: Option<Row>,
    issues: Vec<RowIssue>,
    variants: usize,
    /// Whether a row of it was already reported as invalid.
    is_lost: bool,
}

impl OwnLayout {
    /// Maps the header. Adds unknown columns to `notices`.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn new(
        header: &[String],
        line: u64,
        money: AmountFormat,
        notices: &mut Vec<RowIssue>,
    ) -> Result<Self, String> {
        let attributes = attributes::columns(header, true)?;
        let (columns, header) = Columns::new(header, line, notices)?;
        let own = |column: Column| column.heading().to_owned();
        let names = ColumnNames {
            name: own(Column::Name),
            sku: own(Column::Sku),
            slug: own(Column::Slug),
            categories: own(Column::Categories),
            others: vec![("options", own(Column::Option1Value))],
        };
        Ok(Self {
            header,
            columns,
            attributes,
            money,
            names: Arc::new(names),
            group: None,
            is_row_lost: false,
        })
    }

    /// Processes a row. A product that may have more rows is added to `row_chunk` when the next one begins.
    pub fn take(&mut self, record: &Record, row_chunk: &mut RowChunk) {
        let header = std::mem::take(&mut self.header);
        match decode_fields(record, &header) {
            Ok(fields) => {
                let cells = Cells {
                    columns: self.columns,
                    fields: &fields,
                };
                self.take_cells(record.line, &cells, row_chunk);
            }
            Err(issue) => {
                self.is_row_lost = true;
                row_chunk.add(Err(vec![issue]));
            }
        }
        self.header = header;
    }

    fn take_cells(&mut self, line: u64, cells: &Cells<'_>, row_chunk: &mut RowChunk) {
        let is_row_lost = std::mem::take(&mut self.is_row_lost);
        let slug = text::clean_line(cells.text(Column::Slug)).trim().to_owned();
        if let Some(group) = self.group.as_mut().filter(|group| group.has(&slug, cells)) {
            group.is_lost |= is_row_lost;
            let formats = (&self.attributes[..], &mut self.money);
            group.add(line, cells, formats, row_chunk);
            return;
        }
        self.finish(row_chunk);
        let mut group = self.group(line, slug, cells, row_chunk);
        // The first row of the product is the invalid one.
        group.is_lost = is_row_lost && has_values(cells) && cells.filled(Column::Name).is_none();
        if self.columns.has_options() && !group.slug.is_empty() {
            self.group = Some(group);
        } else {
            group.finish(row_chunk);
        }
    }

    /// Adds the last product to `row_chunk`.
    pub fn finish(&mut self, row_chunk: &mut RowChunk) {
        if let Some(group) = self.group.take() {
            group.finish(row_chunk);
        }
    }

    /// Begins a product with its first row.
    fn group(
        &mut self,
        line: u64,
        slug: String,
        cells: &Cells<'_>,
        row_chunk: &mut RowChunk,
    ) -> Group {
        let mut checks = Checks::new(line);
        let fields = product::fields(cells, &mut checks);
        if cells.filled(Column::Price).is_none() {
            let price = self.money.numbers.price("", self.money.currency);
            checks.check(Column::Price.heading(), price);
        }
        let options = option_names(cells, &mut checks);
        let issues = (&mut checks, &mut row_chunk.notices);
        let variant = variant(line, cells, &options, &mut self.money, issues);
        let has_options = variant.fields.options.is_some();
        if has_options && slug.is_empty() {
            checks.add(
                Column::Slug.heading(),
                "A row with options requires a slug.",
            );
        }
        let paths = paths::parse(cells.text(Column::Categories));
        let paths = checks.check(Column::Categories.heading(), paths);
        let related = product::related(cells, &mut checks);
        let image = image(cells, &mut checks);
        let row = fields.map(|fields| Row {
            line,
            product: ImportedProduct {
                found_by: if has_options {
                    FoundBy::Slug
                } else {
                    FoundBy::SkuThenSlug
                },
                fields,
                variants: vec![variant],
                related,
            },
            paths: paths.unwrap_or_default(),
            fallback_path: None,
            attributes: attributes::cells(&self.attributes, cells.fields, (line, 0)),
            images: image.into_iter().collect(),
            names: self.names.clone(),
            may_drop_sku: false,
        });
        Group {
            slug,
            options,
            row,
            issues: checks.into_issues(),
            variants: 1,
            is_lost: false,
        }
    }
}

impl Group {
    /// Whether a row belongs to the product. Rows without options are products of their own.
    fn has(&self, slug: &str, cells: &Cells<'_>) -> bool {
        let has_options = self.options.iter().any(Option::is_some);
        self.slug == slug && (has_options || has_values(cells))
    }

    /// Adds the variant of a row.
    fn add(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        (columns, money): (&[AttributeColumn], &mut AmountFormat),
        row_chunk: &mut RowChunk,
    ) {
        self.variants += 1;
        if self.variants > MAX_VARIANTS {
            if self.variants == MAX_VARIANTS + 1 {
                let mut checks = Checks::new(line);
                let heading = Column::Option1Value.heading();
                checks.add(heading, "A product has at most 1,000 variants.");
                self.issues.extend(checks.into_issues());
            }
            return;
        }
        let mut checks = Checks::new(line);
        check_unknown(option_cells(cells), &self.options, &mut checks);
        let issues = (&mut checks, &mut row_chunk.notices);
        let variant = variant(line, cells, &self.options, money, issues);
        let image = image(cells, &mut checks);
        if let Some(row) = &mut self.row {
            let place = (line, row.product.variants.len());
            let cells = attributes::cells(columns, cells.fields, place);
            row.attributes.extend(cells);
            row.product.variants.push(variant);
            row.images.extend(image);
        }
        self.issues.extend(checks.into_issues());
    }

    fn finish(self, row_chunk: &mut RowChunk) {
        if self.is_lost {
            return;
        }
        match self.row {
            Some(row) if self.issues.is_empty() => row_chunk.add(Ok(row)),
            _ => row_chunk.add(Err(self.issues)),
        }
    }
}

fn image(cells: &Cells<'_>, checks: &mut Checks) -> Option<Source> {
    let address = text::clean_line(cells.filled(Column::ImageUrl)?);
    checks.check(Column::ImageUrl.heading(), source(address.trim(), ""))
}
