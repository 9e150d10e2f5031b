//! Looking identities up.

use std::collections::HashMap;

use crate::accounts::identity::IdentityId;
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::identity::repository::identities as repository;
use crate::accounts::user::UserId;
use crate::core::error::Result;
use crate::core::viewer::Viewer;
use crate::infra::database::Database;

/// The identities of users that the caller has already been allowed to see, the oldest first.
pub async fn of_users(db: &Database, users: &[UserId]) -> Result<HashMap<UserId, Vec<Model>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in repository::of_users(db.reader(), users).await? {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}

/// One identity, when it is of a user whom the viewer may see.
pub async fn find(db: &Database, viewer: Viewer, id: IdentityId) -> Result<Option<Model>> {
    // Whoever may see nobody learns nothing, not even by how long the answer takes.
    if viewer == Viewer::Anonymous {
        return Ok(None);
    }
    let found = repository::find(db.reader(), id).await?;
    Ok(found.filter(|row| viewer.may_see_user(row.user_id)))
}
