//! Rates: percentages in the API, parts per million in the database.

use super::{Decimal, MAX_MINOR};

/// 100 % in parts per million.
const MILLION: u32 = 1_000_000;
/// The parts per million of 1 %.
const PERCENT: u32 = 10_000;
/// The number of decimals of a percentage.
const DECIMALS: u32 = 4;

impl Decimal {
    /// Converts a percentage to parts per million: 19 to 190,000.
    ///
    /// # Errors
    /// If it is not from 0 to 100, or has more than 4 decimals.
    pub fn to_ppm(self) -> Result<u32, String> {
        let percent = self.check("rate");
        let percent = percent.map_err(|invalid| invalid.message().to_owned())?;
        let divisor = 10_i128.pow(percent.scale);
        let product = i128::from(percent.units) * i128::from(PERCENT);
        if product % divisor != 0 {
            return Err(format!("A percentage has at most {DECIMALS} decimals."));
        }
        match u32::try_from(product / divisor) {
            Ok(ppm @ 0..=MILLION) => Ok(ppm),
            _ => Err("A percentage must be from 0 to 100.".to_owned()),
        }
    }

    /// Converts to a whole number that is not negative.
    ///
    /// # Errors
    /// If it is negative, has decimals, or is above the maximum amount.
    pub fn to_whole(self) -> Result<i64, String> {
        let number = self.check("number");
        let number = number.map_err(|invalid| invalid.message().to_owned())?;
        let divisor = 10_i64.pow(number.scale);
        if number.units % divisor != 0 {
            return Err("This must be a whole number.".to_owned());
        }
        match number.units / divisor {
            whole @ 0..=MAX_MINOR => Ok(whole),
            _ => Err(format!("This must be from 0 to {MAX_MINOR}.")),
        }
    }

    /// Creates a whole number.
    pub const fn from_whole(units: i64) -> Self {
        Self {
            units,
            scale: 0,
            parse_error: None,
        }
    }

    /// Creates a percentage from parts per million, without trailing zeros: 81,000 is 8.1.
    pub fn from_ppm(ppm: u32) -> Self {
        let (mut units, mut scale) = (i64::from(ppm), DECIMALS);
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
