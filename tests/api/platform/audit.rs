//! Audit log.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::core::id::TypedId;

use crate::harness::{Client, on_both_databases};

const ENTRY: &str = "id at action actor { email } actorId subjectId subjectName
    subject { ... on Product { name } ... on User { email } } changes { field before after }";

async fn log(admin: &Client, arguments: &str) -> Vec<Value> {
    let query = format!("{{ auditLog{arguments} {{ totalCount nodes {{ {ENTRY} }} }} }}");
    let data = admin.data(&query, json!({})).await;
    data["auditLog"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn admins_read_the_audit_log() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let home = TypedId::encode(home.id);
        let input = json!({"name": "Pan", "price": "5", "categoryId": home});
        let made = admin.run_mutation("createProduct", input, "product { id }").await;
        let pan = made["product"]["id"].as_str().unwrap();
        app.advance(Duration::from_mins(1));
        let input = json!({"id": pan, "price": "6.50", "description": "x".repeat(300)});
        admin.run_mutation("updateProduct", input, "product { id }").await;
        // Changes without an effect and refused mutations are not recorded.
        admin.run_mutation("updateProduct", json!({"id": pan, "name": "Pan"}), "product { id }").await;
        admin.run_mutation("updateProduct", json!({"id": pan, "name": ""}), "product { id }").await;
        app.advance(Duration::from_mins(1));
        app.user("bob@shop.example", Role::Customer).await;
        let users = admin.data("{ users(search: \"bob\") { nodes { id } } }", json!({})).await;
        let bob = users["users"]["nodes"][0]["id"].as_str().unwrap();
        let input = json!({"id": bob, "name": "Robert", "disabled": true});
        admin.run_mutation("updateUser", input, "user { id }").await;

        let entries = log(&admin, "").await;
        let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["updateUser", "updateProduct", "createProduct"]);
        assert!(entries.iter().all(|entry| entry["actor"]["email"] == "admin@shop.example"));
        // Personal data is not recorded, because it must be deletable.
        assert_eq!(
            entries[0]["changes"],
            json!([
                {"field": "name", "before": null, "after": null},
                {"field": "disabled", "before": "false", "after": "true"}
            ])
        );
        admin.run_mutation("updateUser", json!({"id": bob, "disabled": true}), "user { id }").await;
        assert_eq!(log(&admin, "").await.len(), 3);
        assert_eq!((&entries[0]["subjectName"], &entries[0]["subject"]["email"]), (&Value::Null, &json!("bob@shop.example")));
        assert_eq!((&entries[1]["subjectName"], &entries[1]["subject"]["name"]), (&json!("Pan"), &json!("Pan")));
        let changes = entries[1]["changes"].as_array().unwrap();
        assert_eq!(changes[0], json!({"field": "price", "before": "5.00", "after": "6.50"}));
        assert!(changes[1]["after"].as_str().unwrap().chars().count() <= 201);
        assert_eq!(entries[1]["at"], "2026-01-01T00:01:00.000000Z");

        for (filter, count) in [
            (format!("subjectId: \"{pan}\""), 2),
            (format!("subjectId: \"{pan}\", actions: [\"createProduct\"]"), 1),
            ("actions: []".to_owned(), 0),
            (format!("actorId: {}", entries[0]["actorId"]), 3),
            (format!("actorId: \"{bob}\""), 0),
            ("at: {gte: \"2026-01-01T00:01:00Z\"}".to_owned(), 2),
        ] {
            let found = log(&admin, &format!("(filter: {{{filter}}})")).await;
            assert_eq!(found.len(), count, "{filter}");
        }
        // The pages contain the same entries.
        let query = "query($after: String) { auditLog(first: 1, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }";
        let mut after = Value::Null;
        for entry in &entries {
            let data = admin.data(query, json!({"after": after})).await;
            assert_eq!(data["auditLog"]["nodes"][0]["id"], entry["id"]);
            after = data["auditLog"]["pageInfo"]["endCursor"].clone();
        }
        let node = "query($id: ID!) { node(id: $id) { ... on AuditEntry { action } } }";
        let id = json!({"id": entries[2]["id"]});
        assert_eq!(admin.data(node, id.clone()).await["node"]["action"], "createProduct");
        assert_eq!(app.customer().await.data(node, id).await["node"], Value::Null);
        for arguments in ["(filter: {actorId: \"x\"})", "(filter: {subjectId: \"a\\u0000\"})", "(first: 0)"] {
            let response = admin.send(&format!("{{ auditLog{arguments} {{ totalCount }} }}"), json!({})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT");
        }

        // Entries of deleted objects remain.
        app.advance(Duration::from_mins(1));
        admin.run_mutation("deleteProduct", json!({"id": pan}), "product { id }").await;
        app.advance(Duration::from_mins(1));
        admin.run_mutation("deleteUser", json!({"id": bob}), "user { id }").await;
        let entries = log(&admin, "(first: 2)").await;
        assert_eq!((&entries[0]["action"], &entries[0]["subject"]), (&json!("deleteUser"), &Value::Null));
        assert_eq!((&entries[1]["subjectName"], &entries[1]["subject"]), (&json!("Pan"), &Value::Null));
        // With all their changes.
        let was = fields(&entries[1], "before");
        assert_eq!((was["price"].as_str(), was["slug"].as_str()), (Some("6.50"), Some("pan")));
        assert_eq!(was["categoryIds"], home);
        let made = log(&admin, "(filter: {actions: [\"createProduct\"]})").await;
        let is = fields(&made[0], "after");
        assert_eq!((is["price"].as_str(), is["stock"].as_str()), (Some("5.00"), Some("0")));
    })
    .await;
}

#[tokio::test]
async fn a_subject_that_is_not_a_node_is_null_and_can_be_filtered_by() {
    on_both_databases(async |app| {
        let (admin, pan) = (app.admin().await, app.pan().await);
        let input = json!({"productId": pan.id.encode(), "contentType": "image/png", "bytes": 99});
        let made = admin
            .run_mutation("createImageUpload", input, "upload { id }")
            .await;
        let upload = &made["upload"]["id"];
        let entries = log(&admin, &format!("(filter: {{subjectId: {upload}}})")).await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["action"], "createImageUpload");
        assert_eq!(
            (&entries[0]["subjectId"], &entries[0]["subject"]),
            (upload, &Value::Null)
        );
    })
    .await;
}

/// Returns the fields of an entry with their values before or after.
fn fields(entry: &Value, when: &str) -> Value {
    let changes = entry["changes"].as_array().unwrap().iter();
    let pairs = changes.map(|change| {
        (
            change["field"].as_str().unwrap().to_owned(),
            change[when].clone(),
        )
    });
    Value::Object(pairs.collect())
}
