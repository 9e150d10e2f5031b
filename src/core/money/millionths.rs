//! Numbers of attributes: decimals in the API, millionths in the database.

use super::Decimal;

/// The number of decimals that are stored.
const DECIMALS: u32 = 6;
/// The largest absolute value: 10^10.
const MAX_WHOLE: i64 = 10_000_000_000;

/// The largest absolute value in millionths.
pub const MAX_MILLIONTHS: i64 = MAX_WHOLE * 1_000_000;

impl Decimal {
    /// Converts to millionths.
    ///
    /// # Errors
    /// If it is below -10,000,000,000 or above 10,000,000,000, or has more than 6 decimals.
    pub fn to_millionths(self) -> Result<i64, String> {
        let number = self.check("number");
        let number = number.map_err(|invalid| invalid.message().to_owned())?;
        let divisor = 10_i128.pow(number.scale);
        let product = i128::from(number.units) * 10_i128.pow(DECIMALS);
        if product % divisor != 0 {
            return Err(format!("A number has at most {DECIMALS} decimals."));
        }
        match i64::try_from(product / divisor) {
            Ok(millionths) if millionths.abs() <= MAX_MILLIONTHS => Ok(millionths),
            _ => Err(format!(
                "A number must be from -{MAX_WHOLE} to {MAX_WHOLE}."
            )),
        }
    }

    /// Creates a number from millionths, without trailing zeros: 1,500,000 is 1.5.
    pub const fn from_millionths(millionths: i64) -> Self {
        let (mut units, mut scale) = (millionths, DECIMALS);
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Self {
            units,
            scale,
            parse_error: None,
        }
    }
}
