//! Batched lookups of shipping zones and methods. Callers must have checked that the viewer is an admin.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::{ShippingMethod, ShippingZone};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::sales::shipping::entity::{ShippingMethodId, ShippingZoneId};
use crate::sales::shipping::service::{self, Coverage, Method, Zone};

/// Loads zones by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ZoneById(pub ShippingZoneId);

impl Load<ZoneById> for LoadContext {
    type Value = Zone;

    async fn load(&self, keys: &[ZoneById]) -> Result<HashMap<ZoneById, Zone>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_zones(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, zone)| (ZoneById(id), zone)).collect())
    }
}

/// Loads the methods of zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MethodsOf(pub ShippingZoneId);

impl Load<MethodsOf> for LoadContext {
    type Value = Vec<Method>;

    async fn load(&self, keys: &[MethodsOf]) -> Result<HashMap<MethodsOf, Vec<Method>>> {
        let zones: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::methods_of(self.state.db.reader(), &zones).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(zone, methods)| (MethodsOf(zone), methods))
            .collect())
    }
}

/// Loads the countries that are shipped to. All clients may see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CoverageKey;

impl Load<CoverageKey> for LoadContext {
    type Value = Coverage;

    async fn load(&self, _: &[CoverageKey]) -> Result<HashMap<CoverageKey, Coverage>> {
        let coverage = service::coverage(&self.state.db).await?;
        Ok(HashMap::from([(CoverageKey, coverage)]))
    }
}

impl NodeType for ShippingZone {
    const PREFIX: &'static str = ShippingZoneId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if ctx.viewer().admin().is_err() {
            return Ok(None);
        }
        Ok(ctx.load(ZoneById(id.into())).await?.map(Self))
    }
}

impl NodeType for ShippingMethod {
    const PREFIX: &'static str = ShippingMethodId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        if ctx.viewer().admin().is_err() {
            return Ok(None);
        }
        let id = id.into();
        let mut found = service::find_methods(&ctx.state().db, &[id]).await?;
        Ok(found.remove(&id).map(Self))
    }
}
