//! The schema: `schema.graphql` and introspection.

use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

use crate::harness::{App, Backend};

#[test]
fn the_exported_schema_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let exported = std::fs::read_to_string(path).unwrap();
    let served = wares::api::schema::sdl();
    let differs = exported.lines().zip(served.lines()).find(|(a, b)| a != b);
    assert_eq!(differs, None, "run `cargo run -- schema > schema.graphql`");
    assert_eq!(exported.len(), served.len());
}

#[tokio::test]
async fn every_mutation_and_every_guarded_query_is_nullable() {
    let schema = async_graphql::parser::parse_schema(wares::api::schema::sdl()).unwrap();
    let mut seen = 0;
    for definition in &schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.as_str();
        let TypeKind::Object(object) = &definition.node.kind else {
            continue;
        };
        for field in object.fields.iter().map(|field| &field.node) {
            let auth = field.directives.first().map(|auth| &auth.node.arguments);
            let open = auth.is_some_and(|rule| rule[0].1.node.to_string() == "ANYONE");
            let must_be = name == "Mutation" || (name == "Query" && !open);
            let called = &field.name.node;
            assert!(field.ty.node.nullable || !must_be, "{name}.{called}");
            seen += usize::from(must_be);
        }
    }
    assert!(seen > 40, "only {seen} fields were checked");
}

#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let query = "{ __schema { types {
        kind name description
        fields(includeDeprecated: true) { name description args { name description } }
        inputFields { name description }
        enumValues(includeDeprecated: true) { name description }
    } } }";
    let data = app.anonymous().data(query, json!({})).await;
    let mut bare = Vec::new();
    let mut seen = 0;
    for kind in list(&data["__schema"]["types"]) {
        let name = kind["name"].as_str().unwrap();
        if name.starts_with("__") {
            continue;
        }
        // Built-in scalars need no description.
        if !["ID", "Int", "Float", "String", "Boolean"].contains(&name) {
            check(kind, name, &mut bare);
        }
        for part in ["fields", "inputFields", "enumValues"] {
            for member in list(&kind[part]) {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                check(member, &path, &mut bare);
                for argument in list(&member["args"]) {
                    let path = format!("{path}({})", argument["name"].as_str().unwrap());
                    check(argument, &path, &mut bare);
                }
                seen += 1;
            }
        }
    }
    assert_eq!(bare, Vec::<String>::new());
    assert!(seen > 80, "only {seen} members were checked");
}

fn check(item: &Value, path: &str, bare: &mut Vec<String>) {
    if item["description"].as_str().unwrap_or_default().is_empty() {
        bare.push(path.to_owned());
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
