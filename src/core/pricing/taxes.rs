//! Taxes by rate over an order, shared among the taxed amounts.

use super::calculate::bounded;
use super::{MILLION, PricingError, Tax, TaxTotal};
use crate::core::money::{half_up, share};

/// An amount and its tax: a line after discounts, or a part of shipping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taxable<'a> {
    pub tax: Option<&'a Tax>,
    pub amount: i64,
}

/// Returns the tax breakdown, and the tax of each amount.
pub(super) fn by_rate(
    taxables: &[Taxable<'_>],
    included: bool,
) -> Result<(Vec<TaxTotal>, Vec<i64>), PricingError> {
    let mut shares = vec![0; taxables.len()];
    let mut taxes: Vec<&Tax> = Vec::new();
    for taxable in taxables.iter().filter(|taxable| taxable.amount > 0) {
        taxes.extend(taxable.tax.filter(|tax| !taxes.contains(tax)));
    }
    let mut totals = Vec::with_capacity(taxes.len());
    for tax in taxes {
        let members: Vec<usize> = (0..taxables.len())
            .filter(|index| taxables[*index].tax == Some(tax))
            .collect();
        let weights: Vec<i64> = members
            .iter()
            .map(|index| taxables[*index].amount)
            .collect();
        let gross: i64 = weights.iter().sum();
        let amount = bounded(tax.of(gross, included))?;
        for (index, part) in members.into_iter().zip(share(amount, &weights)) {
            shares[index] = part;
        }
        totals.push(TaxTotal {
            tax: tax.clone(),
            base: if included { gross - amount } else { gross },
            amount,
        });
    }
    Ok((totals, shares))
}

impl Tax {
    /// Returns the tax of an amount that includes it, or the tax on top of one that does not, rounded half up.
    fn of(&self, amount: i64, included: bool) -> i128 {
        let rate = i128::from(self.ppm);
        let denominator = i128::from(MILLION) + if included { rate } else { 0 };
        half_up(i128::from(amount) * rate, denominator)
    }
}
