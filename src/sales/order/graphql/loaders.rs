//! Batched lookups of orders and their details.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::Order;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::sales::order::entity::{Model, OrderId, detail, line};
use crate::sales::order::service;

/// Key that loads an order. The caller checks whether the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ById(pub OrderId);

impl Load<ById> for LoadContext {
    type Value = Model;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.state.db, &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}

/// Key that loads the lines of an order. The caller has checked that the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinesOf(pub OrderId);

impl Load<LinesOf> for LoadContext {
    type Value = Vec<line::Model>;

    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::lines_of(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, rows)| (LinesOf(id), rows)).collect())
    }
}

/// Key that loads the taxes of an order. The caller has checked that the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TaxesOf(pub OrderId);

impl Load<TaxesOf> for LoadContext {
    type Value = Vec<detail::tax::Model>;

    async fn load(&self, keys: &[TaxesOf]) -> Result<HashMap<TaxesOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::taxes_of(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, rows)| (TaxesOf(id), rows)).collect())
    }
}

/// Key that loads the discounts of an order. The caller has checked that the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DiscountsOf(pub OrderId);

impl Load<DiscountsOf> for LoadContext {
    type Value = Vec<detail::discount::Model>;

    async fn load(&self, keys: &[DiscountsOf]) -> Result<HashMap<DiscountsOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::discounts_of(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, rows)| (DiscountsOf(id), rows)).collect())
    }
}

impl NodeType for Order {
    const PREFIX: &'static str = OrderId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let found = ctx.load(ById(id.into())).await?;
        let (state, viewer) = (ctx.state(), ctx.viewer());
        let visible = found.filter(|order| service::access::can_see(state, viewer, order, None));
        Ok(visible.map(Self::from))
    }
}
