//! The token of an order, which opens it to a buyer who is not signed in.
//!
//! It is derived from the id of the order and the server's key, so that an email can contain it later although the database
//! stores only its hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::entity::{Model, OrderId};
use crate::core::secret::Secret;
use crate::infra::keys::{Key, Keys};

const TOKEN: &[u8] = b"token";
const HASH: &[u8] = b"hash";
/// The length of the text form in characters.
const TEXT_LENGTH: usize = 43;

/// The token of an order.
pub struct OrderToken;

impl OrderToken {
    /// Returns the token of an order under the signing key, and the hash to store.
    pub fn derive(keys: &Keys, order: OrderId) -> (Secret, Vec<u8>) {
        let token = token(&keys.signing, order);
        (text(&token), hash(&keys.signing, &token))
    }

    /// Returns the token that the stored hash belongs to. `None` if the key that it was derived from is not configured
    /// any more: then store the hash of a new one.
    pub fn of(keys: &Keys, order: &Model) -> Option<Secret> {
        let of_key = |key: &Key| {
            let token = token(key, order.id);
            let is_stored: bool = hash(key, &token).ct_eq(&order.token_hash).into();
            is_stored.then(|| text(&token))
        };
        keys.all().find_map(of_key)
    }

    /// Returns whether this is the token of the order.
    pub fn matches(keys: &Keys, order: &Model, given: &Secret) -> bool {
        let given = Some(given.expose()).filter(|text| text.len() == TEXT_LENGTH);
        let given = given.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let Some(given) = given else {
            return false;
        };
        let is_stored = |key: &Key| bool::from(hash(key, &given).ct_eq(&order.token_hash));
        keys.all().any(is_stored)
    }
}

fn token(key: &Key, order: OrderId) -> [u8; 32] {
    key.order_mac(TOKEN, order.0.as_bytes())
}

fn hash(key: &Key, token: &[u8]) -> Vec<u8> {
    key.order_mac(HASH, token).to_vec()
}

fn text(token: &[u8]) -> Secret {
    URL_SAFE_NO_PAD.encode(token).into()
}
