//! Inputs and payloads of the mutations of zones.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::ShippingZone;
use crate::core::country::CountryCode;
use crate::core::id::TypedId;
use crate::payload;
use crate::sales::shipping::service::{CreateZone, UpdateZone, Zone, ZoneCountryInput as Country};

/// A country, region or range of postal codes of a shipping zone.
#[derive(Debug, InputObject)]
pub struct ZoneCountryInput {
    /// The country.
    country: CountryCode,
    /// The region as addresses name it, such as `CA`: at most 50 characters, their case is ignored. Default: all regions.
    region: Option<String>,
    /// The beginning of the postal codes: at most 50 characters, of which only letters and digits count. Default: all
    /// postal codes.
    postal_prefix: Option<String>,
    /// Exclude it from the zone, as an exception from a larger part that belongs to it. Default: false.
    excluded: Option<bool>,
}

/// Input of `createShippingZone`.
#[derive(Debug, InputObject)]
pub struct CreateShippingZoneInput {
    /// Name for admins: one line of 1 to 100 characters, unique among zones.
    name: String,
    /// The countries, regions and postal codes of the zone, at most 1,000. None of them may belong to another zone.
    countries: Vec<ZoneCountryInput>,
}

/// Input of `updateShippingZone`. Absent fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateShippingZoneInput {
    /// The id of the zone to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// Name for admins: one line of 1 to 100 characters, unique among zones. Not nullable.
    name: MaybeUndefined<String>,
    /// All countries, regions and postal codes of the zone, at most 1,000: they replace the current ones. Not nullable.
    countries: MaybeUndefined<Vec<ZoneCountryInput>>,
}

/// Input of `deleteShippingZone`.
#[derive(Debug, InputObject)]
pub struct DeleteShippingZoneInput {
    /// The id of the zone to delete. Its methods are deleted with it.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

fn countries(countries: Vec<ZoneCountryInput>) -> Vec<Country> {
    let countries = countries.into_iter().map(|input| Country {
        country: input.country,
        region: input.region,
        postal_prefix: input.postal_prefix,
        excluded: input.excluded.unwrap_or_default(),
    });
    countries.collect()
}

impl From<CreateShippingZoneInput> for CreateZone {
    fn from(input: CreateShippingZoneInput) -> Self {
        Self {
            name: input.name,
            countries: countries(input.countries),
        }
    }
}

impl From<UpdateShippingZoneInput> for UpdateZone {
    fn from(input: UpdateShippingZoneInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            name: input.name.into(),
            countries: input.countries.map_value(countries).into(),
        }
    }
}

payload! {
    /// Payload of `createShippingZone`.
    CreateShippingZonePayload,
    /// Payload of `updateShippingZone`.
    UpdateShippingZonePayload,
    (Zone as zone) {
        /// The zone in its new state. Null if nothing was changed.
        shipping_zone: Option<ShippingZone> = Some(ShippingZone(zone)),
    }
}

payload! {
    /// Payload of `deleteShippingZone`.
    DeleteShippingZonePayload,
    (Zone as zone) {
        /// The id of the deleted zone. Null if nothing was deleted.
        shipping_zone_id: Option<ID> = Some(zone.row.id.encode().into()),
        /// The zone as it was, without its methods.
        shipping_zone: Option<ShippingZone> = Some(ShippingZone(zone)),
    }
}
