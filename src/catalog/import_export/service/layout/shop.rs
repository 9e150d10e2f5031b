//! Exports of other shops with one row per product, optionally followed by rows of its variants.

use std::sync::Arc;

use super::AmountFormat;
use super::duplicates::DuplicateCheck;
use super::fields::{Context, row};
use super::headings::{Cells, Field, Headings, is};
use super::images::ImageList;
use super::shops::{FORMATS, Format, Variants};
use crate::catalog::import_export::service::cells::shorten;
use crate::catalog::import_export::service::csv::Record;
use crate::catalog::import_export::service::row::{Checks, ColumnNames, RowChunk, decode_fields};

/// Reader of such a file.
#[derive(Debug)]
pub struct VariantLayout {
    format: &'static Format,
    headings: Headings,
    names: Arc<ColumnNames>,
    money: AmountFormat,
    seen: DuplicateCheck,
    /// The product whose rows are being read. `None` if its first row was invalid.
    current: Option<CurrentProduct>,
}

/// The first row of a product.
#[derive(Debug)]
struct CurrentProduct {
    line: u64,
    fields: Vec<String>,
    /// The price of the first variant, used if the product has none.
    variant_price: Option<String>,
}

impl VariantLayout {
    /// Detects another shop's file by its header.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn detect(header: &[String], money: AmountFormat) -> Result<Option<Self>, String> {
        let has = |mark: &&str| header.iter().any(|name| is(name, mark));
        let marked = FORMATS
            .iter()
            .filter(|format| format.required_headings.iter().all(&has));
        for format in marked {
            let headings = Headings::new(header, format.known)?;
            // A file that also has a `price` column has our own layout.
            let is_ours = !is(headings.name(Field::Price), "price") && has(&"price");
            if headings.has(Field::Name) && headings.has(Field::Price) && !is_ours {
                return Ok(Some(Self {
                    format,
                    names: Arc::new(headings.column_names()),
                    headings,
                    money,
                    seen: DuplicateCheck::default(),
                    current: None,
                }));
            }
        }
        Ok(None)
    }

    /// Returns the name of the shop.
    pub const fn name(&self) -> &'static str {
        self.format.name
    }

    /// Processes a row. A product is added to `row_chunk` when the next one begins.
    pub fn take(&mut self, record: &Record, row_chunk: &mut RowChunk) {
        let fields = match decode_fields(record, self.headings.names()) {
            Ok(fields) => fields,
            Err(issue) => {
                self.finish(row_chunk);
                return row_chunk.add(Err(vec![issue]));
            }
        };
        self.headings
            .note_unmapped_columns(record.line, &fields, row_chunk);
        let cells = Cells {
            headings: &self.headings,
            fields: &fields,
        };
        let mut notices = Checks::new(record.line);
        if !cells.get(Field::StoreView).is_empty() {
            let message = "The row belongs to a store view: translations are not imported.";
            notices.add(cells.name(Field::StoreView), message);
        } else if self.is_variant(&cells) {
            self.add_variant(&fields, &mut notices);
        } else {
            self.finish(row_chunk);
            self.current = Some(CurrentProduct {
                line: record.line,
                fields: fields.iter().map(|field| (*field).to_owned()).collect(),
                variant_price: None,
            });
        }
        row_chunk.notices.extend(notices.into_issues());
    }

    /// Whether a row is a variant of the current product, or of another one.
    fn is_variant(&self, cells: &Cells<'_>) -> bool {
        match self.format.variants {
            Variants::OfKind(kinds) => {
                let kind = cells.get(Field::Kind).to_lowercase();
                kinds.iter().any(|variant| kind.starts_with(variant))
            }
            Variants::SameName => {
                let name = cells.get(Field::Name);
                let current = self.current.as_ref();
                current.is_some_and(|current| self.current_cell(current, Field::Name) == name)
            }
            Variants::Absent => false,
        }
    }

    fn current_cell(&self, current: &CurrentProduct, field: Field) -> String {
        let fields: Vec<&str> = current.fields.iter().map(String::as_str).collect();
        let cells = Cells {
            headings: &self.headings,
            fields: &fields,
        };
        cells.get(field).to_owned()
    }

    fn add_variant(&mut self, fields: &[&str], notices: &mut Checks) {
        let cells = Cells {
            headings: &self.headings,
            fields,
        };
        let price = cells.get(Field::Price);
        let mut message =
            "The variant is not imported: only those of Shopify and WooCommerce are.".to_owned();
        if !price.is_empty() {
            message = format!("{message} Its price is {}.", shorten(price));
        }
        notices.add(cells.name(Field::Price), message);
        if let Some(current) = self.current.as_mut().filter(|_| !price.is_empty()) {
            current
                .variant_price
                .get_or_insert_with(|| price.to_owned());
        }
    }

    /// Adds the last product to `row_chunk`.
    pub fn finish(&mut self, row_chunk: &mut RowChunk) {
        let Some(current) = self.current.take() else {
            return;
        };
        let mut fields: Vec<&str> = current.fields.iter().map(String::as_str).collect();
        let cells = Cells {
            headings: &self.headings,
            fields: &fields,
        };
        let mut notices = Checks::new(current.line);
        if let Some(price) = current.variant_price.as_deref()
            && cells.get(Field::Price).is_empty()
        {
            let message = format!(
                "The price was taken from the first variant: {}.",
                shorten(price)
            );
            notices.add(cells.name(Field::Price), message);
            self.headings.set(&mut fields, Field::Price, price);
        }
        let cells = Cells {
            headings: &self.headings,
            fields: &fields,
        };
        let paths = self.format.separators.paths(cells.get(Field::Category));
        let context = Context {
            money: &mut self.money,
            names: &self.names,
            notices: &mut notices,
        };
        let row = row(current.line, &cells, paths, None, context);
        let mut row = row.and_then(|row| self.seen.take(row, &cells, &mut notices));
        let mut images = ImageList::default();
        images.take(&cells, Some(self.format.separators.values), &mut notices);
        if let Ok(row) = &mut row {
            row.images = images.in_order();
        }
        row_chunk.notices.extend(notices.into_issues());
        row_chunk.add(row);
    }
}
