//! Our own columns.

use super::csv::Record;
use super::row::{Checks, Portion, Row, RowIssue, source, texts};
use super::{cells, paths};
use crate::money::Currency;
use crate::product::service::batch::{FoundBy, Wanted};
use crate::{slug, text};

/// The columns of an export.
pub const EXPORTED: [&str; 8] = [
    "name",
    "price",
    "sku",
    "slug",
    "description",
    "stock",
    "categories",
    "status",
];
/// Those of an import.
const NAMES: [&str; 9] = [
    "name",
    "price",
    "sku",
    "slug",
    "description",
    "stock",
    "categories",
    "status",
    "image_url",
];
/// Those of them that every file must have.
const REQUIRED: [&str; 2] = ["name", "price"];

/// Which column of a file is which.
#[derive(Debug)]
pub struct Columns {
    header: Vec<String>,
    places: [Option<usize>; NAMES.len()],
    currency: Currency,
}

impl Columns {
    /// Finds the columns in a header; those that nobody knows are told in `notices`.
    ///
    /// # Errors
    /// A sentence for whoever sent the file.
    pub fn new(
        header: &[String],
        line: u64,
        currency: Currency,
        notices: &mut Vec<RowIssue>,
    ) -> Result<Self, String> {
        let mut places = [None; NAMES.len()];
        let mut known = Vec::with_capacity(header.len());
        for (place, name) in header.iter().enumerate() {
            let lower = name.to_lowercase();
            let Some(column) = NAMES.iter().position(|known| *known == lower) else {
                notices.push(unknown(line, place, name));
                known.push(name.clone());
                continue;
            };
            if places[column].replace(place).is_some() {
                return Err(format!("It has two columns called {lower}."));
            }
            known.push(lower);
        }
        for name in REQUIRED {
            if !known.iter().any(|known| known == name) {
                return Err(format!("It has no column called {name}."));
            }
        }
        Ok(Self {
            header: known,
            places,
            currency,
        })
    }

    /// Reads a row into `portion`.
    pub fn take(&self, record: &Record, portion: &mut Portion) {
        let row = match texts(record, &self.header) {
            Ok(fields) => self.row(record.line, &fields),
            Err(issue) => Err(vec![issue]),
        };
        portion.add(row);
    }

    fn row(&self, line: u64, fields: &[&str]) -> Result<Row, Vec<RowIssue>> {
        let cell = |name: &str| {
            let column = NAMES.iter().position(|known| *known == name)?;
            fields.get(self.places[column]?).copied()
        };
        let filled = |name: &str| cell(name).filter(|text| !text.trim().is_empty());
        let mut checks = Checks::new(line);
        let name = checks.check("name", text::check_name(cell("name").unwrap_or_default()));
        let price = cells::price(cell("price").unwrap_or_default(), self.currency);
        let price = checks.check("price", price);
        // An empty cell is a product without a SKU.
        let sku = cell("sku").map(|_| filled("sku").map(text::check_sku).transpose());
        let sku = sku.and_then(|sku| checks.check("sku", sku));
        let slug = filled("slug").and_then(|slug| checks.check("slug", slug::check(slug)));
        let description = cell("description").map(text::check_description);
        let description = description.and_then(|text| checks.check("description", text));
        let stock = checks.check("stock", cells::stock(cell("stock").unwrap_or_default()));
        let status = checks.check("status", cells::status(cell("status").unwrap_or_default()));
        let paths = paths::parse(cell("categories").unwrap_or_default());
        let paths = checks.check("categories", paths).unwrap_or_default();
        let picture = filled("image_url").map(|url| source(url.trim(), ""));
        let picture = picture.and_then(|source| checks.check("image_url", source));
        let row = name.zip(price).map(|(name, price)| Row {
            line,
            product: Wanted {
                found_by: FoundBy::SkuThenSlug,
                name,
                price,
                sku,
                slug,
                description,
                stock: stock.flatten(),
                status: status.flatten(),
            },
            paths,
            otherwise: None,
            pictures: picture.into_iter().collect(),
        });
        checks.finish(row)
    }
}

/// Tells that a column is not known.
fn unknown(line: u64, place: usize, name: &str) -> RowIssue {
    let message = if name.is_empty() {
        format!("Column {} has no name and is left out.", place + 1)
    } else {
        "This column is not known and is left out.".to_owned()
    };
    RowIssue {
        line,
        column: (!name.is_empty()).then(|| name.to_owned()),
        message,
    }
}
