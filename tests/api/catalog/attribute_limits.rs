//! Limits of attributes, choices and values.

use serde_json::{Value, json};
use wares::catalog::attribute::entity::choice::Model;
use wares::catalog::attribute::service::{MAX_CHOICES, MAX_VALUES, insert_catalog};
use wares::catalog::attribute::{AttributeId, ChoiceId};
use wares::core::id::TypedId;

use super::attributes::{attribute, errors, set_values};
use crate::harness::{App, on_both_databases};

/// Inserts choices with the codes `c0`, `c1`, ...
async fn insert_choices(app: &App, attribute: &str, number: usize) {
    let attribute_id = AttributeId::parse(attribute, "").unwrap();
    let choices = (0..number).map(|number| Model {
        id: ChoiceId::generate(app.state.clock.now()),
        attribute_id,
        name: format!("Choice {number}"),
        name_key: format!("choice {number}"),
        code: format!("c{number}"),
        swatch: None,
        position: i32::try_from(number).unwrap(),
        version: 1,
    });
    let transaction = app.state.db.begin().await.unwrap();
    insert_catalog(&transaction, vec![], choices.collect())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

fn error(code: &str, field: &str) -> [(String, String); 1] {
    [(code.to_owned(), field.to_owned())]
}

#[tokio::test]
async fn an_attribute_has_at_most_500_choices_and_a_product_50_values_of_it() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await.id.encode();
        let fields = json!({"multiple": true, "filterable": true});
        let color = attribute(&admin, "Color", "CHOICE", fields).await;
        insert_choices(app, &color, MAX_CHOICES - 1).await;
        let next = |name: &str| json!({"attributeId": color, "name": name});
        assert_eq!(errors(&admin, "createAttributeChoice", next("Last")).await, []);
        let found = errors(&admin, "createAttributeChoice", next("Another")).await;
        assert_eq!(found, error("CONFLICT", ""));

        let codes = |number: usize| (0..number).map(|number| format!("c{number}")).collect::<Vec<_>>();
        let values = |number: usize| json!([{"code": "color", "choices": codes(number)}]);
        set_values(&admin, &pan, values(MAX_VALUES)).await;
        let input = json!({"productId": pan, "values": values(MAX_VALUES + 1)});
        let found = errors(&admin, "setProductAttributes", input).await;
        assert_eq!(found, error("BAD_USER_INPUT", "values.0.choices"));

        let query = "query($first: Int!) { products { facets { attributes { choices(first: $first) { count } attribute { choices(first: $first) { id } } } } } }";
        let client = app.anonymous();
        let data = client.data(query, json!({"first": 500})).await;
        let facet = &data["products"]["facets"]["attributes"][0];
        assert_eq!(facet["choices"].as_array().unwrap().len(), MAX_VALUES);
        assert_eq!(facet["attribute"]["choices"].as_array().unwrap().len(), MAX_CHOICES);
        for first in [0, 501] {
            let response = client.send(query, json!({"first": first})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT", "{first}");
        }
    })
    .await;
}

#[tokio::test]
async fn types_inputs_and_filters_have_a_maximum_number_of_attributes() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await.id.encode();
        let mut ids = Vec::new();
        for number in 0..101 {
            let fields = json!({"filterable": true, "code": format!("a{number}")});
            ids.push(attribute(&admin, "Flag", "BOOLEAN", fields).await);
        }
        let input = |ids: &[String]| json!({"name": "All", "attributeIds": ids});
        let found = errors(&admin, "createProductType", input(&ids)).await;
        assert_eq!(found, error("BAD_USER_INPUT", "attributeIds"));
        let twice = [ids[0].clone(), ids[0].clone()];
        let found = errors(&admin, "createProductType", input(&twice)).await;
        assert_eq!(found, error("BAD_USER_INPUT", "attributeIds"));
        assert_eq!(errors(&admin, "createProductType", input(&ids[..100])).await, []);

        let values = |numbers: std::ops::Range<usize>| {
            let values = numbers.map(|number| json!({"code": format!("a{number}"), "boolean": true}));
            Value::from(values.collect::<Vec<_>>())
        };
        let set = |values: Value| json!({"productId": pan, "values": values});
        let found = errors(&admin, "setProductAttributes", set(values(0..101))).await;
        assert_eq!(found, error("BAD_USER_INPUT", "values"));
        set_values(&admin, &pan, values(0..100)).await;
        let found = errors(&admin, "setProductAttributes", set(values(100..101))).await;
        assert_eq!(found, error("BAD_USER_INPUT", "values"));

        let query = "query($filter: ProductFilter) { products(filter: $filter) { totalCount facets { categories { isExact } attributes(first: 100) { boolean { trueCount } } } } }";
        let client = app.anonymous();
        let filter = json!({"attributes": values(0..20)});
        let data = client.data(query, json!({"filter": filter})).await;
        assert_eq!(data["products"]["totalCount"], 1);
        assert_eq!(data["products"]["facets"]["attributes"].as_array().unwrap().len(), 100);
        let filter = json!({"attributes": values(0..21)});
        let response = client.send(query, json!({"filter": filter})).await;
        assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", "filter.attributes"));
    })
    .await;
}
