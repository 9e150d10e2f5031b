//! Creates, updates and deletes shipping methods.

use super::fields::MethodInput;
use super::{MAX_METHODS, Method, entry, lock, methods_of, with_rates, zones};
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::sales::row;
use crate::sales::shipping::entity::{Kind, PriceBy, ShippingMethodId, ShippingZoneId, method};
use crate::sales::shipping::repository;
use crate::sales::tax;
use crate::state::State;

const NOUN: &str = "shipping method";

/// Input of [`create_method`].
#[derive(Clone, Debug)]
pub struct CreateMethod {
    pub zone_id: String,
    pub fields: MethodInput,
}

/// Input of [`update_method`].
#[derive(Clone, Debug)]
pub struct UpdateMethod {
    pub id: String,
    pub expected_version: Option<i32>,
    pub fields: MethodInput,
}

/// Creates a shipping method, the last of its zone unless it has a position.
///
/// # Errors
/// Invalid fields, an unknown zone or tax class, too many methods.
pub async fn create_method(state: &State, admin: Admin, new: CreateMethod) -> Result<Method> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let mut validator = Validator::default();
    let zone: Option<ShippingZoneId> = validator.id("zoneId", &new.zone_id);
    let has_position = matches!(new.fields.position, Patch::Set(_));
    let fields = new.fields.check(&mut validator);
    let mut method = fields.apply(&blank(zone, now), &mut validator, currency);
    let (Some(zone), true) = (zone, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    if repository::find_zone(&transaction, zone).await?.is_none() {
        return Err(row::missing("zoneId", zones::NOUN).into());
    }
    tax::service::lock_class(&transaction, method.row.tax_class_id, "taxClassId").await?;
    let mut others = methods_of(&transaction, &[zone]).await?;
    let others = others.remove(&zone).unwrap_or_default();
    if others.len() >= MAX_METHODS {
        let message = format!("A zone has at most {MAX_METHODS} shipping methods.");
        return Err(UserError::new(UserErrorCode::Conflict, "zoneId", message).into());
    }
    if !has_position {
        let last = others.iter().map(|other| other.row.position).max();
        method.row.position = last.map_or(0, |last| last.saturating_add(1));
    }
    let (row, rates) = (method.row.clone(), method.rates.clone());
    repository::insert_method(&transaction, row, rates).await?;
    let change = (None, Some(&method));
    let entries = [entry::of_method("createShippingMethod", change, currency)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(method)
}

/// Updates a shipping method. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, an unknown tax class, or a version that is not the expected one.
pub async fn update_method(state: &State, admin: Admin, change: UpdateMethod) -> Result<Method> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let mut validator = Validator::default();
    let id: Option<ShippingMethodId> = validator.id("id", &change.id);
    let fields = change.fields.check(&mut validator);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = find(&transaction, id, change.expected_version).await?;
    let mut after = fields.apply(&before, &mut validator, currency);
    validator.finish()?;
    if after == before {
        return Ok(before);
    }
    tax::service::lock_class(&transaction, after.row.tax_class_id, "taxClassId").await?;
    after.row.version += 1;
    after.row.updated_at = now;
    let (row, rates) = (after.row.clone(), after.rates.clone());
    repository::update_method(&transaction, row, rates).await?;
    let change = (Some(&before), Some(&after));
    let entries = [entry::of_method("updateShippingMethod", change, currency)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a shipping method.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete_method(
    state: &State,
    admin: Admin,
    id: ShippingMethodId,
    expected_version: Option<i32>,
) -> Result<Method> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let method = find(&transaction, id, expected_version).await?;
    repository::delete_method(&transaction, id).await?;
    let change = (Some(&method), None);
    let entries = [entry::of_method("deleteShippingMethod", change, currency)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(method)
}

async fn find(
    transaction: &Transaction,
    id: ShippingMethodId,
    expected_version: Option<i32>,
) -> Result<Method> {
    let found = repository::find_methods(transaction, &[id]).await?;
    let found = found.into_iter().next();
    let found = row::expect(found, |row| row.version, expected_version, NOUN)?;
    let mut methods = with_rates(transaction, vec![found]).await?;
    methods.pop().ok_or_else(|| row::missing("id", NOUN).into())
}

/// A method before it gets its fields.
fn blank(zone: Option<ShippingZoneId>, now: Timestamp) -> Method {
    Method {
        row: method::Model {
            id: ShippingMethodId::generate(now),
            zone_id: zone.unwrap_or(ShippingZoneId(uuid::Uuid::nil())),
            position: 0,
            kind: Kind::Ship,
            name: String::new(),
            description: String::new(),
            active: true,
            price_by: PriceBy::Amount,
            tax_class_id: None,
            min_days: None,
            max_days: None,
            version: 1,
            created_at: now,
            updated_at: now,
        },
        rates: Vec::new(),
    }
}
