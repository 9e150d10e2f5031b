//! The row of a product, with what a list has read beside it.

use async_graphql::Context;

use super::Availability;
use super::variants::StockOf;
use crate::catalog::product::entity::stock::StockSummary;
use crate::catalog::product::entity::{Column, Model};
use crate::catalog::product::list::{Columns, ListedProduct};
use crate::catalog::product_image::graphql::load_first_images;
use crate::core::error::Result;
use crate::core::stock::StockLevel;
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

    /// Returns the stock level for display.
    pub(super) async fn load_availability(&self, ctx: &Context<'_>) -> Result<Availability> {
        let stock = self.load_stock(ctx).await?;
        let units = i32::try_from(stock.units).unwrap_or(i32::MAX);
        let level = if !self.with(Column::InStock).in_stock {
            StockLevel::OutOfStock
        } else if stock.has_uncounted {
            StockLevel::InStock
        } else {
            StockLevel::of(units, ctx.state().config.shop_low_stock)
        };
        Ok(match level {
            StockLevel::OutOfStock if self.with(Column::Backorder).backorder => {
                Availability::Backorder
            }
            level => level.into(),
        })
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
