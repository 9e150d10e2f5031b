//! GraphQL type of a problem.

use async_graphql::{Enum, ID, SimpleObject};

use crate::core::id::TypedId;
use crate::sales::cart::service::{Problem, ProblemCode};

/// The kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ProblemCode")]
pub enum CartProblemCode {
    /// The cart has no lines. Prevents an order.
    CartEmpty,
    /// The item is no longer for sale. Prevents an order.
    NotForSale,
    /// No unit of the item is left. Prevents an order.
    OutOfStock,
    /// Fewer units of the item are left than the cart has: `Variant.maxQuantity`. Prevents an order.
    InsufficientStock,
    /// The price of the item is not the one that the buyer saw: `CartLine.seenPrice`. Ends when the quantity is set again.
    PriceChanged,
    /// Items of the cart were deleted from the catalog, and with them their lines. Ends with the next change of the cart.
    LinesRemoved,
    /// The cart of a client that is not signed in has no email address. Prevents an order.
    EmailMissing,
    /// An item is shipped, and the cart has no shipping address. Prevents an order.
    ShippingAddressMissing,
    /// An item is shipped, and no shipping method is chosen. Prevents an order.
    ShippingMethodMissing,
    /// The chosen shipping method is not offered, or not any more. Prevents an order.
    ShippingMethodUnavailable,
    /// Nothing is shipped to the shipping address. Prevents an order.
    DestinationNotServed,
    /// There is no discount with this code, or it has not begun yet.
    DiscountUnknown,
    /// The discount has ended.
    DiscountEnded,
    /// The discount was used as often as it can be.
    DiscountUsedUp,
    /// The customer has used the discount as often as allowed.
    DiscountUsedByCustomer,
    /// The discount applies to none of the items.
    DiscountNotApplicable,
    /// The minimum amount or quantity of the discount is not reached.
    DiscountMinimumNotMet,
    /// Other discounts apply instead, with which the order is cheaper.
    DiscountNotCombinable,
}

/// A problem of a cart.
#[derive(Clone, Debug, SimpleObject)]
pub struct CartProblem {
    /// The kind of the problem.
    code: CartProblemCode,
    /// The message for the buyer, in English.
    message: String,
    /// The id of the line that has the problem. Null if none has.
    line_id: Option<ID>,
    /// The field of the cart that has the problem, such as `email`. Null if none has.
    field: Option<String>,
    /// The discount code that has the problem. Null if none has.
    discount_code: Option<String>,
}

impl From<Problem> for CartProblem {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code.into(),
            message: problem.message,
            line_id: problem.line.map(|line| line.encode().into()),
            field: problem.field.map(ToOwned::to_owned),
            discount_code: problem.discount_code,
        }
    }
}
