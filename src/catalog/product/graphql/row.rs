//! The row of a product, with what a list has read beside it.

use async_graphql::Context;

use super::variants::StockOf;
use crate::catalog::product::entity::stock::StockSummary;
use crate::catalog::product::entity::{Column, Model};
use crate::catalog::product::list::{Columns, ListedProduct};
use crate::catalog::product_image::graphql::load_first_images;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::platform::media::graphql::Image;

/// A product row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Product {
    pub(super) listed: Box<ListedProduct>,
    pub(super) columns: Columns,
}

impl Product {
    /// Wraps a row with all columns loaded.
    pub fn new(row: Model) -> Self {
        let listed = Box::new(ListedProduct {
            row,
            category: None,
            images: None,
            stock: None,
        });
        let columns = Columns::ALL;
        Self { listed, columns }
    }

    /// Returns the row, to read this column. The list that the product belongs to has selected it.
    pub(super) fn with(&self, column: Column) -> &Model {
        debug_assert!(self.columns.contains(column), "{column:?} was not selected");
        &self.listed.row
    }

    /// Returns the units of the variants.
    pub(super) async fn load_stock(&self, ctx: &Context<'_>) -> Result<StockSummary> {
        if let Some(stock) = self.listed.stock {
            return Ok(stock);
        }
        let found = ctx.load(StockOf(self.listed.row.id)).await?;
        // A deleted product as it was.
        Ok(found.unwrap_or_else(|| StockSummary {
            units: self.listed.row.stock.into(),
            has_uncounted: false,
        }))
    }

    /// Returns the images, or the first of them.
    pub(super) async fn load_images(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
    ) -> Result<Vec<Image>> {
        let Some(images) = &self.listed.images else {
            return load_first_images(ctx, self.listed.row.id, first).await;
        };
        let first = first.map_or(usize::MAX, |first| first as usize);
        Ok(images.iter().take(first).cloned().map(Image).collect())
    }
}
