//! Stripe's rules for amounts: <https://docs.stripe.com/currencies>.

use super::errors::ApiError;

/// The minimum amounts in the smallest unit. In other currencies Stripe converts its minimum of 0.50 USD; here it is 1.
const MINIMA: [(&str, i64); 31] = [
    ("aed", 200),
    ("ars", 50),
    ("aud", 50),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("cop", 50),
    ("czk", 1_500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("idr", 50),
    ("ils", 50),
    ("inr", 50),
    ("jpy", 50),
    ("krw", 50),
    ("mxn", 1_000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("php", 50),
    ("pln", 200),
    ("ron", 200),
    ("rub", 50),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1_000),
    ("usd", 50),
    ("zar", 50),
];

/// The other currencies that the stand-in accepts.
const OTHERS: [&str; 10] = [
    "bhd", "clp", "isk", "jod", "kwd", "omr", "tnd", "try", "twd", "ugx",
];

/// The maximum amount: eight digits, which all payment methods take. Most cards take more.
const MAX: i64 = 99_999_999;

/// Currencies with three decimals. The last digit must be 0.
const THREE_DECIMALS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// Currencies without fractions that are sent with two decimals.
const WHOLE: [&str; 2] = ["isk", "ugx"];

/// Returns the currency in lower case, if it can be charged.
pub fn parse(currency: &str) -> Result<String, ApiError> {
    let lower = currency.to_lowercase();
    let is_known =
        MINIMA.iter().any(|(known, _)| *known == lower) || OTHERS.contains(&lower.as_str());
    if is_known {
        return Ok(lower);
    }
    let message =
        format!("Invalid currency: {lower}. Stripe currently supports these currencies: usd, eur");
    Err(ApiError::invalid(message).param("currency"))
}

/// Fails if this amount cannot be charged.
pub fn check_amount(amount: i64, currency: &str) -> Result<(), ApiError> {
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message)
            .code("parameter_invalid_integer")
            .param("amount"));
    }
    check_multiple(amount, currency)?;
    if amount > MAX {
        let message = format!("Amount must be no more than {MAX} {currency}");
        return Err(ApiError::invalid(message)
            .code("amount_too_large")
            .param("amount"));
    }
    let minimum = MINIMA.iter().find(|(known, _)| *known == currency);
    match minimum {
        Some((_, minimum)) if amount < *minimum => {
            let message = format!("Amount must be at least {minimum} {currency}");
            Err(ApiError::invalid(message)
                .code("amount_too_small")
                .param("amount"))
        }
        _ => Ok(()),
    }
}

/// Fails if this amount is not a multiple of what the currency allows.
pub fn check_multiple(amount: i64, currency: &str) -> Result<(), ApiError> {
    let multiple = if THREE_DECIMALS.contains(&currency) {
        10
    } else if WHOLE.contains(&currency) {
        100
    } else {
        1
    };
    if amount % multiple == 0 {
        return Ok(());
    }
    let message = format!("Invalid amount: amounts in {currency} must be divisible by {multiple}");
    Err(ApiError::invalid(message).param("amount"))
}
