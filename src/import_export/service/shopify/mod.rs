//! The product CSV that Shopify exports: several rows a product, which stand together and have the same handle. The first
//! holds the product and its first variant, the others further variants and pictures.

mod fields;
mod pictures;
mod seen;

use std::collections::BTreeSet;

use fields::{Cells, is, row};
use pictures::Pictures;
use seen::Seen;

use super::cells::short;
use super::csv::Record;
use super::row::{Checks, Portion, Row, RowIssue, texts};
use crate::money::Currency;

/// What tells such a file from others.
const MARKS: [&str; 3] = ["handle", "title", "variant price"];
/// The columns that are read; what others hold is lost.
const READ: [&str; 18] = [
    "handle",
    "title",
    "body (html)",
    "product category",
    "type",
    "published",
    "status",
    "variant sku",
    "variant price",
    "variant inventory qty",
    "image src",
    "image position",
    "image alt text",
    "option1 name",
    "option1 value",
    "option2 value",
    "option3 value",
    "variant image",
];
/// The only value of the only option of a product without variants.
const NO_OPTION: &str = "Default Title";

/// Reads such a file.
#[derive(Debug)]
pub struct Shopify {
    header: Vec<String>,
    currency: Currency,
    /// Columns that nobody reads and that have held nothing so far.
    unread: BTreeSet<usize>,
    /// The product whose rows are being read.
    group: Option<Group>,
    /// The row before could not be read: it may have been the first of a product.
    is_first_lost: bool,
    seen: Seen,
}

#[derive(Debug)]
struct Group {
    handle: String,
    /// The product, or what is wrong with it; nothing when it was lost and told of before.
    row: Option<Result<Row, Vec<RowIssue>>>,
    price: String,
    pictures: Pictures,
}

impl Shopify {
    /// Whether a header is of such a file.
    pub fn recognises(header: &[String]) -> bool {
        let has = |mark: &str| header.iter().any(|name| is(name, mark));
        MARKS.into_iter().all(has)
    }

    /// # Errors
    /// A sentence for whoever sent the file.
    pub fn new(header: &[String], currency: Currency) -> Result<Self, String> {
        let header: Vec<_> = header.iter().map(|name| name.trim().to_owned()).collect();
        for name in READ {
            if header.iter().filter(|column| is(column, name)).count() > 1 {
                return Err(format!("It has two columns called {name}."));
            }
        }
        let unread = header.iter().enumerate();
        let unread = unread.filter(|(_, column)| !READ.iter().any(|name| is(column, name)));
        Ok(Self {
            unread: unread.map(|(place, _)| place).collect(),
            header,
            currency,
            group: None,
            is_first_lost: false,
            seen: Seen::default(),
        })
    }

    /// Reads a row; a product goes to `portion` when the next one begins.
    pub fn take(&mut self, record: &Record, portion: &mut Portion) {
        let fields = match texts(record, &self.header) {
            Ok(fields) => fields,
            // It may be a picture of the product before, or a product of its own.
            Err(issue) => {
                self.is_first_lost = true;
                return portion.add(Err(vec![issue]));
            }
        };
        let is_first_lost = std::mem::take(&mut self.is_first_lost);
        self.tell_of_lost(record.line, &fields, portion);
        let cells = Cells {
            header: &self.header,
            fields: &fields,
        };
        let handle = cells.get("handle");
        if let Some(group) = self.group.as_mut().filter(|group| group.handle == handle) {
            group.add(record.line, &cells, portion);
            return;
        }
        let group = if is_first_lost && cells.get("title").is_empty() {
            Group::lost(&cells)
        } else {
            Group::new(record.line, &cells, self.currency, &mut self.seen, portion)
        };
        if let Some(done) = self.group.replace(group) {
            done.finish(portion);
        }
    }

    /// Gives the last product.
    pub fn finish(&mut self, portion: &mut Portion) {
        if let Some(group) = self.group.take() {
            group.finish(portion);
        }
    }

    /// Tells of each column that is not kept when it first holds something.
    fn tell_of_lost(&mut self, line: u64, fields: &[&str], portion: &mut Portion) {
        let holds = |place: &usize| {
            fields
                .get(*place)
                .is_some_and(|field| !field.trim().is_empty())
        };
        for place in self.unread.extract_if(.., holds) {
            portion.notices.push(RowIssue {
                line,
                column: self.header.get(place).cloned(),
                message: "What this column holds is not kept.".to_owned(),
            });
        }
    }
}

impl Group {
    /// The further rows of a product whose first could not be read.
    fn lost(cells: &Cells<'_>) -> Self {
        Self {
            handle: cells.get("handle").to_owned(),
            row: None,
            price: String::new(),
            pictures: Pictures::default(),
        }
    }

    fn new(
        line: u64,
        cells: &Cells<'_>,
        currency: Currency,
        seen: &mut Seen,
        portion: &mut Portion,
    ) -> Self {
        let mut notices = Checks::new(line);
        let row = row(line, cells, currency, &mut notices);
        let row = row.and_then(|row| seen.take(row, cells.get("handle")));
        let option = cells.get("option1 value");
        if !option.is_empty() && option != NO_OPTION {
            let name = cells.get("option1 name");
            let message = format!("The option {} of the product is not kept.", short(name));
            notices.add("Option1 Value", message);
        }
        let mut pictures = Pictures::default();
        pictures.take(cells, &mut notices);
        portion.notices.extend(notices.into_issues());
        Self {
            handle: cells.get("handle").to_owned(),
            row: Some(row),
            price: cells.get("variant price").to_owned(),
            pictures,
        }
    }

    /// Takes a further row: a variant, a picture, or both.
    fn add(&mut self, line: u64, cells: &Cells<'_>, portion: &mut Portion) {
        if self.row.is_none() {
            return;
        }
        let mut notices = Checks::new(line);
        self.pictures.take(cells, &mut notices);
        if !cells.get("variant price").is_empty() {
            self.tell_of_variant(cells, &mut notices);
        }
        portion.notices.extend(notices.into_issues());
    }

    fn tell_of_variant(&self, cells: &Cells<'_>, notices: &mut Checks) {
        let price = cells.get("variant price");
        let options = ["option1 value", "option2 value", "option3 value"];
        let options: Vec<_> = options
            .into_iter()
            .map(|name| short(cells.get(name)))
            .collect();
        let options = options.join(" / ");
        let variant = options.trim_end_matches(" / ");
        let mut message =
            format!("The variant {variant} is not kept: a product has one price and one SKU.");
        if price != self.price {
            message = format!("{message} Its price is another: {}.", short(price));
        }
        notices.add("Variant Price", message);
    }

    fn finish(self, portion: &mut Portion) {
        let Some(mut row) = self.row else { return };
        if let Ok(row) = &mut row {
            row.pictures = self.pictures.in_order();
        }
        portion.add(row);
    }
}
