//! Services of carts, one file for each use case.

mod attributes;
mod claim;
mod contents;
mod create;
mod details;
mod draft;
mod lines;
mod ordered;
mod problems;
mod quote;

pub use attributes::Attribute;
pub use claim::Claim;
pub use contents::{Cart, CartWithVariants};
pub use create::create;
pub use details::{DetailsInput, update};
pub use lines::{LineInput, LineUpdate, MAX_LINES, MAX_QUANTITY, add_lines, update_lines};
pub use ordered::{OrderedItem, delete, lock, remove_ordered};
pub use problems::{Problem, ProblemCode, problems, units_left};
pub use quote::{CartQuote, price};

use super::repository;
use super::token::CartToken;
use crate::core::error::Result;
use crate::core::secret::Secret;
use crate::core::viewer::{Buyer, Viewer};
use crate::state::State;

/// Returns the viewer with the token of a cart. It is anonymous if no cart has the token.
pub async fn authenticate(state: &State, token: &Secret) -> Result<Viewer> {
    // A malformed token needs no lookup.
    let Some(token) = CartToken::parse(token) else {
        return Ok(Viewer::Anonymous);
    };
    let hashes = token.hashes(&state.keys);
    let found = repository::find_by_token(state.db.reader(), hashes).await?;
    Ok(found.map_or(Viewer::Anonymous, Viewer::of_cart))
}

/// Finds the viewer's cart. `None` if a signed-in user has none yet.
pub async fn find(state: &State, buyer: Buyer) -> Result<Option<Cart>> {
    let db = state.db.reader();
    match repository::find(db, buyer.owner()).await? {
        Some(row) => Ok(Some(Cart::load(db, row).await?)),
        None => Ok(None),
    }
}

/// Deletes expired carts.
pub async fn delete_expired(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete_expired(&transaction, state.clock.now()).await?;
    Ok(transaction.commit().await?)
}
