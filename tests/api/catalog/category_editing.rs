//! Creating, updating and deleting categories: fields, errors, audit log.

use std::time::Duration;

use serde_json::{Value, json};
use wares::catalog::category::CategoryId;
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases};

pub const FIELDS: &str = "category { id name slug description published position level version parent { slug } createdAt updatedAt }";
pub const CURRENT: &str = "userErrors { currentVersion }";

pub async fn create(admin: &Client, input: Value) -> Value {
    admin.run_mutation("createCategory", input, FIELDS).await
}

pub async fn update(admin: &Client, input: Value) -> Value {
    let select = format!("{FIELDS} {CURRENT}");
    admin.run_mutation("updateCategory", input, &select).await
}

pub async fn delete(admin: &Client, input: Value) -> Value {
    let select = format!("{FIELDS} {CURRENT}");
    admin.run_mutation("deleteCategory", input, &select).await
}

/// Creates a top-level category with this name and returns its ID.
pub async fn create_root(admin: &Client, name: &str) -> Value {
    let payload = create(admin, json!({"name": name})).await;
    payload["category"]["id"].clone()
}

/// Returns the current slug of the category that a slug resolves to. Null if there is none.
pub async fn resolve_slug(app: &App, slug: &str) -> Value {
    let query = "query($slug: String!) { category(slug: $slug) { slug } }";
    let data = app.anonymous().data(query, json!({"slug": slug})).await;
    data["category"]["slug"].clone()
}

/// Returns the field and code of each user error.
pub fn errors(payload: &Value) -> Vec<(&str, &str)> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            let field = error["field"].as_str().unwrap_or_default();
            (field, error["code"].as_str().unwrap())
        })
        .collect()
}

/// Returns numbers that any change of a category alters.
pub async fn state(app: &App) -> Vec<i64> {
    let mut numbers = Vec::new();
    for query in [
        "SELECT count(*) FROM categories",
        "SELECT count(*) FROM category_slugs",
        "SELECT count(*) FROM audit_log",
        "SELECT CAST(coalesce(sum(version), 0) AS bigint) FROM categories",
        "SELECT CAST(coalesce(sum(length(name) + length(slug) + length(description)), 0) AS bigint) FROM categories",
    ] {
        numbers.push(app.sql_number(query).await);
    }
    numbers
}

#[tokio::test]
async fn a_category_is_created_after_its_siblings() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let payload = create(&admin, json!({"name": "  Cafe\u{301} & Thé "})).await;
        assert_eq!(payload["userErrors"], json!([]));
        let first = &payload["category"];
        let time = "2026-01-01T00:00:00.000000Z";
        assert_eq!(
            *first,
            json!({
                "id": first["id"], "name": "Café & Thé", "slug": "cafe-the", "description": "",
                "published": true, "position": 0, "level": 0, "version": 1, "parent": null,
                "createdAt": time, "updatedAt": time,
            })
        );
        let input = json!({
            "name": "Hidden", "slug": "straße-9", "description": " two\r\nlines ",
            "parentId": first["id"], "published": false,
        });
        let payload = create(&admin, input).await;
        let second = &payload["category"];
        assert_eq!(
            *second,
            json!({
                "id": second["id"], "name": "Hidden", "slug": "straße-9", "description": "two\nlines",
                "published": false, "position": 0, "level": 1, "version": 1, "parent": {"slug": "cafe-the"},
                "createdAt": time, "updatedAt": time,
            })
        );
        // Null is equivalent to an absent field.
        let input = json!({
            "name": "Third", "slug": null, "description": null, "parentId": first["id"], "published": null,
        });
        let payload = create(&admin, input).await;
        let third = &payload["category"];
        let found = (&third["slug"], &third["published"], &third["position"]);
        assert_eq!(found, (&json!("third"), &json!(true), &json!(1)));
        assert_eq!(resolve_slug(app, "third").await, "third");
        assert_eq!(resolve_slug(app, "straße-9").await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn all_invalid_fields_are_reported_and_nothing_is_changed() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = create_root(&admin, "Home").await;
        let before = state(app).await;
        let long = "x".repeat(201);
        let combining = "\u{301}\u{301}";
        for name in [
            "", "   ", combining, &long, "a\u{0}b", "\r\n", "\u{7}", "\u{202e}", "\u{200d}",
        ] {
            let payload = create(&admin, json!({"name": name})).await;
            assert_eq!(errors(&payload), [("name", "BAD_USER_INPUT")], "{name:?}");
            let payload = update(&admin, json!({"id": id, "name": name})).await;
            assert_eq!(errors(&payload), [("name", "BAD_USER_INPUT")], "{name:?}");
        }
        for slug in ["", " ", "A", "a b", "a--b", "-a", "a-", "a/b", "a_b", "a\u{0}", &long] {
            let payload = create(&admin, json!({"name": "Fine", "slug": slug})).await;
            assert_eq!(errors(&payload), [("slug", "BAD_USER_INPUT")], "{slug:?}");
            let payload = update(&admin, json!({"id": id, "slug": slug})).await;
            assert_eq!(errors(&payload), [("slug", "BAD_USER_INPUT")], "{slug:?}");
        }
        let bad = json!({
            "name": "", "slug": "A", "description": "\u{0}", "parentId": "prod_00000000000000000000000000",
        });
        let expected = ["name", "slug", "description", "parentId"].map(|field| (field, "BAD_USER_INPUT"));
        assert_eq!(errors(&create(&admin, bad).await), expected);
        let bad = json!({"id": "x", "name": "", "slug": "A", "description": "x".repeat(20_001), "published": null});
        let expected = ["id", "name", "slug", "description", "published"].map(|field| (field, "BAD_USER_INPUT"));
        let payload = update(&admin, bad).await;
        assert_eq!(errors(&payload), expected);
        assert_eq!(payload["category"], Value::Null);
        assert_eq!(state(app).await, before);

        let valid = json!({
            "id": id, "name": "n".repeat(200), "slug": "s".repeat(200), "description": "d".repeat(20_000),
        });
        assert_eq!(errors(&update(&admin, valid).await), []);
        let payload = create(&admin, json!({"name": "ß"})).await;
        assert_eq!(payload["category"]["slug"], "ss");
    })
    .await;
}

#[tokio::test]
async fn absent_fields_stay_and_null_clears_optional_ones() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let input = json!({"name": "Home", "description": "All of it"});
        let payload = create(&admin, input).await;
        let (before, id) = (payload["category"].clone(), payload["category"]["id"].clone());
        app.advance(Duration::from_mins(1));

        // An update without changes stores nothing.
        let stored = state(app).await;
        for same in [
            json!({"id": id}),
            json!({"id": id, "name": " Home ", "slug": "home", "description": "All of it", "published": true}),
            json!({"id": id, "expectedVersion": 1}),
        ] {
            assert_eq!(update(&admin, same).await["category"], before);
        }
        assert_eq!(state(app).await, stored);

        let payload = update(&admin, json!({"id": id, "name": "House"})).await;
        let mut expected = before.clone();
        expected["name"] = json!("House");
        expected["version"] = json!(2);
        expected["updatedAt"] = json!("2026-01-01T00:01:00.000000Z");
        assert_eq!(payload["category"], expected);

        let payload = update(&admin, json!({"id": id, "description": null})).await;
        expected["description"] = json!("");
        expected["version"] = json!(3);
        assert_eq!(payload["category"], expected);

        let stored = state(app).await;
        for field in ["name", "slug", "published"] {
            let payload = update(&admin, json!({"id": id, field: null})).await;
            assert_eq!(errors(&payload), [(field, "BAD_USER_INPUT")]);
        }
        assert_eq!(state(app).await, stored);
        // The list is ordered by the new name.
        create_root(&admin, "Hope").await;
        let query = "{ categories(sort: {field: NAME}) { nodes { name } } }";
        let data = app.anonymous().data(query, json!({})).await;
        assert_eq!(data["categories"]["nodes"], json!([{"name": "Hope"}, {"name": "House"}]));
    })
    .await;
}

#[tokio::test]
async fn only_an_empty_category_can_be_deleted() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let other = app.shop().root("other", 1).await;
        for (slug, position) in [("jugs", 0), ("bowls", 1)] {
            app.shop()
                .category(slug, Some(&home), position, |_| ())
                .await;
        }
        app.shop().product("sofa", &home, |_| ()).await;
        app.shop()
            .product_in("lamp", &[&other, &home], |_| ())
            .await;
        let (home_id, other_id) = (home.id.encode(), other.id.encode());
        let before = state(app).await;
        for (id, message) in [
            (
                &home_id,
                "The category contains 2 products and 2 categories. Move or delete them first.",
            ),
            (
                &other_id,
                "The category contains 1 product and 0 categories. Move or delete them first.",
            ),
        ] {
            let payload = delete(&admin, json!({"id": id})).await;
            assert_eq!(errors(&payload), [("id", "CONFLICT")]);
            assert_eq!(payload["userErrors"][0]["message"], message);
            assert_eq!(payload["category"], Value::Null);
        }
        assert_eq!(state(app).await, before);

        let payload = create(&admin, json!({"name": "Empty", "parentId": home_id})).await;
        let empty = payload["category"].clone();
        let payload = delete(&admin, json!({"id": empty["id"]})).await;
        assert_eq!(payload["category"], empty);
        let payload = delete(&admin, json!({"id": empty["id"]})).await;
        assert_eq!(errors(&payload), [("id", "NOT_FOUND")]);
        // The siblings after it move up.
        let data = admin
            .data(
                "{ category(slug: \"home\") { children { id slug } } }",
                json!({}),
            )
            .await;
        let jugs = &data["category"]["children"][0];
        delete(&admin, json!({"id": jugs["id"]})).await;
        let query = "{ category(slug: \"home\") { children { slug position } } }";
        let data = admin.data(query, json!({})).await;
        assert_eq!(
            data["category"]["children"],
            json!([{"slug": "bowls", "position": 0}])
        );
    })
    .await;
}

#[tokio::test]
async fn unknown_ids_are_not_found_and_malformed_ones_bad_input() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = create_root(&admin, "Home").await;
        let id = id.as_str().unwrap();
        let absent = CategoryId::generate(app.state.clock.now()).encode();
        let nil = "cat_00000000000000000000000000";
        for (id, code) in [
            (absent.as_str(), "NOT_FOUND"),
            (nil, "NOT_FOUND"),
            (&id.to_uppercase(), "BAD_USER_INPUT"),
            (&id[4..], "BAD_USER_INPUT"),
            (&id.replace("cat", "prod"), "BAD_USER_INPUT"),
            ("", "BAD_USER_INPUT"),
            ("cat_\u{0}", "BAD_USER_INPUT"),
        ] {
            for name in ["updateCategory", "moveCategory", "deleteCategory"] {
                let payload = admin
                    .run_mutation(name, json!({"id": id}), "category { id }")
                    .await;
                assert_eq!(errors(&payload), [("id", code)], "{name} {id:?}");
            }
            let payload = create(&admin, json!({"name": "Below", "parentId": id})).await;
            assert_eq!(errors(&payload), [("parentId", code)], "{id:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn category_changes_are_in_the_audit_log() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = create_root(&admin, "Home").await;
        let text = "long ".repeat(100);
        let input = json!({"name": "Lamps", "description": text, "parentId": home});
        let payload = create(&admin, input).await;
        let id = payload["category"]["id"].clone();
        let longer = format!("{text} indeed");
        let input = json!({"id": id, "name": "Lights", "slug": "lights", "description": longer, "published": false});
        app.advance(Duration::from_secs(1));
        update(&admin, input).await;
        app.advance(Duration::from_secs(1));
        admin.run_mutation("moveCategory", json!({"id": id, "parentId": null}), "").await;
        app.advance(Duration::from_secs(1));
        // Failed mutations have no audit entry.
        update(&admin, json!({"id": id, "name": ""})).await;
        delete(&admin, json!({"id": id, "expectedVersion": 1})).await;
        delete(&admin, json!({"id": id})).await;

        let query = "query($id: ID!) { auditLog(filter: {subjectId: $id}) { nodes {
            action subjectName actor { email } changes { field before after } } } }";
        let data = admin.data(query, json!({"id": id})).await;
        let nodes = data["auditLog"]["nodes"].as_array().unwrap();
        let actions: Vec<_> = nodes.iter().map(|node| (&node["action"], &node["subjectName"])).collect();
        assert_eq!(
            json!(actions),
            json!([
                ["deleteCategory", "Lights"], ["moveCategory", "Lights"], ["updateCategory", "Lights"],
                ["createCategory", "Lamps"],
            ])
        );
        assert!(nodes.iter().all(|node| node["actor"]["email"] == "admin@shop.example"));
        let start = format!("{}…", "long ".repeat(40));
        assert_eq!(
            nodes[2]["changes"],
            json!([
                {"field": "name", "before": "Lamps", "after": "Lights"},
                {"field": "slug", "before": "lamps", "after": "lights"},
                {"field": "description", "before": start, "after": start},
                {"field": "published", "before": "true", "after": "false"},
            ])
        );
        assert_eq!(
            nodes[1]["changes"],
            json!([
                {"field": "parentId", "before": home, "after": null},
                {"field": "position", "before": "0", "after": "1"},
            ])
        );
    })
    .await;
}
