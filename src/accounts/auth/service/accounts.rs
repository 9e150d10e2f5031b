//! Updates and deletes accounts, by admins and by their owners. The last active admin can't be removed.

use super::emails::AccountEmail;
use super::login::reauthenticate;
use super::security;
use crate::accounts::auth::repository::sessions;
use crate::accounts::user::entity::Model as User;
use crate::accounts::{avatar, user};
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, Role, SignedIn, UserId};
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::{idempotency, jobs};
use crate::state::State;

/// Changes to an account. Absent fields are not changed.
#[derive(Clone, Debug)]
pub struct UserChange {
    pub id: UserId,
    pub name: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
}

/// Updates an account. A new role applies from the next request; disabling an account ends all its sessions.
pub async fn update_user(
    state: &State,
    client: &Client,
    admin: Admin,
    change: UserChange,
) -> Result<User> {
    let mut validator = Validator::default();
    let name = change
        .name
        .and_then(|name| validator.check("name", text::check_name(&name)));
    validator.finish()?;
    let now = state.clock.now();
    // Exclusive: concurrent updates must not remove the last admin together.
    let transaction = state.db.begin_exclusive().await?;
    let admins = user::service::active_admins(&transaction).await?;
    let mut user = lock(&transaction, change.id).await?;
    let before = user.clone();
    if let Some(name) = name {
        user.name = name;
    }
    user.role = change.role.unwrap_or(user.role);
    match change.disabled {
        Some(true) => user.disabled_at = user.disabled_at.or(Some(now)),
        Some(false) => user.disabled_at = None,
        None => {}
    }
    if user.role != Role::Admin || user.disabled_at.is_some() {
        require_another_admin(&admins, user.id)?;
    }
    let user = user::service::save(&transaction, user, now).await?;
    if user.disabled_at.is_some() {
        sessions::delete_of_user(&transaction, user.id, None).await?;
    }
    let entries = Some(update_entry(&before, &user)).filter(|entry| !entry.is_empty());
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    record_changes(state, client, admin, &before, &user);
    Ok(user)
}

/// Records role and status changes in the security log.
fn record_changes(state: &State, client: &Client, admin: Admin, before: &User, after: &User) {
    let record = |event, reason| {
        security::done_by_admin(state, client, event, after.id, admin.user(), reason);
    };
    if before.role != after.role {
        let reason = match after.role {
            Role::Admin => "to_admin",
            Role::Customer => "to_customer",
        };
        record(SecurityEvent::RoleChanged, reason);
    }
    match (before.is_active(), after.is_active()) {
        (true, false) => record(SecurityEvent::AccountDisabled, "by_admin"),
        (false, true) => record(SecurityEvent::AccountEnabled, "by_admin"),
        _ => {}
    }
}

/// Builds the audit entry of an update. It contains no names, so that they can be deleted with the account.
fn update_entry(before: &User, after: &User) -> Entry {
    let role = |user: &User| user.role.as_str().to_owned();
    let disabled = |user: &User| user.disabled_at.is_some().to_string();
    Entry::new("updateUser")
        .about(after.id)
        .changed("name", before.name != after.name)
        .change("role", role(before), role(after))
        .change("disabled", disabled(before), disabled(after))
}

/// Deletes an account by an admin. Returns the deleted user.
pub async fn delete_user(state: &State, client: &Client, admin: Admin, id: UserId) -> Result<User> {
    let user = delete(state, id, Some(admin)).await?;
    let event = SecurityEvent::AccountDeleted;
    security::done_by_admin(state, client, event, id, admin.user(), "by_admin");
    Ok(user)
}

/// Deletes the viewer's own account. Returns the deleted user.
pub async fn delete_me(
    state: &State,
    client: &Client,
    caller: SignedIn,
    password: Option<&Secret>,
) -> Result<User> {
    let user = reauthenticate(state, client, caller, password, "password").await?;
    let user = delete(state, user.id, None).await?;
    let event = SecurityEvent::AccountDeleted;
    security::succeeded(state, client, event, user.id, "by_owner");
    Ok(user)
}

/// Deletes a user with its sessions, codes, addresses and cart. Orders lose their user. Queued emails are still sent, and a
/// final one is added.
async fn delete(state: &State, id: UserId, admin: Option<Admin>) -> Result<User> {
    let now = state.clock.now();
    let transaction = state.db.begin_exclusive().await?;
    let admins = user::service::active_admins(&transaction).await?;
    let user = lock(&transaction, id).await?;
    require_another_admin(&admins, id)?;
    avatar::service::remove(&transaction, id, now).await?;
    user::service::delete(&transaction, id).await?;
    idempotency::service::delete_of_owner(&transaction, id.into()).await?;
    jobs::service::delete_failed_emails(&transaction, &user.email).await?;
    let account_email = AccountEmail::account_deleted(state, &user).into_new_email(state, None);
    jobs::service::enqueue_email(&transaction, account_email, now).await?;
    if let Some(admin) = admin {
        let entries = [Entry::new("deleteUser").about(id)];
        audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    }
    transaction.commit().await?;
    Ok(user)
}

/// Fails if `lost` is the last of these admins.
fn require_another_admin(admins: &[User], lost: UserId) -> Result<()> {
    match admins {
        [only] if only.id == lost => {
            let message = "This is the last active admin. Make another user an admin first.";
            Err(UserError::new(UserErrorCode::Conflict, None, message).into())
        }
        _ => Ok(()),
    }
}

async fn lock(transaction: &Transaction, id: UserId) -> Result<User> {
    let user = user::service::lock(transaction, id).await?;
    let missing = || UserError::new(UserErrorCode::NotFound, "id", "No user has this id.");
    user.ok_or_else(|| Error::from(missing()))
}
