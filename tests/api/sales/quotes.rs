//! Quotes of carts: taxes and shipping methods of the destination, and the discounts that apply.

use serde_json::{Value, json};
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::sales::destination::Destination;
use wares::sales::quote::QuoteProblemCode::{
    self, DestinationNotServed, DiscountNotCombinable, ShippingMethodRequired,
    ShippingMethodUnavailable,
};
use wares::sales::quote::{Quote, QuoteLine, QuoteRequest, service};
use wares::sales::shipping::ShippingMethodId;
use wares::sales::tax::TaxClassId;

use super::discounts::discount;
use super::quote_discounts::create;
use super::shipping::{method, zone};
use super::taxes::{tax_class, tax_rate};
use crate::harness::{App, on_both_databases, on_both_databases_with};

pub async fn quote(app: &App, request: &QuoteRequest) -> Quote {
    let (db, selling) = (app.state.db.reader(), app.state.config.selling);
    let now = app.state.clock.now();
    service::quote(db, selling, now, request).await.unwrap()
}

/// A line of a product at 10.00.
pub fn line(product: &Product, quantity: u32) -> QuoteLine {
    QuoteLine {
        product: product.id,
        categories: vec![product.category_id],
        quantity,
        unit_price: 1_000,
        weight: Some(500),
        requires_shipping: true,
        tax_class: None,
    }
}

fn to(country: &str, region: Option<&str>, postal_code: Option<&str>) -> Destination {
    Destination::new(country.parse().unwrap(), region, postal_code)
}

pub fn problems(quote: &Quote) -> Vec<QuoteProblemCode> {
    quote.problems.iter().map(|problem| problem.code).collect()
}

fn method_id(id: &Value) -> ShippingMethodId {
    ShippingMethodId::parse(id.as_str().unwrap(), "id").unwrap()
}

#[tokio::test]
async fn the_most_specific_zone_of_a_destination_applies() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await;
        let country = zone(&admin, "Country", &["DE", "US"]).await;
        for (name, countries) in [
            ("Region", json!([{"country": "US", "region": "ca"}])),
            ("Islands", json!([{"country": "DE", "postalPrefix": "274"}, {"country": "DE", "postalPrefix": "27498", "excluded": true}])),
            ("Town", json!([{"country": "US", "region": "CA", "postalPrefix": "941"}])),
        ] {
            let input = json!({"name": name, "countries": countries});
            let made = admin.run_mutation("createShippingZone", input, "shippingZone { id }").await;
            method(&admin, &made["shippingZone"]["id"], name, &[("0", "1")]).await;
        }
        method(&admin, &country, "Country", &[("0", "2")]).await;
        for (destination, expected) in [
            (Some(to("DE", None, Some("10115"))), "Country"),
            (Some(to("DE", None, None)), "Country"),
            (Some(to("DE", None, Some("27 499"))), "Islands"),
            // Excluded from the islands, so that the zone of the country applies.
            (Some(to("DE", None, Some("27498"))), "Country"),
            (Some(to("US", Some("NY"), Some("10001"))), "Country"),
            (Some(to("US", Some("ca"), None)), "Region"),
            (Some(to("US", Some("CA"), Some("94105-1234"))), "Town"),
            (Some(to("US", Some("NV"), Some("94105"))), "Country"),
        ] {
            let request = QuoteRequest { destination, lines: vec![line(&pan, 1)], ..QuoteRequest::default() };
            let quote = quote(app, &request).await;
            let names: Vec<_> = quote.methods.iter().map(|offer| &offer.method.row.name).collect();
            assert_eq!(names, [expected], "{:?}", request.destination);
            assert_eq!(problems(&quote), [ShippingMethodRequired]);
        }
        let request = QuoteRequest { destination: Some(to("FR", None, None)), lines: vec![line(&pan, 1)], ..QuoteRequest::default() };
        assert_eq!(problems(&quote(app, &request).await), [DestinationNotServed]);
    })
    .await;
}

#[tokio::test]
async fn shipping_costs_by_bracket_of_weight_or_amount() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await;
        let country = zone(&admin, "Germany", &["DE"]).await;
        let parcel = method(&admin, &country, "Parcel", &[("0", "4.90"), ("50", "0")]).await;
        let input = json!({"zoneId": country, "name": "Freight", "priceBy": "WEIGHT", "brackets": [{"from": "1000", "price": "3"}, {"from": "3000", "price": "9"}]});
        let freight = admin.run_mutation("createShippingMethod", input, "shippingMethod { id }").await;
        let freight = freight["shippingMethod"]["id"].clone();
        let off = json!({"zoneId": country, "name": "Off", "active": false, "brackets": [{"from": "0", "price": "1"}]});
        let off = admin.run_mutation("createShippingMethod", off, "shippingMethod { id }").await;
        discount(&admin, json!({"name": "Sale", "code": "SALE", "kind": "FIXED", "amount": "0.01"})).await;
        let prices = async |quantity, codes: &[&str]| {
            let request = QuoteRequest {
                destination: Some(to("DE", None, None)),
                lines: vec![line(&pan, quantity)],
                method: Some(method_id(&parcel)),
                codes: codes.iter().map(|code| (*code).to_owned()).collect(),
                ..QuoteRequest::default()
            };
            let quote = quote(app, &request).await;
            assert!(problems(&quote).is_empty());
            let offers: Vec<_> = quote.methods.iter().map(|offer| (offer.method.row.name.clone(), offer.price)).collect();
            let named = |name: &str| offers.iter().find(|(other, _)| other == name).map(|(_, price)| *price);
            assert_eq!(quote.prices.totals.shipping, named("Parcel").unwrap());
            (named("Parcel"), named("Freight"), named("Off"))
        };
        // 500 g for 10.00 each.
        assert_eq!(prices(1, &[]).await, (Some(490), None, None));
        assert_eq!(prices(2, &[]).await, (Some(490), Some(300), None));
        assert_eq!(prices(5, &[]).await, (Some(0), Some(300), None));
        assert_eq!(prices(6, &[]).await, (Some(0), Some(900), None));
        // The goods cost 49.99: the code makes the order dearer, so that it does not apply.
        let request = QuoteRequest {
            destination: Some(to("DE", None, None)),
            lines: vec![line(&pan, 5)],
            method: Some(method_id(&parcel)),
            codes: vec!["SALE".to_owned()],
            ..QuoteRequest::default()
        };
        assert_eq!(problems(&quote(app, &request).await), [DiscountNotCombinable]);

        let with = |method, lines| QuoteRequest { destination: Some(to("DE", None, None)), lines, method, ..QuoteRequest::default() };
        for (method, expected) in [
            (Some(method_id(&freight)), vec![ShippingMethodUnavailable]),
            (Some(method_id(&off["shippingMethod"]["id"])), vec![ShippingMethodUnavailable]),
            (None, vec![ShippingMethodRequired]),
        ] {
            let quote = quote(app, &with(method, vec![line(&pan, 1)])).await;
            assert_eq!(problems(&quote), expected);
            assert!(quote.method.is_none());
        }
        // A download needs no method, and without a destination none is missing yet.
        let download = QuoteLine { requires_shipping: false, ..line(&pan, 1) };
        let quote_of_download = quote(app, &with(Some(method_id(&parcel)), vec![download])).await;
        assert!(!quote_of_download.requires_shipping && quote_of_download.methods.is_empty());
        assert_eq!(quote_of_download.prices.totals.total, 1_000);
        let nowhere = QuoteRequest { lines: vec![line(&pan, 1)], ..QuoteRequest::default() };
        assert!(problems(&quote(app, &nowhere).await).is_empty());
    })
    .await;
}

#[tokio::test]
async fn taxes_are_those_of_the_destination_and_the_tax_class() {
    on_both_databases_with(&["--shop-country=DE"], async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await;
        tax_class(&admin, "Standard").await;
        let books = tax_class(&admin, "Books").await;
        tax_rate(&admin, "DE", "19").await;
        tax_rate(&admin, "US", "1").await;
        for (country, region, rate) in [("US", Some("CA"), "8.25"), ("DE", None, "7")] {
            let class = if country == "DE" { books.clone() } else { Value::Null };
            let input = json!({"country": country, "region": region, "name": "VAT", "rate": rate, "taxClassId": class});
            admin.run_mutation("setTaxRate", input, "taxRate { id }").await;
        }
        let book = TaxClassId::parse(books.as_str().unwrap(), "id").unwrap();
        for (destination, class, expected) in [
            // Before there is an address, those of the shop's country.
            (None, None, Some(190_000)),
            (Some(to("DE", Some("BY"), None)), None, Some(190_000)),
            (Some(to("DE", None, None)), Some(book), Some(70_000)),
            (Some(to("US", Some("ca"), None)), None, Some(82_500)),
            (Some(to("US", Some("NY"), None)), None, Some(10_000)),
            (Some(to("US", None, None)), Some(book), None),
            (Some(to("FR", None, None)), None, None),
        ] {
            let line = QuoteLine { tax_class: class, requires_shipping: false, ..line(&pan, 1) };
            let request = QuoteRequest { destination, lines: vec![line], ..QuoteRequest::default() };
            let quote = quote(app, &request).await;
            let ppm = quote.line_taxes[0].as_ref().map(|tax| tax.ppm);
            assert_eq!(ppm, expected, "{:?}", request.destination);
            let tax = expected.map_or(0, |ppm| (i64::from(ppm) + 500) / 1_000);
            assert_eq!((quote.prices.totals.tax, quote.prices.totals.total), (tax, 1_000 + tax));
        }
    })
    .await;
    // Without a country of the shop there is no tax before the address.
    on_both_databases(async |app| {
        let admin = app.admin().await;
        tax_class(&admin, "Standard").await;
        tax_rate(&admin, "DE", "19").await;
        let request = QuoteRequest {
            lines: vec![line(&app.pan().await, 1)],
            ..QuoteRequest::default()
        };
        assert_eq!(quote(app, &request).await.prices.totals.tax, 0);
    })
    .await;
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_number_of_lines() {
    on_both_databases_with(&["--shop-country=DE"], async |app| {
        let admin = app.admin().await;
        app.create_demo_catalog().await;
        let home = app.shop().root("shelf", 9).await;
        for code in ["A", "B", "C"] {
            let fields = json!({"categoryIds": [home.id.encode()], "perCustomerLimit": 5, "combinable": true});
            create(&admin, Some(code), fields).await;
        }
        let mut products = Vec::new();
        for number in 0..100 {
            products.push(app.shop().product(&format!("p{number}"), &home, |_| ()).await);
        }
        let count = async |lines: usize| {
            let request = QuoteRequest {
                destination: Some(to("DE", None, None)),
                lines: products[..lines].iter().map(|product| line(product, 2)).collect(),
                codes: ["A", "B", "C", "FREESHIP"].map(ToOwned::to_owned).into(),
                customer_key: Some("ann".to_owned()),
                method: None,
            };
            let mut total = 0;
            let statements = app.record_statements(async {
                total = quote(app, &request).await.prices.totals.total;
            });
            let statements = statements.await.len();
            assert!(total > 0);
            statements
        };
        let (one, many) = (count(1).await, count(100).await);
        assert_eq!(one, many);
        assert!(many <= 9, "{many} statements");
    })
    .await;
}
