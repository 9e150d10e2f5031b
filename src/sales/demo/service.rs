//! Fills an empty shop with the demo catalog, two shipping zones of three countries with a method each, two tax rates and
//! two discount codes.

use crate::catalog::demo::service::{self as catalog, Filled, minor_units};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::money::Currency;
use crate::core::text;
use crate::infra::database::Transaction;
use crate::sales::discount::entity::{Kind as DiscountKind, Model as DiscountRow, Target};
use crate::sales::discount::list::code_key;
use crate::sales::discount::service::Discount;
use crate::sales::discount::{self, DiscountId};
use crate::sales::shipping::entity::{Kind, Model as ZoneRow, PriceBy, country, method, rate};
use crate::sales::shipping::service::{Method, Zone};
use crate::sales::shipping::{self, ShippingMethodId, ShippingZoneId};
use crate::sales::tax::entity::{Model as TaxClass, rate as tax_rate};
use crate::sales::tax::{self, TaxClassId, TaxRateId};
use crate::state::State;

/// The zones: name, countries, name and description of the method, days, and brackets in hundredths.
const ZONES: [DemoZone; 2] = [
    DemoZone {
        name: "Germany and Austria",
        countries: &["AT", "DE"],
        method: "Parcel",
        description: "Free for larger orders.",
        days: (2, 4),
        brackets: &[(0, 490), (5_000, 0)],
    },
    DemoZone {
        name: "United States",
        countries: &["US"],
        method: "International parcel",
        description: "",
        days: (5, 12),
        brackets: &[(0, 1_490)],
    },
];

struct DemoZone {
    name: &'static str,
    countries: &'static [&'static str],
    method: &'static str,
    description: &'static str,
    days: (i32, i32),
    brackets: &'static [(i64, i64)],
}

/// The tax rates in parts per million.
const TAXES: [(&str, i32); 2] = [("AT", 200_000), ("DE", 190_000)];

/// Fills the shop if it has no categories and no products. Otherwise returns `None`.
pub async fn fill(state: &State) -> Result<Option<Filled>> {
    if !catalog::is_empty(state.db.reader()).await? {
        return Ok(None);
    }
    let transaction = state.db.begin_exclusive().await?;
    // Checks again: another server may have filled the shop meanwhile.
    let Some(filled) = catalog::insert(state, &transaction).await? else {
        return Ok(None);
    };
    insert(&transaction, state.clock.now(), state.config.shop_currency).await?;
    transaction.commit().await?;
    Ok(Some(filled))
}

/// Inserts taxes, shipping and discounts, each unless the shop has some.
async fn insert(transaction: &Transaction, now: Timestamp, currency: Currency) -> Result<()> {
    if tax::service::is_empty(transaction).await? {
        let class = tax_class(now);
        let rates = TAXES.map(|(country, ppm)| tax_rate::Model {
            id: TaxRateId::generate(now),
            tax_class_id: class.id,
            country: country.to_owned(),
            region: String::new(),
            name: "VAT".to_owned(),
            ppm,
            version: 1,
            created_at: now,
            updated_at: now,
        });
        tax::service::insert(transaction, class, rates.into()).await?;
    }
    if shipping::service::is_empty(transaction).await? {
        for demo in ZONES {
            let zone = zone(&demo, now);
            let method = method(&demo, zone.row.id, now, currency);
            shipping::service::insert(transaction, zone, vec![method]).await?;
        }
    }
    if discount::service::is_empty(transaction).await? {
        let welcome = DiscountRow {
            per_customer_limit: Some(1),
            ..code("WELCOME10", "10 % off your first order", now)
        };
        let shipping = DiscountRow {
            kind: DiscountKind::FreeShipping,
            value: 0,
            min_amount: Some(minor_units(2_500, currency)),
            ..code("FREESHIP", "Free shipping", now)
        };
        for row in [welcome, shipping] {
            let discount = Discount {
                row,
                categories: Vec::new(),
                products: Vec::new(),
            };
            discount::service::insert(transaction, &discount).await?;
        }
    }
    Ok(())
}

fn tax_class(now: Timestamp) -> TaxClass {
    TaxClass {
        id: TaxClassId::generate(now),
        name: "Standard".to_owned(),
        name_key: text::sort_key("Standard"),
        is_default: true,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn zone(demo: &DemoZone, now: Timestamp) -> Zone {
    let id = ShippingZoneId::generate(now);
    let countries = demo.countries.iter().map(|code| country::Model {
        zone_id: id,
        country: (*code).to_owned(),
        region: String::new(),
        postal_prefix: String::new(),
        excluded: false,
    });
    Zone {
        row: ZoneRow {
            id,
            name: demo.name.to_owned(),
            name_key: text::sort_key(demo.name),
            version: 1,
            created_at: now,
            updated_at: now,
        },
        countries: countries.collect(),
    }
}

fn method(demo: &DemoZone, zone: ShippingZoneId, now: Timestamp, currency: Currency) -> Method {
    let id = ShippingMethodId::generate(now);
    let rates = demo.brackets.iter().map(|(from, price)| rate::Model {
        method_id: id,
        lower_bound: minor_units(*from, currency),
        price: minor_units(*price, currency),
    });
    Method {
        rates: rates.collect(),
        row: method::Model {
            id,
            zone_id: zone,
            position: 0,
            kind: Kind::Ship,
            name: demo.method.to_owned(),
            description: demo.description.to_owned(),
            active: true,
            price_by: PriceBy::Amount,
            tax_class_id: None,
            min_days: Some(demo.days.0),
            max_days: Some(demo.days.1),
            version: 1,
            created_at: now,
            updated_at: now,
        },
    }
}

/// A combinable discount of 10 % with a code.
fn code(code: &str, name: &str, now: Timestamp) -> DiscountRow {
    DiscountRow {
        id: DiscountId::generate(now),
        code: Some(code.to_owned()),
        code_key: Some(code_key(code)),
        name: name.to_owned(),
        name_key: text::sort_key(name),
        kind: DiscountKind::Percent,
        value: 100_000,
        target: Target::Order,
        min_amount: None,
        min_quantity: None,
        starts_at: None,
        ends_at: None,
        combinable: true,
        active: true,
        usage_limit: None,
        used: 0,
        per_customer_limit: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
