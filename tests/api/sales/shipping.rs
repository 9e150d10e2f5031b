//! Shipping zones and methods.

use std::time::Duration;

use serde_json::{Value, json};

use super::taxes::{assert_refused, errors, tax_class};
use crate::harness::{Client, on_both_databases};

const ZONE: &str =
    "shippingZone { id name version countries { country region postalPrefix excluded }
    methods { name } }";
const METHOD: &str =
    "shippingMethod { id name description kind priceBy minDays maxDays active position version
    brackets { from price { amount } } taxClass { name } zone { name } }";

/// Creates a zone of these countries and returns its id.
pub async fn zone(admin: &Client, name: &str, countries: &[&str]) -> Value {
    let countries: Vec<_> = countries
        .iter()
        .map(|code| json!({"country": code}))
        .collect();
    let input = json!({"name": name, "countries": countries});
    let made = admin.run_mutation("createShippingZone", input, ZONE).await;
    assert_eq!(made["userErrors"], json!([]), "{name}");
    made["shippingZone"]["id"].clone()
}

/// Creates a method in a zone, priced by amount, and returns its id.
pub async fn method(admin: &Client, zone: &Value, name: &str, brackets: &[(&str, &str)]) -> Value {
    let bracket = |(from, price): &(&str, &str)| json!({"from": from, "price": price});
    let brackets: Vec<_> = brackets.iter().map(bracket).collect();
    let input = json!({"zoneId": zone, "name": name, "brackets": brackets});
    let made = admin
        .run_mutation("createShippingMethod", input, METHOD)
        .await;
    assert_eq!(made["userErrors"], json!([]), "{name}");
    made["shippingMethod"]["id"].clone()
}

#[tokio::test]
async fn admins_create_update_and_delete_zones_and_methods() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let reduced = tax_class(&admin, "Reduced").await;
        let input = json!({"name": "Europe", "countries": [
            {"country": "fr"}, {"country": "DE"}, {"country": "DE", "postalPrefix": "27-498", "excluded": true}]});
        let made = admin.run_mutation("createShippingZone", input, ZONE).await;
        let europe = made["shippingZone"]["id"].clone();
        assert_eq!(
            made["shippingZone"]["countries"],
            json!([
                {"country": "DE", "region": null, "postalPrefix": null, "excluded": false},
                {"country": "DE", "region": null, "postalPrefix": "27498", "excluded": true},
                {"country": "FR", "region": null, "postalPrefix": null, "excluded": false},
            ])
        );
        let input = json!({"zoneId": europe, "name": "Parcel", "brackets": [{"from": "50", "price": "0"}, {"from": "0", "price": "4.90"}]});
        let made = admin.run_mutation("createShippingMethod", input, METHOD).await;
        let parcel = made["shippingMethod"]["id"].clone();
        assert_eq!(
            made["shippingMethod"],
            json!({"id": parcel, "name": "Parcel", "description": "", "kind": "SHIP", "priceBy": "AMOUNT",
                "minDays": null, "maxDays": null, "active": true, "position": 0, "version": 1, "taxClass": null,
                "zone": {"name": "Europe"}, "brackets": [{"from": "0.00", "price": {"amount": "4.90"}},
                    {"from": "50.00", "price": {"amount": "0.00"}}]})
        );
        let pickup = method(&admin, &europe, "Pickup", &[("0", "0")]).await;
        let change = json!({"id": pickup, "expectedVersion": 1, "kind": "PICKUP", "priceBy": "WEIGHT", "minDays": 1,
            "maxDays": 1, "description": "At our shop", "taxClassId": reduced, "active": false,
            "brackets": [{"from": 2000, "price": "1"}]});
        let changed = admin.run_mutation("updateShippingMethod", change, METHOD).await;
        assert_eq!(
            changed["shippingMethod"],
            json!({"id": pickup, "name": "Pickup", "description": "At our shop", "kind": "PICKUP", "priceBy": "WEIGHT",
                "minDays": 1, "maxDays": 1, "active": false, "position": 1, "version": 2, "taxClass": {"name": "Reduced"},
                "zone": {"name": "Europe"}, "brackets": [{"from": "2000", "price": {"amount": "1.00"}}]})
        );
        let cleared = json!({"id": pickup, "taxClassId": null, "minDays": null, "maxDays": null, "description": null});
        let changed = admin.run_mutation("updateShippingMethod", cleared, METHOD).await;
        assert_eq!(changed["shippingMethod"]["taxClass"], Value::Null);
        assert_eq!(changed["shippingMethod"]["version"], 3);
        let again = json!({"id": pickup, "position": 1});
        let changed = admin.run_mutation("updateShippingMethod", again, METHOD).await;
        assert_eq!(changed["shippingMethod"]["version"], 3);

        let zones = "{ shippingZones { name methods { name active } } }";
        let all = admin.data(zones, json!({})).await;
        assert_eq!(
            all["shippingZones"],
            json!([{"name": "Europe", "methods": [{"name": "Parcel", "active": true}, {"name": "Pickup", "active": false}]}])
        );
        let change = json!({"id": europe, "name": "EU", "countries": [{"country": "AT"}]});
        let changed = admin.run_mutation("updateShippingZone", change, ZONE).await;
        assert_eq!(changed["shippingZone"]["version"], 2);
        assert_eq!(changed["shippingZone"]["countries"][0]["country"], "AT");
        let node = "query($id: ID!) { node(id: $id) { id } }";
        for id in [&europe, &parcel] {
            assert_eq!(admin.data(node, json!({"id": id})).await["node"]["id"], *id);
            assert_eq!(app.anonymous().data(node, json!({"id": id})).await["node"], Value::Null);
        }
        let gone = admin.run_mutation("deleteShippingMethod", json!({"id": parcel}), "shippingMethodId").await;
        assert_eq!(gone["shippingMethodId"], parcel);
        app.advance(Duration::from_mins(1));
        let gone = admin.run_mutation("deleteShippingZone", json!({"id": europe}), "shippingZoneId").await;
        assert_eq!(gone["shippingZoneId"], europe);
        // With its methods.
        assert_eq!(admin.data(node, json!({"id": pickup})).await["node"], Value::Null);
        let log = admin.data("{ auditLog(first: 1) { nodes { action subjectName changes { field before } } } }", json!({})).await;
        assert_eq!(
            log["auditLog"]["nodes"][0],
            json!({"action": "deleteShippingZone", "subjectName": "EU", "changes": [
                {"field": "name", "before": "EU"}, {"field": "countries", "before": "AT"}]})
        );
    })
    .await;
}

#[tokio::test]
async fn invalid_zones_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let europe = zone(&admin, "Europe", &["DE", "FR"]).await;
        let of = |countries: Value| json!({"name": "Other", "countries": countries});
        let long = "1".repeat(51);
        assert_refused(
            &admin,
            ("createShippingZone", "shippingZone"),
            [
                (json!({"name": "", "countries": []}), "BAD_USER_INPUT", "name"),
                (json!({"name": "europe", "countries": []}), "CONFLICT", "name"),
                (of(json!([{"country": "AT"}, {"country": "XX"}])), "BAD_USER_INPUT", "countries.1.country"),
                (of(json!([{"country": "AT"}, {"country": "at"}])), "BAD_USER_INPUT", "countries.1.country"),
                (of(json!([{"country": "AT", "postalPrefix": long}])), "BAD_USER_INPUT", "countries.0.postalPrefix"),
                (of(json!([{"country": "AT", "region": long}])), "BAD_USER_INPUT", "countries.0.region"),
                (of(json!([{"country": "AT"}, {"country": "DE"}])), "CONFLICT", "countries.1.country"),
                (of(json!(vec![json!({"country": "AT"}); 1_001])), "BAD_USER_INPUT", "countries"),
            ],
        )
        .await;
        // A part of a country of another zone, and an exception from it.
        let part = of(json!([{"country": "DE", "postalPrefix": "27498"}, {"country": "FR", "excluded": true}]));
        let made = admin.run_mutation("createShippingZone", part, ZONE).await;
        assert_eq!(made["userErrors"], json!([]));
        assert_refused(
            &admin,
            ("updateShippingZone", "shippingZone"),
            [
                (json!({"id": europe, "name": null}), "BAD_USER_INPUT", "name"),
                (json!({"id": europe, "countries": null}), "BAD_USER_INPUT", "countries"),
                (json!({"id": europe, "name": "Other"}), "CONFLICT", "name"),
                (json!({"id": europe, "expectedVersion": 2, "name": "x"}), "CONFLICT", "expectedVersion"),
                (json!({"id": europe, "countries": [{"country": "DE", "postalPrefix": "27498"}]}), "CONFLICT", "countries.0.country"),
                (json!({"id": "zone_01h455vb4pex5vsknk084sn02q"}), "NOT_FOUND", "id"),
            ],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn invalid_methods_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let europe = zone(&admin, "Europe", &["DE"]).await;
        let with = |field: &str, value: Value| {
            let mut input = json!({"zoneId": europe, "name": "Parcel", "brackets": [{"from": "0", "price": "1"}]});
            input[field] = value;
            input
        };
        let brackets = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(from, price)| json!({"from": from, "price": price}));
            with("brackets", Value::Array(pairs.collect()))
        };
        let by_weight = |from: &str| {
            let mut input = brackets(&[(from, "1")]);
            input["priceBy"] = json!("WEIGHT");
            input
        };
        let many: Vec<_> = (0..51).map(|from| json!({"from": from, "price": "1"})).collect();
        let mut days = with("minDays", json!(3));
        days["maxDays"] = json!(2);
        assert_refused(
            &admin,
            ("createShippingMethod", "shippingMethod"),
            [
                (with("name", json!("")), "BAD_USER_INPUT", "name"),
                (with("description", json!("x".repeat(1_001))), "BAD_USER_INPUT", "description"),
                (with("zoneId", json!("x")), "BAD_USER_INPUT", "zoneId"),
                (with("zoneId", json!("zone_01h455vb4pex5vsknk084sn02q")), "NOT_FOUND", "zoneId"),
                (with("taxClassId", json!("taxc_01h455vb4pex5vsknk084sn02q")), "NOT_FOUND", "taxClassId"),
                (with("brackets", json!([])), "BAD_USER_INPUT", "brackets"),
                (with("brackets", json!(many)), "BAD_USER_INPUT", "brackets"),
                (brackets(&[("0", "1"), ("0.00", "2")]), "BAD_USER_INPUT", "brackets.1.from"),
                (brackets(&[("-1", "1")]), "BAD_USER_INPUT", "brackets.0.from"),
                (brackets(&[("1.001", "1")]), "BAD_USER_INPUT", "brackets.0.from"),
                (brackets(&[("0", "-1")]), "BAD_USER_INPUT", "brackets.0.price"),
                (brackets(&[("0", "9999999999999999")]), "BAD_USER_INPUT", "brackets.0.price"),
                (by_weight("0.5"), "BAD_USER_INPUT", "brackets.0.from"),
                (with("minDays", json!(-1)), "BAD_USER_INPUT", "minDays"),
                (with("maxDays", json!(366)), "BAD_USER_INPUT", "maxDays"),
                (days, "BAD_USER_INPUT", "maxDays"),
                (with("position", json!(-1)), "BAD_USER_INPUT", "position"),
            ],
        )
        .await;
        let parcel = method(&admin, &europe, "Parcel", &[("0", "1")]).await;
        assert_refused(
            &admin,
            ("updateShippingMethod", "shippingMethod"),
            [
                (json!({"id": parcel, "priceBy": "WEIGHT"}), "BAD_USER_INPUT", "brackets"),
                (json!({"id": parcel, "brackets": null}), "BAD_USER_INPUT", "brackets"),
                (json!({"id": parcel, "expectedVersion": 7}), "CONFLICT", "expectedVersion"),
                (json!({"id": "ship_01h455vb4pex5vsknk084sn02q"}), "NOT_FOUND", "id"),
            ],
        )
        .await;
        // A tax class that a method has can't be deleted.
        let standard = tax_class(&admin, "Standard").await;
        let input = json!({"id": parcel, "taxClassId": standard});
        admin.run_mutation("updateShippingMethod", input, METHOD).await;
        let refused = errors(&admin, "deleteTaxClass", json!({"id": standard}), "taxClass").await;
        assert_eq!(refused, [("CONFLICT".to_owned(), "id".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_zone_has_a_bounded_number_of_methods() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let europe = zone(&admin, "Europe", &["DE"]).await;
        for number in 0..50 {
            method(&admin, &europe, &format!("Method {number}"), &[("0", "1")]).await;
        }
        let input = json!({"zoneId": europe, "name": "One more", "brackets": [{"from": "0", "price": "1"}]});
        let refused = errors(&admin, "createShippingMethod", input, "shippingMethod").await;
        assert_eq!(refused, [("CONFLICT".to_owned(), "zoneId".to_owned())]);
    })
    .await;
}
