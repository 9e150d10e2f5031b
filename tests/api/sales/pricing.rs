//! The calculation of prices, compared with one in exact fractions.

use wares::core::money::{MAX_MINOR, part_of_units, share};
use wares::core::pricing::{
    CrossBorder, Discount, DiscountKind, Line, Mode, Prices, PricingError, Shipping, ShippingTax,
    Tax, price,
};

use super::pricing_cases::{Order, Random};
use super::pricing_oracle as oracle;

/// The number of random orders, unless `WARES_TEST_CARTS` has another one.
const CARTS: u64 = 5_000;

fn prices(order: &Order) -> Result<Prices, PricingError> {
    let shipping = order.shipping.as_ref();
    price(&order.lines, shipping, &order.discounts, order.mode)
}

/// Compares prices with the oracle, and checks the identities of all prices.
fn check(order: &Order, prices: Result<&Prices, PricingError>) -> Result<(), String> {
    let shipping = order.shipping.as_ref();
    let expected = oracle::price(&order.lines, shipping, &order.discounts, order.mode);
    let (prices, expected) = match (prices, expected) {
        (Err(PricingError::TooLarge), None) => return Ok(()),
        (Ok(prices), Some(expected)) => (prices, expected),
        (prices, expected) => return Err(format!("{prices:?} instead of {expected:?}")),
    };
    if *prices != expected {
        return Err(format!("{prices:?} instead of {expected:?}"));
    }
    identities(order, prices)
}

fn identities(order: &Order, prices: &Prices) -> Result<(), String> {
    let ensure = |holds: bool, rule: &str| if holds { Ok(()) } else { Err(rule.to_owned()) };
    let totals = prices.totals;
    let included = order.mode.prices_include_tax;
    let (lines, shipping) = (&prices.lines, prices.shipping);
    let sum = |of: fn(&wares::core::pricing::LinePrices) -> i64| lines.iter().map(of).sum::<i64>();
    ensure(totals.items == sum(|line| line.subtotal), "items")?;
    let discount = sum(|line| line.discount) + shipping.map_or(0, |shipping| shipping.discount);
    ensure(totals.discount == discount, "discounts of the lines")?;
    ensure(
        totals.discount == prices.discounts.iter().sum::<i64>(),
        "discounts",
    )?;
    let tax = sum(|line| line.tax) + shipping.map_or(0, |shipping| shipping.tax);
    ensure(totals.tax == tax, "taxes of the lines")?;
    let taxes = prices.taxes.iter().map(|tax| tax.amount);
    ensure(totals.tax == taxes.sum::<i64>(), "taxes")?;
    let on_top = if included { 0 } else { totals.tax };
    let total = totals.items - totals.discount + totals.shipping + on_top;
    ensure(totals.total == total, "total")?;
    let paid = sum(|line| line.total) + shipping.map_or(0, |shipping| shipping.total);
    ensure(totals.total == paid + on_top, "amounts to pay")?;
    ensure((0..=MAX_MINOR).contains(&totals.total), "bounds")?;
    for line in lines {
        ensure(
            line.total >= 0 && line.discount >= 0 && line.tax >= 0,
            "line below 0",
        )?;
        ensure(!included || line.tax <= line.total, "more tax than price")?;
    }
    for tax in &prices.taxes {
        // EN 16931, BR-CO-17: the tax is the base times the rate, rounded. With prices that include tax, the base is the
        // remainder, so that the difference can be more than half a unit, but always less than a whole one.
        let exact = i128::from(tax.base) * i128::from(tax.tax.ppm);
        let difference = (i128::from(tax.amount) * 1_000_000 - exact).abs();
        let bound = if included { 1_000_000 } else { 500_000 };
        ensure(difference <= bound, "base times rate")?;
    }
    for (line, input) in lines.iter().zip(&order.lines).take(5) {
        refunds(line.with_tax(order.mode), input.quantity)?;
    }
    Ok(())
}

/// Refunds of units one by one, in two parts and at once are the same amount in total.
fn refunds(paid: i64, quantity: u32) -> Result<(), String> {
    let middle = quantity / 3;
    let halves =
        part_of_units(paid, quantity, 0, middle) + part_of_units(paid, quantity, middle, quantity);
    let step = (quantity / 40).max(1) as usize;
    let ends = (0..quantity).step_by(step);
    let singles: i64 = ends
        .map(|from| {
            let to = from.saturating_add(u32::try_from(step).unwrap());
            let part = part_of_units(paid, quantity, from, to);
            assert!(part >= 0);
            part
        })
        .sum();
    let expected = if quantity == 0 { 0 } else { paid };
    if (halves, singles) == (expected, expected) {
        Ok(())
    } else {
        Err(format!(
            "refunds of {paid} for {quantity}: {halves}, {singles}"
        ))
    }
}

#[test]
fn prices_of_random_orders_are_exact() {
    let carts = std::env::var("WARES_TEST_CARTS");
    let carts = carts.map_or(CARTS, |carts| carts.parse().unwrap());
    let mut random = Random(21);
    let (mut refused, mut largest) = (0, 0);
    for number in 0..carts {
        let order = Order::random(&mut random);
        let prices = prices(&order);
        refused += u64::from(prices.is_err());
        largest = largest.max(order.lines.len());
        let checked = check(&order, prices.as_ref().map_err(|error| *error));
        assert_eq!(checked, Ok(()), "order {number}: {order:?}");
    }
    assert!(
        refused < carts / 4,
        "{refused} of {carts} orders were too large"
    );
    assert!(largest > 90, "at most {largest} lines");
}

/// Changes one number of the result.
type Fault = fn(&mut Prices);

#[test]
fn the_comparison_notices_each_wrong_number() {
    let faults: [(&str, Fault); 12] = [
        ("unit price", |prices| prices.lines[0].unit_price += 1),
        ("subtotal", |prices| prices.lines[0].subtotal -= 1),
        ("discount of a line", |prices| prices.lines[0].discount += 1),
        ("total of a line", |prices| prices.lines[0].total -= 1),
        ("tax of a line", |prices| prices.lines[0].tax += 1),
        ("a unit of tax at another line", |prices| {
            prices.lines[0].tax -= 1;
            prices.lines[1].tax += 1;
        }),
        ("a unit of discount at another line", |prices| {
            for (line, unit) in prices.lines.iter_mut().zip([1, -1]) {
                line.discount += unit;
                line.total -= unit;
            }
        }),
        ("shipping", |prices| {
            prices.shipping.as_mut().unwrap().tax += 1;
        }),
        ("discount", |prices| prices.discounts[0] += 1),
        ("tax", |prices| prices.taxes[0].amount += 1),
        ("tax base", |prices| prices.taxes[0].base -= 1),
        ("total", |prices| prices.totals.total += 1),
    ];
    let mut random = Random(5);
    let mut tried = 0;
    while tried < 200 {
        let order = Order::random(&mut random);
        let Ok(prices) = prices(&order) else { continue };
        let has_all = prices.lines.len() > 1
            && prices.shipping.is_some()
            && !prices.taxes.is_empty()
            && !prices.discounts.is_empty();
        if !has_all {
            continue;
        }
        tried += 1;
        assert_eq!(check(&order, Ok(&prices)), Ok(()));
        for (name, fault) in faults {
            let mut wrong = prices.clone();
            fault(&mut wrong);
            assert!(check(&order, Ok(&wrong)).is_err(), "{name}: {order:?}");
        }
    }
}

const GROSS: Mode = Mode {
    prices_include_tax: true,
    cross_border: CrossBorder::KeepGross,
    shipping_tax: ShippingTax::Own,
};

fn line(unit_price: i64, quantity: u32, ppm: Option<u32>) -> Line {
    Line {
        unit_price,
        quantity,
        tax: ppm.map(|ppm| Tax {
            name: "VAT".to_owned(),
            ppm,
        }),
        home_ppm: ppm.unwrap_or_default(),
    }
}

#[test]
fn a_price_that_includes_tax_is_kept_with_or_without_it_abroad() {
    // 119.00 with 19 % in the shop's country, sold to a country with 25 % and to one without tax.
    let abroad = |ppm: Option<u32>| Line {
        home_ppm: 190_000,
        ..line(11_900, 2, ppm)
    };
    for (cross_border, ppm, unit_price, total, tax) in [
        (CrossBorder::KeepGross, Some(250_000), 11_900, 23_800, 4_760),
        (CrossBorder::KeepNet, Some(250_000), 12_500, 25_000, 5_000),
        (CrossBorder::KeepGross, None, 11_900, 23_800, 0),
        (CrossBorder::KeepNet, None, 10_000, 20_000, 0),
    ] {
        let mode = Mode {
            cross_border,
            ..GROSS
        };
        let prices = price(&[abroad(ppm)], None, &[], mode).unwrap();
        assert_eq!(prices.lines[0].unit_price, unit_price);
        assert_eq!((prices.totals.total, prices.totals.tax), (total, tax));
        // Without a rate there is no line of tax.
        assert_eq!(prices.taxes.len(), usize::from(ppm.is_some()));
    }
    // A price without tax is the same everywhere.
    let net = Mode {
        prices_include_tax: false,
        cross_border: CrossBorder::KeepNet,
        ..GROSS
    };
    let prices = price(&[abroad(Some(250_000))], None, &[], net).unwrap();
    assert_eq!((prices.totals.items, prices.totals.total), (23_800, 29_750));
}

#[test]
fn tax_is_rounded_once_for_all_lines_of_a_rate() {
    // Three times 0.33 with 19 % on top: 0.0627 each, 0.1881 together.
    let lines = vec![line(33, 1, Some(190_000)); 3];
    let mode = Mode {
        prices_include_tax: false,
        ..GROSS
    };
    let prices = price(&lines, None, &[], mode).unwrap();
    assert_eq!(prices.totals.tax, 19);
    let taxes: Vec<_> = prices.lines.iter().map(|line| line.tax).collect();
    assert_eq!(taxes, [7, 6, 6]);
    assert_eq!((prices.taxes[0].base, prices.taxes[0].amount), (99, 19));
}

#[test]
fn shipping_is_taxed_by_its_own_class_or_in_proportion_to_the_goods() {
    let lines = [line(3_000, 1, Some(190_000)), line(1_000, 1, Some(70_000))];
    let shipping = Shipping {
        price: 400,
        tax: None,
        home_ppm: 0,
    };
    let own = price(&lines, Some(&shipping), &[], GROSS).unwrap();
    assert_eq!(own.shipping.unwrap().tax, 0);
    let mode = Mode {
        shipping_tax: ShippingTax::Proportional,
        ..GROSS
    };
    let proportional = price(&lines, Some(&shipping), &[], mode).unwrap();
    let amounts: Vec<_> = proportional.taxes.iter().map(|tax| tax.amount).collect();
    // Of 33.00 and of 11.00.
    assert_eq!(amounts, [527, 72]);
    assert_eq!(own.totals.total, proportional.totals.total);
    // Nothing to be proportional to.
    let gift = [line(0, 1, Some(190_000))];
    let prices = price(&gift, Some(&shipping), &[], mode).unwrap();
    assert_eq!((prices.totals.total, prices.totals.tax), (400, 0));
}

#[test]
fn discounts_apply_one_after_the_other() {
    let all = |kind| Discount {
        kind,
        lines: vec![0, 1],
    };
    let discounts = [
        all(DiscountKind::Percent { ppm: 100_000 }),
        all(DiscountKind::Fixed { amount: 500 }),
        all(DiscountKind::FreeShipping),
        all(DiscountKind::FreeShipping),
        all(DiscountKind::Fixed { amount: 1_000_000 }),
    ];
    let shipping = Shipping {
        price: 490,
        tax: None,
        home_ppm: 0,
    };
    let lines = [line(1_000, 2, None), line(1_001, 1, None)];
    let prices = price(&lines, Some(&shipping), &discounts, GROSS).unwrap();
    // 10 % of 30.01 is 3.001; then 5.00; the rest of 22.01.
    assert_eq!(prices.discounts, [300, 500, 490, 0, 2_201]);
    assert_eq!((prices.totals.discount, prices.totals.total), (3_491, 0));
}

#[test]
fn amounts_beyond_the_maximum_are_refused() {
    let max = line(MAX_MINOR, 1, Some(0));
    assert!(price(std::slice::from_ref(&max), None, &[], GROSS).is_ok());
    let on_top = Mode {
        prices_include_tax: false,
        ..GROSS
    };
    let shipping = |price| Shipping {
        price,
        tax: None,
        home_ppm: 0,
    };
    let too_large = [
        price(&[max.clone(), line(1, 1, None)], None, &[], GROSS),
        price(&[line(MAX_MINOR + 1, 1, None)], None, &[], GROSS),
        price(&[line(MAX_MINOR / 2, 3, None)], None, &[], GROSS),
        price(
            &[line(i64::MAX, u32::MAX, Some(u32::MAX))],
            None,
            &[],
            on_top,
        ),
        price(&[line(MAX_MINOR, 1, Some(1))], None, &[], on_top),
        price(&[max], Some(&shipping(1)), &[], GROSS),
        price(&[], Some(&shipping(i64::MAX)), &[], GROSS),
    ];
    for prices in too_large {
        assert_eq!(prices, Err(PricingError::TooLarge));
    }
    let negative = Discount {
        kind: DiscountKind::Fixed { amount: -1 },
        lines: vec![0],
    };
    for prices in [
        price(&[line(-1, 1, None)], None, &[], GROSS),
        price(&[], Some(&shipping(-1)), &[], GROSS),
        price(&[line(5, 1, None)], None, &[negative], GROSS),
    ] {
        assert_eq!(prices, Err(PricingError::Negative));
    }
    assert_eq!(price(&[], None, &[], GROSS).unwrap().totals.total, 0);
}

#[test]
fn shares_add_up_for_any_amount() {
    assert_eq!(share(10, &[1, 1, 1]), [4, 3, 3]);
    assert_eq!(share(-10, &[1, 1, 1]), [-3, -3, -4]);
    assert_eq!(share(7, &[0, 0]), [7, 0]);
    assert_eq!(share(7, &[-5, 2]), [0, 7]);
    assert_eq!(
        share(i64::MAX, &[i64::MAX, i64::MAX]).iter().sum::<i64>(),
        i64::MAX
    );
    assert_eq!(share(5, &[]), Vec::<i64>::new());
    assert_eq!(part_of_units(100, 3, 1, 2), 34);
    assert_eq!(part_of_units(100, 0, 0, 5), 0);
    assert_eq!(part_of_units(100, 3, 3, 9), 0);
    assert_eq!(part_of_units(i64::MAX, u32::MAX, 0, u32::MAX), i64::MAX);
}
