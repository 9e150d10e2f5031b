//! Parses numbers as written by spreadsheets in different countries. Ambiguous numbers are rejected.

use std::borrow::Cow;

use crate::core::money::{Currency, Decimal};
use crate::core::text;

/// Message for an invalid price.
const PRICE: &str = "The price must be a decimal number such as 19.99.";
/// Message for an invalid stock.
const STOCK: &str = "The stock must be a whole number from 0 to 2147483647.";

/// Decimal separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DecimalSeparator {
    Point,
    Comma,
}

/// Number format of a file, inferred from the rows read so far.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// The usual decimal separator of such files.
    usual: Option<DecimalSeparator>,
    has_points: bool,
    has_commas: bool,
}

/// A number without grouping, with a decimal point.
struct Plain {
    text: String,
    decimals: Option<DecimalSeparator>,
}

enum NumberError {
    NotANumber,
    Ambiguous,
}

impl Numbers {
    /// Creates the format for a field separator. Spreadsheets that use decimal commas do not separate fields by
    /// commas.
    pub const fn new(separator: u8) -> Self {
        Self {
            usual: if separator == b',' {
                Some(DecimalSeparator::Point)
            } else {
                None
            },
            has_points: false,
            has_commas: false,
        }
    }

    /// Parses an amount in minor units.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn price(&mut self, cell: &str, currency: Currency) -> Result<i64, String> {
        let cell = without_sign(clean(cell), currency);
        let plain = self.read(&cell, currency.exponent() == 3);
        let plain = plain.map_err(|error| error.message(&cell, PRICE))?;
        let price: Decimal = plain.text.parse().map_err(|_| PRICE.to_owned())?;
        let minor = price.to_price(currency)?;
        self.learn(plain.decimals);
        Ok(minor)
    }

    /// Parses a stock. `None` for an empty cell. Accepts `3.0`, as written by programs that only know floats.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn stock(&mut self, cell: &str) -> Result<Option<i32>, String> {
        self.whole(cell, STOCK)
    }

    /// Parses an integer from 0 like [`stock`](Self::stock), with another message.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn whole(&mut self, cell: &str, message: &'static str) -> Result<Option<i32>, String> {
        let cell = clean(cell);
        if cell.is_empty() {
            return Ok(None);
        }
        let plain = match self.read(&cell, false) {
            // A stock has no decimals, so these are thousands.
            Err(NumberError::Ambiguous) if !cell.ends_with("000") && !cell.starts_with('-') => {
                let digits = cell.chars().filter(char::is_ascii_digit).collect();
                Ok(Plain {
                    text: digits,
                    decimals: None,
                })
            }
            read => read,
        };
        let plain = plain.map_err(|error| error.message(&cell, message))?;
        let (whole, decimals) = plain.text.split_once('.').unwrap_or((&plain.text, ""));
        let is_whole = decimals.bytes().all(|digit| digit == b'0');
        let is_negative = whole.starts_with('-') && whole.bytes().any(|b| matches!(b, b'1'..=b'9'));
        let stock = whole.trim_start_matches('-').parse().ok();
        let stock = stock.filter(|_| is_whole && !is_negative).ok_or(message)?;
        self.learn(plain.decimals);
        Ok(Some(stock))
    }

    /// Parses a number that is not negative. Returns it with a decimal point and without grouping; `None` for an empty
    /// cell.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn decimal(&mut self, cell: &str, message: &'static str) -> Result<Option<String>, String> {
        let cell = clean(cell);
        if cell.is_empty() {
            return Ok(None);
        }
        let plain = self.read(&cell, false);
        let plain = plain.map_err(|error| error.message(&cell, message))?;
        if plain.text.starts_with('-') {
            return Err(message.to_owned());
        }
        self.learn(plain.decimals);
        Ok(Some(plain.text))
    }

    /// Returns the decimal separator of the file, if known.
    const fn decimal_separator(self) -> Option<DecimalSeparator> {
        match (self.has_points, self.has_commas) {
            (true, false) => Some(DecimalSeparator::Point),
            (false, true) => Some(DecimalSeparator::Comma),
            (false, false) => self.usual,
            (true, true) => None,
        }
    }

    const fn learn(&mut self, decimals: Option<DecimalSeparator>) {
        match decimals {
            Some(DecimalSeparator::Point) => self.has_points = true,
            Some(DecimalSeparator::Comma) => self.has_commas = true,
            None => {}
        }
    }

    /// Removes the grouping from a number.
    fn read(self, cell: &str, has_three_decimals: bool) -> Result<Plain, NumberError> {
        let (sign, digits) = match cell.strip_prefix(['-', '\u{2212}']) {
            Some(digits) => ("-", digits),
            None => ("", cell),
        };
        let (whole, decimals, decimal_separator) = self.split(digits, has_three_decimals)?;
        let whole = ungroup(whole).ok_or(NumberError::NotANumber)?;
        let are_digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits || (whole.is_empty() && decimals.is_empty()) {
            return Err(NumberError::NotANumber);
        }
        let whole = if whole.is_empty() { "0" } else { &whole };
        let text = if decimals.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{decimals}")
        };
        // A separator that can't be grouping reveals the decimal separator.
        let decimals = decimal_separator.filter(|_| !decimals.is_empty());
        Ok(Plain { text, decimals })
    }

    /// Splits a number into the parts before and after the decimal separator, and that separator.
    fn split(
        self,
        digits: &str,
        has_three_decimals: bool,
    ) -> Result<(&str, &str, Option<DecimalSeparator>), NumberError> {
        let Some((whole, decimals)) = digits.rsplit_once(['.', ',']) else {
            return Ok((digits, "", None));
        };
        let last = if digits[whole.len()..].starts_with('.') {
            DecimalSeparator::Point
        } else {
            DecimalSeparator::Comma
        };
        let (same, other) = match last {
            DecimalSeparator::Point => ('.', ','),
            DecimalSeparator::Comma => (',', '.'),
        };
        if whole.contains(same) {
            // A repeated separator is grouping.
            let is_mixed = whole.contains(other);
            return (!is_mixed)
                .then_some((digits, "", None))
                .ok_or(NumberError::NotANumber);
        }
        let may_group = decimals.len() == 3
            && !whole.contains(|character: char| !character.is_ascii_digit())
            && matches!(whole.len(), 1..=3)
            && !whole.starts_with('0');
        let decimal = (whole, decimals, Some(last));
        match self.decimal_separator() {
            _ if !may_group => Ok(decimal),
            Some(decimal_separator) if decimal_separator != last && !has_three_decimals => {
                Ok((digits, "", None))
            }
            Some(decimal_separator) if decimal_separator == last => Ok(decimal),
            None if has_three_decimals => Ok(decimal),
            _ => Err(NumberError::Ambiguous),
        }
    }
}

impl NumberError {
    fn message(&self, cell: &str, otherwise: &str) -> String {
        match self {
            Self::NotANumber => otherwise.to_owned(),
            Self::Ambiguous => {
                format!("{cell} is ambiguous. Write thousands without a separator.")
            }
        }
    }
}

/// Returns the digits of an integer whose last group has three digits and whose other groups have two or three.
fn ungroup(whole: &str) -> Option<Cow<'_, str>> {
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(whole));
    }
    let separator = whole
        .chars()
        .find(|character| !character.is_ascii_digit())?;
    if !matches!(separator, '.' | ',' | ' ' | '\'' | '\u{2019}') {
        return None;
    }
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let is_grouped = matches!(first.len(), 1..=3)
        && last.len() == 3
        && middle.iter().all(|group| matches!(group.len(), 2..=3));
    let digits = groups.concat();
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_grouped && are_digits).then_some(Cow::Owned(digits))
}

/// Removes the symbol of the shop's currency. Symbols of other currencies make a number invalid.
fn without_sign(cell: String, currency: Currency) -> String {
    let is_digit = |character: char| character.is_ascii_digit();
    if cell.starts_with(is_digit) && cell.ends_with(is_digit) {
        return cell;
    }
    let symbols = currency.symbols();
    let mut symbols = symbols.iter().filter(|sign| !sign.is_empty());
    let rest = symbols.find_map(|sign| cell.strip_prefix(sign).or_else(|| cell.strip_suffix(sign)));
    rest.map_or(cell.clone(), |rest| rest.trim().to_owned())
}

/// Trims a cell, removes invisible characters, and converts the digits and separators of other scripts to ASCII.
fn clean(cell: &str) -> String {
    let cell = text::clean_line(cell);
    let ascii = |character| match character {
        // Full-width, and Arabic.
        '\u{ff0e}' | '\u{66b}' => '.',
        '\u{ff0c}' | '\u{66c}' => ',',
        '\u{ff0d}' => '-',
        _ => text::ascii_digit(character).unwrap_or(character),
    };
    cell.trim().chars().map(ascii).collect()
}
