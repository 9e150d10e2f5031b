//! Batched lookups of sessions.

use std::collections::HashMap;

use crate::accounts::auth::entity::session::Model;
use crate::accounts::auth::service;
use crate::core::error::Result;
use crate::core::viewer::SignedIn;
use crate::graphql::dataloader::{Load, LoadContext};

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
