//! Root fields that change products, and their payloads.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::Product;
use super::attributes::to_inputs;
use super::mutation_inputs::{
    AdjustStockInput, CreateProductInput, DeleteProductInput, UpdateProductInput,
    UpdateProductsInput,
};
use super::variants::Variant;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::service::variants::{self, StockedVariant};
use crate::catalog::product::service::{self, BulkOutcome, BulkRow, ProductInput};
use crate::catalog::product_image;
use crate::core::error::{Result, UserError};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::payload;

/// Root fields that change products.
#[derive(Debug, Default)]
pub struct ProductMutation;

#[Object]
impl ProductMutation {
    /// Creates a product, with its options and variants if it has any.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, such as `variants.0.price`; `NOT_FOUND` for a category,
    /// a related product, the product type, an attribute or a choice; `CONFLICT` if another product has the slug or another variant the SKU.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product to create.")] mut input: CreateProductInput,
    ) -> Result<CreateProductPayload> {
        let admin = ctx.viewer().admin()?;
        let attributes = input.attributes.take().unwrap_or_default();
        let (mut product, variants): (ProductInput, _) = input.into();
        let done = async {
            product.attributes = to_inputs(attributes, "attributes")?;
            service::create(ctx.state(), admin, product, variants).await
        };
        into_payload(done.await)
    }

    /// Updates a product. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` for the product, a category or a related
    /// product; `CONFLICT` if another product has the slug or the SKU, and if the version or the stock is not the
    /// expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and its new values.")] input: UpdateProductInput,
    ) -> Result<UpdateProductPayload> {
        let admin = ctx.viewer().admin()?;
        let done = async {
            let (id, expected, fields) = input.check()?;
            service::update(ctx.state(), admin, id, expected, fields).await
        };
        into_payload(done.await)
    }

    /// Adds units to the stock of a variant, or subtracts them. Concurrent adjustments are serialized, so none is lost.
    ///
    /// User errors: `BAD_USER_INPUT`, also for the `id` of a product with several variants; `NOT_FOUND`; `CONFLICT` if the
    /// stock is less than the units to subtract or fewer units than are promised to orders would be left, and if the
    /// version is not the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and the number of units.")] input: AdjustStockInput,
    ) -> Result<AdjustStockPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let (target, change, reason, expected) = input.check(admin)?;
            let target = ("adjustStock", target);
            variants::change_stock(state, admin, target, change, (reason, expected)).await
        };
        into_payload(done.await)
    }

    /// Permanently deletes a product with its variants, images, slugs and category assignments. Its slug and SKU become
    /// available again. To stop selling a product but keep it, set its status to `ARCHIVED`.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`; `CONFLICT` if units are promised to orders, and if the version is not
    /// the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product to delete.")] input: DeleteProductInput,
    ) -> Result<DeleteProductPayload> {
        let (admin, expected) = (ctx.viewer().admin()?, input.expected_version);
        let state = ctx.state();
        let done = async {
            let id = ProductId::parse(&input.id, "id")?;
            product_image::service::delete_product(state, admin, id, expected).await
        };
        into_payload(done.await)
    }

    /// Updates up to 10,000 products in one transaction and returns a result for each.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for a category; `CONFLICT` if nothing was changed because a product
    /// can't be (`REJECT_ALL`). Errors of a result: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The products and their changes.")] input: UpdateProductsInput,
    ) -> Result<UpdateProductsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let checked = input.check(state, ctx.viewer()).await;
        let done = async {
            let (target, change) = checked?;
            service::update_many(state, admin, target, change).await
        };
        into_payload(done.await)
    }
}

payload! {
    /// Payload of `createProduct`.
    CreateProductPayload,
    /// Payload of `updateProduct`.
    UpdateProductPayload,
    (Model as product) {
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(product)),
    }
}

payload! {
    /// Payload of `adjustStock`.
    AdjustStockPayload,
    ((Model, StockedVariant) as (product, variant)) {
        /// The product in its new state. Null if nothing was changed.
        product: Option<Product> = Some(Product::new(product)),
        /// The variant with its new stock. Null if nothing was changed.
        variant: Option<Variant> = Some(variant.into()),
    }
}

payload! {
    /// Payload of `deleteProduct`.
    DeleteProductPayload,
    (Model as product) {
        /// The id of the deleted product. Null if nothing was deleted.
        product_id: Option<ID> = Some(product.id.encode().into()),
        /// The product as it was. Its images and its additional categories are gone.
        product: Option<Product> = Some(Product::new(product)),
    }
}

/// Payload of `updateProducts`.
#[derive(Debug, Default, SimpleObject)]
pub struct UpdateProductsPayload {
    /// A result for each product, in the order of `ids`, or by id if the products were selected with `filter`. Empty
    /// if the input as a whole was rejected.
    results: Vec<UpdateProductsResult>,
    /// The reasons why no product was changed. Empty if the changes were applied.
    user_errors: Vec<UserError>,
}

/// Result of `updateProducts` for one product.
#[derive(Debug, SimpleObject)]
pub struct UpdateProductsResult {
    /// The id of the product: as sent in `ids`, or of a product that matches `filter`.
    id: ID,
    /// The product in its new state. Null if it was not changed, because of its own errors or, with `REJECT_ALL`,
    /// those of others.
    product: Option<Product>,
    /// The errors of this product. Empty if it can be changed.
    user_errors: Vec<UserError>,
}

impl From<Vec<UserError>> for UpdateProductsPayload {
    fn from(user_errors: Vec<UserError>) -> Self {
        Self {
            user_errors,
            ..Self::default()
        }
    }
}

impl From<BulkOutcome> for UpdateProductsPayload {
    fn from(outcome: BulkOutcome) -> Self {
        let result = |row: BulkRow| UpdateProductsResult {
            id: row.id.into(),
            product: row.product.map(Product::new),
            user_errors: row.errors,
        };
        Self {
            results: outcome.rows.into_iter().map(result).collect(),
            user_errors: outcome.errors,
        }
    }
}
