//! Queries of identities.

use std::collections::HashMap;

use crate::accounts::identity::IdentityId;
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::identity::repository::identities as repository;
use crate::accounts::user::UserId;
use crate::core::error::Result;
use crate::core::viewer::Viewer;
use crate::infra::database::Database;

/// Lists the identities of these users, oldest first. The caller must have checked that the viewer may see them.
pub async fn find_by_users(db: &Database, users: &[UserId]) -> Result<HashMap<UserId, Vec<Model>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in repository::find_by_users(db.reader(), users).await? {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}

/// Finds an identity if the viewer may see its user.
pub async fn find(db: &Database, viewer: Viewer, id: IdentityId) -> Result<Option<Model>> {
    // Without a query, so that response times disclose nothing to clients that are not signed in.
    if viewer.signed_in().is_err() {
        return Ok(None);
    }
    let found = repository::find(db.reader(), id).await?;
    Ok(found.filter(|row| viewer.may_see_user(row.user_id)))
}
