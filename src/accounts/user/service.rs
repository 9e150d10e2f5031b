//! Services of users. Callers check access with proofs, or in [`auth`](crate::accounts::auth).

use std::collections::HashMap;

use super::entity::Model;
use super::list::{Filter, List};
use super::repository;
pub use super::repository::{
    active_admins, delete, find, find_by_email_key, is_empty, lock, lock_by_email_key, lock_shared,
};
use crate::core::clock::Timestamp;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::pagination::{Page, Total};
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, Role, SignedIn, UserId};
use crate::infra::database::{Database, Transaction, violates_unique_constraint};
use crate::state::State;

/// Finds users by id. Unknown ids are omitted. The caller must have checked access: admins see all users, others
/// themselves.
pub async fn find_many(db: &Database, ids: &[UserId]) -> Result<HashMap<UserId, Model>> {
    let found = repository::find_many(db.reader(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Lists one page of users.
pub async fn list(db: &Database, _: Admin, list: &List) -> Result<Page<Model>> {
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the users that match the filter.
pub async fn count(db: &Database, _: Admin, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), filter).await?)
}

/// Updates the viewer's name. `None` does not change it.
pub async fn update_me(state: &State, caller: SignedIn, name: Option<String>) -> Result<Model> {
    let mut validator = Validator::default();
    let name = name.and_then(|name| validator.check("name", text::check_name(&name)));
    validator.finish()?;
    let transaction = state.db.begin().await?;
    let user = lock(&transaction, caller.user()).await?;
    let mut user = user.ok_or(Error::Unauthenticated)?;
    if let Some(name) = name {
        user.name = name;
    }
    let user = save(&transaction, user, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(user)
}

/// A new user.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: EmailAddress,
    pub name: String,
    pub role: Role,
    pub password_hash: Option<String>,
    /// Whether the user is invited. Otherwise the email address is verified.
    pub is_invited: bool,
}

/// Inserts a user. Returns `None` if the email address is taken.
pub async fn insert(
    transaction: &Transaction,
    new: NewUser,
    now: Timestamp,
) -> Result<Option<Model>> {
    let user = Model {
        id: UserId::generate(now),
        email: new.email.address,
        email_key: new.email.key,
        name_key: text::sort_key(&new.name),
        name: new.name,
        role: new.role,
        password_hash: new.password_hash,
        verified_at: now,
        invited_at: new.is_invited.then_some(now),
        disabled_at: None,
        identities_since: None,
        created_at: now,
        updated_at: now,
    };
    let stored = repository::insert(transaction, user.clone()).await?;
    Ok(stored.then_some(user))
}

/// Updates a user, which must be locked. Returns the updated user.
///
/// # Errors
/// `CONFLICT` if the email address belongs to another account.
pub async fn save(transaction: &Transaction, mut user: Model, now: Timestamp) -> Result<Model> {
    user.name_key = text::sort_key(&user.name);
    user.updated_at = now;
    let saved = repository::update(transaction, user).await;
    saved.map_err(|error| {
        if violates_unique_constraint(&error, "users_email_key_key", "users.email_key") {
            let message = "This email address belongs to another account.";
            UserError::new(UserErrorCode::Conflict, None, message).into()
        } else {
            error.into()
        }
    })
}
