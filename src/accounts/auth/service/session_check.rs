//! Checks that the caller still has its session, account and role. Long mutations run them before they commit.

use super::sessions::is_alive;
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
pub async fn recheck(transaction: &Transaction, state: &State, who: SignedIn) -> Result<Viewer> {
    let user = user::service::find(transaction, who.user()).await?;
    let session = repository::find(transaction, who.session()).await?;
    viewer_of(state, who, user, session)
}

/// Like `recheck`, but locks the account and the session: they are not changed or deleted before `transaction`
/// ends.
///
/// # Errors
/// `Unauthenticated` if the session has ended, or the account was disabled or deleted.
pub async fn hold(transaction: &Transaction, state: &State, who: SignedIn) -> Result<Viewer> {
    // Same lock order as disabling an account: the account first, then its sessions.
    let user = user::service::hold(transaction, who.user()).await?;
    let session = repository::hold(transaction, who.session()).await?;
    viewer_of(state, who, user, session)
}

/// Checks that the caller is still an admin, and locks the account until `transaction` ends. Nothing is committed
/// after the session or the role was lost.
///
/// # Errors
/// `Unauthenticated` if the session was revoked or the account disabled or deleted, `Forbidden` if the role was lost.
pub async fn hold_admin(transaction: &Transaction, state: &State, admin: Admin) -> Result<()> {
    let viewer = hold(transaction, state, admin.signed_in()).await?;
    viewer.admin().map(drop)
}

/// The same check without a lock, for long transactions.
///
/// # Errors
/// As for [`hold_admin`].
pub async fn recheck_admin(transaction: &Transaction, state: &State, admin: Admin) -> Result<()> {
    let viewer = recheck(transaction, state, admin.signed_in()).await?;
    viewer.admin().map(drop)
}

fn viewer_of(
    state: &State,
    who: SignedIn,
    user: Option<User>,
    session: Option<Model>,
) -> Result<Viewer> {
    let now = state.clock.now();
    let user = user.filter(User::is_active).ok_or(Error::Unauthenticated)?;
    let session =
        session.filter(|session| session.user_id == user.id && is_alive(state, session, now));
    session.ok_or(Error::Unauthenticated)?;
    Ok(Viewer::of_session(user.id, user.role, who.session()))
}
