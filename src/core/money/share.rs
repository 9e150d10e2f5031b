//! Exact division of amounts: rounding half up, and shares that add up to the amount.

use std::cmp::Reverse;

/// Divides and rounds half up. `denominator` is positive.
pub(in crate::core) const fn half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

/// Converts to `i64`; a number out of its range becomes the nearest bound.
pub(in crate::core) fn saturate(number: i128) -> i64 {
    let bound = if number < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(number).unwrap_or(bound)
}

/// Shares an amount in proportion to the weights, by largest remainder; the earlier of two equal remainders is rounded
/// up. The shares add up to the amount, and each differs from its exact part by less than one unit. An amount from 0 to
/// the sum of the weights gives no share above its weight.
///
/// A negative weight counts as 0. Without a positive weight the first share is the whole amount.
///
/// ```text
/// share(10, [1, 1, 1]) = [4, 3, 3]
/// ```
pub fn share(amount: i64, weights: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = weights
        .iter()
        .map(|weight| (*weight).max(0).into())
        .collect();
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        let whole = |index| if index == 0 { amount } else { 0 };
        return (0..weights.len()).map(whole).collect();
    }
    let amount = i128::from(amount);
    let mut shares: Vec<i128> = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let product = amount * weight;
        shares.push(product.div_euclid(sum));
        remainders.push((Reverse(product.rem_euclid(sum)), index));
    }
    remainders.sort_unstable();
    let mut missing = amount - shares.iter().sum::<i128>();
    for (_, index) in remainders {
        if missing == 0 {
            break;
        }
        shares[index] += 1;
        missing -= 1;
    }
    shares.into_iter().map(saturate).collect()
}

/// Returns the part of `amount`, paid for `quantity` units, that belongs to the units `from + 1` to `to`. The parts of
/// consecutive ranges add up to the amount, however it is divided into ranges.
///
/// ```text
/// part_of_units(100, 3, 0, 1) = 33, part_of_units(100, 3, 1, 2) = 34, part_of_units(100, 3, 0, 3) = 100
/// ```
///
/// Units beyond `quantity` belong to nothing: `from` and `to` are limited to it.
pub fn part_of_units(amount: i64, quantity: u32, from: u32, to: u32) -> i64 {
    let amount = i128::from(amount);
    let up_to = |units: u32| match quantity {
        0 => 0,
        _ => half_up(amount * i128::from(units.min(quantity)), quantity.into()),
    };
    saturate(up_to(to) - up_to(from))
}
