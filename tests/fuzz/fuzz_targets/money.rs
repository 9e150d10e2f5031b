//! Amounts: parsing and formatting are exact, and amounts that can't be stored exactly are rejected.

#![no_main]

use async_graphql::{Number, ScalarType, Value};
use libfuzzer_sys::fuzz_target;
use wares::core::money::{Currency, Decimal, MAX_MINOR, Money};

fuzz_target!(|bytes: &[u8]| {
    let Some((head, text)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let minor = i64::from_be_bytes(*head);
    for code in ["USD", "JPY", "KWD", "CLF"] {
        let currency: Currency = code.parse().unwrap();
        round_trips_through_database(minor, currency);
        round_trips_through_database(minor % (MAX_MINOR + 1), currency);
    }
    is_number(minor);
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    if let Ok(currency) = text.parse::<Currency>() {
        assert_eq!(currency.to_value(), Value::from(text));
        assert!(text.len() == 3 && currency.exponent() <= 4);
    }
    if let Ok(number) = text.parse() {
        is_exact(text, number, minor);
    }
    let scalar = Decimal::parse(Value::from(text)).unwrap();
    assert_eq!(scalar.check("price").ok(), text.parse().ok());
});

/// An amount from the database can be sent back unchanged.
fn round_trips_through_database(minor: i64, currency: Currency) {
    let told = Decimal::from_minor(minor, currency).to_string();
    let decimals = told
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(decimals, currency.exponent() as usize);
    let Ok(back) = told.parse::<Decimal>() else {
        assert!(minor.unsigned_abs() >= 10_u64.pow(18) || minor.unsigned_abs() > MAX_MINOR as u64);
        return;
    };
    assert_eq!(back, Decimal::from_minor(minor, currency));
    let is_price = (-MAX_MINOR..=MAX_MINOR).contains(&minor);
    let kept = back.to_minor(currency, "price");
    assert_eq!(kept.ok(), is_price.then_some(minor));
    assert_eq!(back.to_price(currency).is_ok(), is_price && minor >= 0);
    assert!(format!("{:?}", Money::new(minor, currency)).len() < 500);
}

/// An integer is parsed the same with and without quotes.
fn is_number(number: i64) {
    let sent = Decimal::parse(Value::Number(Number::from(number))).unwrap();
    let text = number.to_string().parse::<Decimal>();
    assert_eq!(sent.check("price").ok(), text.ok());
}

/// Compares the parsed amount with integer arithmetic on its digits.
fn is_exact(text: &str, number: Decimal, minor: i64) {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = u32::try_from(fraction.len()).unwrap();
    let units: i128 = format!("{whole}{fraction}").parse().unwrap();
    let one = 10_i128.pow(scale);

    let shown = number.to_string();
    assert_eq!(shown.parse(), Ok(number), "{text} is shown as {shown}");
    for code in ["USD", "JPY", "KWD", "CLF"] {
        let currency: Currency = code.parse().unwrap();
        let scaled = units * 10_i128.pow(currency.exponent());
        let exact = (scaled % one == 0).then_some(scaled / one);
        let exact = exact.filter(|exact| exact.unsigned_abs() <= MAX_MINOR as u128);
        let read = number.to_minor(currency, "price");
        assert_eq!(
            read.as_ref().ok().copied().map(i128::from),
            exact,
            "{text} {code}"
        );
        if let Err(error) = read {
            let sentence = error.message();
            assert!(sentence.ends_with('.') && sentence.len() < 100);
        }
    }
    assert_eq!(number.is_below(-100), units < -100 * one);
    let base = minor % (MAX_MINOR + 1);
    if let Some(raised) = number.increase_by_percent(base) {
        assert!((0..=MAX_MINOR).contains(&raised));
        // The rounding error is at most half a unit.
        let exact = i128::from(base) * (100 * one + units);
        let off = i128::from(raised) * 100 * one - exact;
        assert!(2 * off.abs() <= 100 * one, "{base} by {text} is {raised}");
    }
}
