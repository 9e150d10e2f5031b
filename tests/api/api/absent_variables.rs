//! Absent variables: an argument or input field with an absent variable is absent itself (GraphQL specification,
//! `CoerceArgumentValues` and input object coercion).

use std::collections::BTreeSet;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{InputObjectType, TypeKind, TypeSystemDefinition};
use serde_json::{Map, Value, json};
use wares::catalog::product::entity::variant::VariantId;
use wares::core::id::TypedId;

use crate::catalog::attributes::one_of_each;
use crate::catalog::category_images::upload;
use crate::harness::sample_image::png;
use crate::harness::{App, Client, on_both_databases, sqlite_app};
use crate::sales::absent_variables as sales;

const UPDATE_PRODUCT: &str = "mutation($id: ID!, $name: String, $sku: String, $description: String, $price: Decimal) {
    updateProduct(input: {id: $id, name: $name, sku: $sku, description: $description, price: $price}) {
        product { name sku description price { amount } } userErrors { field message } } }";

/// Returns the input objects of the schema.
fn inputs() -> Vec<(String, InputObjectType)> {
    let schema = parse_schema(wares::api::schema::sdl()).unwrap();
    let inputs = schema.definitions.into_iter().filter_map(|definition| {
        let TypeSystemDefinition::Type(definition) = definition else {
            return None;
        };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::InputObject(input) => Some((name, input)),
            _ => None,
        }
    });
    inputs.collect()
}

/// Returns a mutation whose input has a variable for each field.
fn with_all_variables(mutation: &str, input: &InputObjectType) -> String {
    let fields = || input.fields.iter().map(|field| &field.node);
    let declared: Vec<_> = fields()
        .map(|field| {
            let default = field.default_value.as_ref();
            // A variable may be nullable if the schema has a default.
            let ty = field.ty.node.to_string();
            let ty = default.map_or(ty.clone(), |_| ty.trim_end_matches('!').to_owned());
            format!("${}: {ty}", field.name.node)
        })
        .collect();
    let passed: Vec<_> = fields()
        .map(|field| format!("{0}: ${0}", field.name.node))
        .collect();
    format!(
        "mutation({}) {{ {mutation}(input: {{{}}}) {{ userErrors {{ code field message }} }} }}",
        declared.join(", "),
        passed.join(", ")
    )
}

/// Returns all fields that the update mutations can change.
async fn stored(admin: &Client, ids: &[&str]) -> Value {
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Product { name slug sku description price { amount } stock status category { id } categories { id } images { alt }
            variants { sku barcode price { amount } compareAtPrice { amount } stock weight active requiresShipping inventory { tracked } } }
        ... on Category { name slug description published position parent { id } image { alt } }
        ... on SearchSynonym { terms from to }
        ... on Attribute { name code unit searchable filterable version }
        ... on AttributeChoice { name code swatch version } ... on ProductType { name slug version attributes { code } }
        ... on User { name role disabled email } SALES } }";
    let query = query.replace("SALES", sales::STORED);
    admin.data(&query, json!({ "ids": ids })).await
}

#[tokio::test]
async fn an_update_keeps_every_field_whose_variable_is_absent() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let shop = app.shop();
        let root = shop.root("home", 0).await;
        let further = shop.root("gifts", 1).await;
        let child = shop
            .category("pans", Some(&root), 3, |new| {
                new.description = "For every stove.".to_owned();
            })
            .await;
        let product = shop
            .product_in("lamp", &[&child, &further], |product| {
                product.sku = Some("L-1".to_owned());
                product.description = "Bright.".to_owned();
            })
            .await;
        let image = shop.image(&product, 0).await;
        let customer = app.customer().await;
        let me = customer.data("{ me { id } }", json!({})).await;
        let user = me["me"]["id"].as_str().unwrap();
        let variant = VariantId(product.id.0).encode();
        let (product, child) = (product.id.encode(), child.id.encode());
        let updates = sales::updates(app, &admin, &customer).await;
        let input = json!({"terms": ["pan", "skillet"]});
        let made = admin
            .run_mutation("createSearchSynonym", input, "searchSynonym { id }")
            .await;
        let synonym = made["searchSynonym"]["id"].as_str().unwrap();
        let mut ids = vec![product.as_str(), child.as_str(), user, synonym];
        ids.extend(updates.ids.iter().map(String::as_str));
        let attributes = one_of_each(&admin).await;
        ids.extend(attributes.iter().map(|(_, id)| id.as_str()));
        upload(&admin, &child, &png(9, 9), &json!("All pans")).await;
        let before = stored(&admin, &ids).await;

        let mut cases = vec![
            ("UpdateProductInput", json!({"id": product})),
            ("UpdateVariantInput", json!({"id": variant})),
            (
                "UpdateVariantsInput",
                json!({"variants": [{"id": variant}]}),
            ),
            (
                "UpdateProductOptionsInput",
                json!({"productId": product, "options": []}),
            ),
            (
                "UpdateProductsInput",
                json!({"ids": [product], "status": "ACTIVE"}),
            ),
            (
                "UpdateProductImageInput",
                json!({"id": image.id.encode(), "alt": image.alt}),
            ),
            ("UpdateCategoryInput", json!({"id": child})),
            ("UpdateSearchSynonymInput", json!({"id": synonym})),
            (
                "UpdateCategoryImageInput",
                json!({"categoryId": child, "alt": "All pans"}),
            ),
            ("MoveCategoryInput", json!({"id": child})),
            ("UpdateUserInput", json!({"id": user})),
            ("UpdateMeInput", json!({})),
        ];
        cases.extend(
            attributes
                .iter()
                .map(|(name, id)| (*name, json!({ "id": id }))),
        );
        cases.extend(updates.cases);
        let mut tested = BTreeSet::new();
        for (name, input) in inputs() {
            if !name.starts_with("Update") && !name.starts_with("Move") {
                continue;
            }
            let case = cases.iter().find(|(case, _)| *case == name);
            let (_, variables) = case.unwrap_or_else(|| panic!("{name} has no test case"));
            let mutation = name.trim_end_matches("Input");
            let (first, rest) = mutation.split_at(1);
            let mutation = format!("{}{rest}", first.to_lowercase());
            let query = with_all_variables(&mutation, &input);
            let client = if name == "UpdateMeInput" || sales::is_of_customer(&name) {
                &customer
            } else {
                &admin
            };
            let data = client.data(&query, variables.clone()).await;
            assert_eq!(data[&mutation]["userErrors"], json!([]), "{name}");
            assert_eq!(stored(&admin, &ids).await, before, "{name}");
            tested.insert(name);
        }
        assert_eq!(tested.len(), cases.len(), "{tested:?}");
    })
    .await;
}

#[tokio::test]
async fn every_input_is_taken_without_its_optional_variables() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let mut tested = 0;
    for (name, input) in inputs() {
        let mutation = name.trim_end_matches("Input");
        let (first, rest) = mutation.split_at(1);
        let mutation = format!("{}{rest}", first.to_lowercase());
        if !wares::api::schema::sdl().contains(&format!("  {mutation}(\n")) {
            continue;
        }
        let optional = input
            .fields
            .iter()
            .any(|field| field.node.ty.node.nullable || field.node.default_value.is_some());
        let uploads = input
            .fields
            .iter()
            .any(|field| field.node.ty.node.to_string().contains("Upload"));
        if !optional || uploads {
            continue;
        }
        let required = input
            .fields
            .iter()
            .map(|field| &field.node)
            .filter(|field| !field.ty.node.nullable && field.default_value.is_none());
        let values = required.map(|field| {
            let value = match field.ty.node.to_string().as_str() {
                "Int!" => json!(1),
                "Decimal!" => json!("1.00"),
                "ID!" | "String!" => json!("x"),
                "CountryCode!" => json!("DE"),
                "AttributeType!" => json!("TEXT"),
                "DiscountKind!" => json!("FREE_SHIPPING"),
                "PaymentProvider!" => json!("TEST"),
                "TestPaymentOutcome!" => json!("SUCCEED"),
                ty if ty.starts_with('[') => json!([]),
                ty => panic!("{name} needs a value of {ty}"),
            };
            (field.name.node.to_string(), value)
        });
        let variables: Map<_, _> = values.collect();
        // The mutation may fail, but not with an error of a value.
        let response = client
            .send(&with_all_variables(&mutation, &input), variables.into())
            .await;
        for error in response.json["errors"].as_array().into_iter().flatten() {
            let code = error["extensions"]["code"].as_str().unwrap();
            assert!(
                ["UNAUTHENTICATED", "RATE_LIMITED"].contains(&code),
                "{name}: {}",
                response.text
            );
        }
        tested += 1;
    }
    assert!(tested >= 10, "only {tested} inputs were tested");
}

#[tokio::test]
async fn null_clears_a_field_and_an_absent_variable_does_not() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let root = app.shop().root("home", 0).await;
        let product = app
            .shop()
            .product("lamp", &root, |product| {
                product.sku = Some("L-1".to_owned());
                product.description = "Bright.".to_owned();
            })
            .await;
        let id = product.id.encode();
        let update = async |variables: Value| {
            let mut all = json!({ "id": id });
            all.as_object_mut().unwrap().extend(variables.as_object().unwrap().clone());
            let data = admin.data(UPDATE_PRODUCT, all).await;
            data["updateProduct"].clone()
        };
        let done = update(json!({"name": "Lantern"})).await;
        let expected = json!({"name": "Lantern", "sku": "L-1", "description": "Bright.", "price": {"amount": "10.00"}});
        assert_eq!(done, json!({"product": expected, "userErrors": []}));
        let done = update(json!({"sku": null})).await;
        assert_eq!(done["product"]["sku"], Value::Null);
        assert_eq!(done["product"]["description"], "Bright.");
        let done = update(json!({"description": null})).await;
        assert_eq!(done["product"]["description"], "");
        let done = update(json!({"price": null})).await;
        assert_eq!(done["userErrors"][0]["field"], json!(["price"]).get(0).unwrap().clone());

        // A literal null next to absent variables.
        let query = UPDATE_PRODUCT.replace("name: $name", "name: \"Torch\"").replace("$name: String, ", "");
        let data = admin.data(&query, json!({"id": id, "description": "Dim."})).await;
        assert_eq!(data["updateProduct"]["product"]["name"], "Torch");
        assert_eq!(data["updateProduct"]["product"]["description"], "Dim.");

        let move_it = "mutation($id: ID!, $parent: ID, $position: Int) { moveCategory(input: {id: $id, parentId: $parent, position: $position}) { category { parent { id } } userErrors { message } } }";
        let child = app.shop().category("pans", Some(&root), 0, |_| ()).await;
        let parent = async |variables| {
            let data = admin.data(move_it, variables).await;
            data["moveCategory"]["category"]["parent"].clone()
        };
        let (child, root) = (child.id.encode(), root.id.encode());
        assert_eq!(parent(json!({"id": child, "position": 0})).await["id"], root.as_str());
        assert_eq!(parent(json!({"id": child, "parent": null})).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_variable_with_a_default_has_it_when_it_is_absent() {
    let app = sqlite_app().await;
    lamps(&app, 3).await;
    let client = app.anonymous();
    let query = "query($first: Int = 2, $all: Boolean = true, $hide: Boolean! = true) {
        products(first: $first) { nodes @include(if: $all) { id } totalCount @skip(if: $hide) } }";
    let data = client.data(query, json!({})).await;
    assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(data["products"].get("totalCount"), None);
    let data = client.data(query, json!({"first": 1, "hide": false})).await;
    assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(data["products"]["totalCount"], 3);
    let data = client
        .data(query, json!({"first": null, "all": false}))
        .await;
    assert_eq!(data["products"], json!({}));
}

#[tokio::test]
async fn an_absent_variable_leaves_the_default_of_the_schema() {
    let app = sqlite_app().await;
    lamps(&app, 12).await;
    let client = app.anonymous();
    let query = "query($first: Int) { searchSuggestions(prefix: \"la\", first: $first) { text } }";
    let count = |data: &Value| data["searchSuggestions"].as_array().unwrap().len();
    let without = client
        .data("{ searchSuggestions(prefix: \"la\") { text } }", json!({}))
        .await;
    let absent = client.data(query, json!({})).await;
    assert_eq!(absent, without);
    assert_eq!(count(&client.data(query, json!({"first": 1})).await), 1);
    let response = client.send(query, json!({"first": null})).await;
    assert_eq!(
        (response.code(), response.field()),
        ("BAD_USER_INPUT", "first")
    );

    // Nested, with the default on the field of an input.
    let query = "mutation($email: String!, $password: String!, $in: TokenPlace) {
        login(input: {email: $email, password: $password, refreshTokenIn: $in}) { userErrors { code } } }";
    let variables = json!({"email": "nobody@shop.example", "password": "a fine day for sailing"});
    let data = client.data(query, variables).await;
    assert_eq!(
        data["login"]["userErrors"][0]["code"],
        "INVALID_CREDENTIALS"
    );
}

#[tokio::test]
async fn an_idempotency_key_tells_absent_variables_from_null() {
    let app = sqlite_app().await;
    let admin = app.admin().await;
    let root = app.shop().root("home", 0).await;
    let product = app
        .shop()
        .product("lamp", &root, |product| {
            product.sku = Some("L-1".to_owned());
        })
        .await;
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let send = async |variables: Value| {
        let body = json!({"query": UPDATE_PRODUCT, "variables": variables}).to_string();
        admin.post_with(&headers, body).await
    };
    let id = product.id.encode();
    let first = send(json!({"id": id, "name": "Lantern"})).await;
    assert_eq!(first.json["data"]["updateProduct"]["product"]["sku"], "L-1");
    let again = send(json!({"id": id, "name": "Lantern"})).await;
    assert_eq!(
        (again.header("idempotency-replayed"), &again.json),
        ("true", &first.json)
    );
    let other = send(json!({"id": id, "name": "Lantern", "sku": null})).await;
    other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
}

/// Creates products with the prices 10.00, 11.00 and so on.
pub async fn lamps(app: &App, count: i64) {
    let root = app.shop().root("home", 0).await;
    for number in 0..count {
        let slug = format!("lamp-{number}");
        app.shop()
            .product(&slug, &root, |product| product.price = 1_000 + number * 100)
            .await;
    }
}
