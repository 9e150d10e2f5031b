//! Root fields that change variants, options and stock, and their payloads.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::inputs::{
    CreateVariantInput, DeleteVariantInput, ReorderVariantsInput, SetStockInput,
    UpdateProductOptionsInput, UpdateVariantInput, UpdateVariantsInput,
};
use super::{Product, Variant};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::stock::movement::Kind;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::graphql::mutation_inputs::BulkErrorPolicy;
use crate::catalog::product::service::variants::changes::{Reason, check_note};
use crate::catalog::product::service::variants::{
    self as service, StockChange, StockTarget, UpdateOutcome, UpdateRow, UpdatedVariant, VariantSet,
};
use crate::core::error::{Result, UserError};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::payload;

/// Root fields that change variants.
#[derive(Debug, Default)]
pub struct VariantMutation;

#[Object]
impl VariantMutation {
    /// Creates a variant of a product with options. A product has at most 1,000 variants.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, and for options that the product does not have; `NOT_FOUND`
    /// for the product or the image; `CONFLICT` if another variant has the values or the SKU, or if the product has
    /// 1,000 variants.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variant to create.")] input: CreateVariantInput,
    ) -> Result<CreateVariantPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let product = ProductId::parse(&input.product_id, "productId")?;
            let (product, set, id) = service::create(state, admin, product, input.into()).await?;
            Ok(UpdatedVariant { id, product, set })
        };
        into_payload(done.await)
    }

    /// Updates a variant. Increases its `version`, and that of the product, by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, and for options that the product does not have; `NOT_FOUND`
    /// for the variant or the image; `CONFLICT` if another variant has the values or the SKU, and if the version or the
    /// stock is not the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variant and its new values.")] input: UpdateVariantInput,
    ) -> Result<UpdateVariantPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        into_payload(service::update(state, admin, input.into()).await)
    }

    /// Updates up to 1,000 variants in one transaction and returns a result for each.
    ///
    /// User errors: `BAD_USER_INPUT`; `CONFLICT` if nothing was changed because a variant can't be (`REJECT_ALL`). Errors
    /// of a result: as of `updateVariant`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_variants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variants and their new values.")] input: UpdateVariantsInput,
    ) -> Result<UpdateVariantsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let reject_all = input.error_policy.unwrap_or_default() == BulkErrorPolicy::RejectAll;
        let updates = input.variants.into_iter().map(Into::into).collect();
        into_payload(service::update_many(state, admin, updates, reject_all).await)
    }

    /// Permanently deletes a variant. Its SKU becomes available again. The last variant of a product can't be deleted. To
    /// stop selling a variant but keep it, set `active` to false.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`; `CONFLICT` for the last variant, if units are promised to orders, and
    /// if the version is not the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variant to delete.")] input: DeleteVariantInput,
    ) -> Result<DeleteVariantPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = VariantId::parse(&input.id, "id")?;
            let (product, _) = service::delete(state, admin, id, input.expected_version).await?;
            Ok((id, product))
        };
        into_payload(done.await)
    }

    /// Reorders the variants of a product.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`; `CONFLICT` if `variantIds` does not contain each variant of the
    /// product exactly once.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn reorder_variants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and the new order.")] input: ReorderVariantsInput,
    ) -> Result<ReorderVariantsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let product = ProductId::parse(&input.product_id, "productId")?;
            let order = input.variant_ids.iter();
            let order: Vec<_> = order
                .map(|id| VariantId::parse(id, "variantIds"))
                .collect::<Result<_>>()?;
            service::reorder(state, admin, product, &order).await
        };
        into_payload(done.await)
    }

    /// Replaces the options of a product: adds, renames, reorders and removes options and their values. Existing ones are
    /// given with their ids and keep their variants. All variants get the first value of a new option.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` for the product, an option or a value;
    /// `CONFLICT` for a removed value that a variant has, and for a removed option if two variants would become equal.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_product_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and its options.")] input: UpdateProductOptionsInput,
    ) -> Result<UpdateProductOptionsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let product = ProductId::parse(&input.product_id, "productId")?;
            let options = input.options.into_iter().map(Into::into).collect();
            service::update_options(state, admin, product, options).await
        };
        into_payload(done.await)
    }

    /// Sets the number of units of a variant that are in the warehouse, after counting them. Comparison with
    /// `expectedQuantity` and change are atomic.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`; `CONFLICT` if the number is not the expected one, and if fewer units
    /// than are promised to orders would be left.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn set_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variant and its number of units.")] input: SetStockInput,
    ) -> Result<SetStockPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = VariantId::parse(&input.variant_id, "variantId")?;
            let reason = Reason {
                kind: Kind::Counted,
                note: check_note(input.note)?,
                actor: Some(admin.user()),
            };
            let change = StockChange::set(input.quantity, input.expected_quantity)?;
            let target = ("setStock", StockTarget::Variant(id));
            service::change_stock(state, admin, target, change, (reason, None)).await
        };
        into_payload(done.await)
    }
}

payload! {
    /// Payload of `createVariant`.
    CreateVariantPayload,
    /// Payload of `updateVariant`.
    UpdateVariantPayload,
    (UpdatedVariant as updated) {
        /// The variant in its new state. Null if nothing was changed.
        variant: Option<Variant> = variant_of(&updated),
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(updated.product)),
    }
}

payload! {
    /// Payload of `deleteVariant`.
    DeleteVariantPayload,
    ((VariantId, Model) as (id, product)) {
        /// The id of the deleted variant. Null if nothing was deleted.
        variant_id: Option<ID> = Some(id.encode().into()),
        /// The product in its new state. Null if nothing was deleted.
        product: Option<Product> = Some(Product::new(product)),
    }
}

payload! {
    /// Payload of `reorderVariants`.
    ReorderVariantsPayload,
    /// Payload of `updateProductOptions`.
    UpdateProductOptionsPayload,
    ((Model, VariantSet) as (product, _)) {
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(product)),
    }
}

payload! {
    /// Payload of `setStock`.
    SetStockPayload,
    ((Model, service::StockedVariant) as (product, variant)) {
        /// The variant with its new stock. Null if nothing was changed.
        variant: Option<Variant> = Some(variant.into()),
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(product)),
    }
}

/// Payload of `updateVariants`.
#[derive(Debug, Default, SimpleObject)]
pub struct UpdateVariantsPayload {
    /// A result for each variant, in the order of the input. Empty if the input as a whole was rejected.
    results: Vec<UpdateVariantsResult>,
    /// The reasons why no variant was changed. Empty if the changes were applied.
    user_errors: Vec<UserError>,
}

/// Result of `updateVariants` for one variant.
#[derive(Debug, SimpleObject)]
pub struct UpdateVariantsResult {
    /// The id of the variant, as sent.
    id: ID,
    /// The variant in its new state. Null if it was not changed, because of its own errors or, with `REJECT_ALL`, those
    /// of others.
    variant: Option<Variant>,
    /// The errors of this variant. Empty if it can be changed.
    user_errors: Vec<UserError>,
}

impl From<Vec<UserError>> for UpdateVariantsPayload {
    fn from(user_errors: Vec<UserError>) -> Self {
        Self {
            user_errors,
            ..Self::default()
        }
    }
}

impl From<UpdateOutcome> for UpdateVariantsPayload {
    fn from(outcome: UpdateOutcome) -> Self {
        let result = |row: UpdateRow| UpdateVariantsResult {
            id: row.id.into(),
            variant: row.updated.as_ref().and_then(variant_of),
            user_errors: row.errors,
        };
        Self {
            results: outcome.rows.into_iter().map(result).collect(),
            user_errors: outcome.errors,
        }
    }
}

fn variant_of(updated: &UpdatedVariant) -> Option<Variant> {
    let mut variants = updated.set.variants.iter();
    let found = variants.find(|(row, _)| row.id == updated.id);
    found.cloned().map(Variant::from)
}
