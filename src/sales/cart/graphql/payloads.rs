//! Payloads of mutations on carts.

use super::Cart;
use crate::core::secret::Secret;
use crate::payload;
use crate::sales::cart::service;

payload! {
    /// Payload of `addCartLines`.
    AddCartLinesPayload,
    /// Payload of `updateCartLines`.
    UpdateCartLinesPayload,
    /// Payload of `updateCart`.
    UpdateCartPayload,
    (service::Cart as cart) {
        /// The whole cart in its new state. Null if nothing was changed.
        cart: Option<Cart> = Some(cart.into()),
    }
}

/// A new cart, and its token unless it is in the cookie.
pub struct Created {
    pub cart: service::Cart,
    pub token: Option<Secret>,
}

payload! {
    /// Payload of `createCart`.
    CreateCartPayload,
    (Created as created) {
        /// The new cart. Null if nothing was changed.
        cart: Option<Cart> = Some(created.cart.into()),
        /// The token of the cart. Send it as the header `Cart-Token`, and store it like a password. Null if it is in the
        /// cookie, and for a signed-in user, who needs none.
        cart_token: Option<String> = created.token.map(|token| token.expose().to_owned()),
    }
}

payload! {
    /// Payload of `claimCart`.
    ClaimCartPayload,
    (Option<service::Cart> as cart) {
        /// Your cart. Null if you have none and there was none to claim.
        cart: Option<Cart> = cart.map(Into::into),
    }
}
