//! Root fields that change products, and their payloads.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::Product;
use super::edits::{
    AdjustStockInput, CreateProductInput, DeleteProductInput, UpdateProductInput,
    UpdateProductsInput,
};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::service::{self, BulkOutcome, BulkRow};
use crate::catalog::product_image;
use crate::core::error::{Result, UserError};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, Requires, auth};
use crate::graphql::payload::answer;

/// Root fields that change products.
#[derive(Debug, Default)]
pub struct ProductMutation;

#[Object]
impl ProductMutation {
    /// Creates a product.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` for a category; `CONFLICT` if another
    /// product has the slug or the SKU.
    #[graphql(
        guard = "Requires(Access::Admin)",
        directive = auth::apply(Access::Admin)
    )]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product to create.")] input: CreateProductInput,
    ) -> Result<CreateProductPayload> {
        let admin = ctx.viewer().admin()?;
        answer(service::create(ctx.state(), admin, input.into()).await)
    }

    /// Updates a product. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` for the product or a category; `CONFLICT` if
    /// another product has the slug or the SKU, and if the version or the stock is not the expected one.
    #[graphql(
        guard = "Requires(Access::Admin)",
        directive = auth::apply(Access::Admin)
    )]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and its new values.")] input: UpdateProductInput,
    ) -> Result<UpdateProductPayload> {
        let admin = ctx.viewer().admin()?;
        answer(match input.check() {
            Ok((id, expected, fields)) => {
                service::update(ctx.state(), admin, id, expected, fields).await
            }
            Err(wrong) => Err(wrong),
        })
    }

    /// Adds units to the stock of a product, or subtracts them. Concurrent adjustments are serialized, so none is
    /// lost.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`; `CONFLICT` if the stock is less than the units to subtract, and if
    /// the version is not the expected one.
    #[graphql(
        guard = "Requires(Access::Admin)",
        directive = auth::apply(Access::Admin)
    )]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and the number of units.")] input: AdjustStockInput,
    ) -> Result<AdjustStockPayload> {
        let (admin, expected) = (ctx.viewer().admin()?, input.expected_version);
        answer(match ProductId::parse(&input.id, "id") {
            Ok(id) => service::adjust_stock(ctx.state(), admin, id, input.delta, expected).await,
            Err(wrong) => Err(wrong),
        })
    }

    /// Permanently deletes a product with its images, slugs and category assignments. Its slug and SKU become
    /// available again. To stop selling a product but keep it, set its status to `ARCHIVED`.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`; `CONFLICT` if the version is not the expected one.
    #[graphql(
        guard = "Requires(Access::Admin)",
        directive = auth::apply(Access::Admin)
    )]
    async fn delete_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product to delete.")] input: DeleteProductInput,
    ) -> Result<DeleteProductPayload> {
        let (admin, expected) = (ctx.viewer().admin()?, input.expected_version);
        let state = ctx.state();
        answer(match ProductId::parse(&input.id, "id") {
            Ok(id) => product_image::service::delete_product(state, admin, id, expected).await,
            Err(wrong) => Err(wrong),
        })
    }

    /// Updates up to 10,000 products in one transaction and returns a result for each.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for a category; `CONFLICT` if nothing was changed because a product
    /// can't be (`REJECT_ALL`). Errors of a result: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(
        guard = "Requires(Access::Admin)",
        directive = auth::apply(Access::Admin)
    )]
    async fn update_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The products and their changes.")] input: UpdateProductsInput,
    ) -> Result<UpdateProductsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let checked = input.check(ctx.viewer(), state.config.shop_currency);
        answer(match checked {
            Ok((target, change)) => service::update_many(state, admin, target, change).await,
            Err(wrong) => Err(wrong),
        })
    }
}

/// Declares a payload that contains a product.
macro_rules! product_payload {
    ($(#[$doc:meta])* $payload:ident, $product:literal, $errors:literal) => {
        $(#[$doc])*
        #[derive(Debug, Default, SimpleObject)]
        pub struct $payload {
            #[doc = $product]
            product: Option<Product>,
            #[doc = $errors]
            user_errors: Vec<UserError>,
        }

        $crate::payload!($payload);

        impl From<Model> for $payload {
            fn from(product: Model) -> Self {
                Self {
                    product: Some(Product::new(product)),
                    ..Self::default()
                }
            }
        }
    };
}

product_payload!(
    /// Payload of `createProduct`.
    CreateProductPayload,
    "The new product. Null on failure.",
    "The errors that prevented the creation. Empty on success."
);
product_payload!(
    /// Payload of `updateProduct`.
    UpdateProductPayload,
    "The updated product. Null on failure.",
    "The errors that prevented the change. Empty on success."
);
product_payload!(
    /// Payload of `adjustStock`.
    AdjustStockPayload,
    "The updated product. Null on failure.",
    "The errors that prevented the change. Empty on success."
);
/// Payload of `deleteProduct`.
#[derive(Debug, Default, SimpleObject)]
pub struct DeleteProductPayload {
    /// ID of the deleted product. Null if nothing was deleted.
    product_id: Option<ID>,
    /// The product as it was before deletion. Its images and additional categories are gone.
    product: Option<Product>,
    /// The errors that prevented the deletion. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload!(DeleteProductPayload);

impl From<Model> for DeleteProductPayload {
    fn from(product: Model) -> Self {
        Self {
            product_id: Some(product.id.encode().into()),
            product: Some(Product::new(product)),
            ..Self::default()
        }
    }
}

/// Payload of `updateProducts`.
#[derive(Debug, Default, SimpleObject)]
pub struct UpdateProductsPayload {
    /// A result for each product, in the order of `ids`. Empty if the input as a whole was rejected.
    results: Vec<UpdateProductsResult>,
    /// The errors that prevented all changes. Empty if they were applied.
    user_errors: Vec<UserError>,
}

/// Result of `updateProducts` for one product.
#[derive(Debug, SimpleObject)]
pub struct UpdateProductsResult {
    /// ID of the product, as sent.
    id: ID,
    /// The product after the update. Null if it was not changed, because of its own errors or, with `REJECT_ALL`,
    /// those of others.
    product: Option<Product>,
    /// The errors of this product. Empty if it can be changed.
    user_errors: Vec<UserError>,
}

crate::payload!(UpdateProductsPayload);

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
