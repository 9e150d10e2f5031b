//! How lookups of sessions are batched.

use std::collections::HashMap;

use crate::auth::entity::session::Model;
use crate::auth::service;
use crate::error::Result;
use crate::loader::{Load, LoadContext};
use crate::viewer::SignedIn;

/// Loads the devices of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnSessions(pub SignedIn);

impl Load<OwnSessions> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[OwnSessions]) -> Result<HashMap<OwnSessions, Vec<Model>>> {
        let mut found = HashMap::new();
        // There is one viewer a request.
        for key in keys {
            found.insert(*key, service::list_sessions(&self.state, key.0).await?);
        }
        Ok(found)
    }
}
