//! Checks that the caller still has its session, account and role. Long mutations run them before they commit.

use super::sessions::is_unexpired;
use crate::accounts::auth::entity::session::Model;
use crate::accounts::auth::repository::sessions as repository;
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::core::error::{Error, Result};
use crate::core::viewer::{Admin, SignedIn, Viewer};
use crate::infra::database::Transaction;
use crate::state::State;

/// Returns the viewer of a session as stored, within `transaction`.
///
/// # Errors
/// `Unauthenticated` if the session has ended, or the account was disabled or deleted.
pub async fn recheck(transaction: &Transaction, state: &State, caller: SignedIn) -> Result<Viewer> {
    let user = user::service::find(transaction, caller.user()).await?;
    let session = repository::find(transaction, caller.session()).await?;
    current_viewer(state, caller, user, session)
}

/// Like `recheck`, but locks the account and the session: they are not changed or deleted before `transaction`
/// ends.
///
/// # Errors
/// `Unauthenticated` if the session has ended, or the account was disabled or deleted.
pub async fn lock_shared(
    transaction: &Transaction,
    state: &State,
    caller: SignedIn,
) -> Result<Viewer> {
    // Same lock order as disabling an account: the account first, then its sessions.
    let user = user::service::lock_shared(transaction, caller.user()).await?;
    let session = repository::lock_shared(transaction, caller.session()).await?;
    current_viewer(state, caller, user, session)
}

/// Checks that the caller is still an admin, and locks the account until `transaction` ends. Nothing is committed
/// after the session or the role was lost.
///
/// # Errors
/// `Unauthenticated` if the session was revoked or the account disabled or deleted, `Forbidden` if the role was lost.
pub async fn lock_admin_shared(
    transaction: &Transaction,
    state: &State,
    admin: Admin,
) -> Result<()> {
    let viewer = lock_shared(transaction, state, admin.signed_in()).await?;
    viewer.admin().map(drop)
}

/// The same check without a lock, for long transactions.
///
/// # Errors
/// As for [`lock_admin_shared`].
pub async fn recheck_admin(transaction: &Transaction, state: &State, admin: Admin) -> Result<()> {
    let viewer = recheck(transaction, state, admin.signed_in()).await?;
    viewer.admin().map(drop)
}

fn current_viewer(
    state: &State,
    caller: SignedIn,
    user: Option<User>,
    session: Option<Model>,
) -> Result<Viewer> {
    let now = state.clock.now();
    let user = user.filter(User::is_active).ok_or(Error::Unauthenticated)?;
    let session =
        session.filter(|session| session.user_id == user.id && is_unexpired(state, session, now));
    session.ok_or(Error::Unauthenticated)?;
    Ok(Viewer::of_session(user.id, user.role, caller.session()))
}
