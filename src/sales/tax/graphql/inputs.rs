//! Inputs and payloads of the tax mutations.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{TaxClass, TaxRate};
use crate::core::country::CountryCode;
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::payload;
use crate::sales::tax::entity::{Model, rate};
use crate::sales::tax::service::{CreateTaxClass, SetTaxRate, UpdateTaxClass};

/// Input of `createTaxClass`.
#[derive(Debug, InputObject)]
pub struct CreateTaxClassInput {
    /// Name for admins: one line of 1 to 100 characters, unique among tax classes.
    name: String,
    /// Make it the class of products and shipping methods without one, in place of the current default. The first class
    /// is the default in any case. Default: false.
    is_default: Option<bool>,
}

/// Input of `updateTaxClass`. Absent fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateTaxClassInput {
    /// The id of the tax class to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// Name for admins: one line of 1 to 100 characters, unique among tax classes. Not nullable.
    name: MaybeUndefined<String>,
    /// True makes it the class of products and shipping methods without one. False is refused for the default class: make
    /// another one the default. Not nullable.
    is_default: MaybeUndefined<bool>,
}

/// Input of `deleteTaxClass`.
#[derive(Debug, InputObject)]
pub struct DeleteTaxClassInput {
    /// The id of the tax class to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

/// Input of `setTaxRate`.
#[derive(Debug, InputObject)]
pub struct SetTaxRateInput {
    /// The tax class. Default: the default class.
    tax_class_id: Option<ID>,
    /// The country.
    country: CountryCode,
    /// The region as addresses name it, such as `CA`: at most 50 characters, their case is ignored. Default: the whole
    /// country, except regions with a rate of their own.
    region: Option<String>,
    /// Name of the tax on invoices, such as `VAT`: one line of 1 to 100 characters. Amounts with the same name and the
    /// same rate are taxed together.
    name: String,
    /// The rate in percent: `"19"`, `"8.1"`. 0 to 100, at most 4 decimals. A rate of 0 is shown in the tax breakdown of
    /// orders, a missing rate is not.
    rate: Decimal,
    /// Set it only if this is the `version` of the current rate; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
}

/// Input of `deleteTaxRate`.
#[derive(Debug, InputObject)]
pub struct DeleteTaxRateInput {
    /// The id of the tax rate to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

impl From<CreateTaxClassInput> for CreateTaxClass {
    fn from(input: CreateTaxClassInput) -> Self {
        Self {
            name: input.name,
            is_default: input.is_default.unwrap_or_default(),
        }
    }
}

impl From<UpdateTaxClassInput> for UpdateTaxClass {
    fn from(input: UpdateTaxClassInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            name: input.name.into(),
            is_default: input.is_default.into(),
        }
    }
}

impl From<SetTaxRateInput> for SetTaxRate {
    fn from(input: SetTaxRateInput) -> Self {
        Self {
            tax_class_id: input.tax_class_id.map(|id| id.0),
            country: input.country,
            region: input.region,
            name: input.name,
            rate: input.rate,
            expected_version: input.expected_version,
        }
    }
}

payload! {
    /// Payload of `createTaxClass`.
    CreateTaxClassPayload,
    /// Payload of `updateTaxClass`.
    UpdateTaxClassPayload,
    (Model as class) {
        /// The tax class in its new state. Null if nothing was changed.
        tax_class: Option<TaxClass> = Some(TaxClass(class)),
    }
}

payload! {
    /// Payload of `deleteTaxClass`.
    DeleteTaxClassPayload,
    (Model as class) {
        /// The id of the deleted tax class. Null if nothing was deleted.
        tax_class_id: Option<ID> = Some(class.id.encode().into()),
        /// The tax class as it was.
        tax_class: Option<TaxClass> = Some(TaxClass(class)),
    }
}

payload! {
    /// Payload of `setTaxRate`.
    SetTaxRatePayload,
    (rate::Model as rate) {
        /// The tax rate in its new state. Null if nothing was changed.
        tax_rate: Option<TaxRate> = Some(TaxRate(rate)),
    }
}

payload! {
    /// Payload of `deleteTaxRate`.
    DeleteTaxRatePayload,
    (rate::Model as rate) {
        /// The id of the deleted tax rate. Null if nothing was deleted.
        tax_rate_id: Option<ID> = Some(rate.id.encode().into()),
        /// The tax rate as it was.
        tax_rate: Option<TaxRate> = Some(TaxRate(rate)),
    }
}
