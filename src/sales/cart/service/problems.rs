//! The problems of a cart: what a buyer should know, and what prevents an order.

use std::collections::HashMap;

use super::contents::CartWithVariants;
use super::lines::MAX_QUANTITY;
use crate::catalog::product::service::variants::StockedVariant;
use crate::core::money::{Currency, Decimal};
use crate::sales::cart::entity::line::{self, LineId};
use crate::sales::quote::{Quote, QuoteProblem, QuoteProblemCode};

/// The kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    CartEmpty,
    NotForSale,
    OutOfStock,
    InsufficientStock,
    PriceChanged,
    LinesRemoved,
    EmailMissing,
    ShippingAddressMissing,
    ShippingMethodMissing,
    ShippingMethodUnavailable,
    DestinationNotServed,
    DiscountUnknown,
    DiscountEnded,
    DiscountUsedUp,
    DiscountUsedByCustomer,
    DiscountNotApplicable,
    DiscountMinimumNotMet,
    DiscountNotCombinable,
}

impl ProblemCode {
    /// Whether the cart can't be ordered with it.
    pub const fn prevents_order(self) -> bool {
        matches!(
            self,
            Self::CartEmpty
                | Self::NotForSale
                | Self::OutOfStock
                | Self::InsufficientStock
                | Self::EmailMissing
                | Self::ShippingAddressMissing
                | Self::ShippingMethodMissing
                | Self::ShippingMethodUnavailable
                | Self::DestinationNotServed
        )
    }
}

impl From<QuoteProblemCode> for ProblemCode {
    fn from(code: QuoteProblemCode) -> Self {
        match code {
            QuoteProblemCode::DiscountUnknown => Self::DiscountUnknown,
            QuoteProblemCode::DiscountEnded => Self::DiscountEnded,
            QuoteProblemCode::DiscountUsedUp => Self::DiscountUsedUp,
            QuoteProblemCode::DiscountUsedByCustomer => Self::DiscountUsedByCustomer,
            QuoteProblemCode::DiscountNotApplicable => Self::DiscountNotApplicable,
            QuoteProblemCode::DiscountMinimumNotMet => Self::DiscountMinimumNotMet,
            QuoteProblemCode::DiscountNotCombinable => Self::DiscountNotCombinable,
            QuoteProblemCode::DestinationNotServed => Self::DestinationNotServed,
            QuoteProblemCode::ShippingMethodRequired => Self::ShippingMethodMissing,
            QuoteProblemCode::ShippingMethodUnavailable => Self::ShippingMethodUnavailable,
        }
    }
}

/// A problem of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// For the buyer, in English.
    pub message: String,
    /// The line that has it.
    pub line: Option<LineId>,
    /// The field of the cart that has it.
    pub field: Option<&'static str>,
    /// The discount code that has it.
    pub discount_code: Option<String>,
}

/// Returns the problems of a cart with these prices: first those of the lines, in their order.
pub fn problems(cart: &CartWithVariants, quote: &Quote, currency: Currency) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut units_before = HashMap::new();
    for line in &cart.lines {
        let Some(variant) = cart.for_sale.get(&line.variant_id) else {
            let message = "This item is no longer for sale.".to_owned();
            found.push(of_line(ProblemCode::NotForSale, line, message));
            continue;
        };
        // Several lines with different attributes may have the same variant.
        let before = units_before.entry(line.variant_id).or_insert(0);
        found.extend(stock_problem(line, orderable(variant) - *before));
        *before += i64::from(line.quantity);
        found.extend(price_problem(line, variant.0.price, currency));
    }
    found.extend(missing(cart));
    found.extend(quote.problems.iter().map(of_quote));
    found
}

/// Converts a problem of the shipping or of a discount.
fn of_quote(problem: &QuoteProblem) -> Problem {
    let message = match problem.code {
        QuoteProblemCode::DiscountUnknown => "There is no discount with this code.",
        QuoteProblemCode::DiscountEnded => "This discount has ended.",
        QuoteProblemCode::DiscountUsedUp => "This discount is used up.",
        QuoteProblemCode::DiscountUsedByCustomer => "You have used this discount already.",
        QuoteProblemCode::DiscountNotApplicable => "This discount applies to none of the items.",
        QuoteProblemCode::DiscountMinimumNotMet => {
            "The minimum amount or quantity of this discount is not reached."
        }
        QuoteProblemCode::DiscountNotCombinable => {
            "This discount can't be combined with the others, which are better."
        }
        QuoteProblemCode::DestinationNotServed => "Nothing is shipped to this address.",
        QuoteProblemCode::ShippingMethodRequired => "The shipping method is missing.",
        QuoteProblemCode::ShippingMethodUnavailable => {
            "The shipping method is not available for this address."
        }
    };
    let field = match problem.code {
        QuoteProblemCode::DestinationNotServed => "shippingAddress",
        QuoteProblemCode::ShippingMethodRequired | QuoteProblemCode::ShippingMethodUnavailable => {
            "shippingMethodId"
        }
        _ => "discountCodes",
    };
    Problem {
        code: problem.code.into(),
        message: message.to_owned(),
        line: None,
        field: Some(field),
        discount_code: problem.discount_code.clone(),
    }
}

/// Returns the number of units of a variant that can be ordered.
fn orderable((variant, level): &StockedVariant) -> i64 {
    if variant.tracked {
        level.orderable().max(0)
    } else {
        i64::MAX
    }
}

fn stock_problem(line: &line::Model, left: i64) -> Option<Problem> {
    let code = if left <= 0 {
        ProblemCode::OutOfStock
    } else if left < i64::from(line.quantity) {
        ProblemCode::InsufficientStock
    } else {
        return None;
    };
    Some(of_line(code, line, units_left(left)))
}

/// Returns the message about an item with fewer units than a buyer wants.
pub fn units_left(left: i64) -> String {
    match left.clamp(0, MAX_QUANTITY.into()) {
        0 => "This item is out of stock.".to_owned(),
        1 => "Only 1 of this item is left.".to_owned(),
        left => format!("Only {left} of this item are left."),
    }
}

fn price_problem(line: &line::Model, price: i64, currency: Currency) -> Option<Problem> {
    (line.seen_price != price).then(|| {
        let amount = |minor| Decimal::from_minor(minor, currency);
        let (old, new) = (amount(line.seen_price), amount(price));
        let message = format!(
            "The price has changed from {old} to {new} {}.",
            currency.code()
        );
        of_line(ProblemCode::PriceChanged, line, message)
    })
}

/// Returns the problems of the whole cart.
fn missing(cart: &CartWithVariants) -> Vec<Problem> {
    let of_cart = |code, field, message: &str| Problem {
        code,
        message: message.to_owned(),
        line: None,
        field,
        discount_code: None,
    };
    let mut found = Vec::new();
    let lines = usize::try_from(cart.row.line_count).unwrap_or_default();
    if lines > cart.lines.len() {
        let message = "Items that are no longer sold were removed.";
        found.push(of_cart(ProblemCode::LinesRemoved, None, message));
    }
    if cart.lines.is_empty() {
        found.push(of_cart(ProblemCode::CartEmpty, None, "The cart is empty."));
    }
    if cart.row.user_id.is_none() && cart.row.email.is_none() {
        let message = "The email address is missing.";
        found.push(of_cart(ProblemCode::EmailMissing, Some("email"), message));
    }
    if cart.requires_shipping() && cart.row.shipping_address.is_none() {
        let (code, field) = (ProblemCode::ShippingAddressMissing, Some("shippingAddress"));
        found.push(of_cart(code, field, "The shipping address is missing."));
    }
    found
}

fn of_line(code: ProblemCode, line: &line::Model, message: String) -> Problem {
    Problem {
        code,
        message,
        line: Some(line.id),
        field: None,
        discount_code: None,
    }
}

impl CartWithVariants {
    /// Whether any of the items is shipped.
    pub fn requires_shipping(&self) -> bool {
        let lines = self.lines.iter();
        let mut variants = lines.filter_map(|line| self.for_sale.get(&line.variant_id));
        variants.any(|(variant, _)| variant.requires_shipping)
    }
}
