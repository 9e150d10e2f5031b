//! Phone numbers, as their owners write them.

use crate::core::text::ascii_digit;

/// The minimum and maximum number of digits (ITU-T E.164).
const DIGITS: std::ops::RangeInclusive<usize> = 4..=15;
/// The maximum length in characters.
const MAX_LENGTH: usize = 30;

/// Checks a phone number: digits, spaces and the usual separators, and a `+` at most in front. Digits of other scripts
/// become ASCII.
///
/// # Errors
/// A message for the user.
pub fn check(text: &str) -> Result<String, String> {
    let ascii = text.trim().chars();
    let number: String = ascii
        .map(|character| ascii_digit(character).unwrap_or(character))
        .collect();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let rest = number.strip_prefix('+').unwrap_or(&number);
    let is_plain = |byte: u8| byte.is_ascii_digit() || b" -./()".contains(&byte);
    if !DIGITS.contains(&digits) || number.len() > MAX_LENGTH || !rest.bytes().all(is_plain) {
        return Err("This is not a phone number such as +49 30 123456.".to_owned());
    }
    Ok(number)
}
