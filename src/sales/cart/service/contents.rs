//! A cart with its lines and what is known of them.

use std::collections::HashMap;

use super::attributes::{self, Attribute};
use crate::catalog::product::entity::variant::{self, VariantId};
use crate::catalog::product::service::variants::{self, StockedVariant};
use crate::core::error::Result;
use crate::core::postal_address::PostalAddress;
use crate::infra::database::Connection;
use crate::sales::cart::entity::{Model, line};
use crate::sales::cart::repository;

/// A cart with its lines.
#[derive(Clone, Debug)]
pub struct Cart {
    pub row: Model,
    /// In their order.
    pub lines: Vec<line::Model>,
    /// The variants of the lines that are for sale now.
    pub for_sale: HashMap<VariantId, StockedVariant>,
}

impl Cart {
    /// Loads the lines of a cart, and their variants together with `more`. Three statements for any number of lines.
    pub async fn load(db: &impl Connection, row: Model, more: &[VariantId]) -> Result<Self> {
        let lines = repository::lines_of(db, row.id).await?;
        let mut ids: Vec<_> = lines.iter().map(|line| line.variant_id).collect();
        ids.extend(more);
        ids.sort_unstable();
        ids.dedup();
        let for_sale = if ids.is_empty() {
            HashMap::new()
        } else {
            variants::find_for_sale(db, &ids).await?
        };
        Ok(Self {
            row,
            lines,
            for_sale,
        })
    }

    /// Returns the price of a variant that is for sale, in minor units.
    pub fn price_of(&self, variant: VariantId) -> Option<i64> {
        let found = self.for_sale.get(&variant);
        found.map(|(variant, _)| variant.price)
    }

    /// Returns the lines that are for sale, with their variants.
    pub fn for_sale_lines(&self) -> Vec<(&line::Model, &variant::Model)> {
        let lines = self.lines.iter();
        let found = lines.filter_map(|line| {
            let (variant, _) = self.for_sale.get(&line.variant_id)?;
            Some((line, variant))
        });
        found.collect()
    }

    /// Returns the discount codes as the buyer has entered them.
    pub fn discount_codes(&self) -> Vec<String> {
        read_codes(&self.row)
    }

    /// Returns the amount of what is for sale, before discounts and taxes, in minor units.
    pub fn amount(&self) -> i128 {
        let amounts = self.lines.iter().filter_map(|line| {
            let price = self.price_of(line.variant_id)?;
            Some(i128::from(price) * i128::from(line.quantity))
        });
        amounts.sum()
    }

    /// Returns the number of units of all lines. At most 1,000,000.
    pub fn quantity(&self) -> i32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// Returns the address to ship to.
    pub fn shipping_address(&self) -> Option<PostalAddress> {
        read_address(self.row.shipping_address.as_deref())
    }

    /// Returns the address of the invoice.
    pub fn billing_address(&self) -> Option<PostalAddress> {
        read_address(self.row.billing_address.as_deref())
    }
}

impl line::Model {
    /// Returns the attributes.
    pub fn read_attributes(&self) -> Vec<Attribute> {
        attributes::read(&self.attributes)
    }
}

/// Reads the stored discount codes.
pub fn read_codes(row: &Model) -> Vec<String> {
    let codes = row.discount_codes.as_deref();
    // Written by `updateCart`.
    let codes = codes.and_then(|json| serde_json::from_str(json).ok());
    codes.unwrap_or_default()
}

/// Reads a stored address. One that this version can't read counts as absent.
fn read_address(json: Option<&str>) -> Option<PostalAddress> {
    serde_json::from_str(json?).ok()
}
