//! File layouts: maps columns to fields and rows to products.

mod fields;
mod headings;
mod own;
mod pictures;
mod seen;
mod shop;
mod shopify;
mod shops;

pub use own::{EXPORTED, NAMES};

use self::own::Columns;
use self::shop::Shop;
use self::shopify::Shopify;
use super::csv::Record;
use super::mapping::Mapping;
use super::numbers::Numbers;
use super::row::{Portion, RowIssue};
use crate::core::money::Currency;

/// Layout of a file.
#[derive(Debug)]
pub enum Layout {
    Own(Columns),
    Shopify(Box<Shopify>),
    /// Any other supported shop.
    Shop(Box<Shop>),
}

/// Currency and number format of a file.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    pub currency: Currency,
    pub numbers: Numbers,
}

impl Layout {
    /// Detects the layout by the header. Files with renamed columns always have our own layout.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn new(
        header: &[String],
        line: u64,
        money: Money,
        mapping: &Mapping,
        notices: &mut Vec<RowIssue>,
    ) -> Result<Self, String> {
        if mapping.is_empty() {
            if Shopify::recognises(header) {
                return Ok(Self::Shopify(Box::new(Shopify::new(header, money)?)));
            }
            if let Some(shop) = Shop::recognise(header, money)? {
                notices.push(RowIssue {
                    line,
                    column: None,
                    message: format!("The file was recognized as an export of {}.", shop.name()),
                });
                return Ok(Self::Shop(Box::new(shop)));
            }
        }
        Columns::new(header, line, money, notices).map(Self::Own)
    }

    /// Processes a row. Its product may be added to `portion` by a later row.
    pub fn take(&mut self, record: &Record, portion: &mut Portion) {
        match self {
            Self::Own(columns) => columns.take(record, portion),
            Self::Shopify(shopify) => shopify.take(record, portion),
            Self::Shop(shop) => shop.take(record, portion),
        }
    }

    /// Adds the last product to `portion`.
    pub fn finish(&mut self, portion: &mut Portion) {
        match self {
            Self::Own(_) => {}
            Self::Shopify(shopify) => shopify.finish(portion),
            Self::Shop(shop) => shop.finish(portion),
        }
    }
}
