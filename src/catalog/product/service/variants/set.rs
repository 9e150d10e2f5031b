//! The options and variants of one product, as they are read, changed in memory and written back.

use std::collections::HashMap;

use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::stock::{StockSummary, level};
use crate::catalog::product::entity::variant::{self, ValueId, VariantId, option, option_value};
use crate::catalog::product::repository::variants::{self as repository, StockedVariant};
use crate::core::error::Result;
use crate::core::viewer::Audience;
use crate::infra::database::{Connection, Transaction};

/// An option and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductOption {
    pub row: option::Model,
    pub values: Vec<option_value::Model>,
}

/// All options and variants of a product, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantSet {
    pub options: Vec<ProductOption>,
    pub variants: Vec<StockedVariant>,
}

impl VariantSet {
    /// Returns the only variant of a product without options. It has the ID of the product.
    pub fn only(product: &Model) -> Self {
        let variant = variant::Model {
            id: VariantId(product.id.0),
            product_id: product.id,
            position: 0,
            sku: product.sku.clone(),
            barcode: None,
            price: product.price,
            compare_at_price: None,
            prior_price: None,
            weight: None,
            requires_shipping: true,
            tax_class_id: None,
            tracked: true,
            low_stock_at: None,
            image_id: None,
            active: true,
            combination: String::new(),
            version: 1,
            created_at: product.created_at,
            updated_at: product.updated_at,
        };
        let level = level::Model {
            variant_id: variant.id,
            product_id: product.id,
            on_hand: i64::from(product.stock),
            reserved: 0,
            backorder_limit: 0,
        };
        Self {
            options: Vec::new(),
            variants: vec![(variant, level)],
        }
    }

    /// Reads and locks the sets of these products, which the caller has locked.
    pub async fn lock_many(
        transaction: &Transaction,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, Self>> {
        if products.is_empty() {
            return Ok(HashMap::new());
        }
        // Before they are read: an order may reserve units meanwhile.
        repository::lock_levels(transaction, products).await?;
        Self::read_many(transaction, products).await
    }

    /// Reads the sets of these products.
    pub async fn read_many(
        db: &impl Connection,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, Self>> {
        let mut sets: HashMap<ProductId, Self> = HashMap::new();
        for (product, options) in options_of(db, products).await? {
            sets.entry(product).or_default().options = options;
        }
        let variants = repository::find_by_products(db, Audience::Staff, products).await?;
        for row in variants {
            sets.entry(row.0.product_id).or_default().variants.push(row);
        }
        Ok(sets)
    }

    /// Reads and locks the set of a product, which the caller has locked.
    pub async fn lock(transaction: &Transaction, product: ProductId) -> Result<Self> {
        let mut sets = Self::lock_many(transaction, &[product]).await?;
        Ok(sets.remove(&product).unwrap_or_default())
    }

    /// Makes them the options and variants of a new product.
    pub fn assign_to(&mut self, product: ProductId) {
        for option in &mut self.options {
            option.row.product_id = product;
        }
        for (row, level) in &mut self.variants {
            row.product_id = product;
            level.product_id = product;
        }
    }

    /// Writes what lists read of the variants to the row of the product. Its version stays the same.
    pub fn summarize(&self, product: &mut Model) {
        let variants = || self.variants.iter();
        let active = || variants().filter(|(variant, _)| variant.active);
        // A product without active variants keeps its prices.
        let priced: Vec<_> = active().map(|(variant, _)| variant).collect();
        let priced = if priced.is_empty() {
            variants().map(|(variant, _)| variant).collect()
        } else {
            priced
        };
        let cheapest = priced.iter().min_by_key(|variant| variant.price);
        if let Some(cheapest) = cheapest {
            product.price = cheapest.price;
            product.compare_at_price = cheapest.compare_at_price;
            product.prior_price = cheapest.prior_price;
        }
        product.price_max = priced.iter().map(|variant| variant.price).max();
        let on_hand: i64 = variants().map(|(_, level)| level.on_hand).sum();
        product.stock = i32::try_from(on_hand).unwrap_or(i32::MAX);
        let is_in_stock =
            |(variant, level): &StockedVariant| !variant.tracked || level.available() > 0;
        let is_orderable = |(_, level): &StockedVariant| level.orderable() > 0;
        product.in_stock = active().any(is_in_stock);
        product.backorder = !product.in_stock && active().any(is_orderable);
        product.variant_count = i32::try_from(self.variants.len()).unwrap_or(i32::MAX);
        product.sku = match self.variants.as_slice() {
            [(only, _)] => only.sku.clone(),
            _ => None,
        };
    }

    /// Returns the units as customers see them.
    pub fn stock(&self) -> StockSummary {
        let has_active = self.variants.iter().any(|(variant, _)| variant.active);
        let is_shown = |(variant, _): &&StockedVariant| variant.active || !has_active;
        let is_uncounted = |(variant, _): &StockedVariant| variant.active && !variant.tracked;
        let shown = self.variants.iter().filter(is_shown);
        StockSummary {
            units: shown.map(|(_, level)| level.available()).sum(),
            has_uncounted: self.variants.iter().any(is_uncounted),
        }
    }

    /// Whether another set has the same options and variants, but for their stock, and no units are promised: then the
    /// row of the product shows the change of the stock.
    pub fn differs_only_in_stock(&self, other: &Self) -> bool {
        let rows = |set: &Self| {
            set.variants
                .iter()
                .map(|(row, _)| row.clone())
                .collect::<Vec<_>>()
        };
        let has_reserved = |set: &Self| set.variants.iter().any(|(_, level)| level.reserved > 0);
        self.options == other.options
            && rows(self) == rows(other)
            && !has_reserved(self)
            && !has_reserved(other)
    }

    /// Returns the SKUs and barcodes by which the search finds the product: not those of variants that customers can't
    /// see.
    pub fn codes(&self) -> Vec<String> {
        let rows = self.variants.iter().filter(|(row, _)| row.active);
        let codes = rows.flat_map(|(row, _)| row.sku.iter().chain(&row.barcode));
        codes.cloned().collect()
    }

    /// Whether the search finds the product by other codes or option values than with another set.
    pub fn has_other_search_texts(&self, other: &Self) -> bool {
        let values = |set: &Self| {
            let values = set.options.iter().flat_map(|option| &option.values);
            values.map(|value| value.name.clone()).collect::<Vec<_>>()
        };
        self.codes() != other.codes() || values(self) != values(other)
    }

    /// Returns a variant for display in the audit log: its values, or nothing for the only variant.
    pub fn title(&self, variant: &variant::Model) -> String {
        let own: Vec<_> = variant.values().collect();
        let values = self.options.iter().flat_map(|option| &option.values);
        let names = values.filter(|value| own.contains(&value.id));
        let names: Vec<_> = names.map(|value| value.name.as_str()).collect();
        names.join(" / ")
    }

    /// Returns the option that a value belongs to.
    pub fn option_of(&self, value: ValueId) -> Option<&ProductOption> {
        let mut options = self.options.iter();
        options.find(|option| option.values.iter().any(|other| other.id == value))
    }
}

/// Returns the options of these products and their values, in their order.
pub async fn options_of(
    db: &impl Connection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<ProductOption>>> {
    let mut found: HashMap<ProductId, Vec<ProductOption>> = HashMap::new();
    for (row, value) in repository::options_of(db, products).await? {
        let options = found.entry(row.product_id).or_default();
        if options.last().is_none_or(|last| last.row.id != row.id) {
            options.push(ProductOption {
                row,
                values: Vec::new(),
            });
        }
        if let (Some(option), Some(value)) = (options.last_mut(), value) {
            option.values.push(value);
        }
    }
    Ok(found)
}
