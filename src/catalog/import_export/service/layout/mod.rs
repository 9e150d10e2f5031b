//! The layouts of files: which column is which, and how rows become products.

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

/// How a file is laid out.
#[derive(Debug)]
pub enum Layout {
    Own(Columns),
    Shopify(Box<Shopify>),
    /// The layout of another shop.
    Shop(Box<Shop>),
}

/// How the numbers of a file are read.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    pub currency: Currency,
    pub numbers: Numbers,
}

impl Layout {
    /// Recognises a header. Renamed columns are always ours.
    ///
    /// # Errors
    /// A sentence for the author of the file.
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
                    message: format!("The file is read as an export of {}.", shop.name()),
                });
                return Ok(Self::Shop(Box::new(shop)));
            }
        }
        Columns::new(header, line, money, notices).map(Self::Own)
    }

    /// Reads a row. What it says may come with a later one.
    pub fn take(&mut self, record: &Record, portion: &mut Portion) {
        match self {
            Self::Own(columns) => columns.take(record, portion),
            Self::Shopify(shopify) => shopify.take(record, portion),
            Self::Shop(shop) => shop.take(record, portion),
        }
    }

    /// Gives the last product.
    pub fn finish(&mut self, portion: &mut Portion) {
        match self {
            Self::Own(_) => {}
            Self::Shopify(shopify) => shopify.finish(portion),
            Self::Shop(shop) => shop.finish(portion),
        }
    }
}
