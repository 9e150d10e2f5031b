//! The shipping methods of a destination, and their prices.

use super::countries::zone_of;
use super::{Method, methods_of};
use crate::core::error::Result;
use crate::infra::database::Connection;
use crate::sales::destination::Destination;
use crate::sales::shipping::entity::PriceBy;
use crate::sales::shipping::repository;

/// Returns the active shipping methods of a destination, in their order, with three statements. `None` if it belongs to no
/// zone.
pub async fn methods_for(
    db: &impl Connection,
    destination: &Destination,
) -> Result<Option<Vec<Method>>> {
    let rows = repository::rows_of_countries(db, &[destination.country.code()]).await?;
    let Some(zone) = zone_of(&rows, destination) else {
        return Ok(None);
    };
    let mut methods = methods_of(db, &[zone])
        .await?
        .remove(&zone)
        .unwrap_or_default();
    methods.retain(|method| method.row.active);
    Ok(Some(methods))
}

/// Returns the price of a method for goods of this weight in grams and this amount in minor units: that of the highest
/// bracket that begins at or below it. `None` if all brackets begin above it, so that the method is not offered.
pub fn price_of(method: &Method, weight: i64, amount: i64) -> Option<i64> {
    let measure = match method.row.price_by {
        PriceBy::Weight => weight,
        PriceBy::Amount => amount,
    };
    let mut brackets = method.rates.iter().rev();
    let bracket = brackets.find(|rate| rate.lower_bound <= measure);
    bracket.map(|rate| rate.price)
}
