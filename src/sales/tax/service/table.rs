//! The taxes of a destination.

use crate::core::country::Country;
use crate::core::error::Result;
use crate::core::pricing::Tax;
use crate::infra::database::Connection;
use crate::sales::destination::Destination;
use crate::sales::tax::entity::{TaxClassId, rate};
use crate::sales::tax::repository;

/// The tax rates of a destination and of the shop's country.
#[derive(Clone, Debug)]
pub struct TaxTable {
    default_class: Option<TaxClassId>,
    destination: Option<Destination>,
    home: Option<Country>,
    rates: Vec<rate::Model>,
}

impl TaxTable {
    /// Reads the rates of a destination, with two statements. Without a destination they are those of the shop's country.
    pub async fn read(
        db: &impl Connection,
        destination: Option<&Destination>,
        home: Option<Country>,
    ) -> Result<Self> {
        let at_home = || home.map(|country| Destination::new(country, None, None));
        let destination = destination.cloned().or_else(at_home);
        let countries = [
            destination.as_ref().map(|destination| destination.country),
            home,
        ];
        let countries: Vec<_> = countries.iter().flatten().map(Country::code).collect();
        let default_class = repository::default_class(db).await?;
        Ok(Self {
            default_class: default_class.map(|class| class.id),
            rates: repository::rates_of(db, &countries).await?,
            destination,
            home,
        })
    }

    /// Returns the tax of a class at the destination. `None` is the default class.
    pub fn tax(&self, class: Option<TaxClassId>) -> Option<Tax> {
        let destination = self.destination.as_ref()?;
        let rate = self.rate(class, destination.country, &destination.region)?;
        Some(Tax {
            name: rate.name.clone(),
            ppm: ppm(rate),
        })
    }

    /// Returns the rate of a class in the shop's country in parts per million. 0 if there is none.
    pub fn home_ppm(&self, class: Option<TaxClassId>) -> u32 {
        let rate = self.home.and_then(|home| self.rate(class, home, ""));
        rate.map(ppm).unwrap_or_default()
    }

    /// Returns the rate of the region, or of the country as a whole.
    fn rate(
        &self,
        class: Option<TaxClassId>,
        country: Country,
        region: &str,
    ) -> Option<&rate::Model> {
        let class = class.or(self.default_class)?;
        let find = |region: &str| {
            self.rates.iter().find(|rate| {
                rate.tax_class_id == class
                    && rate.country == country.code()
                    && rate.region == region
            })
        };
        find(region).or_else(|| find(""))
    }
}

fn ppm(rate: &rate::Model) -> u32 {
    u32::try_from(rate.ppm).unwrap_or_default()
}
