//! Batched lookups of sessions.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::Session;
use crate::accounts::auth::entity::session::Model;
use crate::accounts::auth::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::viewer::{SessionId, SignedIn};
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

/// Key that loads the viewer's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnSessions(pub SignedIn);

impl Load<OwnSessions> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[OwnSessions]) -> Result<HashMap<OwnSessions, Vec<Model>>> {
        let mut found = HashMap::new();
        // A request has one viewer.
        for key in keys {
            found.insert(*key, service::list_sessions(&self.state, key.0).await?);
        }
        Ok(found)
    }
}

impl NodeType for Session {
    const PREFIX: &'static str = SessionId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        // Only the owner of a session sees it.
        let Ok(caller) = ctx.viewer().signed_in() else {
            return Ok(None);
        };
        let sessions = ctx.load(OwnSessions(caller)).await?.unwrap_or_default();
        let found = sessions.into_iter().find(|session| session.id.0 == id);
        Ok(found.map(Self))
    }
}
