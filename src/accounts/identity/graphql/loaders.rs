//! Batched lookups of identities.

use std::collections::HashMap;

use crate::accounts::identity::entity::identity::Model;
use crate::accounts::identity::service;
use crate::accounts::user::UserId;
use crate::core::error::Result;
use crate::graphql::dataloader::{Load, LoadContext};

/// Key that loads the identities of a user. The caller must have checked that the viewer may see the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentitiesOf(pub UserId);

impl Load<IdentitiesOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[IdentitiesOf]) -> Result<HashMap<IdentitiesOf, Vec<Model>>> {
        let users: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::of_users(&self.state.db, &users).await?.into_iter();
        Ok(found.map(|(id, rows)| (IdentitiesOf(id), rows)).collect())
    }
}
