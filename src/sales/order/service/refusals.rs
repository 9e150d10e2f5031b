//! The reasons why a cart can't be ordered, as errors for the buyer.

use crate::catalog::product::service::variants::OutOfStock;
use crate::core::error::{UserError, UserErrorCode};
use crate::core::money::{Currency, Decimal};
use crate::sales::cart::entity::line::LineId;
use crate::sales::cart::service::{CartWithVariants, Problem, ProblemCode, units_left};
use crate::sales::discount::DiscountId;
use crate::sales::quote::Quote;

/// Returns the errors for the problems that prevent an order.
pub(super) fn of_problems(cart: &CartWithVariants, problems: &[Problem]) -> Vec<UserError> {
    let preventing = problems
        .iter()
        .filter(|problem| problem.code.prevents_order());
    let error = |problem: &Problem| {
        let code = match problem.code {
            ProblemCode::NotForSale => UserErrorCode::NotForSale,
            ProblemCode::OutOfStock | ProblemCode::InsufficientStock => UserErrorCode::OutOfStock,
            _ => UserErrorCode::BadUserInput,
        };
        let line = problem.line.and_then(|line| field_of(cart, line));
        let field = line.or_else(|| problem.field.map(ToOwned::to_owned));
        UserError::new(code, field.as_deref(), &problem.message)
    };
    preventing.map(error).collect()
}

/// Returns the errors for variants with too few units, one for each line.
pub(super) fn of_stock(cart: &CartWithVariants, missing: &[OutOfStock]) -> Vec<UserError> {
    let errors = cart.lines.iter().filter_map(|line| {
        let found = missing
            .iter()
            .find(|missing| missing.variant == line.variant_id)?;
        let message = units_left(found.left);
        let field = field_of(cart, line.id);
        let code = UserErrorCode::OutOfStock;
        Some(UserError::new(code, field.as_deref(), message))
    });
    errors.collect()
}

/// Returns the errors for discounts that others have used up.
pub(super) fn of_discounts(quote: &Quote, refused: &[DiscountId]) -> Vec<UserError> {
    let discounts = quote.discounts.iter().map(|applied| &applied.discount);
    let refused = discounts.filter(|discount| refused.contains(&discount.id));
    let error = |name: &str| {
        let message = format!("The discount {name} is used up.");
        UserError::new(UserErrorCode::CodeNotApplicable, "discountCodes", message)
    };
    refused
        .map(|discount| error(discount.code.as_deref().unwrap_or(&discount.name)))
        .collect()
}

/// Returns the error for an order that costs something else.
pub(super) fn of_total(total: i64, currency: Currency) -> UserError {
    let total = Decimal::from_minor(total, currency);
    let message = format!("The order costs {total} {} now.", currency.code());
    UserError::new(UserErrorCode::TotalChanged, "expectedTotal", message)
}

/// Returns the place of a line in the cart.
fn field_of(cart: &CartWithVariants, line: LineId) -> Option<String> {
    let index = cart.lines.iter().position(|other| other.id == line)?;
    Some(format!("lines.{index}"))
}
