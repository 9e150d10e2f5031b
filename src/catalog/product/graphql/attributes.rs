//! Root fields that set the values that products and variants have of attributes.

use async_graphql::{Context, ID, InputObject, Object};

use super::Product;
use super::variants::Variant;
use crate::catalog::attribute::graphql::AttributeValueInput;
use crate::catalog::attribute::service::ValueInput;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::service::variants::StockedVariant;
use crate::catalog::product::service::{AttributeTarget, set_attributes};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::payload;

/// The maximum number of attributes in an input.
const MAX_INPUTS: usize = 100;

/// Root fields that set the values that products and variants have of attributes.
#[derive(Debug, Default)]
pub struct ProductAttributeMutation;

/// Input of `setProductAttributes`.
#[derive(Debug, InputObject)]
pub struct SetProductAttributesInput {
    /// The id of the product.
    product_id: ID,
    /// Set them only if this is the current `version` of the product; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// The new values, at most 100. Attributes that are not listed keep theirs.
    values: Vec<AttributeValueInput>,
}

/// Input of `setVariantAttributes`.
#[derive(Debug, InputObject)]
pub struct SetVariantAttributesInput {
    /// The id of the variant.
    variant_id: ID,
    /// Set them only if this is the current `version` of the variant; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// The new values, at most 100. Attributes that are not listed keep theirs.
    values: Vec<AttributeValueInput>,
}

#[Object]
impl ProductAttributeMutation {
    /// Sets the values that a product has of attributes with the owner `PRODUCT`. Increases `version` by 1 unless nothing
    /// changes. A product has values of at most 100 attributes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid value, such as `values.0.number`, and for one of another type;
    /// `NOT_FOUND` for the product, an attribute, a choice or a referenced object; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn set_product_attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and the new values.")] input: SetProductAttributesInput,
    ) -> Result<SetProductAttributesPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ProductId::parse(&input.product_id, "productId")?;
            let values = to_inputs(input.values, "values")?;
            let target = AttributeTarget::Product(id);
            set_attributes(state, admin, target, input.expected_version, values).await
        };
        into_payload(done.await)
    }

    /// Sets the values that a variant has of attributes with the owner `VARIANT`. Increases `version` of the variant and of
    /// the product by 1 unless nothing changes. A variant has values of at most 100 attributes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid value, such as `values.0.number`, and for one of another type;
    /// `NOT_FOUND` for the variant, an attribute, a choice or a referenced object; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn set_variant_attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variant and the new values.")] input: SetVariantAttributesInput,
    ) -> Result<SetVariantAttributesPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = VariantId::parse(&input.variant_id, "variantId")?;
            let values = to_inputs(input.values, "values")?;
            let target = AttributeTarget::Variant(id);
            set_attributes(state, admin, target, input.expected_version, values).await
        };
        into_payload(done.await)
    }
}

payload! {
    /// Payload of `setProductAttributes`.
    SetProductAttributesPayload,
    ((Model, Option<StockedVariant>) as (product, _)) {
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(product)),
    }
}

payload! {
    /// Payload of `setVariantAttributes`.
    SetVariantAttributesPayload,
    ((Model, Option<StockedVariant>) as (product, variant)) {
        /// The variant in its new state. Null if nothing was changed.
        variant: Option<Variant> = variant.map(Into::into),
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(product)),
    }
}

/// Returns the inputs of the service. `field` is the path of the list.
pub(super) fn to_inputs(values: Vec<AttributeValueInput>, field: &str) -> Result<Vec<ValueInput>> {
    if values.len() > MAX_INPUTS {
        let message = format!("At most {MAX_INPUTS} attributes are allowed.");
        return Err(Error::bad_input(field, message));
    }
    let values = values.into_iter().zip(0..);
    values
        .map(|(value, index)| value.check(&format!("{field}.{index}")))
        .collect()
}
