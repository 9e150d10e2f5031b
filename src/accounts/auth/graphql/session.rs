//! Sessions in the API.

use async_graphql::{Context, ID, Object};

use super::OwnSessions;
use crate::accounts::auth::entity::session::Model;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Session(pub Model);

/// A device on which you are signed in.
#[Object(cache_control(private))]
impl Session {
    /// Opaque and stable: `sess_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// What the device said it is, when it was used last.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }

    /// The network address that it was used from last.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// When you signed in.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was used last, to within the life of an access token: it is written down when the tokens are refreshed.
    async fn last_used_at(&self) -> Timestamp {
        self.0.refreshed_at
    }

    /// When it ends at the latest. One that is not used ends before.
    async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// Whether it is the one that asks.
    async fn current(&self, ctx: &Context<'_>) -> bool {
        let who = ctx.viewer().signed_in();
        who.is_ok_and(|who| who.session() == self.0.id)
    }
}

/// The root fields that read sessions.
#[derive(Debug, Default)]
pub struct AuthQuery;

#[Object]
impl AuthQuery {
    /// The devices on which you are signed in, at most 50, the one that was used last first.
    #[graphql(directive = auth::apply(Access::Customer), cache_control(private))]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let who = ctx.viewer().signed_in()?;
        let sessions = ctx.load(OwnSessions(who)).await?.unwrap_or_default();
        Ok(sessions.into_iter().map(Session).collect())
    }
}
