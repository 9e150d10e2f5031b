//! Authorization: each root field of the schema, called by clients without permission.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use serde_json::json;
use wares::accounts::user::Role;

use crate::harness::{App, Form, PASSWORD, on_both_databases};
use crate::sales::{UNKNOWN_TOKEN, guest};

/// The schema as served.
struct Schema(HashMap<String, TypeKind>);

impl Schema {
    fn read() -> Self {
        let document = parse_schema(wares::api::schema::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            Some((definition.node.name.node.to_string(), definition.node.kind))
        });
        Self(types.collect())
    }

    fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match &self.0[name] {
            TypeKind::Object(object) => object.fields.iter().map(|field| &field.node).collect(),
            _ => panic!("{name} has no fields"),
        }
    }

    /// Returns the smallest value of this type.
    fn value(&self, kind: &Type) -> String {
        let name = match &kind.base {
            BaseType::List(_) => return "[]".to_owned(),
            BaseType::Named(name) => name.as_str(),
        };
        match (name, self.0.get(name)) {
            ("ID" | "String", _) => "\"x\"".to_owned(),
            ("Int" | "Float", _) => "1".to_owned(),
            ("Boolean", _) => "true".to_owned(),
            (_, Some(TypeKind::Enum(kind))) => kind.values[0].node.value.node.to_string(),
            (_, Some(TypeKind::InputObject(kind))) => {
                let fields = kind.fields.iter().map(|field| &field.node);
                format!("{{{}}}", self.arguments(fields))
            }
            // Custom scalars may refuse this value. Authorization is checked first.
            _ => "\"x\"".to_owned(),
        }
    }

    /// Returns all arguments, so that validation before authorization is detected.
    fn arguments<'a>(&self, all: impl Iterator<Item = &'a InputValueDefinition>) -> String {
        let values = all.map(|one| format!("{}: {}", one.name.node, self.value(&one.ty.node)));
        values.collect::<Vec<_>>().join(", ")
    }

    /// Returns a call of this root field.
    fn call(&self, field: &FieldDefinition) -> String {
        let arguments = self.arguments(field.arguments.iter().map(|argument| &argument.node));
        let arguments = if arguments.is_empty() {
            arguments
        } else {
            format!("({arguments})")
        };
        format!("{}{arguments} {{ __typename }}", field.name.node)
    }
}

/// Returns the rule in the `@auth` directive of a field.
fn rule(field: &FieldDefinition) -> Option<String> {
    let mut directives = field.directives.iter().map(|directive| &directive.node);
    let auth = directives.find(|directive| directive.name.node == "auth")?;
    let requires = auth
        .arguments
        .iter()
        .find(|(name, _)| name.node == "requires")?;
    Some(requires.1.node.to_string())
}

#[test]
fn every_root_field_has_a_rule_and_rules_are_for_root_fields() {
    let schema = Schema::read();
    let mut ruled = 0;
    for (name, kind) in &schema.0 {
        let TypeKind::Object(_) = kind else { continue };
        let is_root = matches!(name.as_str(), "Query" | "Mutation");
        for field in schema.fields(name) {
            let rule = rule(field);
            // The test matrix below calls root fields only. Rules on other fields would need calls that reach
            // them.
            assert_eq!(
                rule.is_some(),
                is_root,
                "{name}.{}: {rule:?}",
                field.name.node
            );
            ruled += usize::from(rule.is_some());
        }
    }
    assert!(ruled >= 27, "only {ruled} rules were found");
}

async fn rows(app: &App) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "users",
        "sessions",
        "one_time_codes",
        "outbox",
        "products",
        "categories",
        "carts",
        "addresses",
    ] {
        counts.push(app.count(table).await);
    }
    counts
}

#[tokio::test]
async fn every_guarded_field_refuses_unauthorized_viewers() {
    on_both_databases(async |app| {
        app.user("admin@shop.example", Role::Admin).await;
        let customer = app.customer().await;
        let (guest, _) = guest(app).await;
        let schema = Schema::read();
        let before = rows(app).await;
        let mut tested = 0;
        for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
            for field in schema.fields(root) {
                let anonymous = app.anonymous();
                let unknown_cart = app.anonymous().with_cart_token(UNKNOWN_TOKEN);
                let refused = match rule(field).unwrap().as_str() {
                    "ANYONE" => continue,
                    "BUYER" => vec![
                        (&anonymous, "UNAUTHENTICATED"),
                        (&unknown_cart, "UNAUTHENTICATED"),
                    ],
                    "CUSTOMER" => {
                        vec![(&anonymous, "UNAUTHENTICATED"), (&guest, "UNAUTHENTICATED")]
                    }
                    "ADMIN" => vec![
                        (&anonymous, "UNAUTHENTICATED"),
                        (&guest, "UNAUTHENTICATED"),
                        (&customer, "FORBIDDEN"),
                    ],
                    other => panic!("unknown rule {other}"),
                };
                let call = format!("{operation} {{ {} }}", schema.call(field));
                for (client, code) in refused {
                    let response = client.send(&call, json!({})).await;
                    let parts = Form::new(&json!({"query": call}), &json!({})).end();
                    assert_eq!(client.upload(parts).await.text, response.text);
                    assert_eq!(
                        (response.status.as_u16(), response.code()),
                        (200, code),
                        "{call}"
                    );
                    assert_eq!(
                        response.json["errors"].as_array().unwrap().len(),
                        1,
                        "{call}"
                    );
                    let data = &response.json["data"];
                    assert!(
                        data.is_null() || data[field.name.node.as_str()].is_null(),
                        "{data}"
                    );
                    tested += 1;
                }
            }
        }
        assert!(tested >= 16, "only {tested} calls were tested");
        assert_eq!(rows(app).await, before);
    })
    .await;
}

#[tokio::test]
async fn every_public_field_answers_anonymous_clients() {
    on_both_databases(async |app| {
        let schema = Schema::read();
        for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
            for field in schema.fields(root) {
                if rule(field).unwrap() == "ANYONE" {
                    let call = format!("{operation} {{ {} }}", schema.call(field));
                    let response = app.anonymous().send(&call, json!({})).await;
                    for code in ["UNAUTHENTICATED", "FORBIDDEN"] {
                        assert!(!response.text.contains(code), "{call}: {}", response.text);
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn another_users_id_is_answered_like_an_unknown_one() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        app.user("bob@shop.example", Role::Customer).await;
        let admin = app.admin().await;
        let users = admin
            .data("{ users { nodes { id email } } }", json!({}))
            .await;
        let nodes = users["users"]["nodes"].as_array().unwrap();
        let id = |email: &str| {
            let user = nodes.iter().find(|user| user["email"] == email).unwrap();
            user["id"].clone()
        };
        let absent = json!("user_00000000000000000000000000");
        let query = "query($id: ID!) { node(id: $id) { ... on User { email } } }";
        for (client, id, seen) in [
            (&customer, id("customer@shop.example"), true),
            (&customer, id("bob@shop.example"), false),
            (&customer, absent.clone(), false),
            (&app.anonymous(), id("bob@shop.example"), false),
            (&admin, id("bob@shop.example"), true),
            (&admin, absent, false),
        ] {
            let data = client.data(query, json!({"id": id})).await;
            assert_eq!(data["node"].is_object(), seen, "{data}");
        }
        // A customer cannot distinguish existing and unknown IDs by an admin field.
        for id in [
            id("bob@shop.example"),
            json!("user_00000000000000000000000000"),
            json!("x"),
        ] {
            let response = customer.send(
                "query($id: ID!) { user(id: $id) { email } }",
                json!({"id": id}),
            );
            let response = response.await;
            assert_eq!(
                (response.code(), &response.json["data"]),
                ("FORBIDDEN", &json!({"user": null}))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn users_cannot_raise_their_own_role() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        for field in [
            "role: ADMIN",
            "id: \"x\"",
            "emailVerified: true",
            "passwordHash: \"x\"",
            "disabled: false",
        ] {
            let query = format!(
                "mutation {{ updateMe(input: {{name: \"Ann\", {field}}}) {{ user {{ role }} }} }}"
            );
            let response = customer.send(&query, json!({})).await;
            response.assert_refused(200, "GRAPHQL_VALIDATION_FAILED");
        }
        let payload = customer
            .run_mutation("updateMe", json!({"name": "  Anna "}), "user { name role }")
            .await;
        assert_eq!(payload["user"], json!({"name": "Anna", "role": "CUSTOMER"}));
        let payload = customer
            .run_mutation("updateMe", json!({"name": "\u{202e}"}), "user { name }")
            .await;
        assert_eq!(payload["userErrors"][0]["field"], "name");
        let payload = customer
            .run_mutation("updateMe", json!({}), "user { name }")
            .await;
        assert_eq!(payload["user"]["name"], "Anna");
    })
    .await;
}

#[tokio::test]
async fn a_changed_role_applies_to_the_next_request() {
    on_both_databases(async |app| {
        let admin_client = app.signed_in("chief@shop.example", Role::Admin).await;
        let other_admin = app.signed_in("deputy@shop.example", Role::Admin).await;
        let query = "{ users(first: 1) { totalCount } }";
        other_admin.data(query, json!({})).await;
        let set_role = async |role: &str| {
            let me = other_admin.data("{ me { id } }", json!({})).await;
            let input = json!({"id": me["me"]["id"], "role": role});
            let payload = admin_client
                .run_mutation("updateUser", input, "user { role }")
                .await;
            assert_eq!(payload["user"]["role"], role);
        };
        set_role("CUSTOMER").await;
        // The access token still contains the role ADMIN.
        assert_eq!(other_admin.send(query, json!({})).await.code(), "FORBIDDEN");
        set_role("ADMIN").await;
        other_admin.data(query, json!({})).await;
        assert!(
            app.anonymous().login("deputy@shop.example", PASSWORD).await["accessToken"].is_string()
        );
    })
    .await;
}
