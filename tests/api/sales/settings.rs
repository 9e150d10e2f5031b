//! The settings of selling, in the configuration and in `shop`.

use serde_json::json;
use wares::core::country::Country;

use super::shipping::{method, zone};
use crate::harness::{Process, error_line, on_both_databases, on_both_databases_with};

const SHOP: &str = "{ shop { canOrder missing pricesIncludeTax shippingCountries } }";

#[tokio::test]
async fn shop_tells_what_is_missing_until_buyers_can_order() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let shop = async || app.anonymous().data(SHOP, json!({})).await["shop"].clone();
        let expected = |missing: &[&str], countries: &[&str]| {
            json!({"canOrder": missing.is_empty(), "missing": missing, "pricesIncludeTax": false,
                "shippingCountries": countries})
        };
        let both = ["SHIPPING_COUNTRY", "SHIPPING_METHOD"];
        assert_eq!(shop().await, expected(&both, &[]));
        let nowhere = zone(&admin, "Nowhere", &[]).await;
        method(&admin, &nowhere, "Parcel", &[("0", "1")]).await;
        assert_eq!(shop().await, expected(&both, &[]));
        let europe = zone(&admin, "Europe", &["FR", "DE"]).await;
        assert_eq!(shop().await, expected(&["SHIPPING_METHOD"], &[]));
        let parcel = method(&admin, &europe, "Parcel", &[("0", "1")]).await;
        assert_eq!(shop().await, expected(&[], &["DE", "FR"]));
        let off = json!({"id": parcel, "active": false});
        admin
            .run_mutation("updateShippingMethod", off, "shippingMethod { id }")
            .await;
        assert_eq!(shop().await, expected(&["SHIPPING_METHOD"], &[]));
    })
    .await;
}

#[tokio::test]
async fn shop_reads_the_countries_once() {
    on_both_databases_with(
        &["--prices-include-tax=on", "--read-cache-bytes=0"],
        async |app| {
            let anonymous = app.anonymous();
            let statements = app.record_statements(anonymous.data(SHOP, json!({}))).await;
            assert!(statements.len() <= 2, "{statements:?}");
            let shop = anonymous.data(SHOP, json!({})).await;
            assert_eq!(shop["shop"]["pricesIncludeTax"], true);
        },
    )
    .await;
}

#[tokio::test]
async fn buyers_can_order_from_the_demo_shop() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let shop = app.anonymous().data(SHOP, json!({})).await;
        assert_eq!(
            shop["shop"],
            json!({"canOrder": true, "missing": [], "pricesIncludeTax": false, "shippingCountries": ["AT", "DE", "US"]})
        );
        let query = "{ taxRates { nodes { country rate taxClass { isDefault } } } discounts(sort: {field: NAME}) { nodes { code kind } }
            shippingZones { methods { name brackets { price { amount } } } } }";
        let data = app.admin().await.data(query, json!({})).await;
        assert_eq!(
            data["taxRates"]["nodes"],
            json!([{"country": "AT", "rate": "20", "taxClass": {"isDefault": true}},
                {"country": "DE", "rate": "19", "taxClass": {"isDefault": true}}])
        );
        assert_eq!(
            data["discounts"]["nodes"],
            json!([{"code": "WELCOME10", "kind": "PERCENT"}, {"code": "FREESHIP", "kind": "FREE_SHIPPING"}])
        );
        assert_eq!(data["shippingZones"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[test]
fn countries_are_those_of_iso_3166() {
    for code in ["DE", "de", " us "] {
        let country: Country = code.parse().unwrap();
        assert_eq!(country.code(), code.trim().to_ascii_uppercase());
    }
    for code in ["", "XX", "D", "DEU", "D1", "ÄÖ", "UK", "EU", "\0\0"] {
        assert!(code.parse::<Country>().is_err(), "{code:?}");
    }
    let letters = 'A'..='Z';
    let all = letters
        .clone()
        .flat_map(|one| letters.clone().map(move |two| format!("{one}{two}")));
    assert_eq!(
        all.filter(|code| code.parse::<Country>().is_ok()).count(),
        249
    );
}

#[test]
fn invalid_settings_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (flag, named) in [
        ("--shop-country=XX", "--shop-country"),
        ("--shop-country=", "--shop-country"),
        ("--cross-border=keep_net", "SHOP_COUNTRY"),
        ("--cross-border=both", "--cross-border"),
        ("--shipping-tax=none", "--shipping-tax"),
        ("--prices-include-tax=maybe", "--prices-include-tax"),
        ("--payment-capture=never", "--payment-capture"),
        ("--payments-at-once=0", "--payments-at-once"),
    ] {
        let output = Process::run(folder.path(), &[flag, "serve"]);
        let line = error_line(&output);
        assert!(line.contains(named), "{flag}: {line}");
    }
}

#[test]
fn production_does_not_start_with_test_payments() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "--jwt-secrets=nW2kPq7vRz4tYx8cBm3dFg6hJs9aLe1uKiOo";
    let flags = ["--env=production", secret, "--test-payments=on", "serve"];
    let line = error_line(&Process::run(folder.path(), &flags));
    assert!(line.contains("TEST_PAYMENTS"), "{line}");
}
