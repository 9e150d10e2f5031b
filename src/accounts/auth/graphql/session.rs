//! GraphQL type and queries of sessions.

use async_graphql::{Context, ID, Object};

use super::OwnSessions;
use crate::accounts::auth::entity::session::Model;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// GraphQL object of a session row.
#[derive(Clone, Debug)]
pub struct Session(pub Model);

/// A session: one device on which you are signed in.
#[Object(cache_control(private))]
impl Session {
    /// Opaque, stable id: `sess_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// `User-Agent` header of the device when it last signed in or refreshed its tokens. Null if it sent none.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }

    /// IP address of the device when it last signed in or refreshed its tokens.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// Time of the sign-in.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last sign-in or token refresh. Other requests don't update it, so it can lag behind the last
    /// request by the lifetime of an access token.
    async fn last_used_at(&self) -> Timestamp {
        self.0.refreshed_at
    }

    /// Latest time at which the session expires. An unused session expires earlier.
    async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// Whether this is the session of the request.
    async fn current(&self, ctx: &Context<'_>) -> bool {
        let caller = ctx.viewer().signed_in();
        caller.is_ok_and(|caller| caller.session() == self.0.id)
    }
}

/// Root fields that read sessions.
#[derive(Debug, Default)]
pub struct AuthQuery;

#[Object]
impl AuthQuery {
    /// Returns your sessions, at most 50, most recently used first.
    #[graphql(directive = auth::apply(Access::Customer), cache_control(private))]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let caller = ctx.viewer().signed_in()?;
        let sessions = ctx.load(OwnSessions(caller)).await?.unwrap_or_default();
        Ok(sessions.into_iter().map(Session).collect())
    }
}
