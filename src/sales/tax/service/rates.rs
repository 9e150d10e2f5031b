//! Sets and deletes tax rates.

use super::classes::MAX_NAME;
use super::{entry, lock};
use crate::core::country::CountryCode;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::sales::destination::{MAX_PART, region_key};
use crate::sales::row;
use crate::sales::tax::entity::rate::Model;
use crate::sales::tax::entity::{Model as TaxClass, TaxClassId, TaxRateId};
use crate::sales::tax::repository;
use crate::state::State;

/// Input of [`set_rate`].
#[derive(Clone, Debug)]
pub struct SetTaxRate {
    /// The default class if absent.
    pub tax_class_id: Option<String>,
    pub country: CountryCode,
    /// The whole country if absent.
    pub region: Option<String>,
    pub name: String,
    /// In percent.
    pub rate: Decimal,
    pub expected_version: Option<i32>,
}

/// Sets the rate of a tax class in a country or region. Setting the same rate again changes nothing.
///
/// # Errors
/// Invalid fields, an unknown tax class, or a version that is not the expected one.
pub async fn set_rate(state: &State, admin: Admin, input: SetTaxRate) -> Result<Model> {
    let mut validator = Validator::default();
    let class: Option<TaxClassId> = input
        .tax_class_id
        .and_then(|id| validator.id("taxClassId", &id));
    let country = validator.check("country", input.country.check());
    let region = region_key(&input.region.unwrap_or_default());
    let region = if region.is_empty() {
        Some(region)
    } else {
        validator.check("region", text::check_line(&region, MAX_PART))
    };
    let name = validator.check("name", text::check_line(&input.name, MAX_NAME));
    let ppm = validator.check("rate", input.rate.to_ppm());
    let (Some(country), Some(region), Some(name), Some(ppm), true) =
        (country, region, name, ppm, validator.is_valid())
    else {
        return Err(validator.refusal());
    };
    let ppm = i32::try_from(ppm).unwrap_or(i32::MAX);
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let class = find_class(&transaction, class).await?;
    let place = (country.code(), region.as_str());
    let before = repository::find_rate_of(&transaction, class.id, place).await?;
    if let Some(expected) = input.expected_version {
        let current = before.as_ref().map(|rate| rate.version);
        let current = current.ok_or_else(|| row::missing("expectedVersion", "tax rate"))?;
        if current != expected {
            return Err(UserError::stale(current).into());
        }
    }
    let after = match &before {
        Some(before) if (&before.name, before.ppm) == (&name, ppm) => return Ok(before.clone()),
        Some(before) => Model {
            name,
            ppm,
            version: before.version + 1,
            updated_at: now,
            ..before.clone()
        },
        None => Model {
            id: TaxRateId::generate(now),
            tax_class_id: class.id,
            country: country.code().to_owned(),
            region,
            name,
            ppm,
            version: 1,
            created_at: now,
            updated_at: now,
        },
    };
    if before.is_some() {
        repository::update_rate(&transaction, after.clone()).await?;
    } else {
        repository::insert_rate(&transaction, after.clone()).await?;
    }
    let entries = [entry::of_rate(
        "setTaxRate",
        &class.name,
        before.as_ref(),
        Some(&after),
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a tax rate: its tax class is not taxed any more in that country or region.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete_rate(
    state: &State,
    admin: Admin,
    id: TaxRateId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let found = repository::find_rate(&transaction, id).await?;
    let rate = row::expect(found, |row| row.version, expected_version, "tax rate")?;
    let class = find_class(&transaction, Some(rate.tax_class_id)).await?;
    repository::delete_rate(&transaction, id).await?;
    let entries = [entry::of_rate(
        "deleteTaxRate",
        &class.name,
        Some(&rate),
        None,
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(rate)
}

/// Returns a tax class, the default one without an id.
async fn find_class(transaction: &Transaction, id: Option<TaxClassId>) -> Result<TaxClass> {
    let Some(id) = id else {
        let message = "There is no tax class yet. Create one first.";
        let found = repository::default_class(transaction).await?;
        let missing = || UserError::new(UserErrorCode::NotFound, "taxClassId", message);
        return Ok(found.ok_or_else(missing)?);
    };
    let found = repository::find_class(transaction, id).await?;
    Ok(found.ok_or_else(|| row::missing("taxClassId", "tax class"))?)
}
