//! Maps the columns of another shop's file to fields.

use std::collections::BTreeSet;

use crate::catalog::import_export::service::row::{ColumnNames, RowChunk, RowIssue};

/// A field in another shop's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Handle,
    Name,
    Description,
    Summary,
    Category,
    Kind,
    Published,
    Status,
    Sku,
    Price,
    Stock,
    Images,
    ImagePosition,
    ImageAlt,
    Option1Name,
    Option1,
    Option2Name,
    Option2,
    Option3Name,
    Option3,
    VariantImage,
    Barcode,
    CompareAtPrice,
    /// The price during a sale. The other price is then the one to compare with.
    SalePrice,
    Grams,
    Kilograms,
    Pounds,
    Ounces,
    RequiresShipping,
    /// Whether the stock is counted: the name of the system that does.
    Tracker,
    /// Whether the stock suffices, of products whose stock is not counted.
    InStock,
    /// Whether it can be sold below 0.
    Backorders,
    LowStock,
    /// Columns of Shopify without a counterpart in Wares.
    FulfillmentService,
    WeightUnit,
    Id,
    Parent,
    StoreView,
    Brand,
    Tags,
    SeoTitle,
    SeoDescription,
}

/// The number of fields.
const FIELDS: usize = Field::SeoDescription as usize + 1;

/// The headings of each field, in lowercase. The first one present is used.
pub type Known = &'static [(Field, &'static [&'static str])];

/// The headings of a file.
#[derive(Debug)]
pub struct Headings {
    names: Vec<String>,
    known: Known,
    indexes: [Option<usize>; FIELDS],
    /// Unmapped columns without a value so far.
    unmapped: BTreeSet<usize>,
}

impl Headings {
    /// Maps the header.
    ///
    /// # Errors
    /// A message for the author of the file if a mapped heading occurs twice.
    pub fn new(header: &[String], known: Known) -> Result<Self, String> {
        let mut indexes = [None; FIELDS];
        for (field, headings) in known {
            for heading in *headings {
                let mut same = header.iter().enumerate();
                let mut same = same.by_ref().filter(|(_, name)| is(name, heading));
                let index = same.next().map(|(index, _)| index);
                if same.next().is_some() {
                    return Err(format!("It has two columns called {heading}."));
                }
                if let Some(free) = indexes.get_mut(*field as usize) {
                    *free = free.or(index);
                }
            }
        }
        let all = 0..header.len();
        Ok(Self {
            unmapped: all
                .filter(|index| !indexes.contains(&Some(*index)))
                .collect(),
            names: header.to_vec(),
            known,
            indexes,
        })
    }

    /// Returns the headings as written in the file.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the column names used in later messages.
    pub fn column_names(&self) -> ColumnNames {
        let name = |field| self.name(field).to_owned();
        ColumnNames {
            name: name(Field::Name),
            sku: name(Field::Sku),
            slug: name(Field::Handle),
            categories: name(Field::Category),
            others: vec![
                ("price", name(Field::Price)),
                ("stock", name(Field::Stock)),
                ("compare_at_price", name(self.compare_at_price())),
                ("barcode", name(Field::Barcode)),
                ("weight", name(Field::Grams)),
                ("options", name(Field::Option1)),
            ],
        }
    }

    pub fn has(&self, field: Field) -> bool {
        self.index(field).is_some()
    }

    /// The field with the compare-at price.
    pub fn compare_at_price(&self) -> Field {
        if self.has(Field::SalePrice) {
            Field::Price
        } else {
            Field::CompareAtPrice
        }
    }

    /// Returns the column with this heading.
    pub fn position(&self, heading: &str) -> Option<usize> {
        self.names.iter().position(|name| is(name, heading))
    }

    /// Marks a column as read.
    pub fn claim(&mut self, index: usize) {
        self.unmapped.remove(&index);
    }

    /// Returns the heading of a field in the file, or its usual heading.
    pub fn name(&self, field: Field) -> &str {
        let own = self.index(field).and_then(|index| self.names.get(index));
        own.map_or_else(
            || {
                let known = self.known.iter().find(|(known, _)| *known == field);
                known.and_then(|(_, names)| names.first()).copied()
            },
            |name| Some(name.as_str()),
        )
        .unwrap_or_default()
    }

    fn index(&self, field: Field) -> Option<usize> {
        self.indexes.get(field as usize).copied().flatten()
    }

    /// Replaces the cell of a field.
    pub fn set<'a>(&self, fields: &mut [&'a str], field: Field, text: &'a str) {
        let index = self.index(field).and_then(|index| fields.get_mut(index));
        if let Some(cell) = index {
            *cell = text;
        }
    }

    /// Adds a notice for each unmapped column when it first contains a value.
    pub fn note_unmapped_columns(&mut self, line: u64, fields: &[&str], row_chunk: &mut RowChunk) {
        let holds = |index: &usize| {
            fields
                .get(*index)
                .is_some_and(|field| !field.trim().is_empty())
        };
        for index in self.unmapped.extract_if(.., holds) {
            row_chunk.notices.push(RowIssue {
                line,
                column: self.names.get(index).cloned(),
                message: "This column is not imported. Its values are ignored.".to_owned(),
            });
        }
    }
}

/// The cells of a row, by field.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    pub headings: &'a Headings,
    pub fields: &'a [&'a str],
}

impl<'a> Cells<'a> {
    /// Returns the trimmed cell of a field. Empty if the column is missing.
    pub fn get(&self, field: Field) -> &'a str {
        let index = self.headings.index(field);
        let field = index.and_then(|index| self.fields.get(index));
        field.map_or("", |field| field.trim())
    }

    pub fn has(&self, field: Field) -> bool {
        self.headings.has(field)
    }

    pub fn name(&self, field: Field) -> &'a str {
        self.headings.name(field)
    }
}

/// Whether a column has this heading.
pub fn is(column: &str, heading: &str) -> bool {
    column.trim().eq_ignore_ascii_case(heading)
}
