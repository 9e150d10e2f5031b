//! Root field that puts the products of a category in order.

use async_graphql::{Context, ID, InputObject, Object};

use crate::catalog::category::CategoryId;
use crate::catalog::category::entity::Model;
use crate::catalog::category::graphql::Category;
use crate::catalog::product::ProductId;
use crate::catalog::product::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::payload;

/// Input of `reorderCategoryProducts`.
#[derive(Debug, InputObject)]
pub struct ReorderCategoryProductsInput {
    /// The id of the category.
    category_id: ID,
    /// The ids of the products to move, in their new order: 1 to 500, all of them in the category itself.
    product_ids: Vec<ID>,
    /// The id of the product behind which they are moved. Default: none, they become the first ones.
    after_product_id: Option<ID>,
}

impl ReorderCategoryProductsInput {
    fn check(&self) -> Result<(CategoryId, Vec<ProductId>, Option<ProductId>)> {
        let category = CategoryId::parse(&self.category_id, "categoryId")?;
        let products = self.product_ids.iter();
        let products = products.map(|id| ProductId::parse(id, "productIds"));
        let after = self.after_product_id.as_ref();
        let after = after.map(|id| ProductId::parse(id, "afterProductId"));
        Ok((
            category,
            products.collect::<Result<_>>()?,
            after.transpose()?,
        ))
    }
}

/// Root field that puts the products of a category in order.
#[derive(Debug, Default)]
pub struct ProductOrderMutation;

#[Object]
impl ProductOrderMutation {
    /// Moves products within the order of a category: `sort: {field: POSITION}` of `Category.products`. At most 10,000
    /// products of a category are in order; the others follow, oldest first. A product that leaves the category loses
    /// its position.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the category, and for a product that is not in it; `CONFLICT` if
    /// more than 10,000 products would be in order.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn reorder_category_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category, the products and their new position.")]
        input: ReorderCategoryProductsInput,
    ) -> Result<ReorderCategoryProductsPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let (category, products, after) = input.check()?;
            service::reorder_in_category(state, admin, category, &products, after).await
        };
        into_payload(done.await)
    }
}

payload! {
    /// Payload of `reorderCategoryProducts`.
    ReorderCategoryProductsPayload,
    (Model as category) {
        /// The category. Null if nothing was changed.
        category: Option<Category> = Some(Category(category)),
    }
}
