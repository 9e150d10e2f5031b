//! Revalidates the permissions of the user who runs an import.

use super::row::RowIssue;
use crate::accounts::auth::service as auth;
use crate::core::error::{Error, Result};
use crate::infra::database::Transaction;
use crate::platform::audit::service::Actor;
use crate::state::State;

/// Checks that the author may still import, and locks the account until `transaction` ends.
///
/// # Errors
/// `Unauthenticated` or `Forbidden` when access was lost.
pub async fn lock_shared(actor: Actor, transaction: &Transaction, state: &State) -> Result<()> {
    match actor {
        Actor::Admin(admin) => auth::lock_admin_shared(transaction, state, admin).await,
        Actor::Operator | Actor::Server => Ok(()),
    }
}

/// The same check without a lock, for a transaction of many batches.
///
/// # Errors
/// As for [`lock_shared`].
pub async fn recheck(actor: Actor, transaction: &Transaction, state: &State) -> Result<()> {
    match actor {
        Actor::Admin(admin) => auth::recheck_admin(transaction, state, admin).await,
        Actor::Operator | Actor::Server => Ok(()),
    }
}

/// Returns the reason to stop an import if `error` means that its author no longer has access.
pub const fn lost_access(error: &Error) -> Option<&'static str> {
    match error {
        Error::Unauthenticated => Some(
            "The import stopped: your session has ended, or your account was disabled or deleted.",
        ),
        Error::Forbidden => Some("The import stopped: you are no longer an admin."),
        _ => None,
    }
}

/// Logs that the author lost access, and returns the issue for the report. Rows before `line` were imported unless
/// `is_rolled_back`.
pub fn stop_issue(actor: Actor, why: &str, line: u64, is_rolled_back: bool) -> RowIssue {
    if let Actor::Admin(admin) = actor {
        let user = admin.user().0;
        tracing::warn!(%user, line, "import stopped: its author lost access");
    }
    let extent = if is_rolled_back {
        "Nothing was imported."
    } else {
        "The rows before this line were imported, this one and those after it were not."
    };
    RowIssue {
        line,
        column: None,
        message: format!("{why} {extent}"),
    }
}
