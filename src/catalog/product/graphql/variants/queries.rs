//! Root fields that read variants.

use async_graphql::{Context, Object};

use super::Variant;
use super::inputs::limit;
use crate::catalog::product::service::variants;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// Variants that `lowStock` returns by default.
const DEFAULT_LOW_STOCK: u32 = 20;

/// Root fields that read variants.
#[derive(Debug, Default)]
pub struct VariantQuery;

#[Object]
impl VariantQuery {
    /// Returns the variants whose stock is at or below their `lowStockAt`, lowest stock first.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn low_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Maximum number to return, 1 to 100. Default: 20.")] first: Option<i32>,
    ) -> Result<Vec<Variant>> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let first = limit(first, DEFAULT_LOW_STOCK)?;
        let found = variants::low_stock(&state.db, admin, first.into()).await?;
        Ok(found.into_iter().map(Variant::from).collect())
    }
}
