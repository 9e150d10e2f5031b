//! GraphQL API of taxes.

mod inputs;
mod loaders;
mod mutation;
mod query;

pub use loaders::ClassById;
pub use mutation::TaxMutation;
pub use query::TaxQuery;

use async_graphql::{Context, ID, Object};

use super::entity::{Model, rate};
use super::list::Filter;
use super::service;
use crate::core::clock::Timestamp;
use crate::core::country::{Country, CountryCode};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::pagination::{Connection, Count, Total};
use crate::graphql::dataloader::ContextExt;

/// A tax class row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct TaxClass(pub Model);

/// A group of products that are taxed alike, such as books. `TaxRate` is its rate in a country or region.
#[Object(cache_control(private))]
impl TaxClass {
    /// Opaque, stable id: `taxc_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Name for admins, unique among tax classes.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is the class of products and shipping methods without one. True for exactly one class.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// A tax rate row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct TaxRate(pub rate::Model);

/// The rate of a tax class in a country or in one of its regions.
#[Object(cache_control(private))]
impl TaxRate {
    /// Opaque, stable id: `taxr_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The tax class.
    async fn tax_class(&self, ctx: &Context<'_>) -> Result<TaxClass> {
        let class = ctx.load(ClassById(self.0.tax_class_id)).await?;
        // Absent only if it was deleted since this request read the rate.
        class.map(TaxClass).ok_or(Error::Unavailable)
    }

    /// The country.
    #[expect(clippy::unused_async, reason = "required by the macro")]
    async fn country(&self) -> Result<CountryCode> {
        country(&self.0.country)
    }

    /// The region in capital letters, as addresses name it, such as `CA`. Null for the whole country: regions with a rate
    /// of their own have that one instead.
    async fn region(&self) -> Option<&str> {
        Some(self.0.region.as_str()).filter(|region| !region.is_empty())
    }

    /// Name of the tax on invoices, such as `VAT`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The rate in percent: `"19"`, `"8.1"`.
    async fn rate(&self) -> Decimal {
        Decimal::from_ppm(u32::try_from(self.0.ppm).unwrap_or_default())
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// Returns the code of a stored country.
fn country(code: &str) -> Result<CountryCode> {
    let country: Country = code
        .parse()
        .map_err(|_| Error::internal(anyhow::anyhow!("unknown country {code:?}")))?;
    Ok(country.into())
}

/// A page of tax rates.
pub type TaxRateConnection = Connection<TaxRate, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count_rates(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}
