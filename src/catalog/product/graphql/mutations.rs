//! The root fields that change products, and what they answer.

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
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;
use crate::payload;

/// The root fields that change products.
#[derive(Debug, Default)]
pub struct ProductMutation;

#[Object]
impl ProductMutation {
    /// Makes a product.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for a category; `CONFLICT` when another product has the slug or the SKU.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: CreateProductInput,
    ) -> Result<CreateProductPayload> {
        let admin = ctx.viewer().admin()?;
        answer(service::create(ctx.state(), admin, input.into()).await)
    }

    /// Changes a product.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the product or a category; `CONFLICT` when another product has the
    /// slug or the SKU, and when the version or the stock is not the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what.")] input: UpdateProductInput,
    ) -> Result<UpdateProductPayload> {
        let admin = ctx.viewer().admin()?;
        let done = async {
            let change = input.check()?;
            service::update(ctx.state(), admin, change).await
        };
        answer(done.await)
    }

    /// Adds to the stock of a product, or takes from it. Those who do so at the same time don't lose each other's changes.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`; `CONFLICT` when there are fewer than you take, and when the version is
    /// not the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product, and how many.")] input: AdjustStockInput,
    ) -> Result<AdjustStockPayload> {
        let (admin, expected) = (ctx.viewer().admin()?, input.expected_version);
        let done = async {
            let id = ProductId::parse(&input.id, "id")?;
            service::adjust_stock(ctx.state(), admin, id, input.delta, expected).await
        };
        answer(done.await)
    }

    /// Removes a product and all that hangs on it, for good: its pictures, its slugs, its places in categories. Its slug
    /// and its SKU are free again. To keep it and not sell it, make it ARCHIVED.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`; `CONFLICT` when the version is not the expected one.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteProductInput,
    ) -> Result<DeleteProductPayload> {
        let (admin, expected) = (ctx.viewer().admin()?, input.expected_version);
        let state = ctx.state();
        let done = async {
            let id = ProductId::parse(&input.id, "id")?;
            product_image::service::delete_product(state, admin, id, expected).await
        };
        answer(done.await)
    }

    /// Changes many products in one go, and tells of each what became of it.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for a category; `CONFLICT` when nothing was changed because one can't be
    /// (`REJECT_ALL`). Those of a row: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones, and what.")] input: UpdateProductsInput,
    ) -> Result<UpdateProductsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let checked = input.check(ctx.viewer(), state.config.shop_currency);
        let done = async {
            let (target, change) = checked?;
            service::update_many(state, admin, target, change).await
        };
        answer(done.await)
    }
}

payload! {
    /// Payload of `createProduct`.
    CreateProductPayload,
    /// Payload of `updateProduct`.
    UpdateProductPayload,
    /// Payload of `adjustStock`.
    AdjustStockPayload,
    (Model as product) {
        /// The product after the change.
        product: Option<Product> = Some(Product::new(product)),
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

/// What came of `updateProducts`.
#[derive(Debug, Default, SimpleObject)]
pub struct UpdateProductsPayload {
    /// What became of each product, in the order of the ids. Empty when the input was refused as a whole.
    results: Vec<UpdateProductsResult>,
    /// Why nothing was changed; empty when something could be.
    user_errors: Vec<UserError>,
}

/// What became of one of many products.
#[derive(Debug, SimpleObject)]
pub struct UpdateProductsResult {
    /// Its id, as you sent it.
    id: ID,
    /// The product as it is now; null when it was not changed, because it can't be or because others can't.
    product: Option<Product>,
    /// Why it can't be changed; empty when it can.
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
