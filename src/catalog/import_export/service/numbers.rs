//! Numbers as spreadsheets and programs of many countries write them. One that can be read in two ways is refused.

use std::borrow::Cow;

use crate::core::money::{Currency, Decimal};
use crate::core::text;

/// What is said of a price that is no number.
const PRICE: &str = "A price is a decimal number such as 19.99.";
/// What is said of a stock that is no number.
const STOCK: &str = "The stock is a whole number from 0 to 2147483647.";

/// The character before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Point,
    Comma,
}

/// How the numbers of a file are written, as far as its rows have shown.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// What such files usually have before decimals.
    usual: Option<Mark>,
    has_points: bool,
    has_commas: bool,
}

/// A number without grouping, with a point before its decimals.
struct Plain {
    text: String,
    decimals: Option<Mark>,
}

enum Fault {
    NoNumber,
    Ambiguous,
}

impl Numbers {
    /// The numbers of a file with this separator. Spreadsheets that write decimal commas separate by something else.
    pub const fn new(separator: u8) -> Self {
        Self {
            usual: if separator == b',' {
                Some(Mark::Point)
            } else {
                None
            },
            has_points: false,
            has_commas: false,
        }
    }

    /// Reads an amount in minor units.
    ///
    /// # Errors
    /// A sentence for the author of the file.
    pub fn price(&mut self, cell: &str, currency: Currency) -> Result<i64, String> {
        let cell = without_sign(clean(cell), currency);
        let plain = self.read(&cell, currency.exponent() == 3);
        let plain = plain.map_err(|fault| fault.message(&cell, PRICE))?;
        let price: Decimal = plain.text.parse().map_err(|_| PRICE.to_owned())?;
        let minor = price.to_price(currency)?;
        self.learn(plain.decimals);
        Ok(minor)
    }

    /// Reads a number of pieces; nothing for an empty cell. `3.0` is a whole number, as programs write them that know
    /// floats only.
    ///
    /// # Errors
    /// A sentence for the author of the file.
    pub fn stock(&mut self, cell: &str) -> Result<Option<i32>, String> {
        let cell = clean(cell);
        if cell.is_empty() {
            return Ok(None);
        }
        let plain = match self.read(&cell, false) {
            // No number of pieces has decimals: these are thousands.
            Err(Fault::Ambiguous) if !cell.ends_with("000") && !cell.starts_with('-') => {
                let digits = cell.chars().filter(char::is_ascii_digit).collect();
                Ok(Plain {
                    text: digits,
                    decimals: None,
                })
            }
            read => read,
        };
        let plain = plain.map_err(|fault| fault.message(&cell, STOCK))?;
        let (whole, decimals) = plain.text.split_once('.').unwrap_or((&plain.text, ""));
        let is_whole = decimals.bytes().all(|digit| digit == b'0');
        let is_negative = whole.starts_with('-') && whole.bytes().any(|b| matches!(b, b'1'..=b'9'));
        let stock = whole.trim_start_matches('-').parse().ok();
        let stock = stock.filter(|_| is_whole && !is_negative).ok_or(STOCK)?;
        self.learn(plain.decimals);
        Ok(Some(stock))
    }

    /// What stands before decimals in this file, if that is known.
    const fn mark(self) -> Option<Mark> {
        match (self.has_points, self.has_commas) {
            (true, false) => Some(Mark::Point),
            (false, true) => Some(Mark::Comma),
            (false, false) => self.usual,
            (true, true) => None,
        }
    }

    const fn learn(&mut self, decimals: Option<Mark>) {
        match decimals {
            Some(Mark::Point) => self.has_points = true,
            Some(Mark::Comma) => self.has_commas = true,
            None => {}
        }
    }

    /// Takes the grouping out of a number.
    fn read(self, cell: &str, has_three_decimals: bool) -> Result<Plain, Fault> {
        let (sign, digits) = match cell.strip_prefix(['-', '\u{2212}']) {
            Some(digits) => ("-", digits),
            None => ("", cell),
        };
        let (whole, decimals, mark) = self.split(digits, has_three_decimals)?;
        let whole = ungroup(whole).ok_or(Fault::NoNumber)?;
        let are_digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits || (whole.is_empty() && decimals.is_empty()) {
            return Err(Fault::NoNumber);
        }
        let whole = if whole.is_empty() { "0" } else { &whole };
        let text = if decimals.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{decimals}")
        };
        // One that can't be grouping shows what the file has before decimals.
        let decimals = mark.filter(|_| !decimals.is_empty());
        Ok(Plain { text, decimals })
    }

    /// Finds the decimals of a number: what stands before and after the mark, and the mark.
    fn split(
        self,
        digits: &str,
        has_three_decimals: bool,
    ) -> Result<(&str, &str, Option<Mark>), Fault> {
        let Some((whole, decimals)) = digits.rsplit_once(['.', ',']) else {
            return Ok((digits, "", None));
        };
        let last = if digits[whole.len()..].starts_with('.') {
            Mark::Point
        } else {
            Mark::Comma
        };
        let (same, other) = match last {
            Mark::Point => ('.', ','),
            Mark::Comma => (',', '.'),
        };
        if whole.contains(same) {
            // Several of one kind are for grouping.
            let is_mixed = whole.contains(other);
            return (!is_mixed)
                .then_some((digits, "", None))
                .ok_or(Fault::NoNumber);
        }
        let may_group = decimals.len() == 3
            && !whole.contains(|letter: char| !letter.is_ascii_digit())
            && matches!(whole.len(), 1..=3)
            && !whole.starts_with('0');
        let decimal = (whole, decimals, Some(last));
        match self.mark() {
            _ if !may_group => Ok(decimal),
            Some(mark) if mark != last && !has_three_decimals => Ok((digits, "", None)),
            Some(mark) if mark == last => Ok(decimal),
            None if has_three_decimals => Ok(decimal),
            _ => Err(Fault::Ambiguous),
        }
    }
}

impl Fault {
    fn message(&self, cell: &str, otherwise: &str) -> String {
        match self {
            Self::NoNumber => otherwise.to_owned(),
            Self::Ambiguous => {
                format!("{cell} can be read in two ways. Write thousands without a separator.")
            }
        }
    }
}

/// The digits of a whole number whose last group has three and whose others have two or three.
fn ungroup(whole: &str) -> Option<Cow<'_, str>> {
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(whole));
    }
    let separator = whole.chars().find(|letter| !letter.is_ascii_digit())?;
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

/// An amount without the sign of the shop's currency. That of another is no part of a number.
fn without_sign(cell: String, currency: Currency) -> String {
    let is_digit = |letter: char| letter.is_ascii_digit();
    if cell.starts_with(is_digit) && cell.ends_with(is_digit) {
        return cell;
    }
    let signs = currency.signs();
    let mut signs = signs.iter().filter(|sign| !sign.is_empty());
    let rest = signs.find_map(|sign| cell.strip_prefix(sign).or_else(|| cell.strip_suffix(sign)));
    rest.map_or(cell.clone(), |rest| rest.trim().to_owned())
}

/// A cell without spaces at its ends and without what nobody sees in it.
fn clean(cell: &str) -> String {
    text::clean_line(cell).trim().to_owned()
}
