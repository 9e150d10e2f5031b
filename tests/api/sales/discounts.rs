//! Discounts, as admins edit them.

use std::time::Duration;

use serde_json::{Value, json};
use wares::core::id::TypedId;

use super::taxes::{assert_refused, errors};
use crate::harness::{Client, on_both_databases};

const DISCOUNT: &str = "discount { id name code kind percent amount { amount } target categories { slug } products { slug }
    minAmount { amount } minQuantity startsAt endsAt combinable active usageLimit used perCustomerLimit version }";

/// Creates a discount and returns its id.
pub async fn discount(admin: &Client, input: Value) -> Value {
    let made = admin
        .run_mutation("createDiscount", input.clone(), DISCOUNT)
        .await;
    assert_eq!(made["userErrors"], json!([]), "{input}");
    made["discount"]["id"].clone()
}

#[tokio::test]
async fn admins_create_update_and_delete_discounts() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let pan = app.shop().product("pan", &home, |_| ()).await;
        let input = json!({"name": "Summer sale", "code": " Summer10 ", "kind": "PERCENT", "percent": "10",
            "productIds": [pan.id.encode()], "minAmount": "20", "minQuantity": 2, "combinable": true, "usageLimit": 100,
            "perCustomerLimit": 1, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-02-01T00:00:00Z"});
        let made = admin.run_mutation("createDiscount", input, DISCOUNT).await;
        let id = made["discount"]["id"].clone();
        assert_eq!(
            made["discount"],
            json!({"id": id, "name": "Summer sale", "code": "Summer10", "kind": "PERCENT", "percent": "10", "amount": null,
                "target": "PRODUCTS", "categories": [], "products": [{"slug": "pan"}], "minAmount": {"amount": "20.00"},
                "minQuantity": 2, "startsAt": "2026-01-01T00:00:00.000000Z", "endsAt": "2026-02-01T00:00:00.000000Z",
                "combinable": true, "active": true, "usageLimit": 100, "used": 0, "perCustomerLimit": 1, "version": 1})
        );
        let change = json!({"id": id, "expectedVersion": 1, "kind": "FIXED", "amount": "5", "productIds": null,
            "categoryIds": [home.id.encode()], "code": null, "minAmount": null, "minQuantity": null, "startsAt": null,
            "endsAt": null, "usageLimit": null, "perCustomerLimit": null, "active": false});
        let changed = admin.run_mutation("updateDiscount", change, DISCOUNT).await;
        assert_eq!(
            changed["discount"],
            json!({"id": id, "name": "Summer sale", "code": null, "kind": "FIXED", "percent": null,
                "amount": {"amount": "5.00"}, "target": "CATEGORIES", "categories": [{"slug": "home"}], "products": [],
                "minAmount": null, "minQuantity": null, "startsAt": null, "endsAt": null, "combinable": true,
                "active": false, "usageLimit": null, "used": 0, "perCustomerLimit": null, "version": 2})
        );
        let same = json!({"id": id, "amount": "5.00", "categoryIds": [home.id.encode()]});
        let changed = admin.run_mutation("updateDiscount", same, DISCOUNT).await;
        assert_eq!(changed["discount"]["version"], 2);
        app.advance(Duration::from_mins(1));
        let free = json!({"id": id, "kind": "FREE_SHIPPING", "categoryIds": []});
        let changed = admin.run_mutation("updateDiscount", free, DISCOUNT).await;
        assert_eq!((&changed["discount"]["target"], &changed["discount"]["amount"]), (&json!("ORDER"), &Value::Null));
        let node = "query($id: ID!) { node(id: $id) { ... on Discount { name } } }";
        assert_eq!(admin.data(node, json!({"id": id})).await["node"]["name"], "Summer sale");
        assert_eq!(app.customer().await.data(node, json!({"id": id})).await["node"], Value::Null);
        let query = format!("{{ auditLog(first: 1, filter: {{subjectId: {id}}}) {{ nodes {{ action changes {{ field before after }} }} }} }}");
        let log = admin.data(&query, json!({})).await;
        let entry = &log["auditLog"]["nodes"][0];
        assert_eq!(entry["changes"][0], json!({"field": "kind", "before": "FIXED", "after": "FREE_SHIPPING"}));
        assert_eq!(entry["changes"][1], json!({"field": "value", "before": "5.00", "after": null}));
        let gone = admin.run_mutation("deleteDiscount", json!({"id": id}), "discountId").await;
        assert_eq!(gone["discountId"], id);
        let gone = errors(&admin, "deleteDiscount", json!({"id": id}), "discount").await;
        assert_eq!(gone, [("NOT_FOUND".to_owned(), "id".to_owned())]);
    })
    .await;
}

/// Returns the input of a discount of 10 % with these fields.
fn with(fields: &[(&str, Value)]) -> Value {
    let mut input = json!({"name": "Sale", "code": "SALE", "kind": "PERCENT", "percent": "10"});
    for (field, value) in fields {
        input[*field] = value.clone();
    }
    input
}

fn day(day: &str) -> Value {
    json!(format!("2026-03-{day}T00:00:00Z"))
}

#[tokio::test]
async fn invalid_new_discounts_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let pan = app.shop().product("pan", &home, |_| ()).await;
        let (home, pan) = (home.id.encode(), pan.id.encode());
        discount(
            &admin,
            json!({"name": "Taken", "code": "TAKEN", "kind": "FREE_SHIPPING"}),
        )
        .await;
        let fixed = ("kind", json!("FIXED"));
        let no_percent = ("percent", Value::Null);
        let bad = "BAD_USER_INPUT";
        let unknown = json!(["prod_01h455vb4pex5vsknk084sn02q"]);
        assert_refused(
            &admin,
            ("createDiscount", "discount"),
            [
                (with(&[("name", json!(""))]), bad, "name"),
                (with(&[("code", json!("two words"))]), bad, "code"),
                (with(&[("code", json!(""))]), bad, "code"),
                (with(&[("code", json!("x".repeat(51)))]), bad, "code"),
                (with(&[("code", json!("taken"))]), "CONFLICT", "code"),
                (with(&[("percent", json!("0"))]), bad, "percent"),
                (with(&[("percent", json!("100.1"))]), bad, "percent"),
                (with(std::slice::from_ref(&no_percent)), bad, "percent"),
                (with(&[("amount", json!("1"))]), bad, "amount"),
                (with(&[fixed.clone(), no_percent.clone()]), bad, "amount"),
                (
                    with(&[fixed.clone(), ("amount", json!("1"))]),
                    bad,
                    "percent",
                ),
                (
                    with(&[fixed.clone(), no_percent.clone(), ("amount", json!("0"))]),
                    bad,
                    "amount",
                ),
                (
                    with(&[fixed, no_percent, ("amount", json!("1.001"))]),
                    bad,
                    "amount",
                ),
                (with(&[("kind", json!("FREE_SHIPPING"))]), bad, "percent"),
                (
                    with(&[("categoryIds", json!([home])), ("productIds", json!([pan]))]),
                    bad,
                    "productIds",
                ),
                (
                    with(&[("productIds", json!([pan, pan]))]),
                    bad,
                    "productIds",
                ),
                (with(&[("productIds", json!([home]))]), bad, "productIds"),
                (with(&[("productIds", unknown)]), "NOT_FOUND", "productIds"),
                (
                    with(&[("categoryIds", json!(["cat_01h455vb4pex5vsknk084sn02q"]))]),
                    "NOT_FOUND",
                    "categoryIds",
                ),
                (with(&[("minAmount", json!("-1"))]), bad, "minAmount"),
                (with(&[("minQuantity", json!(0))]), bad, "minQuantity"),
                (with(&[("usageLimit", json!(0))]), bad, "usageLimit"),
                (
                    with(&[("perCustomerLimit", json!(-5))]),
                    bad,
                    "perCustomerLimit",
                ),
                (
                    with(&[("startsAt", day("02")), ("endsAt", day("01"))]),
                    bad,
                    "endsAt",
                ),
                (
                    with(&[("startsAt", day("02")), ("endsAt", day("02"))]),
                    bad,
                    "endsAt",
                ),
            ],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn invalid_changes_of_discounts_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        discount(
            &admin,
            json!({"name": "Taken", "code": "TAKEN", "kind": "FREE_SHIPPING"}),
        )
        .await;
        let sale = discount(&admin, with(&[("startsAt", day("05"))])).await;
        let bad = "BAD_USER_INPUT";
        assert_refused(
            &admin,
            ("updateDiscount", "discount"),
            [
                (json!({"id": sale, "code": "Taken"}), "CONFLICT", "code"),
                (json!({"id": sale, "endsAt": day("04")}), bad, "endsAt"),
                (json!({"id": sale, "kind": "FIXED"}), bad, "amount"),
                (json!({"id": sale, "kind": null}), bad, "kind"),
                (
                    json!({"id": sale, "expectedVersion": 3}),
                    "CONFLICT",
                    "expectedVersion",
                ),
                (
                    json!({"id": "disc_01h455vb4pex5vsknk084sn02q"}),
                    "NOT_FOUND",
                    "id",
                ),
            ],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn discounts_are_listed_searched_and_filtered() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for (name, code, active) in [
            ("Winter", Some("SNOW_20"), true),
            ("Autumn", None, true),
            ("Spring", Some("Rain"), false),
        ] {
            let input =
                json!({"name": name, "code": code, "active": active, "kind": "FREE_SHIPPING"});
            discount(&admin, input).await;
            app.advance(Duration::from_mins(1));
        }
        for (arguments, expected) in [
            ("", vec!["Winter", "Autumn", "Spring"]),
            ("(sort: {field: NAME})", vec!["Autumn", "Spring", "Winter"]),
            (
                "(sort: {field: NAME, direction: DESC}, first: 1)",
                vec!["Winter"],
            ),
            ("(search: \"snow_\")", vec!["Winter"]),
            ("(search: \"rAI\")", vec!["Spring"]),
            ("(search: \"umn\")", vec!["Autumn"]),
            ("(search: \"%\")", vec![]),
            ("(filter: {active: false})", vec!["Spring"]),
            ("(filter: {automatic: true})", vec!["Autumn"]),
            ("(filter: {automatic: false, active: true})", vec!["Winter"]),
        ] {
            let query = format!("{{ discounts{arguments} {{ totalCount nodes {{ name }} }} }}");
            let found = admin.data(&query, json!({})).await;
            let nodes = found["discounts"]["nodes"].as_array().unwrap().iter();
            let names: Vec<_> = nodes.map(|node| node["name"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{arguments}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_discount_of_deleted_products_does_not_become_one_of_everything() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let pan = app.shop().product("pan", &home, |_| ()).await;
        let input = json!({"name": "Pans", "kind": "PERCENT", "percent": "50", "productIds": [pan.id.encode()]});
        let id = discount(&admin, input).await;
        admin.run_mutation("deleteProduct", json!({"id": pan.id.encode()}), "productId").await;
        let change = json!({"id": id, "name": "All pans"});
        let changed = admin.run_mutation("updateDiscount", change, DISCOUNT).await;
        assert_eq!(changed["discount"]["target"], "PRODUCTS");
        assert_eq!(changed["discount"]["products"], json!([]));
    })
    .await;
}
