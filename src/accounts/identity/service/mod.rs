//! Signing in with an account elsewhere.
//!
//! Who comes with a subject that is known is its user, whatever the address is by now. Who comes with another one is a new
//! customer, unless the address has an account. Then:
//!
//! - The provider gives the address out itself (Google those of Gmail, and of domains that it hosts): whoever proves to be
//!   its subject owns the mailbox, and could set a new password of the account. It is linked, and a letter tells the owner.
//! - Otherwise the provider has only seen that the mailbox was somebody's once. The owner signs in as before and links it.
//! - An account that runs the shop, or that has another subject of the provider, is never linked without its owner.

mod codes;
mod flows;
mod judge;
mod links;
mod reading;
mod sign_in;
mod tokens;

pub use codes::{Brought, Offer, offer};
pub use flows::use_flow;
pub use judge::Refusal;
pub use links::{Proof, link, unlink};
pub use reading::{find, of_users};
pub use sign_in::{sign_in_with_code, sign_in_with_token};
pub use tokens::IdToken;

pub use crate::accounts::identity::entity::oauth_code::Intent;

use crate::accounts::identity::repository::{codes as stored_codes, flows as used};
use crate::core::error::Result;
use crate::state::State;

/// How often it is tried again when somebody else was faster.
const ATTEMPTS: usize = 3;

/// Removes what is out of date.
pub async fn delete_expired(state: &State) -> Result<()> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    stored_codes::delete_expired(&transaction, now).await?;
    used::delete_expired(&transaction, now).await?;
    Ok(transaction.commit().await?)
}
