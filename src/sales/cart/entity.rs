//! Rows of `carts` and `cart_lines`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
pub use crate::core::viewer::CartId;
use crate::core::viewer::UserId;
use crate::sales::shipping::ShippingMethodId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "carts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CartId,
    /// Keyed hash of the token. None for the cart of a user.
    pub token_hash: Option<Vec<u8>>,
    /// None for the cart of a client that is not signed in.
    pub user_id: Option<UserId>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// [`PostalAddress`](crate::core::postal_address::PostalAddress) as JSON.
    pub shipping_address: Option<String>,
    pub billing_address: Option<String>,
    /// The chosen shipping method, which may have been deleted since.
    pub shipping_method_id: Option<ShippingMethodId>,
    /// The codes as the buyer has entered them: a list as JSON.
    pub discount_codes: Option<String>,
    /// The number of lines after the last change. More than there are now if variants were deleted since.
    pub line_count: i32,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The time from which the cart is deleted.
    pub expires_at: Timestamp,
}

crate::no_relations!();

/// A line of a cart.
pub mod line {
    use sea_orm::entity::prelude::*;

    use super::CartId;
    use crate::catalog::product::entity::variant::VariantId;

    crate::typed_id!(
        /// The id of a line of a cart.
        LineId,
        "cartline",
        "line of a cart"
    );

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LineId,
        pub cart_id: CartId,
        pub variant_id: VariantId,
        pub quantity: i32,
        /// A list of names and values as JSON.
        pub attributes: String,
        /// Hash of the attributes without their order. Empty without attributes.
        pub attributes_hash: Vec<u8>,
        /// The unit price when the buyer last changed the line, in minor units.
        pub seen_price: i64,
        pub position: i32,
    }

    crate::no_relations!();
}
