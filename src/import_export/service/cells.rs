//! What stands in the cells of a row, by the rules of the API.

use crate::money::{Currency, Decimal};
use crate::product::Status;

/// How much of a text of a file is told, in letters.
const TOLD: usize = 60;

/// A text of a file, cut for a message; control characters are left out.
pub fn short(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(TOLD)
        .collect()
}

/// An amount in minor units.
pub fn price(cell: &str, currency: Currency) -> Result<i64, String> {
    let wrong = |_| "A price is a decimal number such as 19.99.".to_owned();
    let price: Decimal = cell.trim().parse().map_err(wrong)?;
    price.to_price(currency)
}

/// How many there are; nothing for an empty cell.
pub fn stock(cell: &str) -> Result<Option<i32>, &'static str> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(None);
    }
    let digits = cell.bytes().all(|byte| byte.is_ascii_digit());
    let stock = cell.parse().ok().filter(|_| digits);
    let stock = stock.ok_or("The stock is a whole number from 0 to 2147483647.")?;
    Ok(Some(stock))
}

/// Where a product is in its life; nothing for an empty cell.
pub fn status(cell: &str) -> Result<Option<Status>, &'static str> {
    match cell.trim().to_ascii_uppercase().as_str() {
        "" => Ok(None),
        "DRAFT" => Ok(Some(Status::Draft)),
        "ACTIVE" => Ok(Some(Status::Active)),
        "ARCHIVED" => Ok(Some(Status::Archived)),
        _ => Err("A status is DRAFT, ACTIVE or ARCHIVED."),
    }
}
