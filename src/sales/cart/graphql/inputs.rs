//! Inputs of mutations on carts.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::accounts::address::graphql::PostalAddressInput;
use crate::accounts::auth::graphql::TokenPlace;
use crate::core::patch::Patch;
use crate::core::postal_address::AddressInput;
use crate::sales::cart::service::{Attribute, DetailsInput, LineInput, LineUpdate};

/// Input of `createCart`.
#[derive(Debug, InputObject)]
pub struct CreateCartInput {
    /// Lines to add. At most 100. Default: none.
    #[graphql(default)]
    pub lines: Vec<CartLineInput>,
    /// How the token of the cart is returned. Default: `BODY`.
    #[graphql(default_with = "TokenPlace::Body")]
    pub token_in: TokenPlace,
}

/// A line to add to a cart.
#[derive(Debug, InputObject)]
pub struct CartLineInput {
    /// The id of the variant: `var_...`.
    variant_id: ID,
    /// Number of units: 1 to 10,000. Default: 1.
    #[graphql(default = 1)]
    quantity: i32,
    /// Attributes such as the text of an engraving. Units with other attributes are another line. At most 20.
    #[graphql(default)]
    attributes: Vec<CartLineAttributeInput>,
}

/// An attribute of a line.
#[derive(Debug, InputObject)]
pub struct CartLineAttributeInput {
    /// Name: one line of 1 to 255 characters, unique in the line.
    name: String,
    /// Value: one line of 1 to 255 characters.
    value: String,
}

/// Input of `addCartLines`.
#[derive(Debug, InputObject)]
pub struct AddCartLinesInput {
    /// Lines to add. At most 100.
    pub lines: Vec<CartLineInput>,
}

/// Input of `updateCartLines`.
#[derive(Debug, InputObject)]
pub struct UpdateCartLinesInput {
    /// Lines with their new quantities. At most 100, each once.
    pub lines: Vec<CartLineUpdateInput>,
}

/// The new quantity of a line.
#[derive(Debug, InputObject)]
pub struct CartLineUpdateInput {
    /// The id of the line: `cartline_...`.
    line_id: ID,
    /// Number of units: 0 to 10,000. 0 removes the line.
    quantity: i32,
}

/// Input of `updateCart`. Absent fields stay unchanged, null clears them.
#[derive(Debug, InputObject)]
pub struct UpdateCartInput {
    /// Email address for the order.
    email: MaybeUndefined<String>,
    /// Phone number: at most 30 characters.
    phone: MaybeUndefined<String>,
    /// Note to the shop: at most 2,000 characters.
    note: MaybeUndefined<String>,
    /// Language of the buyer: a BCP 47 tag such as `pt-BR`.
    locale: MaybeUndefined<String>,
    /// Address to ship to. Replaces the whole address.
    shipping_address: MaybeUndefined<PostalAddressInput>,
    /// Address of the invoice. Null: the shipping address. Replaces the whole address.
    billing_address: MaybeUndefined<PostalAddressInput>,
    /// The id of one of `Cart.shippingMethods`: `ship_...`.
    shipping_method_id: MaybeUndefined<ID>,
    /// Discount codes. Replaces all codes. At most 5.
    discount_codes: MaybeUndefined<Vec<String>>,
    /// The version that the changes are based on. Fails with `CONFLICT` if the cart has another one.
    expected_version: Option<i32>,
}

impl From<CartLineInput> for LineInput {
    fn from(input: CartLineInput) -> Self {
        let attributes = input.attributes.into_iter();
        let attribute = |given: CartLineAttributeInput| Attribute {
            name: given.name,
            value: given.value,
        };
        Self {
            variant_id: input.variant_id.0,
            quantity: input.quantity,
            attributes: attributes.map(attribute).collect(),
        }
    }
}

impl From<CartLineUpdateInput> for LineUpdate {
    fn from(input: CartLineUpdateInput) -> Self {
        Self {
            line_id: input.line_id.0,
            quantity: input.quantity,
        }
    }
}

impl From<UpdateCartInput> for DetailsInput {
    fn from(input: UpdateCartInput) -> Self {
        let address = |given: MaybeUndefined<PostalAddressInput>| -> Patch<AddressInput> {
            given.map_value(AddressInput::from).into()
        };
        Self {
            email: input.email.into(),
            phone: input.phone.into(),
            note: input.note.into(),
            locale: input.locale.into(),
            shipping_address: address(input.shipping_address),
            billing_address: address(input.billing_address),
            shipping_method_id: input.shipping_method_id.map_value(|id| id.0).into(),
            discount_codes: input.discount_codes.into(),
            expected_version: input.expected_version,
        }
    }
}
