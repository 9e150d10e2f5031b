//! Batched lookups of users.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::User;
use crate::accounts::user::UserId;
use crate::accounts::user::entity::Model;
use crate::accounts::user::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

/// Key that loads a user. The caller must have checked that the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ById(pub UserId);

impl Load<ById> for LoadContext {
    type Value = Model;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.state.db, &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}

impl NodeType for User {
    const PREFIX: &'static str = UserId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let id = id.into();
        // Not loaded if the viewer may not see the user, so that response times disclose nothing.
        if !ctx.viewer().may_see_user(id) {
            return Ok(None);
        }
        Ok(ctx.load(ById(id)).await?.map(Self))
    }
}
