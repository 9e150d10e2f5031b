//! Claiming a guest's cart after the sign-in.

use super::contents::Cart;
use super::details::{MAX_CODES, codes_to_json};
use super::draft::{self, Draft};
use super::lines::MAX_LINES;
use crate::core::error::{Error, Result};
use crate::core::viewer::{CartId, CartOwner, SignedIn};
use crate::infra::database::{DbError, Transaction, violates_unique_constraint};
use crate::sales::cart::entity::{Model, line};
use crate::sales::cart::repository;
use crate::sales::cart::token::CartToken;
use crate::sales::discount::list::code_key;
use crate::state::State;

/// A guest's cart that a user claims. It and the user's own cart are locked.
#[derive(Debug)]
pub struct Claim {
    guest: Model,
    own: Option<Model>,
}

impl Claim {
    /// Locks the guest's cart with this token, and the user's own one. `None` if no cart has the token.
    pub async fn lock(
        transaction: &Transaction,
        state: &State,
        caller: SignedIn,
        token: &CartToken,
    ) -> Result<Option<Self>> {
        let guest = repository::lock_by_token(transaction, token.hashes(&state.keys)).await?;
        let Some(guest) = guest else {
            return Ok(None);
        };
        let own = repository::lock(transaction, CartOwner::User(caller.user())).await?;
        Ok(Some(Self { guest, own }))
    }

    /// Returns the guest's cart if it is going to be merged into the user's own one, and deleted.
    pub fn merged(&self) -> Option<CartId> {
        self.own.as_ref().map(|_| self.guest.id)
    }

    /// Makes the guest's cart that of the user, or merges it into the user's cart. The token no longer opens it.
    pub async fn apply(
        self,
        transaction: &Transaction,
        state: &State,
        caller: SignedIn,
    ) -> Result<Cart> {
        match self.own {
            Some(own) => merge(transaction, state, own, self.guest).await,
            None => take(transaction, state, caller, self.guest).await,
        }
    }
}

/// Makes the guest's cart that of a user who has none.
async fn take(
    transaction: &Transaction,
    state: &State,
    caller: SignedIn,
    mut cart: Model,
) -> Result<Cart> {
    cart.token_hash = None;
    cart.user_id = Some(caller.user());
    draft::touch(&mut cart, state);
    let updated = repository::update(transaction, cart.clone()).await;
    updated.map_err(created_meanwhile)?;
    Cart::load(transaction, cart).await
}

/// Converts the error of an update: another request may have created a cart of the user since. The request is executed
/// once more.
fn created_meanwhile(error: DbError) -> Error {
    if violates_unique_constraint(&error, "carts_user_id_key", "carts.user_id") {
        Error::serialization_failure(error)
    } else {
        draft::deleted_user(error)
    }
}

/// Merges the guest's cart into the user's: the higher quantity of each line, and what the user's cart lacks.
async fn merge(transaction: &Transaction, state: &State, own: Model, guest: Model) -> Result<Cart> {
    let lines = repository::lines_of(transaction, guest.id).await?;
    // First, because its lines keep their ids.
    repository::delete(transaction, guest.id).await?;
    let mut draft = Draft::load(transaction, own).await?;
    merge_lines(&mut draft.cart, lines);
    merge_codes(&mut draft.cart, &guest)?;
    let row = &mut draft.cart.row;
    for (own, guest) in [
        (&mut row.email, guest.email),
        (&mut row.phone, guest.phone),
        (&mut row.note, guest.note),
        (&mut row.locale, guest.locale),
        (&mut row.shipping_address, guest.shipping_address),
        (&mut row.billing_address, guest.billing_address),
    ] {
        if own.is_none() {
            *own = guest;
        }
    }
    row.shipping_method_id = row.shipping_method_id.or(guest.shipping_method_id);
    draft.save(transaction, state).await
}

/// Codes above the maximum number are dropped.
fn merge_codes(cart: &mut Cart, guest: &Model) -> Result<()> {
    let mut codes = cart.row.read_codes();
    for code in guest.read_codes() {
        let is_new = codes.iter().all(|own| code_key(own) != code_key(&code));
        if is_new && codes.len() < MAX_CODES {
            codes.push(code);
        }
    }
    cart.row.discount_codes = codes_to_json(&codes)?;
    Ok(())
}

/// Lines above the maximum number are dropped.
fn merge_lines(cart: &mut Cart, lines: Vec<line::Model>) {
    for guest in lines {
        if let Some(own) = cart.find_line(guest.variant_id, &guest.attributes_hash) {
            own.quantity = own.quantity.max(guest.quantity);
        } else if cart.lines.len() < MAX_LINES {
            let cart_id = cart.row.id;
            cart.push_line(line::Model { cart_id, ..guest });
        }
    }
}
