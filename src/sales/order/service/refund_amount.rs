//! The amount of a refund: that of its units, to the minor unit.

use super::refund::RefundedBefore;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::money::{part_of_units, share};
use crate::sales::order::entity::{Model, line};
use crate::sales::order_id::OrderLineId;
use crate::sales::payment::service::RefundedLine;
use crate::sales::row;

/// Units of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineUnits {
    pub(super) line: OrderLineId,
    pub(super) quantity: i32,
    pub(super) restock: bool,
}

/// A refund with its amounts.
#[derive(Debug)]
pub(super) struct RefundPlan {
    pub(super) amount: i64,
    /// The part of the amount that is for shipping.
    pub(super) shipping: i64,
    pub(super) lines: Vec<RefundedLine>,
}

/// Returns the amounts of units and shipping. The units of a line follow those that were refunded before, so that all of them together
/// are refunded exactly what the line cost.
///
/// # Errors
/// `NOT_FOUND` for a line that the order does not have, `CONFLICT` for more units than are left.
pub(super) fn calculate(
    order: &Model,
    all: &[line::Model],
    before: &RefundedBefore,
    units: &[LineUnits],
    with_shipping: bool,
) -> Result<RefundPlan> {
    let mut lines = Vec::new();
    for (index, given) in units.iter().enumerate() {
        let line = all.iter().find(|line| line.id == given.line);
        let line = line.ok_or_else(|| row::missing(&format!("lines.{index}.lineId"), "line"))?;
        let refunded = before.units(line.id);
        let left = line.quantity - refunded;
        if given.quantity > left {
            let field = format!("lines.{index}.quantity");
            let message = format!("{left} units are left to refund.");
            let error = UserError::new(UserErrorCode::Conflict, field.as_str(), message);
            return Err(error.into());
        }
        lines.push(RefundedLine {
            line: line.id,
            quantity: given.quantity,
            amount: part(order, line, refunded, given.quantity),
            restock: given.restock,
        });
    }
    let shipping = if with_shipping {
        (shipping_of(order) - before.shipping).max(0)
    } else {
        0
    };
    let calculated = shipping + lines.iter().map(|line| line.amount).sum::<i64>();
    Ok(RefundPlan {
        amount: calculated,
        shipping,
        lines,
    })
}

/// Returns the amounts of a refund: those of units and shipping, or a given `amount` that is shared out among them.
///
/// # Errors
/// As of [`calculate`]; `BAD_USER_INPUT` if the amount is 0.
pub(super) fn plan(
    order: &Model,
    all: &[line::Model],
    before: &RefundedBefore,
    units: &[LineUnits],
    with_shipping: bool,
    amount: Option<i64>,
) -> Result<RefundPlan> {
    let mut plan = calculate(order, all, before, units, with_shipping)?;
    if let Some(amount) = amount {
        plan.share_out(amount);
    }
    if plan.amount <= 0 {
        let message = "There is nothing to refund. Select lines, shipping or an amount.";
        return Err(Error::bad_input("amount", message));
    }
    Ok(plan)
}

impl RefundPlan {
    /// Replaces the amount. Shipping and the lines get their shares of it; without both it belongs to the whole order.
    pub(super) fn share_out(&mut self, amount: i64) {
        let lines = self.lines.iter().map(|line| line.amount);
        let mut weights: Vec<i64> = lines.collect();
        weights.push(self.shipping);
        if weights.iter().sum::<i64>() > 0 {
            let shares = share(amount, &weights);
            for (line, share) in self.lines.iter_mut().zip(&shares) {
                line.amount = *share;
            }
            self.shipping = shares.last().copied().unwrap_or_default();
        }
        self.amount = amount;
    }
}

/// Returns the price of all canceled units with their tax.
pub(super) fn canceled_amount(order: &Model, all: &[line::Model]) -> i64 {
    let amounts = all.iter();
    amounts
        .map(|line| part(order, line, 0, line.canceled))
        .sum()
}

/// Returns the price of units of a line with their tax.
fn part(order: &Model, line: &line::Model, refunded: i32, quantity: i32) -> i64 {
    let tax = if order.prices_include_tax {
        0
    } else {
        line.tax
    };
    let units = |units: i32| u32::try_from(units).unwrap_or_default();
    part_of_units(
        line.total + tax,
        units(line.quantity),
        units(refunded),
        units(refunded + quantity),
    )
}

/// Returns the price of shipping with its tax.
fn shipping_of(order: &Model) -> i64 {
    let tax = if order.prices_include_tax {
        0
    } else {
        order.shipping_tax
    };
    order.shipping - order.shipping_discount + tax
}
