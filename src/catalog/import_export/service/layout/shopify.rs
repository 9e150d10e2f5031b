//! Shopify's product export: consecutive rows with the same handle form a product. The first row contains the product
//! and its first variant, the others additional variants and images.

use std::sync::Arc;

use super::AmountFormat;
use super::duplicates::DuplicateCheck;
use super::fields::{Context, row};
use super::headings::{Cells, Field, Headings, Known, is};
use super::images::ImageList;
use crate::catalog::import_export::service::cells::shorten;
use crate::catalog::import_export::service::csv::Record;
use crate::catalog::import_export::service::paths::{self, Path};
use crate::catalog::import_export::service::row::{
    Checks, ColumnNames, Row, RowChunk, RowIssue, decode_fields,
};

/// The headings until 2024, and since then.
const KNOWN: Known = &[
    (Field::Handle, &["handle", "url handle"]),
    (Field::Name, &["title"]),
    (Field::Description, &["body (html)", "description"]),
    (Field::Category, &["product category"]),
    (Field::Kind, &["type"]),
    (
        Field::Published,
        &["published", "published on online store"],
    ),
    (Field::Status, &["status"]),
    (Field::Sku, &["variant sku", "sku"]),
    (Field::Price, &["variant price", "price"]),
    (
        Field::Stock,
        &["variant inventory qty", "inventory quantity"],
    ),
    (Field::Images, &["image src", "product image url"]),
    (Field::ImagePosition, &["image position"]),
    (Field::ImageAlt, &["image alt text"]),
    (Field::OptionName, &["option1 name"]),
    (Field::Option1, &["option1 value"]),
    (Field::Option2, &["option2 value"]),
    (Field::Option3, &["option3 value"]),
    (Field::VariantImage, &["variant image", "variant image url"]),
    (Field::Brand, &["vendor"]),
    (Field::Tags, &["tags"]),
    (Field::SeoTitle, &["seo title"]),
    (Field::SeoDescription, &["seo description"]),
];
/// A file with one heading of each group is a Shopify export.
const REQUIRED_HEADINGS: [&[&str]; 3] = [
    &["handle", "url handle"],
    &["title"],
    &["variant price", "price"],
];
/// The option value of a product without variants.
const NO_OPTION: &str = "Default Title";

/// Reader of such a file.
#[derive(Debug)]
pub struct Shopify {
    headings: Headings,
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
    /// The product or its errors. `None` if its first row was already reported as invalid.
    row: Option<Result<Row, Vec<RowIssue>>>,
    price: String,
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
        let headings = Headings::new(header, KNOWN)?;
        Ok(Self {
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
            group.add(record.line, &cells, row_chunk);
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
            let row = first_row(record.line, &cells, context);
            let row = row.and_then(|row| self.seen.take(row, &cells, &mut notices));
            Group::new(&cells, row, notices, row_chunk)
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

fn first_row(line: u64, cells: &Cells<'_>, context: Context<'_>) -> Result<Row, Vec<RowIssue>> {
    if cells.get(Field::Name).is_empty() {
        let mut checks = Checks::new(line);
        checks.add(
            cells.name(Field::Name),
            "The first row of a product must contain its title, directly followed by its other rows.",
        );
        return checks.finish(None);
    }
    let paths = category(cells).transpose();
    let paths = paths.map(|path| path.into_iter().collect());
    row(line, cells, paths, context)
}

/// Parses the category of a row, if any.
fn category(cells: &Cells<'_>) -> Option<Result<Path, String>> {
    let (category, kind) = (cells.get(Field::Category), cells.get(Field::Kind));
    if !category.is_empty() {
        let names = category.split('>').map(|name| name.trim().to_owned());
        return Some(paths::check(names));
    }
    (!kind.is_empty()).then(|| paths::check(std::iter::once(kind.to_owned())))
}

impl Group {
    /// The additional rows of a product whose first row is invalid.
    fn lost(cells: &Cells<'_>) -> Self {
        Self {
            handle: cells.get(Field::Handle).to_owned(),
            row: None,
            price: String::new(),
            images: ImageList::default(),
        }
    }

    fn new(
        cells: &Cells<'_>,
        row: Result<Row, Vec<RowIssue>>,
        mut notices: Checks,
        row_chunk: &mut RowChunk,
    ) -> Self {
        let option = cells.get(Field::Option1);
        if !option.is_empty() && option != NO_OPTION {
            let name = cells.get(Field::OptionName);
            let message = format!(
                "The option {} of the product is not imported.",
                shorten(name)
            );
            notices.add(cells.name(Field::Option1), message);
        }
        let mut images = ImageList::default();
        images.take(cells, None, &mut notices);
        row_chunk.notices.extend(notices.into_issues());
        Self {
            handle: cells.get(Field::Handle).to_owned(),
            row: Some(row),
            price: cells.get(Field::Price).to_owned(),
            images,
        }
    }

    /// Adds a row: a variant, an image, or both.
    fn add(&mut self, line: u64, cells: &Cells<'_>, row_chunk: &mut RowChunk) {
        if self.row.is_none() {
            return;
        }
        let mut notices = Checks::new(line);
        self.images.take(cells, None, &mut notices);
        if !cells.get(Field::Price).is_empty() {
            self.note_variant(cells, &mut notices);
        }
        row_chunk.notices.extend(notices.into_issues());
    }

    fn note_variant(&self, cells: &Cells<'_>, notices: &mut Checks) {
        let price = cells.get(Field::Price);
        let options = [Field::Option1, Field::Option2, Field::Option3];
        let options = options.map(|field| shorten(cells.get(field))).join(" / ");
        let variant = options.trim_end_matches(" / ");
        let mut message =
            format!("The variant {variant} is not imported: a product has one price and one SKU.");
        if price != self.price {
            message = format!("{message} Its price differs: {}.", shorten(price));
        }
        notices.add(cells.name(Field::Price), message);
    }

    fn finish(self, row_chunk: &mut RowChunk) {
        let Some(mut row) = self.row else { return };
        if let Ok(row) = &mut row {
            row.images = self.images.in_order();
        }
        row_chunk.add(row);
    }
}
