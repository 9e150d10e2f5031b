//! Sign-in with an OpenID provider.
//!
//! A known subject signs in its user, whatever its current email address is. An unknown subject creates a customer,
//! unless an account with its email address exists. In that case:
//!
//! - If the provider hosts the address (Gmail and domains of Google Workspace), its subject owns the mailbox and
//!   could reset the password of the account anyway. It is linked, and the owner gets a notice by email.
//! - Otherwise the provider has only verified the mailbox once. The owner must sign in as before and link it.
//! - An admin account, or one with another subject of the provider, is only linked by its owner.

mod codes;
mod flows;
mod links;
mod queries;
mod resolve;
mod sign_in;
mod tokens;

pub use codes::{CodeAndVerifier, SignInParameters, create_code};
pub use flows::mark_flow_used;
pub use links::{GoogleCredential, link, unlink};
pub use queries::{find, find_by_users};
pub use resolve::Refusal;
pub use sign_in::{sign_in_with_code, sign_in_with_token};
pub use tokens::IdToken;

pub use crate::accounts::identity::entity::oauth_code::Intent;

use crate::accounts::identity::repository::{codes as stored_codes, flows as used};
use crate::core::error::Result;
use crate::state::State;

/// Maximum number of attempts when a concurrent request conflicts.
const ATTEMPTS: usize = 3;

/// Deletes expired sign-in codes and expired records of used sign-ins.
pub async fn delete_expired(state: &State) -> Result<()> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    stored_codes::delete_expired(&transaction, now).await?;
    used::delete_expired(&transaction, now).await?;
    Ok(transaction.commit().await?)
}
