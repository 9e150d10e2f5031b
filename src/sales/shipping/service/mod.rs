//! Shipping service: the use cases of zones and methods, and the methods of a destination.

mod countries;
mod entry;
mod fields;
mod methods;
mod offers;
mod zones;

pub use countries::ZoneCountryInput;
pub use fields::{BracketInput, MethodInput};
pub use methods::{CreateMethod, UpdateMethod, create_method, delete_method, update_method};
pub use offers::{methods_for, price_of};
pub use zones::{CreateZone, UpdateZone, create_zone, delete_zone, update_zone};

use std::collections::HashMap;

use super::entity::{Model, ShippingMethodId, ShippingZoneId, country, method, rate};
use super::repository;
use crate::core::country::Country;
use crate::core::error::Result;
use crate::core::viewer::Admin;
use crate::infra::database::{Connection, Database, Transaction};

/// The maximum number of shipping zones.
pub const MAX_ZONES: u64 = 100;
/// The maximum number of shipping methods of a zone.
pub const MAX_METHODS: usize = 50;

/// A zone with its countries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub row: Model,
    pub countries: Vec<country::Model>,
}

/// A shipping method with its prices, lowest bound first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    pub row: method::Model,
    pub rates: Vec<rate::Model>,
}

/// The countries that are shipped to.
#[derive(Clone, Debug)]
pub struct Coverage {
    pub countries: Vec<Country>,
    /// Whether a zone has a country.
    pub has_country: bool,
}

/// Returns all zones, by name.
pub async fn zones(db: &Database, _: Admin) -> Result<Vec<Zone>> {
    let rows = repository::zones(db.reader()).await?;
    with_countries(db.reader(), rows).await
}

/// Returns the zones of `ids`. Unknown ids are omitted.
pub async fn find_zones(
    db: &Database,
    ids: &[ShippingZoneId],
) -> Result<HashMap<ShippingZoneId, Zone>> {
    let rows = repository::find_zones(db.reader(), ids).await?;
    let zones = with_countries(db.reader(), rows).await?;
    Ok(zones.into_iter().map(|zone| (zone.row.id, zone)).collect())
}

/// Returns the methods of `ids`. Unknown ids are omitted.
pub async fn find_methods(
    db: &Database,
    ids: &[ShippingMethodId],
) -> Result<HashMap<ShippingMethodId, Method>> {
    let rows = repository::find_methods(db.reader(), ids).await?;
    let methods = with_rates(db.reader(), rows).await?;
    let methods = methods.into_iter();
    Ok(methods.map(|method| (method.row.id, method)).collect())
}

/// Returns the methods of zones, in their order.
pub async fn methods_of(
    db: &impl Connection,
    zones: &[ShippingZoneId],
) -> Result<HashMap<ShippingZoneId, Vec<Method>>> {
    let rows = repository::methods_of(db, zones).await?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for method in with_rates(db, rows).await? {
        found.entry(method.row.zone_id).or_default().push(method);
    }
    Ok(found)
}

/// Returns the countries that are shipped to.
pub async fn coverage(db: &Database) -> Result<Coverage> {
    let codes = repository::served_countries(db.reader()).await?;
    let has_country = !codes.is_empty() || repository::has_country(db.reader()).await?;
    Ok(Coverage {
        countries: codes.iter().filter_map(|code| code.parse().ok()).collect(),
        has_country,
    })
}

/// Returns whether there are no zones.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::count_zones(db).await? == 0)
}

/// Inserts a zone with its methods. The caller has checked that none of its countries belongs to another zone.
pub async fn insert(transaction: &Transaction, zone: Zone, methods: Vec<Method>) -> Result<()> {
    let id = zone.row.id;
    repository::insert_zone(transaction, zone.row).await?;
    repository::replace_countries(transaction, id, zone.countries).await?;
    for method in methods {
        repository::insert_method(transaction, method.row, method.rates).await?;
    }
    Ok(())
}

async fn with_countries(db: &impl Connection, rows: Vec<Model>) -> Result<Vec<Zone>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut countries: HashMap<_, Vec<_>> = HashMap::new();
    for country in repository::countries_of(db, &ids).await? {
        countries.entry(country.zone_id).or_default().push(country);
    }
    let zones = rows.into_iter().map(|row| Zone {
        countries: countries.remove(&row.id).unwrap_or_default(),
        row,
    });
    Ok(zones.collect())
}

async fn with_rates(db: &impl Connection, rows: Vec<method::Model>) -> Result<Vec<Method>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut rates: HashMap<_, Vec<_>> = HashMap::new();
    for rate in repository::rates_of(db, &ids).await? {
        rates.entry(rate.method_id).or_default().push(rate);
    }
    let methods = rows.into_iter().map(|row| Method {
        rates: rates.remove(&row.id).unwrap_or_default(),
        row,
    });
    Ok(methods.collect())
}

/// Serializes the changes of zones and methods until the transaction ends.
async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "shipping").await?)
}
