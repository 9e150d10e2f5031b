//! Quotes of carts: prices, discounts that apply, shipping methods with their prices, and problems.
//!
//! Reads the shop with a number of statements that does not depend on the cart, and calculates with
//! [`pricing`](crate::core::pricing).

mod discounts;
mod prices;
pub mod service;

use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::core::pricing::{Prices, Tax};
use crate::sales::destination::Destination;
use crate::sales::discount::entity::Model as DiscountRow;
use crate::sales::shipping::ShippingMethodId;
use crate::sales::shipping::service::Method;
use crate::sales::tax::TaxClassId;

/// A cart to price.
#[derive(Clone, Debug, Default)]
pub struct QuoteRequest {
    /// `None` until there is an address: taxes are then those of the shop's country, and no shipping method is offered.
    pub destination: Option<Destination>,
    pub lines: Vec<QuoteLine>,
    /// The chosen shipping method.
    pub method: Option<ShippingMethodId>,
    /// The codes as the buyer has entered them.
    pub codes: Vec<String>,
    /// Identifies the customer, for limits per customer. `None` until there is an email address.
    pub customer_key: Option<String>,
}

/// A line of a cart.
#[derive(Clone, Debug)]
pub struct QuoteLine {
    pub product: ProductId,
    /// All categories of the product, without their ancestors.
    pub categories: Vec<CategoryId>,
    pub quantity: u32,
    /// The price of a unit in the shop, in minor units.
    pub unit_price: i64,
    /// The weight of a unit in grams. Unknown weights count as 0.
    pub weight: Option<i32>,
    pub requires_shipping: bool,
    /// `None` is the default tax class.
    pub tax_class: Option<TaxClassId>,
}

/// The quote of a cart.
#[derive(Clone, Debug)]
pub struct Quote {
    pub prices: Prices,
    /// The tax of each line.
    pub line_taxes: Vec<Option<Tax>>,
    /// The discounts that apply, in the order of their calculation.
    pub discounts: Vec<AppliedDiscount>,
    /// The shipping methods that are offered, in their order. Empty if nothing requires shipping.
    pub methods: Vec<MethodQuote>,
    /// The chosen shipping method, if it is offered.
    pub method: Option<MethodQuote>,
    /// Whether a line requires shipping, so that an order needs a shipping method.
    pub requires_shipping: bool,
    pub problems: Vec<QuoteProblem>,
}

/// A discount that applies to a cart.
#[derive(Clone, Debug)]
pub struct AppliedDiscount {
    pub discount: DiscountRow,
    /// In minor units.
    pub amount: i64,
}

/// A shipping method and its price for a cart.
#[derive(Clone, Debug)]
pub struct MethodQuote {
    pub method: Method,
    /// In minor units, before free shipping.
    pub price: i64,
}

/// Something that is in the way of an order, or that the buyer should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteProblem {
    pub code: QuoteProblemCode,
    /// The discount code as the buyer has entered it.
    pub discount_code: Option<String>,
}

/// The kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuoteProblemCode {
    /// There is no discount with this code, or it has not begun yet.
    DiscountUnknown,
    /// The discount has ended.
    DiscountEnded,
    /// The discount was used as often as it can be.
    DiscountUsedUp,
    /// The customer has used the discount as often as allowed.
    DiscountUsedByCustomer,
    /// The discount applies to none of the lines.
    DiscountNotApplicable,
    /// The minimum amount or quantity of the discount is not reached.
    DiscountMinimumNotMet,
    /// The order is cheaper with another discount, or without this one.
    DiscountNotCombinable,
    /// Nothing is shipped to the destination.
    DestinationNotServed,
    /// No shipping method is chosen.
    ShippingMethodRequired,
    /// The chosen shipping method is not offered, or not any more.
    ShippingMethodUnavailable,
}
