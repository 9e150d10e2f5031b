//! Batched lookups of tax classes and tax rates.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::{TaxClass, TaxRate};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::sales::tax::entity::{Model, TaxClassId, TaxRateId};
use crate::sales::tax::service;

/// Loads tax classes by id. The caller must have checked that the viewer is an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassById(pub TaxClassId);

impl Load<ClassById> for LoadContext {
    type Value = Model;

    async fn load(&self, keys: &[ClassById]) -> Result<HashMap<ClassById, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_classes(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (ClassById(id), row)).collect())
    }
}

impl NodeType for TaxClass {
    const PREFIX: &'static str = TaxClassId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if ctx.viewer().admin().is_err() {
            return Ok(None);
        }
        Ok(ctx.load(ClassById(id.into())).await?.map(Self))
    }
}

impl NodeType for TaxRate {
    const PREFIX: &'static str = TaxRateId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if ctx.viewer().admin().is_err() {
            return Ok(None);
        }
        let id = id.into();
        let mut found = service::find_rates(&ctx.state().db, &[id]).await?;
        Ok(found.remove(&id).map(Self))
    }
}
