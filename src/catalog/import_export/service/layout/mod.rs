//! File layouts: maps columns to fields and rows to products.

mod details;
mod duplicates;
mod fields;
mod headings;
mod images;
mod options;
mod own;
mod shop;
mod shopify;
mod shops;
mod variants;
mod weights;
mod woocommerce;

pub use options::NO_OPTION;
pub use own::{Column, EXPORTED, EXPORTED_COLUMNS, NAMES, OPTIONS};
pub use shopify::EXPORTED as SHOPIFY_EXPORTED;

use self::own::OwnLayout;
use self::shop::VariantLayout;
use self::shopify::Shopify;
use self::woocommerce::WooCommerce;
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
    WooCommerce(Box<WooCommerce>),
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
            let mut recognize = |name| {
                notices.push(RowIssue {
                    line,
                    column: None,
                    message: format!("The file was recognized as an export of {name}."),
                });
            };
            if let Some(shop) = WooCommerce::detect(header, money)? {
                recognize("WooCommerce");
                return Ok(Self::WooCommerce(Box::new(shop)));
            }
            if let Some(shop) = VariantLayout::detect(header, money)? {
                recognize(shop.name());
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
            Self::WooCommerce(shop) => shop.take(record, row_chunk),
            Self::Shop(shop) => shop.take(record, row_chunk),
        }
    }

    /// Adds the last products to `row_chunk`. Returns whether there are no more.
    pub fn finish(&mut self, row_chunk: &mut RowChunk) -> bool {
        match self {
            Self::Own(columns) => columns.finish(row_chunk),
            Self::Shopify(shopify) => shopify.finish(row_chunk),
            Self::WooCommerce(shop) => return shop.finish(row_chunk),
            Self::Shop(shop) => shop.finish(row_chunk),
        }
        true
    }
}
