//! Currencies and amounts as Stripe takes them (<https://docs.stripe.com/currencies>, read in November 2026), which are not
//! always those of ISO 4217.
//!
//! The page also has special cases of HUF and TWD: these are about payouts, charges have two decimals.

use crate::core::money::Currency;

/// The currencies that Stripe charges.
const CHARGED: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF \
    CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS \
    INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN \
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS \
    SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW";
/// Amounts without decimals.
const WITHOUT_DECIMALS: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Amounts with three decimals, of which the last is 0.
const WITH_3_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// Amounts with two decimals, which are both 0.
const WITH_00: [&str; 2] = ["ISK", "UGX"];
/// The minimum amounts that Stripe publishes, in its units, for accounts that are paid out in the currency. Accounts that are
/// paid out in another one have its minimum, converted: Stripe refuses the payment then.
const MIN_AMOUNTS: [(&str, i64); 31] = [
    ("AED", 200),
    ("ARS", 50),
    ("AUD", 50),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("COP", 50),
    ("CZK", 1500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("IDR", 50),
    ("ILS", 50),
    ("INR", 50),
    ("JPY", 50),
    ("KRW", 50),
    ("MXN", 1000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PHP", 50),
    ("PLN", 200),
    ("RON", 200),
    ("RUB", 50),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1000),
    ("USD", 50),
    ("ZAR", 50),
];

/// Returns whether Stripe charges amounts in this currency.
pub fn is_charged(currency: Currency) -> bool {
    let mut charged = CHARGED.split_whitespace();
    charged.any(|code| code == currency.code())
}

/// Converts minor units of ISO 4217 to the amount that Stripe takes. Returns `None` if Stripe can't charge it: the currency,
/// or an amount with more decimals than Stripe takes.
pub fn to_stripe(currency: Currency, minor: i64) -> Option<i64> {
    let amount = convert(minor, currency.exponent(), decimals(currency))?;
    let step = step(currency);
    (is_charged(currency) && amount % step == 0).then_some(amount)
}

/// Converts an amount of Stripe to minor units of ISO 4217. Returns `None` if they have fewer decimals than the amount.
pub fn from_stripe(currency: Currency, amount: i64) -> Option<i64> {
    convert(amount, decimals(currency), currency.exponent())
}

/// Returns the minimum amount in minor units of ISO 4217, if Stripe publishes one.
pub fn min_amount(currency: Currency) -> Option<i64> {
    let code = currency.code();
    let (_, amount) = MIN_AMOUNTS.iter().find(|(known, _)| *known == code)?;
    from_stripe(currency, *amount)
}

/// Returns the number of minor units of ISO 4217 of which an amount must be a multiple.
pub fn min_step(currency: Currency) -> i64 {
    // Stripe has no step between two minor units.
    from_stripe(currency, step(currency)).unwrap_or(1)
}

/// Returns the number of decimals of Stripe's amounts.
fn decimals(currency: Currency) -> u32 {
    let code = currency.code();
    if WITHOUT_DECIMALS.contains(&code) {
        0
    } else if WITH_3_DECIMALS.contains(&code) {
        3
    } else {
        2
    }
}

/// Returns the number of which Stripe's amounts are multiples.
fn step(currency: Currency) -> i64 {
    let code = currency.code();
    if WITH_00.contains(&code) {
        100
    } else if WITH_3_DECIMALS.contains(&code) {
        10
    } else {
        1
    }
}

fn convert(amount: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return amount.checked_mul(10_i64.pow(to - from));
    }
    let divisor = 10_i64.pow(from - to);
    (amount % divisor == 0).then_some(amount / divisor)
}
