//! Batched lookups of identities.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::Identity;
use crate::accounts::identity::IdentityId;
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::identity::service;
use crate::accounts::user::UserId;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

/// Key that loads the identities of a user. The caller must have checked that the viewer may see the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentitiesOf(pub UserId);

impl Load<IdentitiesOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[IdentitiesOf]) -> Result<HashMap<IdentitiesOf, Vec<Model>>> {
        let users: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_by_users(&self.state.db, &users)
            .await?
            .into_iter();
        Ok(found.map(|(id, rows)| (IdentitiesOf(id), rows)).collect())
    }
}

impl NodeType for Identity {
    const PREFIX: &'static str = IdentityId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        // Found only if the viewer may see its user.
        let found = service::find(&ctx.state().db, ctx.viewer(), id.into()).await?;
        Ok(found.map(Self))
    }
}
