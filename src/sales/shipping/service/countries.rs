//! The countries of a zone: validation, and the zone of a destination.

use std::collections::HashSet;

use crate::core::country::CountryCode;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::text;
use crate::core::validation::Validator;
use crate::infra::database::Transaction;
use crate::sales::destination::{Destination, MAX_PART, postal_key, region_key};
use crate::sales::shipping::entity::ShippingZoneId;
use crate::sales::shipping::entity::country::Model;
use crate::sales::shipping::repository;

/// The maximum number of countries, regions and postal codes of a zone.
pub const MAX_COUNTRIES: usize = 1_000;

/// A part of a zone, as a client sends it.
#[derive(Clone, Debug)]
pub struct ZoneCountryInput {
    pub country: CountryCode,
    pub region: Option<String>,
    pub postal_prefix: Option<String>,
    pub excluded: bool,
}

/// Validates the countries of a zone.
pub(super) fn check(
    validator: &mut Validator,
    zone: ShippingZoneId,
    countries: &[ZoneCountryInput],
) -> Vec<Model> {
    if countries.len() > MAX_COUNTRIES {
        let message =
            format!("A zone has at most {MAX_COUNTRIES} countries, regions and postal codes.");
        validator.check::<()>("countries", Err(message));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut rows = Vec::with_capacity(countries.len());
    for (index, input) in countries.iter().enumerate() {
        let path = |field: &str| format!("countries.{index}.{field}");
        let country = validator.check(&path("country"), input.country.check());
        let mut part = |field: &str, key: String| {
            if key.is_empty() {
                return Some(key);
            }
            validator.check(&path(field), text::check_line(&key, MAX_PART))
        };
        let region = part(
            "region",
            region_key(input.region.as_deref().unwrap_or_default()),
        );
        let prefix = postal_key(input.postal_prefix.as_deref().unwrap_or_default());
        let prefix = part("postalPrefix", prefix);
        let (Some(country), Some(region), Some(postal_prefix)) = (country, region, prefix) else {
            continue;
        };
        if !seen.insert((country, region.clone(), postal_prefix.clone())) {
            validator.check::<()>(&path("country"), Err("This is listed twice."));
            continue;
        }
        rows.push(Model {
            zone_id: zone,
            country: country.code().to_owned(),
            region,
            postal_prefix,
            excluded: input.excluded,
        });
    }
    rows
}

/// Refuses countries that belong to another zone. Returns them in alphabetical order.
pub(super) async fn refuse_overlaps(
    transaction: &Transaction,
    zone: ShippingZoneId,
    mut rows: Vec<Model>,
) -> Result<Vec<Model>> {
    let countries: HashSet<_> = rows.iter().map(|row| row.country.as_str()).collect();
    let countries: Vec<_> = countries.into_iter().collect();
    let others = repository::rows_of_countries(transaction, &countries).await?;
    let others: HashSet<_> = others
        .iter()
        .filter(|row| row.zone_id != zone && !row.excluded)
        .map(place)
        .collect();
    let mut validator = Validator::default();
    for (index, row) in rows.iter().enumerate() {
        if !row.excluded && others.contains(&place(row)) {
            let field = format!("countries.{index}.country");
            let message = "Another zone has it.";
            validator.refuse(UserError::new(
                UserErrorCode::Conflict,
                field.as_str(),
                message,
            ));
        }
    }
    validator.finish()?;
    rows.sort_by(|one, other| place(one).cmp(&place(other)));
    Ok(rows)
}

fn place(row: &Model) -> (&str, &str, &str) {
    (&row.country, &row.region, &row.postal_prefix)
}

/// Returns the zone of a destination: the one with the longest matching postal code, else with its region, else with its
/// country. Zones whose best match is excluded do not count. `rows` are those of the country in all zones.
pub(super) fn zone_of(rows: &[Model], destination: &Destination) -> Option<ShippingZoneId> {
    let matches = |row: &&Model| {
        row.country == destination.country.code()
            && (row.region.is_empty() || row.region == destination.region)
            && destination.postal_code.starts_with(&row.postal_prefix)
    };
    let rank = |row: &Model| (row.postal_prefix.len(), !row.region.is_empty());
    let matching: Vec<&Model> = rows.iter().filter(matches).collect();
    let is_best_of_zone = |row: &&&Model| {
        let mut others = matching.iter().filter(|other| other.zone_id == row.zone_id);
        others.all(|other| rank(other) <= rank(row))
    };
    let candidates = matching.iter().filter(is_best_of_zone);
    let included = candidates.filter(|row| !row.excluded);
    let best = included.max_by_key(|row| (rank(row), std::cmp::Reverse(row.zone_id)));
    best.map(|row| row.zone_id)
}
