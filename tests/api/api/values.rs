//! Fuzzes every argument of the schema with unusual values on both databases. Each value must be accepted or
//! refused with a client error.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition,
};
use serde_json::{Map, Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, PASSWORD, on_both_databases};

const ADMIN: &str = "admin@shop.example";

/// The path to a value: the argument and nested input fields.
type ValuePath = Vec<String>;

/// The schema as served, and IDs of existing entities.
struct Schema {
    types: HashMap<String, TypeKind>,
    category: String,
    product: String,
    user: Value,
}

impl Schema {
    async fn read(app: &App) -> Self {
        let document = parse_schema(wares::api::schema::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            Some((definition.node.name.node.to_string(), definition.node.kind))
        });
        let category = app.shop().root("home", 0).await;
        let product = app.shop().product("pan", &category, |_| ()).await;
        let admin = app.admin().await;
        let me = admin.data("{ me { id } }", json!({})).await;
        Self {
            types: types.collect(),
            category: category.id.encode(),
            product: product.id.encode(),
            user: me["me"]["id"].clone(),
        }
    }

    fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match &self.types[name] {
            TypeKind::Object(object) => object.fields.iter().map(|field| &field.node).collect(),
            _ => panic!("{name} has no fields"),
        }
    }

    /// Adds the paths of all values that are not input objects, each with the name of its type.
    fn value_paths(
        &self,
        value: &InputValueDefinition,
        above: &ValuePath,
        found: &mut Vec<(ValuePath, String)>,
    ) {
        let mut path = above.clone();
        path.push(value.name.node.to_string());
        let name = base(&value.ty.node.base);
        match self.types.get(name) {
            Some(TypeKind::InputObject(input)) => {
                for field in &input.fields {
                    self.value_paths(&field.node, &path, found);
                }
            }
            Some(TypeKind::Enum(_)) => {}
            _ => found.push((path, name.to_owned())),
        }
    }

    /// Returns the required arguments, and `unusual` at the end of the path.
    fn variables_with(
        &self,
        root: &str,
        values: &[Positioned<InputValueDefinition>],
        path: &[String],
        unusual: &Value,
    ) -> Map<String, Value> {
        let variables_with = values.iter().filter_map(|value| {
            let value = &value.node;
            let name = value.name.node.as_str();
            let below = match path.split_first() {
                Some((first, below)) if first == name => Some(below),
                _ if value.ty.node.nullable || value.default_value.is_some() => return None,
                _ => None,
            };
            let one = match (self.types.get(base(&value.ty.node.base)), below) {
                (Some(TypeKind::InputObject(input)), below) => {
                    let below = below.unwrap_or_default();
                    self.variables_with(root, &input.fields, below, unusual)
                        .into()
                }
                (_, Some(_)) => unusual.clone(),
                (_, None) => self.usual_value(root, value),
            };
            let is_list = matches!(value.ty.node.base, BaseType::List(_));
            Some((name.to_owned(), if is_list { json!([one]) } else { one }))
        });
        variables_with.collect()
    }

    /// Returns a usual value.
    fn usual_value(&self, root: &str, value: &InputValueDefinition) -> Value {
        let name = value.name.node.as_str();
        let about = |what: &str| {
            let is_id = matches!(name, "id" | "ids");
            name.to_lowercase().contains(what) || (is_id && root.to_lowercase().contains(what))
        };
        match base(&value.ty.node.base) {
            "ID" if about("categor") || name == "parentId" => json!(self.category),
            "ID" if about("user") => self.user.clone(),
            "ID" => json!(self.product),
            "Int" => json!(1),
            "Boolean" => json!(true),
            "Decimal" => json!("1.00"),
            "DateTime" => json!("2026-01-01T00:00:00Z"),
            "String" if about("email") => json!("nobody@shop.example"),
            "String" if about("password") => json!("a fair day for sailing"),
            "String" => json!("some words"),
            other => match &self.types[other] {
                TypeKind::Enum(kind) => json!(kind.values[0].node.value.node.as_str()),
                _ => json!("x"),
            },
        }
    }

    /// Returns a selection for a field that covers all of its data.
    fn selection(&self, field: &FieldDefinition) -> &'static str {
        let name = base(&field.ty.node.base);
        match self.types.get(name) {
            Some(TypeKind::Object(_)) if name.ends_with("Payload") => "{ userErrors { code } }",
            Some(TypeKind::Object(_)) if name.ends_with("Connection") => {
                "{ totalCount nodes { id } }"
            }
            Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => {
                "{ __typename }"
            }
            _ => "",
        }
    }
}

fn base(kind: &BaseType) -> &str {
    match kind {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(&inner.base),
    }
}

/// Returns unusual values for a type.
fn unusual(kind: &str) -> Vec<Value> {
    let texts = [
        "\0",
        "a\0b",
        "",
        " \u{feff} ",
        "\u{202e}'\"\\%_;--",
        "\u{10ffff}",
        "1e400",
    ];
    let mut unusual: Vec<_> = match kind {
        "Int" => vec![json!(i32::MIN), json!(-1), json!(0), json!(i32::MAX)],
        "Boolean" => return Vec::new(),
        "Decimal" => vec![
            json!("-0.00000000000000001"),
            json!("999999999999999999"),
            json!("-999999999999999999"),
            json!(i64::MIN),
            json!("\0"),
        ],
        "DateTime" => vec![
            json!("0000-01-01T00:00:00Z"),
            json!("9999-12-31T23:59:59.999999999-23:59"),
            json!("2026-02-30T00:00:00Z"),
            json!("\0"),
        ],
        _ => texts.iter().map(|text| json!(text)).collect(),
    };
    match kind {
        "ID" => {
            for prefix in ["prod", "cat", "user", "sess", "img", "audit"] {
                unusual.push(json!(format!("{prefix}_7zzzzzzzzzzzzzzzzzzzzzzzzz")));
            }
        }
        "String" => unusual.push(json!("💥".repeat(5_000))),
        _ => {}
    }
    unusual
}

#[tokio::test]
async fn no_value_in_any_argument_causes_an_internal_error() {
    on_both_databases(async |app| {
        let schema = Schema::read(app).await;
        let mut tested = 0;
        for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
            for field in schema.fields(root) {
                let arguments = || field.arguments.iter().map(|argument| &argument.node);
                let mut value_paths = Vec::new();
                arguments().for_each(|argument| {
                    schema.value_paths(argument, &ValuePath::new(), &mut value_paths);
                });
                if value_paths.iter().any(|(_, kind)| kind == "Upload") {
                    continue;
                }
                let name = field.name.node.as_str();
                let (defined, passed): (Vec<_>, Vec<_>) = arguments()
                    .map(|argument| {
                        let name = &argument.name.node;
                        let kind = &argument.ty.node;
                        (format!("${name}: {kind}"), format!("{name}: ${name}"))
                    })
                    .unzip();
                let query = format!(
                    "{operation}({}) {{ {name}({}) {} }}",
                    defined.join(", "),
                    passed.join(", "),
                    schema.selection(field)
                );
                // Of sessions of the same moment, any may be the least recently used.
                app.advance(Duration::from_secs(1));
                let login = app.anonymous().login(ADMIN, PASSWORD).await;
                let token = login["accessToken"].as_str().unwrap();
                for (path, kind) in &value_paths {
                    for unusual in unusual(kind) {
                        let variables =
                            schema.variables_with(name, &field.arguments, path, &unusual);
                        // Each request has its own client address, because a rate-limited request would not be
                        // validated.
                        let admin = app.anonymous().with_token(token);
                        let response = admin.send(&query, variables.into()).await;
                        let context = format!("{name} {path:?} {unusual}: {}", response.text);
                        assert_eq!(response.status, 200, "{context}");
                        for error in response.json["errors"].as_array().into_iter().flatten() {
                            let code = error["extensions"]["code"].as_str().unwrap();
                            let expected = ["BAD_USER_INPUT", "RATE_LIMITED"];
                            assert!(expected.contains(&code), "{context}");
                        }
                        assert!(response.text.len() < 16_000, "{name} {path:?}");
                        tested += 1;
                    }
                }
            }
        }
        assert!(tested > 500, "only {tested} values were tested");
    })
    .await;
}
