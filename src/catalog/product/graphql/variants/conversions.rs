//! Converts the inputs of variants and options to those of the service.

use super::inputs::{
    CreateVariantInput, NewOptionInput, NewVariantInput, OptionChoiceInput, ProductOptionInput,
    ProductOptionValueInput, UpdateVariantInput,
};
use crate::catalog::product::service::variants::{
    Choice, NewVariants, OptionInput, ValueInput, VariantInput, VariantUpdate,
};
use crate::core::patch::Patch;

fn to_choices(choices: Vec<OptionChoiceInput>) -> Vec<Choice> {
    choices.into_iter().map(Into::into).collect()
}

/// Returns the options and variants of a new product.
pub fn new_variants(
    options: Option<Vec<NewOptionInput>>,
    variants: Option<Vec<NewVariantInput>>,
) -> Option<NewVariants> {
    if options.is_none() && variants.is_none() {
        return None;
    }
    let options = options.unwrap_or_default().into_iter();
    let options = options.map(|option| OptionInput {
        id: None,
        name: option.name,
        values: option
            .values
            .into_iter()
            .map(|name| ValueInput {
                id: None,
                name,
                swatch: Patch::Keep,
            })
            .collect(),
    });
    let variants = variants.unwrap_or_default().into_iter();
    Some(NewVariants {
        options: options.collect(),
        variants: variants.map(Into::into).collect(),
    })
}

impl From<NewVariantInput> for VariantInput {
    fn from(input: NewVariantInput) -> Self {
        Self {
            options: Some(to_choices(input.options)),
            sku: input.sku.into(),
            barcode: input.barcode.into(),
            price: input.price.into(),
            compare_at_price: input.compare_at_price.into(),
            stock: input.stock.into(),
            expected_stock: None,
            backorder_limit: input.backorder_limit.into(),
            tracked: input.tracked.into(),
            low_stock_at: input.low_stock_at.into(),
            weight: input.weight.into(),
            requires_shipping: input.requires_shipping.into(),
            tax_class: input.tax_class_id.map(|id| id.0).into(),
            image: Patch::Keep,
            active: input.active.into(),
        }
    }
}

impl From<CreateVariantInput> for VariantInput {
    fn from(input: CreateVariantInput) -> Self {
        Self {
            options: Some(to_choices(input.options)),
            sku: input.sku.into(),
            barcode: input.barcode.into(),
            price: input.price.into(),
            compare_at_price: input.compare_at_price.into(),
            stock: input.stock.into(),
            expected_stock: None,
            backorder_limit: input.backorder_limit.into(),
            tracked: input.tracked.into(),
            low_stock_at: input.low_stock_at.into(),
            weight: input.weight.into(),
            requires_shipping: input.requires_shipping.into(),
            tax_class: input.tax_class_id.map(|id| id.0).into(),
            image: input.image_id.map(|id| id.0).into(),
            active: input.active.into(),
        }
    }
}

impl From<UpdateVariantInput> for VariantUpdate {
    fn from(input: UpdateVariantInput) -> Self {
        let fields = VariantInput {
            options: input.options.map(to_choices),
            sku: input.sku.into(),
            barcode: input.barcode.into(),
            price: input.price.into(),
            compare_at_price: input.compare_at_price.into(),
            stock: input.stock.into(),
            expected_stock: input.expected_stock,
            backorder_limit: input.backorder_limit.into(),
            tracked: input.tracked.into(),
            low_stock_at: input.low_stock_at.into(),
            weight: input.weight.into(),
            requires_shipping: input.requires_shipping.into(),
            tax_class: input.tax_class_id.map_value(|id| id.0).into(),
            image: input.image_id.map_value(|id| id.0).into(),
            active: input.active.into(),
        };
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            fields,
        }
    }
}

impl From<ProductOptionInput> for OptionInput {
    fn from(input: ProductOptionInput) -> Self {
        let value = |value: ProductOptionValueInput| ValueInput {
            id: value.id.map(|id| id.0),
            name: value.name,
            swatch: value.swatch.into(),
        };
        Self {
            id: input.id.map(|id| id.0),
            name: input.name,
            values: input.values.into_iter().map(value).collect(),
        }
    }
}
