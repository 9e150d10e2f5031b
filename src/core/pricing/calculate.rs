//! The steps of [`price`]: lines, discounts, shipping, taxes, totals.

use super::taxes::{self, Taxable};
use super::{
    CrossBorder, Discount, DiscountKind, Line, LinePrices, MILLION, Mode, Prices, PricingError,
    Shipping, ShippingPrices, ShippingTax, Tax, Totals,
};
use crate::core::money::{MAX_MINOR, half_up, saturate, share};

/// Calculates the prices of an order.
///
/// # Errors
/// Refuses negative prices, and orders with an amount above [`MAX_MINOR`].
pub fn price(
    lines: &[Line],
    shipping: Option<&Shipping>,
    discounts: &[Discount],
    mode: Mode,
) -> Result<Prices, PricingError> {
    let mut priced = lines
        .iter()
        .map(|line| price_line(line, mode))
        .collect::<Result<Vec<_>, _>>()?;
    let items = bounded(priced.iter().map(|line| i128::from(line.subtotal)).sum())?;
    let mut amounts = discounts
        .iter()
        .map(|discount| apply(discount, &mut priced))
        .collect::<Result<Vec<_>, _>>()?;

    let parts = match shipping {
        Some(shipping) => shipping_parts(shipping, lines, &priced, mode)?,
        None => Vec::new(),
    };
    let mut shipping = shipping.map(|_| ShippingPrices::of(&parts));
    let is_free = |discount: &Discount| discount.kind == DiscountKind::FreeShipping;
    if let (Some(shipping), Some(first)) = (&mut shipping, discounts.iter().position(is_free)) {
        shipping.discount = shipping.price;
        shipping.total = 0;
        amounts[first] = shipping.price;
    }

    let free = shipping.is_some_and(|shipping| shipping.discount > 0);
    let goods = lines.iter().zip(&priced).map(|(line, priced)| Taxable {
        tax: line.tax.as_ref(),
        amount: priced.total,
    });
    let parts = parts.into_iter().map(|part| Taxable {
        amount: if free { 0 } else { part.amount },
        ..part
    });
    let taxables: Vec<_> = goods.chain(parts).collect();
    let (taxes, shares) = taxes::by_rate(&taxables, mode.prices_include_tax)?;
    let (of_lines, of_shipping) = shares.split_at(priced.len());
    for (line, tax) in priced.iter_mut().zip(of_lines) {
        line.tax = *tax;
    }
    if let Some(shipping) = &mut shipping {
        shipping.tax = of_shipping.iter().sum();
    }

    let tax = bounded(taxes.iter().map(|tax| i128::from(tax.amount)).sum())?;
    let discount: i64 = amounts.iter().sum();
    let shipping_price = shipping.map_or(0, |shipping| shipping.price);
    let on_top = if mode.prices_include_tax { 0 } else { tax };
    bounded(i128::from(items) + i128::from(shipping_price) + i128::from(on_top))?;
    Ok(Prices {
        lines: priced,
        shipping,
        discounts: amounts,
        taxes,
        totals: Totals {
            items,
            discount,
            shipping: shipping_price,
            tax,
            total: items - discount + shipping_price + on_top,
        },
    })
}

/// Returns an amount that is neither negative nor above the maximum.
pub(super) fn bounded(amount: i128) -> Result<i64, PricingError> {
    match amount {
        ..0 => Err(PricingError::Negative),
        _ if amount > i128::from(MAX_MINOR) => Err(PricingError::TooLarge),
        _ => Ok(saturate(amount)),
    }
}

/// Returns the price at the destination of a price in the shop.
fn at_destination(
    price: i64,
    home_ppm: u32,
    tax: Option<&Tax>,
    mode: Mode,
) -> Result<i64, PricingError> {
    let price = bounded(price.into())?;
    let ppm = tax.map_or(0, |tax| tax.ppm);
    if !mode.prices_include_tax || mode.cross_border == CrossBorder::KeepGross || ppm == home_ppm {
        return Ok(price);
    }
    let with = |ppm: u32| i128::from(MILLION) + i128::from(ppm);
    bounded(half_up(i128::from(price) * with(ppm), with(home_ppm)))
}

fn price_line(line: &Line, mode: Mode) -> Result<LinePrices, PricingError> {
    let unit_price = at_destination(line.unit_price, line.home_ppm, line.tax.as_ref(), mode)?;
    let subtotal = bounded(i128::from(unit_price) * i128::from(line.quantity))?;
    Ok(LinePrices {
        unit_price,
        subtotal,
        discount: 0,
        total: subtotal,
        tax: 0,
    })
}

/// Subtracts a discount from its lines. Returns its amount, without that of free shipping.
fn apply(discount: &Discount, lines: &mut [LinePrices]) -> Result<i64, PricingError> {
    let targets: Vec<usize> = (0..lines.len())
        .filter(|index| discount.lines.contains(index))
        .collect();
    let weights: Vec<i64> = targets.iter().map(|index| lines[*index].total).collect();
    let available: i64 = weights.iter().sum();
    let amount = match discount.kind {
        DiscountKind::Percent { ppm } => saturate(half_up(
            i128::from(available) * i128::from(ppm.min(MILLION)),
            MILLION.into(),
        )),
        DiscountKind::Fixed { amount: ..0 } => return Err(PricingError::Negative),
        DiscountKind::Fixed { amount } => amount.min(available),
        DiscountKind::FreeShipping => 0,
    };
    for (index, part) in targets.into_iter().zip(share(amount, &weights)) {
        lines[index].discount += part;
        lines[index].total -= part;
    }
    Ok(amount)
}

/// Returns the price of shipping at the destination, in parts that are taxed differently.
fn shipping_parts<'a>(
    shipping: &'a Shipping,
    lines: &'a [Line],
    priced: &[LinePrices],
    mode: Mode,
) -> Result<Vec<Taxable<'a>>, PricingError> {
    let price = bounded(shipping.price.into())?;
    let mut rates: Vec<(Option<&Tax>, u32)> = Vec::new();
    let mut weights: Vec<i64> = Vec::new();
    if mode.shipping_tax == ShippingTax::Proportional {
        for (line, priced) in lines
            .iter()
            .zip(priced)
            .filter(|(_, priced)| priced.total > 0)
        {
            let rate = (line.tax.as_ref(), line.home_ppm);
            if let Some(index) = rates.iter().position(|known| *known == rate) {
                weights[index] += priced.total;
            } else {
                rates.push(rate);
                weights.push(priced.total);
            }
        }
    }
    // Without goods to be proportional to, shipping is taxed by its own class.
    if rates.is_empty() {
        rates.push((shipping.tax.as_ref(), shipping.home_ppm));
        weights.push(1);
    }
    let parts = rates.into_iter().zip(share(price, &weights));
    let parts = parts.map(|((tax, home_ppm), part)| {
        let amount = at_destination(part, home_ppm, tax, mode)?;
        Ok(Taxable { tax, amount })
    });
    parts.collect()
}

impl ShippingPrices {
    fn of(parts: &[Taxable<'_>]) -> Self {
        let price = parts.iter().map(|part| part.amount).sum();
        Self {
            price,
            discount: 0,
            total: price,
            tax: 0,
        }
    }
}
