//! The prices of an order in exact fractions: a second, slow implementation to compare with.

use std::cmp::Ordering;

use wares::core::money::MAX_MINOR;
use wares::core::pricing::{
    CrossBorder, Discount, DiscountKind, Line, LinePrices, Mode, Prices, Shipping, ShippingPrices,
    ShippingTax, Tax, TaxTotal, Totals,
};

/// An exact fraction with a positive denominator.
#[derive(Clone, Copy, Debug)]
struct Fraction(i128, i128);

impl Fraction {
    /// Returns the largest whole number that is not greater.
    fn floor(self) -> i128 {
        self.0.div_euclid(self.1)
    }

    /// Rounds to the nearest whole number, and a half up.
    fn round(self) -> i128 {
        Self(2 * self.0 + self.1, 2 * self.1).floor()
    }

    fn minus(self, whole: i128) -> Self {
        Self(self.0 - whole * self.1, self.1)
    }

    fn compare(self, other: Self) -> Ordering {
        (self.0 * other.1).cmp(&(other.0 * self.1))
    }
}

/// Shares an amount: each gets the whole part, then the one that lacks most gets a unit until nothing is left.
pub fn shares(amount: i128, weights: &[i128]) -> Vec<i128> {
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        assert_eq!(amount, 0, "nothing to share among nothing");
        return vec![0; weights.len()];
    }
    let exact = |index: usize| Fraction(amount * weights[index], sum);
    let mut shares: Vec<i128> = (0..weights.len())
        .map(|index| exact(index).floor())
        .collect();
    while shares.iter().sum::<i128>() < amount {
        let lack = |index: usize| exact(index).minus(shares[index]);
        let mut most = 0;
        for index in 1..weights.len() {
            if lack(index).compare(lack(most)) == Ordering::Greater {
                most = index;
            }
        }
        shares[most] += 1;
    }
    shares
}

/// Returns an amount, unless it is too large.
fn bounded(amount: i128) -> Option<i128> {
    (amount <= i128::from(MAX_MINOR)).then_some(amount)
}

fn destination(price: i64, home_ppm: u32, tax: Option<&Tax>, mode: Mode) -> Option<i128> {
    let ppm = tax.map_or(0, |tax| tax.ppm);
    let exact = if mode.prices_include_tax && mode.cross_border == CrossBorder::KeepNet {
        // The price without the tax of the shop's country, and then with that of the destination.
        let net = Fraction(
            i128::from(price) * 1_000_000,
            1_000_000 + i128::from(home_ppm),
        );
        Fraction(net.0 * (1_000_000 + i128::from(ppm)), net.1 * 1_000_000)
    } else {
        Fraction(price.into(), 1)
    };
    bounded(exact.round())
}

/// Returns the prices of an order. `None` if an amount is too large.
pub fn price(
    lines: &[Line],
    shipping: Option<&Shipping>,
    discounts: &[Discount],
    mode: Mode,
) -> Option<Prices> {
    let mut units = Vec::new();
    let mut subtotals = Vec::new();
    for line in lines {
        let unit = destination(line.unit_price, line.home_ppm, line.tax.as_ref(), mode)?;
        units.push(unit);
        subtotals.push(bounded(unit * i128::from(line.quantity))?);
    }
    let items = bounded(subtotals.iter().sum())?;
    let mut left = subtotals.clone();
    let mut amounts: Vec<i128> = discounts
        .iter()
        .map(|discount| take_off(discount, &mut left))
        .collect();

    let parts = match shipping {
        Some(shipping) => shipping_parts(shipping, lines, &left, mode)?,
        None => Vec::new(),
    };
    let shipping_price: i128 = parts.iter().map(|(_, amount)| amount).sum();
    let free = discounts
        .iter()
        .position(|discount| discount.kind == DiscountKind::FreeShipping);
    let is_free = shipping.is_some() && free.is_some();
    if let Some(free) = free.filter(|_| shipping.is_some()) {
        amounts[free] = shipping_price;
    }

    let goods = lines.iter().zip(&left);
    let mut amounts_by_tax: Vec<(Option<Tax>, i128)> = goods
        .map(|(line, left)| (line.tax.clone(), *left))
        .collect();
    amounts_by_tax.extend(parts.iter().map(|(tax, amount)| {
        let amount = if is_free { 0 } else { *amount };
        (tax.clone(), amount)
    }));
    let (taxes, tax_shares) = taxes(&amounts_by_tax, mode.prices_include_tax);
    let tax: i128 = taxes.iter().map(|tax| i128::from(tax.amount)).sum();
    let on_top = if mode.prices_include_tax { 0 } else { tax };
    bounded(items + shipping_price + on_top)?;
    let discount: i128 = amounts.iter().sum();
    let (line_taxes, shipping_taxes) = tax_shares.split_at(lines.len());
    Some(Prices {
        lines: (0..lines.len())
            .map(|index| LinePrices {
                unit_price: int(units[index]),
                subtotal: int(subtotals[index]),
                discount: int(subtotals[index] - left[index]),
                total: int(left[index]),
                tax: int(line_taxes[index]),
            })
            .collect(),
        shipping: shipping.map(|_| ShippingPrices {
            price: int(shipping_price),
            discount: if is_free { int(shipping_price) } else { 0 },
            total: if is_free { 0 } else { int(shipping_price) },
            tax: int(shipping_taxes.iter().sum()),
        }),
        discounts: amounts.iter().map(|amount| int(*amount)).collect(),
        taxes,
        totals: Totals {
            items: int(items),
            discount: int(discount),
            shipping: int(shipping_price),
            tax: int(tax),
            total: int(items - discount + shipping_price + on_top),
        },
    })
}

/// Takes a discount off its lines. Returns its amount.
fn take_off(discount: &Discount, left: &mut [i128]) -> i128 {
    let lines = 0..left.len();
    let targets: Vec<_> = lines
        .filter(|index| discount.lines.contains(index))
        .collect();
    let weights: Vec<_> = targets.iter().map(|index| left[*index]).collect();
    let available: i128 = weights.iter().sum();
    let amount = match discount.kind {
        DiscountKind::Percent { ppm } => Fraction(available * i128::from(ppm), 1_000_000).round(),
        DiscountKind::Fixed { amount } => available.min(amount.into()),
        DiscountKind::FreeShipping => return 0,
    };
    for (index, share) in targets.iter().zip(shares(amount, &weights)) {
        left[*index] -= share;
    }
    amount
}

fn shipping_parts(
    shipping: &Shipping,
    lines: &[Line],
    left: &[i128],
    mode: Mode,
) -> Option<Vec<(Option<Tax>, i128)>> {
    bounded(shipping.price.into())?;
    let own = vec![(shipping.tax.clone(), shipping.home_ppm)];
    let mut rates: Vec<(Option<Tax>, u32)> = Vec::new();
    let mut weights = Vec::new();
    for (line, left) in lines.iter().zip(left).filter(|(_, left)| **left > 0) {
        let rate = (line.tax.clone(), line.home_ppm);
        let index = rates.iter().position(|other| *other == rate);
        let index = index.unwrap_or_else(|| {
            rates.push(rate);
            weights.push(0);
            weights.len() - 1
        });
        weights[index] += left;
    }
    if mode.shipping_tax == ShippingTax::Own || rates.is_empty() {
        (rates, weights) = (own, vec![1]);
    }
    let parts = shares(shipping.price.into(), &weights);
    let mut converted = Vec::new();
    for ((tax, home_ppm), part) in rates.into_iter().zip(parts) {
        let amount = destination(int(part), home_ppm, tax.as_ref(), mode)?;
        converted.push((tax, amount));
    }
    Some(converted)
}

/// Returns the taxes of amounts by rate, and their shares.
fn taxes(taxed: &[(Option<Tax>, i128)], included: bool) -> (Vec<TaxTotal>, Vec<i128>) {
    let mut totals: Vec<TaxTotal> = Vec::new();
    let mut all_shares = vec![0; taxed.len()];
    for (tax, amount) in taxed {
        let Some(tax) = tax else { continue };
        if *amount == 0 || totals.iter().any(|total| total.tax == *tax) {
            continue;
        }
        let is_member = |index: &usize| taxed[*index].0.as_ref() == Some(tax);
        let members: Vec<usize> = (0..taxed.len()).filter(is_member).collect();
        let weights: Vec<i128> = members.iter().map(|index| taxed[*index].1).collect();
        let base: i128 = weights.iter().sum();
        let rate = i128::from(tax.ppm);
        let whole = if included {
            1_000_000 + rate
        } else {
            1_000_000
        };
        let amount = Fraction(base * rate, whole).round();
        for (index, share) in members.iter().zip(shares(amount, &weights)) {
            all_shares[*index] = share;
        }
        totals.push(TaxTotal {
            tax: tax.clone(),
            base: int(if included { base - amount } else { base }),
            amount: int(amount),
        });
    }
    (totals, all_shares)
}

fn int(number: i128) -> i64 {
    i64::try_from(number).unwrap()
}
