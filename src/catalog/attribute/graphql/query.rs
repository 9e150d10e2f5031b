//! Root fields that read attributes and product types.

use async_graphql::{Context, Object};

use super::{Attribute, ProductType};
use crate::catalog::attribute::service;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// Root fields that read attributes and product types.
#[derive(Debug, Default)]
pub struct AttributeQuery;

#[Object]
impl AttributeQuery {
    /// Returns all attributes, in the order of the shop. At most 1,000.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<Attribute>> {
        ctx.viewer().admin()?;
        let found = service::attributes(ctx.state().db.reader()).await?;
        Ok(found.into_iter().map(Attribute).collect())
    }

    /// Returns all product types, by name. At most 500.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn product_types(&self, ctx: &Context<'_>) -> Result<Vec<ProductType>> {
        ctx.viewer().admin()?;
        let found = service::product_types(&ctx.state().db).await?;
        Ok(found.into_iter().map(ProductType).collect())
    }
}
