//! Creates, updates and deletes shipping zones.

use super::countries::{self, ZoneCountryInput};
use super::{MAX_ZONES, Zone, entry, lock, with_countries};
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::{DbError, Transaction, violates_unique_constraint};
use crate::platform::audit::service::{self as audit, Actor};
use crate::sales::row;
use crate::sales::shipping::entity::{Model, ShippingZoneId};
use crate::sales::shipping::repository;
use crate::state::State;

pub(super) const NOUN: &str = "shipping zone";
/// The maximum length of the name of a zone and of a method, in characters.
pub(super) const MAX_NAME: usize = 100;

/// Input of [`create_zone`].
#[derive(Clone, Debug)]
pub struct CreateZone {
    pub name: String,
    pub countries: Vec<ZoneCountryInput>,
}

/// Input of [`update_zone`].
#[derive(Clone, Debug)]
pub struct UpdateZone {
    pub id: String,
    pub expected_version: Option<i32>,
    pub name: Patch<String>,
    pub countries: Patch<Vec<ZoneCountryInput>>,
}

/// Creates a shipping zone.
///
/// # Errors
/// Invalid fields, a name that is taken, countries of another zone, too many zones.
pub async fn create_zone(state: &State, admin: Admin, new: CreateZone) -> Result<Zone> {
    let now = state.clock.now();
    let id = ShippingZoneId::generate(now);
    let mut validator = Validator::default();
    let name = validator.check("name", text::check_line(&new.name, MAX_NAME));
    let countries = countries::check(&mut validator, id, &new.countries);
    let (Some(name), true) = (name, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    if repository::count_zones(&transaction).await? >= MAX_ZONES {
        let message = format!("A shop has at most {MAX_ZONES} shipping zones.");
        return Err(UserError::new(UserErrorCode::Conflict, None, message).into());
    }
    let countries = countries::refuse_overlaps(&transaction, id, countries).await?;
    let zone = Zone {
        row: Model {
            id,
            name_key: text::sort_key(&name),
            name,
            version: 1,
            created_at: now,
            updated_at: now,
        },
        countries,
    };
    let inserted = repository::insert_zone(&transaction, zone.row.clone()).await;
    inserted.map_err(name_taken)?;
    repository::replace_countries(&transaction, id, zone.countries.clone()).await?;
    let entries = [entry::of_zone("createShippingZone", None, Some(&zone))];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(zone)
}

/// Updates a shipping zone. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, a name that is taken, countries of another zone, or a version that is not the expected one.
pub async fn update_zone(state: &State, admin: Admin, change: UpdateZone) -> Result<Zone> {
    let mut validator = Validator::default();
    let id: Option<ShippingZoneId> = validator.id("id", &change.id);
    let name = validator.required("name", change.name);
    let name = name.and_then(|name| validator.check("name", text::check_line(&name, MAX_NAME)));
    let listed = validator.required("countries", change.countries);
    let zone_id = id.unwrap_or(ShippingZoneId(uuid::Uuid::nil()));
    let listed = listed.map(|listed| countries::check(&mut validator, zone_id, &listed));
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = find(&transaction, id, change.expected_version).await?;
    let mut after = before.clone();
    after.row.name = name.unwrap_or(after.row.name);
    after.row.name_key = text::sort_key(&after.row.name);
    if let Some(listed) = listed {
        after.countries = countries::refuse_overlaps(&transaction, id, listed).await?;
    }
    if after == before {
        return Ok(before);
    }
    after.row.version += 1;
    after.row.updated_at = now;
    let updated = repository::update_zone(&transaction, after.row.clone()).await;
    updated.map_err(name_taken)?;
    if after.countries != before.countries {
        let countries = after.countries.clone();
        repository::replace_countries(&transaction, id, countries).await?;
    }
    let entries = [entry::of_zone(
        "updateShippingZone",
        Some(&before),
        Some(&after),
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a shipping zone with its methods.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete_zone(
    state: &State,
    admin: Admin,
    id: ShippingZoneId,
    expected_version: Option<i32>,
) -> Result<Zone> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let zone = find(&transaction, id, expected_version).await?;
    repository::delete_zone(&transaction, id).await?;
    let entries = [entry::of_zone("deleteShippingZone", Some(&zone), None)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(zone)
}

async fn find(
    transaction: &Transaction,
    id: ShippingZoneId,
    expected_version: Option<i32>,
) -> Result<Zone> {
    let found = repository::find_zone(transaction, id).await?;
    let found = row::expect(found, |row| row.version, expected_version, NOUN)?;
    let mut zones = with_countries(transaction, vec![found]).await?;
    zones.pop().ok_or_else(|| row::missing("id", NOUN).into())
}

fn name_taken(error: DbError) -> Error {
    let (rule, column) = ("shipping_zones_name_key_key", "shipping_zones.name_key");
    if violates_unique_constraint(&error, rule, column) {
        row::taken("name", NOUN).into()
    } else {
        error.into()
    }
}
