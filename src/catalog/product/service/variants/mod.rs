//! Variants of products: their options, stock and prices.
//!
//! Every product has at least one variant. A transaction that changes variants locks the product first, and writes what
//! lists read of them to its row.

mod audit;
mod batch;
pub mod changes;
mod choices;
mod edit;
mod fields;
mod images;
mod moving;
mod new;
mod options;
mod promises;
mod reason;
mod row_options;
mod rows;
pub mod set;
mod stock;
mod tax_classes;
mod update;

pub use audit::with_variants;
pub use choices::{
    Choice, MAX_OPTIONS, MAX_VARIANTS, check_option_name, check_value_name, name_key,
};
pub use edit::{create, delete, reorder};
pub use fields::{VariantFields, VariantInput, check_barcode, check_weight};
pub use images::{clear as clear_image, show_image};
pub use moving::OutOfStock;
pub use new::{NewVariants, check_skus};
pub use options::{OptionInput, ValueInput, update_options};
pub use promises::{put_back, release, reserve, ship, unship};
pub use rows::{ImportedVariant, RowTarget, apply_rows};
pub use set::{ProductOption, VariantSet};
pub use stock::{StockChange, StockTarget, change_stock};
pub use tax_classes::check_all as check_tax_classes;
pub use update::{UpdateOutcome, UpdateRow, UpdatedVariant, VariantUpdate, update, update_many};

use std::collections::HashMap;

use crate::catalog::product::ProductId;
use crate::catalog::product::entity::stock::{StockSummary, movement};
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::variants as repository;
pub use crate::catalog::product::repository::variants::StockedVariant;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::{Admin, Audience};
use crate::infra::database::{Connection, Database};

/// Returns the variants of `ids` that the audience may see.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[VariantId],
) -> Result<HashMap<VariantId, StockedVariant>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.0.id, row)).collect())
}

/// Returns those of the variants that customers can buy: active ones of active products in published categories. Their
/// stock may be 0.
pub async fn find_for_sale(
    db: &impl Connection,
    ids: &[VariantId],
) -> Result<HashMap<VariantId, StockedVariant>> {
    let found = repository::find_many(db, Audience::Public, ids).await?;
    Ok(found.into_iter().map(|row| (row.0.id, row)).collect())
}

/// Returns the variants of these products that the audience may see, in their order.
pub async fn variants_of(
    db: &Database,
    audience: Audience,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<StockedVariant>>> {
    let mut found: HashMap<ProductId, Vec<StockedVariant>> = HashMap::new();
    for row in repository::find_by_products(db.reader(), audience, products).await? {
        found.entry(row.0.product_id).or_default().push(row);
    }
    Ok(found)
}

/// Returns the units of the variants of these products.
pub async fn stocks_of(
    db: &Database,
    products: &[ProductId],
) -> Result<HashMap<ProductId, StockSummary>> {
    let found = repository::stocks_of(db.reader(), products).await?;
    Ok(found.into_iter().collect())
}

/// Returns the options of these products and their values, in their order.
pub async fn options_of(
    db: &Database,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<ProductOption>>> {
    set::options_of(db.reader(), products).await
}

/// Returns the variants whose stock is at or below their own threshold, lowest stock first.
pub async fn low_stock(db: &Database, _: Admin, limit: u64) -> Result<Vec<StockedVariant>> {
    Ok(repository::find_low(db.reader(), limit).await?)
}

/// Returns the newest stock movements of a variant.
pub async fn movements_of(
    db: &Database,
    _: Admin,
    variant: VariantId,
    limit: u64,
) -> Result<Vec<movement::Model>> {
    Ok(repository::movements_of(db.reader(), variant, limit).await?)
}

fn missing_product(field: &str) -> UserError {
    UserError::new(UserErrorCode::NotFound, field, "There is no such product.")
}

fn missing_variant(field: &str) -> UserError {
    UserError::new(UserErrorCode::NotFound, field, "There is no such variant.")
}
