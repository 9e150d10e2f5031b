//! The options and variants of a new product.

use super::batch::taken;
use super::choices::MAX_VARIANTS;
use super::fields::VariantInput;
use super::options::{self, OptionInput};
use super::set::VariantSet;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::variants as repository;
use crate::catalog::product::service::ProductFields;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::money::Currency;
use crate::core::validation::Validator;
use crate::infra::database::Transaction;

/// The options and variants of a new product, as a client sends them.
#[derive(Clone, Debug)]
pub struct NewVariants {
    pub options: Vec<OptionInput>,
    pub variants: Vec<VariantInput>,
}

impl NewVariants {
    /// Returns the variants, and sets the price of the product if only the variants have one.
    pub(in crate::catalog::product::service) fn build(
        self,
        validator: &mut Validator,
        fields: &mut ProductFields,
        currency: Currency,
        now: Timestamp,
    ) -> Option<VariantSet> {
        if self.variants.is_empty() || self.variants.len() > MAX_VARIANTS {
            return validator.check("variants", Err("A product has 1 to 1,000 variants."));
        }
        for (field, is_given) in [
            ("sku", fields.sku != crate::core::patch::Patch::Keep),
            ("stock", fields.stock.is_some()),
        ] {
            if is_given {
                let message = "With `variants`, give it for each variant instead.";
                validator.check::<()>(field, Err(message));
            }
        }
        // Replaced by the id of the product, which does not exist yet.
        let nobody = ProductId(uuid::Uuid::nil());
        let mut set = VariantSet {
            options: options::build(validator, self.options, nobody, now),
            variants: Vec::new(),
        };
        for (index, input) in self.variants.into_iter().enumerate() {
            let prefix = format!("variants.{index}.");
            let fields_of_variant = input.check(validator, &prefix, currency);
            if fields_of_variant.image().is_some() {
                let message =
                    "A new product has no images yet. Upload them, then use `updateVariant`.";
                validator.check::<()>(&format!("{prefix}imageId"), Err(message));
            }
            if !fields_of_variant.has_price() && fields.price.is_none() {
                let message =
                    "A price is required: of the variant, or of the product for all variants.";
                validator.check::<()>(&format!("{prefix}price"), Err(message));
            }
            if !validator.is_valid() {
                continue;
            }
            let id = VariantId::generate(now);
            let price = fields.price.unwrap_or_default();
            let added = fields_of_variant.add_to(&mut set, (id, nobody, price), &prefix, now);
            added.unwrap_or_else(|error| validator.refuse(error));
        }
        let lowest = set.variants.iter().map(|(row, _)| row.price).min();
        fields.price = lowest.or(fields.price);
        Some(set)
    }
}

/// Rejects SKUs that other variants have, stored or in the set.
pub async fn check_skus(transaction: &Transaction, set: &VariantSet) -> Result<()> {
    let skus = set.variants.iter().filter_map(|(row, _)| row.sku.clone());
    let skus: Vec<_> = skus.collect();
    let stored = repository::find_by_skus(transaction, &skus).await?;
    let mut validator = Validator::default();
    for (index, (row, _)) in set.variants.iter().enumerate() {
        let Some(sku) = &row.sku else { continue };
        let is_stored = stored.iter().any(|other| other.sku.as_ref() == Some(sku));
        let earlier = set.variants[..index].iter();
        let is_repeated = earlier
            .map(|(other, _)| &other.sku)
            .any(|other| other.as_ref() == Some(sku));
        if is_stored || is_repeated {
            validator.refuse(taken(&format!("variants.{index}.")));
        }
    }
    validator.finish()
}
