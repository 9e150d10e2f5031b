//! Attributes, their choices and product types, and the values of products and variants.

use std::collections::HashMap;

use serde_json::{Value, json};
use wares::catalog::attribute::repository::search_labels;
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases};

const VALUES: &str = "attributes { __typename attribute { code }
    ... on TextValue { text } ... on NumberValue { number unit } ... on BooleanValue { boolean }
    ... on ChoiceValue { choices { name code swatch } } ... on DateValue { date }
    ... on ProductReferenceValue { products { name } } ... on CategoryReferenceValue { categories { name } } }";

/// Runs a mutation that must succeed, and returns one member of its payload.
pub async fn done(admin: &Client, name: &str, input: Value, member: &str) -> Value {
    let select = format!("{member} {{ id version }}");
    let payload = admin.run_mutation(name, input.clone(), &select).await;
    assert_eq!(payload["userErrors"], json!([]), "{name} {input}");
    payload[member].clone()
}

/// Creates an attribute and returns its id.
pub async fn attribute(admin: &Client, name: &str, kind: &str, rest: Value) -> String {
    let mut input = json!({"name": name, "type": kind});
    let fields = input.as_object_mut().unwrap();
    fields.extend(rest.as_object().unwrap().clone());
    let made = done(admin, "createAttribute", input, "attribute").await;
    made["id"].as_str().unwrap().to_owned()
}

/// Creates a choice and returns its id.
pub async fn choice(admin: &Client, attribute: &str, name: &str) -> String {
    let input = json!({"attributeId": attribute, "name": name, "swatch": "#0000FF"});
    let made = done(admin, "createAttributeChoice", input, "choice").await;
    made["id"].as_str().unwrap().to_owned()
}

/// Creates an attribute, a choice and a product type, and returns their ids by the names of their update inputs.
pub async fn one_of_each(admin: &Client) -> [(&'static str, String); 3] {
    let number = attribute(
        admin,
        "Length",
        "NUMBER",
        json!({"unit": "cm", "filterable": true}),
    );
    let number = number.await;
    let color = attribute(admin, "Color", "CHOICE", json!({})).await;
    let red = choice(admin, &color, "Red").await;
    let input = json!({"name": "Lamps", "attributeIds": [number, color]});
    let made = done(admin, "createProductType", input, "productType").await;
    let kind = made["id"].as_str().unwrap().to_owned();
    [
        ("UpdateAttributeInput", number),
        ("UpdateAttributeChoiceInput", red),
        ("UpdateProductTypeInput", kind),
    ]
}

/// Sets values of a product.
pub async fn set_values(admin: &Client, product: &str, values: Value) -> Value {
    let input = json!({"productId": product, "values": values});
    done(admin, "setProductAttributes", input, "product").await
}

/// Returns code and field of all user errors of a mutation.
pub async fn errors(admin: &Client, name: &str, input: Value) -> Vec<(String, String)> {
    let payload = admin.run_mutation(name, input, "").await;
    let errors = payload["userErrors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .map(|error| (text(&error["code"]), text(&error["field"])))
        .collect()
}

async fn values_of(client: &Client, product: &str) -> Value {
    let query = format!("query($id: ID!) {{ product(id: $id) {{ {VALUES} }} }}");
    let data = client.data(&query, json!({"id": product})).await;
    data["product"]["attributes"].clone()
}

/// Creates an attribute of each type, in this order, and a product with values of all.
async fn product_with_all_types(app: &App, admin: &Client) -> (String, String) {
    let pan = app.pan().await;
    let category = pan.category_id.encode();
    let color = attribute(
        admin,
        "Color",
        "CHOICE",
        json!({"multiple": true, "searchable": true}),
    );
    let color = color.await;
    for name in ["Red", "Navy Blue"] {
        choice(admin, &color, name).await;
    }
    let number = json!({"unit": "cm", "searchable": true});
    attribute(admin, "Length", "NUMBER", number).await;
    attribute(admin, "Dishwasher safe", "BOOLEAN", json!({})).await;
    attribute(admin, "Note", "TEXT", json!({"searchable": true})).await;
    attribute(admin, "Made", "DATE", json!({})).await;
    attribute(admin, "Lid", "PRODUCT_REFERENCE", json!({})).await;
    attribute(
        admin,
        "Care",
        "CATEGORY_REFERENCE",
        json!({"searchable": true}),
    )
    .await;
    let id = pan.id.encode();
    let values = json!([
        {"code": "care", "categoryIds": [category]},
        {"code": "color", "choices": ["navy-blue", "red", "navy-blue"]},
        {"code": "dishwasher-safe", "boolean": false},
        {"code": "length", "number": "24.50"},
        {"code": "lid", "productIds": [id]},
        {"code": "made", "date": "2026-02-28"},
        {"code": "note", "text": "  hand made "},
    ]);
    let set = set_values(admin, &id, values).await;
    assert_eq!(set["version"], 2);
    (id, color)
}

#[tokio::test]
async fn values_of_all_types_are_read_in_the_order_of_the_shop_and_of_the_product_type() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (id, color) = product_with_all_types(app, &admin).await;
        let client = app.anonymous();
        let found = values_of(&client, &id).await;
        let blue = json!({"name": "Navy Blue", "code": "navy-blue", "swatch": "#0000ff"});
        assert_eq!(found[0]["choices"][0], blue);
        assert_eq!(found[0]["choices"][1]["name"], "Red");
        assert_eq!(found[0]["choices"].as_array().unwrap().len(), 2);
        let codes = |found: &Value| {
            let all = found.as_array().unwrap().iter();
            let codes = all.map(|one| one["attribute"]["code"].as_str().unwrap().to_owned());
            codes.collect::<Vec<_>>()
        };
        let all = ["color", "length", "dishwasher-safe", "note", "made", "lid", "care"];
        assert_eq!(codes(&found), all);
        assert_eq!((&found[1]["number"], &found[1]["unit"]), (&json!("24.5"), &json!("cm")));
        assert_eq!(found[2]["boolean"], false);
        assert_eq!(found[3]["text"], "hand made");
        assert_eq!(found[4]["date"], "2026-02-28");
        assert_eq!(found[5]["products"].as_array().unwrap().len(), 1);
        assert_eq!(found[6]["categories"].as_array().unwrap().len(), 1);

        // The product type puts its attributes first, in its own order.
        let data = admin.data("{ attributes { id code } }", json!({})).await;
        let all = data["attributes"].as_array().unwrap().iter();
        let ids: HashMap<_, _> = all.map(|one| (one["code"].as_str().unwrap(), &one["id"])).collect();
        let input = json!({"name": "Pans", "attributeIds": [ids["note"], ids["color"]]});
        let kind = done(&admin, "createProductType", input, "productType").await;
        let input = json!({"id": id, "productTypeId": kind["id"]});
        done(&admin, "updateProduct", input, "product").await;
        let ordered = ["note", "color", "length", "dishwasher-safe", "made", "lid", "care"];
        assert_eq!(codes(&values_of(&client, &id).await), ordered);
        let query = "query($id: ID!) { product(id: $id) { productType { name slug attributes { code } } } }";
        let data = client.data(query, json!({"id": id})).await;
        let expected = json!({"name": "Pans", "slug": "pans", "attributes": [{"code": "note"}, {"code": "color"}]});
        assert_eq!(data["product"]["productType"], expected);
        let used = errors(&admin, "deleteProductType", json!({"id": kind["id"]})).await;
        assert_eq!(used, [("CONFLICT".to_owned(), "id".to_owned())]);

        // Null removes values; those of other attributes stay. The same values change nothing.
        let values = json!([{"code": "color", "choices": null}, {"code": "made", "date": "2026-02-28"}]);
        assert_eq!(set_values(&admin, &id, values.clone()).await["version"], 4);
        assert_eq!(set_values(&admin, &id, values).await["version"], 4);
        assert_eq!(codes(&values_of(&client, &id).await).len(), 6);
        done(&admin, "deleteAttribute", json!({"id": color}), "attribute").await;
        let query = "{ auditLog(first: 50) { nodes { action subjectName changes { field before after } } } }";
        let log = admin.data(query, json!({})).await;
        let set = log["auditLog"]["nodes"].as_array().unwrap().iter();
        let mut set = set.filter(|entry| entry["action"] == "setProductAttributes");
        let change = json!({"field": "attributes.color", "before": "Navy Blue; Red", "after": null});
        // Entries of the same time are in no particular order.
        assert!(set.any(|entry| entry["changes"] == json!([change])), "{log}");
    })
    .await;
}

#[tokio::test]
async fn invalid_values_are_refused_with_their_paths_and_change_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (id, _) = product_with_all_types(app, &admin).await;
        attribute(&admin, "Size", "TEXT", json!({"owner": "VARIANT"})).await;
        let (bad, missing) = ("BAD_USER_INPUT", "NOT_FOUND");
        for (value, code, field) in [
            (json!({"code": "nothing", "text": "x"}), missing, "values.0.code"),
            (json!({"code": "size", "text": "x"}), bad, "values.0.code"),
            (json!({"code": "note", "number": "1"}), bad, "values.0.number"),
            (json!({"code": "note"}), bad, "values.0"),
            (json!({"code": "note", "text": "x", "number": "1"}), bad, "values.0"),
            (json!({"code": "note", "text": " "}), bad, "values.0.text"),
            (json!({"code": "length", "number": "1.1234567"}), bad, "values.0.number"),
            (json!({"code": "length", "number": "10000000001"}), bad, "values.0.number"),
            (json!({"code": "color", "choices": ["green"]}), missing, "values.0.choices"),
            (json!({"code": "lid", "productIds": ["x"]}), bad, "values.0.productIds"),
            (json!({"code": "lid", "productIds": [format!("prod_{}", "0".repeat(26))]}), missing, "values.0.productIds"),
            (json!({"code": "care", "categoryIds": [id]}), bad, "values.0.categoryIds"),
        ] {
            let input = json!({"productId": id, "values": [value]});
            let found = errors(&admin, "setProductAttributes", input.clone()).await;
            assert_eq!(found, [(code.to_owned(), field.to_owned())], "{input}");
        }
        let both = json!({"productId": id, "values": [{"code": "x", "text": "x"}, {"code": "note", "text": ""}]});
        assert_eq!(errors(&admin, "setProductAttributes", both).await.len(), 2);
        let stale = json!({"productId": id, "expectedVersion": 1, "values": []});
        let found = errors(&admin, "setProductAttributes", stale).await;
        assert_eq!(found, [("CONFLICT".to_owned(), "expectedVersion".to_owned())]);
        assert_eq!(values_of(&admin, &id).await.as_array().unwrap().len(), 7);
        let variant = id.replace("prod_", "var_");
        let values = json!([{"code": "size", "text": "Small"}]);
        let input = json!({"variantId": variant, "expectedVersion": 1, "values": values});
        let set = done(&admin, "setVariantAttributes", input, "variant").await;
        assert_eq!(set["version"], 2);
        let query = format!("query($id: ID!) {{ product(id: $id) {{ variants {{ {VALUES} }} }} }}");
        let data = app.anonymous().data(&query, json!({"id": id})).await;
        assert_eq!(data["product"]["variants"][0]["attributes"][0]["text"], "Small");
    })
    .await;
}

#[tokio::test]
async fn attributes_and_choices_are_updated_reordered_and_deleted() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let [(_, length), (_, red), (_, kind)] = one_of_each(&admin).await;
        let taken = json!({"name": "Other", "code": "length", "type": "TEXT"});
        let conflict = |field: &str| [("CONFLICT".to_owned(), field.to_owned())];
        assert_eq!(errors(&admin, "createAttribute", taken).await, conflict("code"));
        for (input, field) in [
            (json!({"name": "x", "type": "TEXT", "unit": "cm"}), "unit"),
            (json!({"name": "x", "type": "TEXT", "multiple": true}), "multiple"),
            (json!({"name": "x", "type": "TEXT", "code": "Ä"}), "code"),
            (json!({"name": " ", "type": "TEXT"}), "name"),
        ] {
            let found = errors(&admin, "createAttribute", input).await;
            assert_eq!(found, [("BAD_USER_INPUT".to_owned(), field.to_owned())]);
        }
        let input = json!({"id": length, "name": "Width", "unit": null, "expectedVersion": 1});
        let updated = done(&admin, "updateAttribute", input.clone(), "attribute").await;
        assert_eq!(updated["version"], 2);
        let stale = errors(&admin, "updateAttribute", input).await;
        assert_eq!(stale, conflict("expectedVersion"));

        let query = "{ attributes { id code name unit choices { name code } } productTypes { name attributes { code } } }";
        let data = admin.data(query, json!({})).await;
        let color = data["attributes"][1]["id"].as_str().unwrap();
        assert_eq!(data["attributes"][0]["name"], "Width");
        assert_eq!(data["attributes"][0]["unit"], Value::Null);
        let blue = choice(&admin, color, "Blue").await;
        let twice = json!({"attributeId": color, "name": "RED"});
        assert_eq!(errors(&admin, "createAttributeChoice", twice).await, conflict("name"));
        let order = json!({"attributeId": color, "choiceIds": [blue, red]});
        done(&admin, "reorderAttributeChoices", order, "attribute").await;
        let short = json!({"attributeId": color, "choiceIds": [blue]});
        assert_eq!(errors(&admin, "reorderAttributeChoices", short).await, conflict("choiceIds"));
        let input = json!({"id": red, "name": "Crimson", "swatch": "#DC143C"});
        assert_eq!(done(&admin, "updateAttributeChoice", input, "choice").await["version"], 3);
        let order = json!({"attributeIds": [color, length]});
        let select = "attributes { code choices { name } }";
        let ordered = admin.run_mutation("reorderAttributes", order, select).await;
        assert_eq!(
            ordered["attributes"],
            json!([{"code": "color", "choices": [{"name": "Blue"}, {"name": "Crimson"}]}, {"code": "length", "choices": []}])
        );
        let input = json!({"id": kind, "attributeIds": [length]});
        done(&admin, "updateProductType", input, "productType").await;
        done(&admin, "deleteAttribute", json!({"id": length}), "attribute").await;
        let data = admin.data(query, json!({})).await;
        assert_eq!(data["productTypes"], json!([{"name": "Lamps", "attributes": []}]));
        done(&admin, "deleteProductType", json!({"id": kind}), "productType").await;
        assert_eq!(app.count("product_types").await, 0);
    })
    .await;
}

#[tokio::test]
async fn searchable_values_are_labels_and_their_changes_mark_products_for_indexing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (id, color) = product_with_all_types(app, &admin).await;
        let product = wares::catalog::product::ProductId::parse(&id, "").unwrap();
        let labels = async || {
            let found = search_labels(app.state.db.reader(), &[product.0])
                .await
                .unwrap();
            found.get(&product.0).cloned().unwrap_or_default()
        };
        let category = admin
            .data("{ categories { nodes { name } } }", json!({}))
            .await;
        let category = category["categories"]["nodes"][0]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut expected = vec![
            "24.5 cm".to_owned(),
            "Navy Blue".to_owned(),
            "Red".to_owned(),
            category,
            "hand made".to_owned(),
        ];
        expected.sort_unstable();
        assert_eq!(labels().await, expected);
        let queued = async || {
            let queued = app.count("search_queue").await;
            app.sql("DELETE FROM search_queue").await;
            queued
        };
        assert_eq!(queued().await, 0);
        let data = admin
            .data("{ attributes { choices { id name } } }", json!({}))
            .await;
        let red = data["attributes"][0]["choices"][0]["id"].clone();
        let renamed = json!({"id": red, "name": "Crimson"});
        done(&admin, "updateAttributeChoice", renamed, "choice").await;
        assert_eq!(queued().await, 1);
        done(
            &admin,
            "updateAttributeChoice",
            json!({"id": red, "swatch": null}),
            "choice",
        )
        .await;
        assert_eq!(queued().await, 0);
        done(
            &admin,
            "updateAttribute",
            json!({"id": color, "searchable": false}),
            "attribute",
        )
        .await;
        assert_eq!(queued().await, 1);
        assert_eq!(labels().await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn values_of_many_products_are_read_with_as_many_statements_as_those_of_one() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (first, _) = product_with_all_types(app, &admin).await;
        let query = format!("{{ products(first: 20) {{ nodes {{ name productType {{ name }} {VALUES} variants(first: 1) {{ {VALUES} }} }} }} }}");
        let count = async || {
            let client = app.anonymous();
            let read = async { client.data(&query, json!({})).await };
            app.record_statements(read).await.len()
        };
        let one = count().await;
        let root = app.shop().root("many", 5).await;
        for number in 0..12 {
            let product = app.shop().product(&format!("p{number}"), &root, |_| ()).await;
            let id = product.id.encode();
            let values = json!([
                {"code": "color", "choices": ["red"]}, {"code": "length", "number": number.to_string()},
                {"code": "lid", "productIds": [first]},
            ]);
            set_values(&admin, &id, values).await;
        }
        assert_eq!(count().await, one);
        assert!(one < 20, "{one} statements");
    })
    .await;
}
