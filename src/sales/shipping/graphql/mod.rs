//! GraphQL API of shipping.

mod inputs;
mod loaders;
mod method_inputs;
mod mutation;

pub use loaders::CoverageKey;
pub use mutation::ShippingMutation;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use self::loaders::{MethodsOf, ZoneById};
use super::entity::{Kind, PriceBy};
use super::service::{self, Method, Zone};
use crate::core::clock::Timestamp;
use crate::core::country::{Country, CountryCode};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::{Decimal, Money};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::sales::tax::graphql::{ClassById, TaxClass};

/// A zone as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ShippingZone(pub Zone);

/// Countries, regions or postal codes with the same shipping methods. Of several zones with a destination, the most
/// specific one applies: by postal code, else by region, else by country.
#[Object(cache_control(private))]
impl ShippingZone {
    /// Opaque, stable id: `zone_...`.
    pub async fn id(&self) -> ID {
        self.0.row.id.encode().into()
    }

    /// Name for admins, unique among zones.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// The countries, regions and postal codes, in alphabetical order. At most 1,000.
    #[expect(clippy::unused_async, reason = "required by the macro")]
    async fn countries(&self) -> Result<Vec<ZoneCountry>> {
        let rows = self.0.countries.iter();
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let countries = rows.map(|row| {
            let unknown = || Error::internal(anyhow::anyhow!("unknown country {:?}", row.country));
            let country: Country = row.country.parse().map_err(|_| unknown())?;
            Ok(ZoneCountry {
                country: country.into(),
                region: some(&row.region),
                postal_prefix: some(&row.postal_prefix),
                excluded: row.excluded,
            })
        });
        countries.collect()
    }

    /// The shipping methods by `position`, those that are not active included. At most 50.
    async fn methods(&self, ctx: &Context<'_>) -> Result<Vec<ShippingMethod>> {
        let methods = ctx.load(MethodsOf(self.0.row.id)).await?;
        let methods = methods.unwrap_or_default().into_iter();
        Ok(methods.map(ShippingMethod).collect())
    }

    /// Version number. Starts at 1 and increases by 1 with each change, except of its methods.
    async fn version(&self) -> i32 {
        self.0.row.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.row.created_at
    }

    /// Time of the last change, except of its methods.
    async fn updated_at(&self) -> Timestamp {
        self.0.row.updated_at
    }
}

/// A country, region or range of postal codes of a shipping zone.
#[derive(Clone, Debug, SimpleObject)]
pub struct ZoneCountry {
    /// The country.
    country: CountryCode,
    /// The region in capital letters, as addresses name it, such as `CA`. Null for all regions.
    region: Option<String>,
    /// The beginning of the postal codes, without spaces and hyphens. Null for all postal codes.
    postal_prefix: Option<String>,
    /// Whether it is excluded from the zone.
    excluded: bool,
}

/// How an order reaches the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum ShippingMethodKind {
    /// The order is shipped.
    Ship,
    /// The buyer collects the order.
    Pickup,
}

/// The measure that the price of a shipping method depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "PriceBy")]
pub enum ShippingPriceBy {
    /// The weight of the goods in grams. Variants without a weight count as 0.
    Weight,
    /// The amount of the goods after discounts, in the shop's currency.
    Amount,
}

/// A method as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ShippingMethod(pub Method);

/// A shipping method of a zone.
#[Object(cache_control(private))]
impl ShippingMethod {
    /// Opaque, stable id: `ship_...`.
    pub async fn id(&self) -> ID {
        self.0.row.id.encode().into()
    }

    /// The zone.
    async fn zone(&self, ctx: &Context<'_>) -> Result<ShippingZone> {
        let zone = ctx.load(ZoneById(self.0.row.zone_id)).await?;
        // Absent only if it was deleted since this request read the method.
        zone.map(ShippingZone).ok_or(Error::Unavailable)
    }

    /// Name for buyers.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// Plain text for buyers. May be empty.
    async fn description(&self) -> &str {
        &self.0.row.description
    }

    /// How an order reaches the buyer.
    async fn kind(&self) -> ShippingMethodKind {
        self.0.row.kind.into()
    }

    /// The measure that the price depends on.
    async fn price_by(&self) -> ShippingPriceBy {
        self.0.row.price_by.into()
    }

    /// The prices, lowest bracket first: that of the highest bracket whose `from` is not above the weight or amount
    /// applies. Below the lowest bracket the method is not offered. At most 50.
    async fn brackets(&self, ctx: &Context<'_>) -> Vec<ShippingBracket> {
        let currency = ctx.state().config.shop_currency;
        let by = self.0.row.price_by;
        let brackets = self.0.rates.iter().map(|rate| ShippingBracket {
            from: match by {
                PriceBy::Weight => Decimal::from_whole(rate.lower_bound),
                PriceBy::Amount => Decimal::from_minor(rate.lower_bound, currency),
            },
            price: Money::new(rate.price, currency),
        });
        brackets.collect()
    }

    /// The tax class. Null for the default tax class.
    async fn tax_class(&self, ctx: &Context<'_>) -> Result<Option<TaxClass>> {
        let Some(class) = self.0.row.tax_class_id else {
            return Ok(None);
        };
        Ok(ctx.load(ClassById(class)).await?.map(TaxClass))
    }

    /// Minimum number of days until delivery. Null if unknown.
    async fn min_days(&self) -> Option<i32> {
        self.0.row.min_days
    }

    /// Maximum number of days until delivery. Null if unknown.
    async fn max_days(&self) -> Option<i32> {
        self.0.row.max_days
    }

    /// Whether it is offered to buyers.
    async fn active(&self) -> bool {
        self.0.row.active
    }

    /// Methods of a zone are sorted by it, then by age.
    async fn position(&self) -> i32 {
        self.0.row.position
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.row.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.row.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.row.updated_at
    }
}

/// The price of a shipping method from a weight or an amount on.
#[derive(Clone, Debug, SimpleObject)]
pub struct ShippingBracket {
    /// Lower bound: grams, or an amount in the shop's currency, as `priceBy` says.
    from: Decimal,
    /// The price of shipping.
    price: Money,
}

/// Root fields that read shipping zones.
#[derive(Debug, Default)]
pub struct ShippingQuery;

#[Object]
impl ShippingQuery {
    /// Returns all shipping zones, by name. At most 100.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn shipping_zones(&self, ctx: &Context<'_>) -> Result<Vec<ShippingZone>> {
        let zones = service::zones(&ctx.state().db, ctx.viewer().admin()?).await?;
        Ok(zones.into_iter().map(ShippingZone).collect())
    }
}
