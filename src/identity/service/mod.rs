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

pub use codes::{Offer, offer};
pub use flows::use_flow;
pub use judge::Refusal;

pub use crate::identity::entity::oauth_code::Intent;
