//! Batched lookups of addresses.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::Address;
use crate::accounts::address::entity::{AddressId, Model};
use crate::accounts::address::service;
use crate::accounts::user::UserId;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

/// Key that loads the addresses of a user. The caller must have checked that the viewer may see the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressesOf(pub UserId);

impl Load<AddressesOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[AddressesOf]) -> Result<HashMap<AddressesOf, Vec<Model>>> {
        let users: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_by_users(&self.state.db, &users).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, rows)| (AddressesOf(id), rows)).collect())
    }
}

impl NodeType for Address {
    const PREFIX: &'static str = AddressId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let found = service::find(&ctx.state().db, ctx.viewer(), id.into()).await?;
        Ok(found.map(Self))
    }
}
