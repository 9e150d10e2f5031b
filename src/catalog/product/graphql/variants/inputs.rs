//! Inputs of variants, options and stock.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use crate::catalog::product::entity::stock::movement::Kind;
use crate::catalog::product::graphql::mutation_inputs::BulkErrorPolicy;
use crate::catalog::product::list::MAX_FILTER_OPTIONS;
use crate::catalog::product::service::variants::{Choice, name_key};
use crate::core::error::{Error, Result};
use crate::core::money::Decimal;
use crate::core::pagination::check_page_size;
use crate::core::text;

/// Maximum length of the name of an option or a value in a lookup.
const MAX_NAME: usize = 100;

/// A value of an option, by their names. Their case is ignored.
#[derive(Clone, Debug, InputObject)]
pub struct OptionChoiceInput {
    /// Name of the option, such as `Size`.
    name: String,
    /// Name of the value, such as `M`.
    value: String,
}

/// Returns the choices of a lookup as comparable names.
pub fn choices(choices: Vec<OptionChoiceInput>, field: &str) -> Result<Vec<(String, String)>> {
    if choices.len() > MAX_FILTER_OPTIONS {
        let message = format!("At most {MAX_FILTER_OPTIONS} options are allowed.");
        return Err(Error::bad_input(field, message));
    }
    let mut names: Vec<(String, String)> = Vec::new();
    for choice in choices {
        text::check_lookup(&choice.name, MAX_NAME, field)?;
        text::check_lookup(&choice.value, MAX_NAME, field)?;
        let name = name_key(&choice.name);
        if names.iter().any(|(other, _)| *other == name) {
            return Err(Error::bad_input(field, "An option occurs twice."));
        }
        names.push((name, name_key(&choice.value)));
    }
    Ok(names)
}

/// Checks the number of items to return.
pub fn limit(first: Option<i32>, default: u32) -> Result<u32> {
    first.map_or(Ok(default), |first| check_page_size(first, "first"))
}

/// An option of a new product.
#[derive(Debug, InputObject)]
pub struct NewOptionInput {
    /// Name, such as `Size`: one line of 1 to 50 characters, unique in the product.
    pub(super) name: String,
    /// Names of the values in the order of the shop: 1 to 1,000, each one line of 1 to 100 characters.
    pub(super) values: Vec<String>,
}

/// A variant of a new product.
#[derive(Debug, InputObject)]
pub struct NewVariantInput {
    /// A value of each option of the product. A value that the option does not have is added to it.
    pub(super) options: Vec<OptionChoiceInput>,
    /// Stock keeping unit: at most 100 characters, unique among all variants.
    pub(super) sku: Option<String>,
    /// Barcode, such as a GTIN: at most 100 characters.
    pub(super) barcode: Option<String>,
    /// Unit price in the shop's currency, as a string such as `"19.99"`. Default: `price` of the product.
    pub(super) price: Option<Decimal>,
    /// Price to show struck through, greater than `price`.
    pub(super) compare_at_price: Option<Decimal>,
    /// Number of units in stock. Default: 0.
    pub(super) stock: Option<i32>,
    /// Number of units that can be sold without being in stock. Default: 0.
    pub(super) backorder_limit: Option<i32>,
    /// Whether units are counted. A variant without counting is always in stock. Default: true.
    pub(super) tracked: Option<bool>,
    /// The stock at or below which the variant is in the list `lowStock`.
    pub(super) low_stock_at: Option<i32>,
    /// Weight in grams.
    pub(super) weight: Option<i32>,
    /// Whether it is shipped, as opposed to a service or a download. Default: true.
    pub(super) requires_shipping: Option<bool>,
    /// The id of its tax class. Default: the default tax class.
    pub(super) tax_class_id: Option<ID>,
    /// Whether customers can see and buy it. Default: true.
    pub(super) active: Option<bool>,
}

/// Input of `createVariant`.
#[derive(Debug, InputObject)]
pub struct CreateVariantInput {
    /// The id of the product. It has at least one option: add options with `updateProductOptions`.
    pub product_id: ID,
    /// A value of each option of the product. A value that the option does not have is added to it.
    pub(super) options: Vec<OptionChoiceInput>,
    /// Stock keeping unit: at most 100 characters, unique among all variants.
    pub(super) sku: Option<String>,
    /// Barcode, such as a GTIN: at most 100 characters.
    pub(super) barcode: Option<String>,
    /// Unit price in the shop's currency, as a string such as `"19.99"`. Default: the lowest price of the product.
    pub(super) price: Option<Decimal>,
    /// Price to show struck through, greater than `price`.
    pub(super) compare_at_price: Option<Decimal>,
    /// Number of units in stock. Default: 0.
    pub(super) stock: Option<i32>,
    /// Number of units that can be sold without being in stock. Default: 0.
    pub(super) backorder_limit: Option<i32>,
    /// Whether units are counted. A variant without counting is always in stock. Default: true.
    pub(super) tracked: Option<bool>,
    /// The stock at or below which the variant is in the list `lowStock`.
    pub(super) low_stock_at: Option<i32>,
    /// Weight in grams.
    pub(super) weight: Option<i32>,
    /// Whether it is shipped, as opposed to a service or a download. Default: true.
    pub(super) requires_shipping: Option<bool>,
    /// The id of its tax class. Default: the default tax class.
    pub(super) tax_class_id: Option<ID>,
    /// The id of its image, one of the product's.
    pub(super) image_id: Option<ID>,
    /// Whether customers can see and buy it. Default: true.
    pub(super) active: Option<bool>,
}

/// Input of `updateVariant`, and of each variant of `updateVariants`. Absent fields stay unchanged; null clears `sku`,
/// `barcode`, `compareAtPrice`, `lowStockAt`, `weight`, `taxClassId` and `imageId`.
#[derive(Debug, InputObject)]
pub struct UpdateVariantInput {
    /// The id of the variant to update.
    pub(super) id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT` with the `currentVersion`. Default: not
    /// checked, the last write wins.
    pub(super) expected_version: Option<i32>,
    /// A value of each option of the product. A value that the option does not have is added to it.
    pub(super) options: Option<Vec<OptionChoiceInput>>,
    /// Stock keeping unit: at most 100 characters, unique among all variants. Null clears it.
    pub(super) sku: MaybeUndefined<String>,
    /// Barcode, such as a GTIN: at most 100 characters. Null clears it.
    pub(super) barcode: MaybeUndefined<String>,
    /// Unit price in the shop's currency, as a string such as `"19.99"`. Not nullable.
    pub(super) price: MaybeUndefined<Decimal>,
    /// Price to show struck through, greater than the price. Null clears it. A new price that is not below it clears it,
    /// too.
    pub(super) compare_at_price: MaybeUndefined<Decimal>,
    /// New number of units in the warehouse. Not nullable. To add or subtract units, use `adjustStock`.
    pub(super) stock: MaybeUndefined<i32>,
    /// Update only if this is the current number of units in the warehouse; otherwise `CONFLICT` with the
    /// `currentStock`. Default: not checked.
    pub(super) expected_stock: Option<i32>,
    /// Number of units that can be sold without being in stock. Not nullable.
    pub(super) backorder_limit: MaybeUndefined<i32>,
    /// Whether units are counted. Not nullable.
    pub(super) tracked: MaybeUndefined<bool>,
    /// The stock at or below which the variant is in the list `lowStock`. Null removes it from the list.
    pub(super) low_stock_at: MaybeUndefined<i32>,
    /// Weight in grams. Null clears it.
    pub(super) weight: MaybeUndefined<i32>,
    /// Whether it is shipped. Not nullable.
    pub(super) requires_shipping: MaybeUndefined<bool>,
    /// The id of its tax class. Null makes it the default tax class.
    pub(super) tax_class_id: MaybeUndefined<ID>,
    /// The id of its image, one of the product's. Null clears it.
    pub(super) image_id: MaybeUndefined<ID>,
    /// Whether customers can see and buy it. Not nullable.
    pub(super) active: MaybeUndefined<bool>,
}

/// Input of `updateVariants`.
#[derive(Debug, InputObject)]
pub struct UpdateVariantsInput {
    /// The variants and their new values, 1 to 1,000, of any products. Each variant once.
    pub variants: Vec<UpdateVariantInput>,
    /// How to handle variants that can't be changed. Default: `REJECT_ALL`.
    pub error_policy: Option<BulkErrorPolicy>,
}

/// Input of `deleteVariant`.
#[derive(Debug, InputObject)]
pub struct DeleteVariantInput {
    /// The id of the variant to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

/// Input of `reorderVariants`.
#[derive(Debug, InputObject)]
pub struct ReorderVariantsInput {
    /// The id of the product.
    pub product_id: ID,
    /// The ids of all variants of the product, in their new order.
    pub variant_ids: Vec<ID>,
}

/// Input of `updateProductOptions`.
#[derive(Debug, InputObject)]
pub struct UpdateProductOptionsInput {
    /// The id of the product.
    pub product_id: ID,
    /// All options of the product in their new order, at most 3. Those that are missing are removed.
    pub options: Vec<ProductOptionInput>,
}

/// An option of a product in `updateProductOptions`.
#[derive(Debug, InputObject)]
pub struct ProductOptionInput {
    /// The id of an existing option. Absent for a new one, whose first value all variants get.
    pub(super) id: Option<ID>,
    /// Name, such as `Size`: one line of 1 to 50 characters, unique in the product.
    pub(super) name: String,
    /// All values of the option in their new order, 1 to 1,000. Those that are missing are removed, which fails if a
    /// variant has them.
    pub(super) values: Vec<ProductOptionValueInput>,
}

/// A value of an option in `updateProductOptions`.
#[derive(Debug, InputObject)]
pub struct ProductOptionValueInput {
    /// The id of an existing value. Absent for a new one.
    pub(super) id: Option<ID>,
    /// Name, such as `M`: one line of 1 to 100 characters, unique in the option.
    pub(super) name: String,
    /// Color to show beside the name: `#rrggbb`. Null clears it.
    pub(super) swatch: MaybeUndefined<String>,
}

/// Why an admin changes the stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum StockReason {
    /// Units were delivered to the shop.
    Received,
    /// The units were counted, or a mistake is corrected.
    #[default]
    Counted,
    /// Units left the warehouse.
    Shipped,
    /// A customer sent units back.
    Returned,
    /// Units were damaged or lost.
    Damaged,
}

/// Input of `setStock`.
#[derive(Debug, InputObject)]
pub struct SetStockInput {
    /// The id of the variant.
    pub variant_id: ID,
    /// The number of units in the warehouse, those promised to orders included.
    pub quantity: i32,
    /// Set it only if this is the current number; otherwise nothing is changed, and the user error `CONFLICT` on this
    /// field has the `currentStock`. Default: not checked.
    pub expected_quantity: Option<i32>,
    /// Note for the list of movements, at most 200 characters.
    pub note: Option<String>,
}

impl From<StockReason> for Kind {
    fn from(reason: StockReason) -> Self {
        match reason {
            StockReason::Received => Self::Received,
            StockReason::Counted => Self::Counted,
            StockReason::Shipped => Self::Shipped,
            StockReason::Returned => Self::Returned,
            StockReason::Damaged => Self::Damaged,
        }
    }
}

impl From<OptionChoiceInput> for Choice {
    fn from(input: OptionChoiceInput) -> Self {
        Self {
            name: input.name,
            value: input.value,
        }
    }
}
