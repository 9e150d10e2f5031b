//! Batched lookups of users.

use std::collections::HashMap;

use crate::accounts::user::UserId;
use crate::accounts::user::entity::Model;
use crate::accounts::user::service;
use crate::core::error::Result;
use crate::graphql::dataloader::{Load, LoadContext};

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
