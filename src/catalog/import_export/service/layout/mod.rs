//! File layouts: maps columns to fields and rows to products.

mod details;
mod duplicates;
mod fields;
mod headings;
mod images;
mod own;
mod shop;
mod shopify;
mod shops;

pub use own::{EXPORTED, NAMES};

use self::own::OwnLayout;
use self::shop::VariantLayout;
use self::shopify::Shopify;
use super::csv::Record;
use super::mapping::Mapping;
use super::numbers::Numbers;
use super::row::{RowChunk, RowIssue};
use crate::core::money::Currency;

/// Layout of a file.
#[derive(Debug)]
pub enum Layout {
    Own(Box<OwnLayout>),
    Shopify(Box<Shopify>),
    /// Any other supported shop.
    Shop(Box<VariantLayout>),
}

/// Currency and number format of a file.
#[derive(Clone, Copy, Debug)]
pub struct AmountFormat {
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
        money: AmountFormat,
        mapping: &Mapping,
        notices: &mut Vec<RowIssue>,
    ) -> Result<Self, String> {
        if mapping.is_empty() {
            if Shopify::is_shopify(header) {
                return Ok(Self::Shopify(Box::new(Shopify::new(header, money)?)));
            }
            if let Some(shop) = VariantLayout::detect(header, money)? {
                notices.push(RowIssue {
                    line,
                    column: None,
                    message: format!("The file was recognized as an export of {}.", shop.name()),
                });
                return Ok(Self::Shop(Box::new(shop)));
            }
        }
        let own = OwnLayout::new(header, line, money, notices)?;
        Ok(Self::Own(Box::new(own)))
    }

    /// Processes a row. Its product may be added to `row_chunk` by a later row.
    pub fn take(&mut self, record: &Record, row_chunk: &mut RowChunk) {
        match self {
            Self::Own(columns) => columns.take(record, row_chunk),
            Self::Shopify(shopify) => shopify.take(record, row_chunk),
            Self::Shop(shop) => shop.take(record, row_chunk),
        }
    }

    /// Adds the last product to `row_chunk`.
    pub fn finish(&mut self, row_chunk: &mut RowChunk) {
        match self {
            Self::Own(_) => {}
            Self::Shopify(shopify) => shopify.finish(row_chunk),
            Self::Shop(shop) => shop.finish(row_chunk),
        }
    }
}
