//! A locked cart that is being changed.

use super::contents::Cart;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::viewer::{Buyer, CartId, CartOwner, UserId};
use crate::infra::database::{DbError, Transaction, is_foreign_key_violation};
use crate::sales::cart::entity::Model;
use crate::sales::cart::entity::line::{self, LineId};
use crate::sales::cart::repository;
use crate::state::State;

/// A locked cart that is being changed.
pub struct Draft {
    pub cart: Cart,
    before: Cart,
}

impl Draft {
    /// Locks the buyer's cart. Creates a cart for a user without one.
    ///
    /// # Errors
    /// `CartTokenRequired` if a guest's cart was deleted or claimed meanwhile.
    pub async fn lock(transaction: &Transaction, state: &State, buyer: Buyer) -> Result<Self> {
        let owner = buyer.owner();
        if let Some(row) = repository::lock(transaction, owner).await? {
            return Self::load(transaction, row).await;
        }
        let CartOwner::User(user) = owner else {
            return Err(Error::CartTokenRequired);
        };
        insert(transaction, new_row(state, Some(user), None)).await?;
        // Another request may have created it at the same time.
        let row = repository::lock(transaction, owner).await?;
        let deleted = || {
            let deleted = anyhow::anyhow!("the cart was deleted by another request");
            Error::serialization_failure(deleted)
        };
        Self::load(transaction, row.ok_or_else(deleted)?).await
    }

    /// Loads a cart that is locked already.
    pub async fn load(transaction: &Transaction, row: Model) -> Result<Self> {
        let cart = Cart::load(transaction, row).await?;
        let before = cart.clone();
        Ok(Self { cart, before })
    }

    /// Writes what was changed and returns the cart. Its version increases if anything was.
    pub async fn save(self, transaction: &Transaction, state: &State) -> Result<Cart> {
        let Self { mut cart, before } = self;
        let is_known = |line: &line::Model| before.lines.contains(line);
        let changed = cart.lines.iter().filter(|line| !is_known(line));
        let changed: Vec<_> = changed.cloned().collect();
        let is_left = |id: LineId| cart.lines.iter().any(|line| line.id == id);
        let removed = before.lines.iter().map(|line| line.id);
        let removed: Vec<_> = removed.filter(|id| !is_left(*id)).collect();
        cart.row.line_count = i32::try_from(cart.lines.len()).unwrap_or(i32::MAX);
        if changed.is_empty() && removed.is_empty() && cart.row == before.row {
            return Ok(cart);
        }
        touch(&mut cart.row, state);
        repository::delete_lines(transaction, removed).await?;
        let saved = repository::save_lines(transaction, changed).await;
        saved.map_err(deleted_variant)?;
        repository::update(transaction, cart.row.clone()).await?;
        Ok(cart)
    }
}

/// Counts a change, and extends the lifetime of the cart.
pub fn touch(row: &mut Model, state: &State) {
    let now = state.clock.now();
    row.version += 1;
    row.updated_at = now;
    row.expires_at = expiry(state, now);
}

/// Returns the row of a new cart. Either a user or the hash of a token is given.
pub fn new_row(state: &State, user: Option<UserId>, token_hash: Option<Vec<u8>>) -> Model {
    let now = state.clock.now();
    Model {
        id: CartId::generate(now),
        token_hash,
        user_id: user,
        email: None,
        phone: None,
        note: None,
        locale: None,
        shipping_address: None,
        billing_address: None,
        shipping_method_id: None,
        discount_codes: None,
        line_count: 0,
        version: 1,
        created_at: now,
        updated_at: now,
        expires_at: expiry(state, now),
    }
}

/// Inserts a new cart, unless the user has one.
pub async fn insert(transaction: &Transaction, row: Model) -> Result<()> {
    let inserted = repository::insert(transaction, row).await;
    inserted.map_err(deleted_user)
}

/// Converts an error of a statement that refers to a user, who may have been deleted.
pub fn deleted_user(error: DbError) -> Error {
    if is_foreign_key_violation(&error) {
        Error::Unauthenticated
    } else {
        error.into()
    }
}

/// Converts an error of a statement that refers to variants: one was deleted since they were read. The request is
/// executed once more.
fn deleted_variant(error: DbError) -> Error {
    if is_foreign_key_violation(&error) {
        Error::serialization_failure(error)
    } else {
        error.into()
    }
}

fn expiry(state: &State, now: Timestamp) -> Timestamp {
    now.after(state.config.carts.cart_lifetime)
}
