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
    /// Variants for sale that are known already. Those of other lines may be for sale too.
    known: HashMap<VariantId, StockedVariant>,
}

impl Cart {
    /// Loads the lines of a cart.
    pub async fn load(db: &impl Connection, row: Model) -> Result<Self> {
        let lines = repository::lines_of(db, row.id).await?;
        let known = HashMap::new();
        Ok(Self { row, lines, known })
    }

    /// Loads variants, unless they are known already. Afterwards those that are not known are not for sale.
    pub async fn load_variants(&mut self, db: &impl Connection, ids: &[VariantId]) -> Result<()> {
        let mut unknown = ids.to_vec();
        unknown.retain(|id| !self.known.contains_key(id));
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            let found = variants::find_for_sale(db, &unknown).await?;
            self.known.extend(found);
        }
        Ok(())
    }

    /// Loads the variants of all lines. One statement for any number of lines.
    pub async fn with_variants(mut self, db: &impl Connection) -> Result<CartWithVariants> {
        let ids: Vec<_> = self.lines.iter().map(|line| line.variant_id).collect();
        self.load_variants(db, &ids).await?;
        Ok(CartWithVariants {
            row: self.row,
            lines: self.lines,
            for_sale: self.known,
        })
    }

    /// Returns the price of a variant that was loaded and is for sale, in minor units.
    pub fn price_of(&self, variant: VariantId) -> Option<i64> {
        let found = self.known.get(&variant);
        found.map(|(variant, _)| variant.price)
    }

    /// Returns the amount of all lines, in minor units: with the prices of now if they were loaded, or else those that the
    /// buyer has seen.
    pub fn amount(&self) -> i128 {
        let amounts = self.lines.iter().map(|line| {
            let price = self.price_of(line.variant_id).unwrap_or(line.seen_price);
            i128::from(price) * i128::from(line.quantity)
        });
        amounts.sum()
    }

    /// Returns the number of units of all lines. At most 1,000,000.
    pub fn quantity(&self) -> i32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }
}

/// A cart with its lines and their variants.
#[derive(Clone, Debug)]
pub struct CartWithVariants {
    pub row: Model,
    /// In their order.
    pub lines: Vec<line::Model>,
    /// The variants of the lines that are for sale now.
    pub for_sale: HashMap<VariantId, StockedVariant>,
}

impl From<CartWithVariants> for Cart {
    fn from(cart: CartWithVariants) -> Self {
        Self {
            row: cart.row,
            lines: cart.lines,
            known: cart.for_sale,
        }
    }
}

impl CartWithVariants {
    /// Returns the lines that are for sale, with their variants.
    pub fn for_sale_lines(&self) -> Vec<(&line::Model, &variant::Model)> {
        let lines = self.lines.iter();
        let found = lines.filter_map(|line| {
            let (variant, _) = self.for_sale.get(&line.variant_id)?;
            Some((line, variant))
        });
        found.collect()
    }
}

impl Model {
    /// Returns the discount codes as the buyer has entered them.
    pub fn read_codes(&self) -> Vec<String> {
        let codes = self.discount_codes.as_deref();
        // Written by `updateCart`.
        let codes = codes.and_then(|json| serde_json::from_str(json).ok());
        codes.unwrap_or_default()
    }

    /// Returns the address to ship to.
    pub fn read_shipping_address(&self) -> Option<PostalAddress> {
        read_address(self.shipping_address.as_deref())
    }

    /// Returns the address of the invoice.
    pub fn read_billing_address(&self) -> Option<PostalAddress> {
        read_address(self.billing_address.as_deref())
    }
}

impl line::Model {
    /// Returns the attributes.
    pub fn read_attributes(&self) -> Vec<Attribute> {
        attributes::read(&self.attributes)
    }
}

/// Reads a stored address. One that this version can't read counts as absent.
fn read_address(json: Option<&str>) -> Option<PostalAddress> {
    serde_json::from_str(json?).ok()
}
