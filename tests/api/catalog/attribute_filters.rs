//! Filters and facets by attributes: each count is the number of products that the filter with this value would return.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use super::attributes::{attribute, choice, done, set_values};
use crate::harness::{App, Client, on_both_databases};

const FACETS: &str = "query($filter: ProductFilter) { products(filter: $filter) { totalCount nodes { name } facets {
    price { min { amount } max { amount } } options { name values { name count } }
    attributes { isExact attribute { code } choices { count choice { code swatch } }
        boolean { trueCount falseCount } number { min max buckets { from to count } } date { min max } } } } }";

async fn query(client: &Client, filter: &Value) -> Value {
    let data = client.data(FACETS, json!({"filter": filter})).await;
    data["products"].clone()
}

async fn names(client: &Client, attributes: Value) -> Vec<String> {
    let found = query(client, &json!({"attributes": attributes})).await;
    let nodes = found["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| node["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Creates shoes: material, weight, lined and season of the products; color and heel of their variants of three sizes.
async fn fill(app: &App) -> Client {
    let admin = app.admin().await;
    let all = json!({"filterable": true});
    let of_variant = json!({"filterable": true, "owner": "VARIANT"});
    let material = attribute(
        &admin,
        "Material",
        "CHOICE",
        json!({"filterable": true, "multiple": true}),
    );
    let material = material.await;
    for name in ["Leather", "Canvas", "Rubber"] {
        choice(&admin, &material, name).await;
    }
    attribute(
        &admin,
        "Weight",
        "NUMBER",
        json!({"filterable": true, "unit": "g"}),
    )
    .await;
    attribute(&admin, "Lined", "BOOLEAN", all.clone()).await;
    attribute(&admin, "Season", "DATE", all.clone()).await;
    let color = attribute(&admin, "Color", "CHOICE", of_variant.clone()).await;
    for name in ["Blue", "Red"] {
        choice(&admin, &color, name).await;
    }
    attribute(&admin, "Heel", "NUMBER", of_variant).await;
    attribute(&admin, "Note", "TEXT", all).await;
    let category = app.shop().root("shoes", 0).await.id.encode();
    for (name, price, materials, weight, lined, variants) in [
        (
            "Boat",
            "79",
            json!(["leather"]),
            300,
            Some(false),
            vec![("42", "blue", "1"), ("43", "red", "1")],
        ),
        (
            "Boot",
            "120",
            json!(["leather", "rubber"]),
            900,
            Some(true),
            vec![("42", "blue", "3.5")],
        ),
        (
            "Clog",
            "40",
            json!(["leather"]),
            450,
            None,
            vec![("42", "red", "4"), ("43", "blue", "4")],
        ),
        (
            "Sneaker",
            "60",
            json!(["canvas", "rubber"]),
            310,
            Some(false),
            vec![("41", "red", "0"), ("42", "blue", "0")],
        ),
    ] {
        let sizes: Vec<_> = variants.iter().map(|(size, ..)| *size).collect();
        let options = json!([{"name": "Size", "values": sizes}]);
        let new = variants
            .iter()
            .map(|(size, ..)| json!({"options": [{"name": "Size", "value": size}]}));
        let new: Vec<_> = new.collect();
        let input = json!({"name": name, "price": price, "status": "ACTIVE", "categoryId": category, "options": options, "variants": new});
        let made = admin
            .run_mutation("createProduct", input, "product { id variants { id } }")
            .await;
        let id = made["product"]["id"].as_str().unwrap();
        set_values(&admin, id, json!([
            {"code": "material", "choices": materials}, {"code": "weight", "number": weight},
            {"code": "lined", "boolean": lined}, {"code": "season", "date": format!("2026-0{}-01", name.len())},
            {"code": "note", "text": name},
        ])).await;
        for (number, (_, color, heel)) in variants.iter().enumerate() {
            let variant = &made["product"]["variants"][number]["id"];
            let values =
                json!([{"code": "color", "choices": [color]}, {"code": "heel", "number": heel}]);
            done(
                &admin,
                "setVariantAttributes",
                json!({"variantId": variant, "values": values}),
                "variant",
            )
            .await;
        }
    }
    admin
}

#[tokio::test]
async fn products_are_filtered_by_their_own_values_and_those_of_one_variant() {
    on_both_databases(async |app| {
        let admin = fill(app).await;
        let client = app.anonymous();
        for (attributes, expected) in [
            (json!([{"code": "material", "choices": ["leather"]}]), &["Boat", "Boot", "Clog"][..]),
            (json!([{"code": "material", "choices": ["canvas", "rubber"]}]), &["Boot", "Sneaker"]),
            // Different conditions on one attribute are both required.
            (json!([{"code": "material", "choices": ["leather"]}, {"code": "material", "choices": ["rubber"]}]), &["Boot"]),
            (json!([{"code": "weight", "number": {"gte": "300", "lte": "450"}}]), &["Boat", "Clog", "Sneaker"]),
            (json!([{"code": "weight", "number": {"gte": "300", "lt": "450"}}]), &["Boat", "Sneaker"]),
            (json!([{"code": "weight", "number": {}}, {"code": "lined", "boolean": false}]), &["Boat", "Sneaker"]),
            (json!([{"code": "lined", "boolean": true}]), &["Boot"]),
            (json!([{"code": "season", "date": {"gte": "2026-05-01"}}]), &["Sneaker"]),
            (json!([{"code": "note", "texts": ["Boat", "Clog"]}]), &["Boat", "Clog"]),
            (json!([{"code": "note", "texts": ["boat"]}]), &[]),
            (json!([{"code": "color", "choices": ["red"]}]), &["Boat", "Clog", "Sneaker"]),
            (json!([{"code": "heel", "number": {"gte": "0.5", "lte": "3.5"}}]), &["Boat", "Boot"]),
            (json!([{"code": "color", "choices": ["green"]}]), &[]),
            (json!([{"code": "nothing", "boolean": true}]), &[]),
        ] {
            assert_eq!(names(&client, attributes.clone()).await, expected, "{attributes}");
        }
        // The same variant has the color and the size.
        let size = json!([{"name": "Size", "values": ["42"]}]);
        let red = json!([{"code": "color", "choices": ["red"]}]);
        let found = query(&client, &json!({"options": size, "attributes": red})).await;
        assert_eq!(found["nodes"], json!([{"name": "Clog"}]));
        // Inactive variants do not count.
        let data = admin.data("{ products(search: \"Boot\") { nodes { variants { id } } } }", json!({})).await;
        let variant = &data["products"]["nodes"][0]["variants"][0]["id"];
        let input = json!({"id": variant, "active": false});
        done(&admin, "updateVariant", input, "variant").await;
        let blue = json!([{"code": "color", "choices": ["blue"]}]);
        assert_eq!(names(&client, blue).await, ["Boat", "Clog", "Sneaker"]);
        let lined = json!([{"code": "lined", "boolean": true}]);
        assert_eq!(names(&client, lined).await, ["Boot"]);

        for (condition, field) in [
            (json!({"code": "weight", "boolean": true}), "filter.attributes.0"),
            (json!({"code": "weight"}), "filter.attributes.0"),
            (json!({"code": "weight", "boolean": true, "number": {}}), "filter.attributes.0"),
            (json!({"code": "weight", "number": {"lte": "1", "lt": "1"}}), "filter.attributes.0.number"),
            (json!({"code": "weight", "number": {"gte": "2", "lt": "2"}}), "filter.attributes.0.number"),
            (json!({"code": "color", "choices": []}), "filter.attributes.0"),
        ] {
            let filter = json!({"attributes": [condition]});
            let response = client.send(FACETS, json!({"filter": filter})).await;
            assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", field), "{filter}");
        }
        let hidden = json!({"name": "Hidden", "type": "BOOLEAN"});
        done(&admin, "createAttribute", hidden, "attribute").await;
        let filter = json!({"attributes": [{"code": "hidden", "boolean": true}]});
        let response = client.send(FACETS, json!({"filter": filter})).await;
        assert_eq!(response.field(), "filter.attributes.0");
    })
    .await;
}

#[tokio::test]
async fn blue_size_42_leather_under_80_is_one_query_with_counts() {
    on_both_databases(async |app| {
        fill(app).await;
        let client = app.anonymous();
        let filter = json!({
            "attributes": [{"code": "material", "choices": ["leather"]}, {"code": "color", "choices": ["blue"]}],
            "options": [{"name": "Size", "values": ["42"]}], "price": {"lte": "80"},
        });
        let found = query(&client, &filter).await;
        assert_eq!(found["nodes"], json!([{"name": "Boat"}]));
        let facets = &found["facets"];
        let codes = facets["attributes"].as_array().unwrap().iter();
        let codes: Vec<_> = codes.map(|facet| facet["attribute"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["material", "weight", "lined", "season", "color", "heel"]);
        let count = |index: usize| {
            let choices = facets["attributes"][index]["choices"].as_array().unwrap().iter();
            let choices = choices.map(|one| (one["choice"]["code"].as_str().unwrap().to_owned(), one["count"].as_i64().unwrap()));
            choices.collect::<Vec<_>>()
        };
        let entry = |code: &str, count| (code.to_owned(), count);
        // Blue and size 42 under 80: the leather Boat, and the Sneaker of canvas and rubber.
        assert_eq!(count(0), [entry("leather", 1), entry("canvas", 1), entry("rubber", 1)]);
        // Leather in size 42 under 80: the Boat is blue, the Clog is red.
        assert_eq!(count(4), [entry("blue", 1), entry("red", 1)]);
        let lined = json!({"trueCount": 0, "falseCount": 1});
        assert_eq!(facets["attributes"][2]["boolean"], lined);
        assert_eq!(facets["attributes"][5]["number"]["max"], "1");
        let sizes = json!([{"name": "Size", "values": [{"name": "42", "count": 1}, {"name": "43", "count": 1}]}]);
        assert_eq!(facets["options"], sizes);
        assert_eq!(facets["price"]["max"]["amount"], "120.00");

        // As many statements with one condition on an attribute as with five.
        let statements = async |filter: &Value| {
            let read = async { query(&app.anonymous(), filter).await };
            app.record_statements(read).await.len()
        };
        let one = json!({"attributes": [{"code": "material", "choices": ["leather"]}], "price": {"lte": "81"}});
        let five = json!({"attributes": [
            {"code": "material", "choices": ["leather"]}, {"code": "color", "choices": ["blue"]},
            {"code": "weight", "number": {"lte": "500"}}, {"code": "lined", "boolean": false},
            {"code": "heel", "number": {"lte": "2"}},
        ], "price": {"lte": "82"}});
        let (one, five) = (statements(&one).await, statements(&five).await);
        assert_eq!(one, five);
        assert!(one <= 8, "{one} statements");
    })
    .await;
}

#[tokio::test]
async fn values_of_attributes_are_counted_as_the_filter_would() {
    on_both_databases(async |app| {
        fill(app).await;
        let client = app.anonymous();
        let choices = |code: &str, choices: &[&str]| json!({"code": code, "choices": choices});
        let mut checked = 0;
        for filter in [
            json!({}),
            json!({"attributes": [choices("color", &["red"])]}),
            json!({"attributes": [choices("material", &["leather"]), choices("color", &["blue"])]}),
            json!({"attributes": [{"code": "heel", "number": {"gte": "1"}}], "options": [{"name": "size", "values": ["42"]}]}),
            json!({"attributes": [{"code": "lined", "boolean": false}, {"code": "weight", "number": {"lte": "305"}}]}),
            json!({"attributes": [choices("color", &["green"])], "inStock": false}),
        ] {
            let found = query(&client, &filter).await;
            for facet in found["facets"]["attributes"].as_array().unwrap() {
                let code = &facet["attribute"]["code"];
                let mut cases = Vec::new();
                for value in facet["choices"].as_array().unwrap() {
                    cases.push((json!({"code": code, "choices": [value["choice"]["code"]]}), value["count"].clone()));
                }
                if let Some(boolean) = facet["boolean"].as_object() {
                    cases.push((json!({"code": code, "boolean": true}), boolean["trueCount"].clone()));
                    cases.push((json!({"code": code, "boolean": false}), boolean["falseCount"].clone()));
                }
                let buckets = facet["number"]["buckets"].as_array();
                for bucket in buckets.into_iter().flatten() {
                    let range = json!({"gte": bucket["from"], "lt": bucket["to"]});
                    cases.push((json!({"code": code, "number": range}), bucket["count"].clone()));
                }
                for (condition, count) in cases {
                    // The value replaces the conditions on its own attribute.
                    let given = filter["attributes"].as_array().cloned().unwrap_or_default();
                    let others = given.into_iter().filter(|other| other["code"] != *code);
                    let mut narrowed: Vec<_> = others.collect();
                    narrowed.push(condition.clone());
                    let mut with_value = filter.clone();
                    with_value["attributes"] = json!(narrowed);
                    let total = query(&client, &with_value).await["totalCount"].clone();
                    assert_eq!(count, total, "{condition} beside {filter}");
                    checked += 1;
                }
                assert_eq!(facet["isExact"], true);
            }
        }
        assert!(checked > 60, "only {checked} values were counted");
        let all = query(&client, &json!({})).await;
        let facets = all["facets"]["attributes"].as_array().unwrap().clone();
        let numbers = |index: usize| (facets[index]["number"]["min"].clone(), facets[index]["number"]["max"].clone());
        assert_eq!(numbers(1), (json!("300"), json!("900")));
        assert_eq!(numbers(5), (json!("0"), json!("4")));
        assert_eq!(facets[3]["date"], json!({"min": "2026-04-01", "max": "2026-07-01"}));
    })
    .await;
}
