//! The category tree: moving and publishing.

use std::collections::{BTreeMap, HashMap};

use sea_orm::EntityTrait;
use serde_json::{Value, json};
use wares::catalog::category::entity::{Entity, Model};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

/// Returns the stored rows by ID.
pub async fn rows(app: &App) -> HashMap<String, Model> {
    let rows = Entity::find().all(app.state.db.reader()).await.unwrap();
    let rows = rows.into_iter();
    rows.map(|row| (row.id.encode(), row)).collect()
}

/// Fails unless all columns derived from parents and positions are consistent.
pub fn assert_consistent(rows: &HashMap<String, Model>) {
    let mut siblings: BTreeMap<Option<String>, Vec<i32>> = BTreeMap::new();
    for row in rows.values() {
        let mut path = String::new();
        let mut visible = true;
        let mut ancestor = Some(row);
        let mut levels = 0;
        while let Some(here) = ancestor {
            path = format!("{:04x}{path}", here.position);
            visible &= here.published;
            levels += 1;
            assert!(levels <= 8, "{} is too deep or in a cycle", row.slug);
            ancestor = here.parent_id.map(|parent| &rows[&parent.encode()]);
        }
        assert_eq!((&row.path, row.visible), (&path, visible), "{}", row.slug);
        let parent = row.parent_id.map(TypedId::encode);
        siblings.entry(parent).or_default().push(row.position);
    }
    for (parent, mut positions) in siblings {
        positions.sort_unstable();
        let dense = (0..).take(positions.len());
        assert!(
            positions.iter().copied().eq(dense),
            "below {parent:?}: {positions:?}"
        );
    }
}

/// Formats the tree as a text such as `a(b(c) d) e`.
async fn format_tree(app: &App) -> String {
    fn format_children(
        children: &HashMap<Option<String>, Vec<&Model>>,
        parent: Option<&str>,
    ) -> String {
        let Some(below) = children.get(&parent.map(ToOwned::to_owned)) else {
            return String::new();
        };
        let each = below.iter().map(|row| {
            let below = format_children(children, Some(&row.id.encode()));
            if below.is_empty() {
                row.slug.clone()
            } else {
                format!("{}({below})", row.slug)
            }
        });
        each.collect::<Vec<_>>().join(" ")
    }
    let rows = rows(app).await;
    assert_consistent(&rows);
    let mut ordered: Vec<&Model> = rows.values().collect();
    ordered.sort_by_key(|row| row.position);
    let mut children: HashMap<_, Vec<_>> = HashMap::new();
    for row in ordered {
        let parent = row.parent_id.map(TypedId::encode);
        children.entry(parent).or_default().push(row);
    }
    format_children(&children, None)
}

/// Creates categories from a text in the format of [`format_tree`]. Returns their IDs by name.
pub async fn create_tree(admin: &Client, tree_text: &str) -> HashMap<String, String> {
    let mut ids = HashMap::new();
    let mut above: Vec<String> = Vec::new();
    let mut last = String::new();
    let mut name = String::new();
    for character in tree_text.chars().chain([' ']) {
        if !matches!(character, ' ' | '(' | ')') {
            name.push(character);
            continue;
        }
        if !name.is_empty() {
            let input = json!({"name": name, "parentId": above.last()});
            let payload = admin
                .run_mutation("createCategory", input, "category { id }")
                .await;
            last = payload["category"]["id"].as_str().unwrap().into();
            ids.insert(std::mem::take(&mut name), last.clone());
        }
        match character {
            '(' => above.push(last.clone()),
            ')' => drop(above.pop()),
            _ => {}
        }
    }
    ids
}

const MOVED: &str = "category { slug position level version parent { slug } }";

pub async fn relocate(admin: &Client, input: Value) -> Value {
    admin.run_mutation("moveCategory", input, MOVED).await
}

#[tokio::test]
async fn a_category_moves_with_its_descendants() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = create_tree(&admin, "a(b(c d) e) f g(h)").await;
        let id = |slug: &str| json!(ids[slug]);
        assert_eq!(format_tree(app).await, "a(b(c d) e) f g(h)");
        let steps = [
            // Among its siblings: forward, backward.
            (
                json!({"id": id("a"), "position": 2}),
                "f g(h) a(b(c d) e)",
                Some(json!({"slug": "a", "position": 2, "level": 0, "version": 2, "parent": null})),
            ),
            (
                json!({"id": id("a"), "position": 1}),
                "f a(b(c d) e) g(h)",
                None,
            ),
            // To another parent: to the end, or to a position.
            (
                json!({"id": id("b"), "parentId": id("g")}),
                "f a(e) g(h b(c d))",
                None,
            ),
            (
                json!({"id": id("f"), "parentId": id("g"), "position": 1}),
                "a(e) g(h f b(c d))",
                None,
            ),
            // Below a following sibling, whose position changes by the move.
            (
                json!({"id": id("a"), "parentId": id("b"), "position": 0}),
                "g(h f b(a(e) c d))",
                Some(json!({"slug": "a", "position": 0, "level": 2, "version": 4, "parent": {"slug": "b"}})),
            ),
            // Next to an ancestor, which is shifted.
            (
                json!({"id": id("a"), "parentId": null, "position": 0}),
                "a(e) g(h f b(c d))",
                None,
            ),
            (
                json!({"id": id("e"), "parentId": null}),
                "a g(h f b(c d)) e",
                None,
            ),
        ];
        for (input, tree, expected) in steps {
            let payload = relocate(&admin, input).await;
            assert_eq!(payload["userErrors"], json!([]));
            assert_eq!(format_tree(app).await, tree);
            if let Some(expected) = expected {
                assert_eq!(payload["category"], expected);
            }
        }
        // Moves to the current position change nothing.
        let before = rows(app).await;
        for input in [
            json!({"id": id("f")}),
            json!({"id": id("f"), "parentId": id("g")}),
            json!({"id": id("f"), "position": 1}),
            json!({"id": id("g"), "parentId": null, "position": 1}),
        ] {
            assert_eq!(relocate(&admin, input).await["userErrors"], json!([]));
        }
        assert_eq!(rows(app).await, before);
        // Only moved categories have new versions.
        let versions = |slug: &str| before[&ids[slug]].version;
        assert_eq!(["a", "b", "c", "g", "h"].map(versions), [5, 2, 1, 1, 1]);
    })
    .await;
}

#[tokio::test]
async fn an_invalid_category_move_is_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = create_tree(&admin, "a(b(c(d(e(f(g(h))))))) x(y)").await;
        let id = |slug: &str| json!(ids[slug]);
        let absent = "cat_00000000000000000000000000";
        let before = rows(app).await;
        for (input, code, field) in [
            (
                json!({"id": id("a"), "parentId": id("a")}),
                "CONFLICT",
                "parentId",
            ),
            (
                json!({"id": id("a"), "parentId": id("b")}),
                "CONFLICT",
                "parentId",
            ),
            (
                json!({"id": id("a"), "parentId": id("h")}),
                "CONFLICT",
                "parentId",
            ),
            // The ninth level, for the category and for its descendants.
            (
                json!({"id": id("y"), "parentId": id("h")}),
                "CONFLICT",
                "parentId",
            ),
            (
                json!({"id": id("x"), "parentId": id("g")}),
                "CONFLICT",
                "parentId",
            ),
            (
                json!({"id": id("a"), "parentId": id("x")}),
                "CONFLICT",
                "parentId",
            ),
            (json!({"id": absent}), "NOT_FOUND", "id"),
            (
                json!({"id": id("x"), "parentId": absent}),
                "NOT_FOUND",
                "parentId",
            ),
            (
                json!({"id": "cat_x", "parentId": id("a")}),
                "BAD_USER_INPUT",
                "id",
            ),
            (
                json!({"id": id("x"), "parentId": "x"}),
                "BAD_USER_INPUT",
                "parentId",
            ),
            (
                json!({"id": id("x"), "position": -1}),
                "BAD_USER_INPUT",
                "position",
            ),
            (
                json!({"id": id("x"), "position": 2}),
                "BAD_USER_INPUT",
                "position",
            ),
            (
                json!({"id": id("x"), "position": i32::MAX}),
                "BAD_USER_INPUT",
                "position",
            ),
            (
                json!({"id": id("x"), "parentId": id("a"), "position": 2}),
                "BAD_USER_INPUT",
                "position",
            ),
            (
                json!({"id": id("x"), "expectedVersion": 2, "position": 0}),
                "CONFLICT",
                "expectedVersion",
            ),
        ] {
            let payload = relocate(&admin, input.clone()).await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!(code), &json!(field)),
                "{input}"
            );
            assert_eq!(payload["category"], Value::Null);
        }
        let input = json!({"id": "x", "parentId": "y"});
        let payload = relocate(&admin, input).await;
        assert_eq!(payload["userErrors"].as_array().unwrap().len(), 2);
        assert_eq!(rows(app).await, before);
        // The eighth level is allowed.
        let payload = relocate(&admin, json!({"id": id("y"), "parentId": id("g")})).await;
        assert_eq!(payload["category"]["level"], 7);
    })
    .await;
}

#[tokio::test]
async fn categories_have_at_most_8_levels() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = create_tree(&admin, "a(b(c(d(e(f(g(h)))))))").await;
        let input = json!({"name": "i", "parentId": ids["h"]});
        let payload = admin
            .run_mutation("createCategory", input, "category { id }")
            .await;
        assert_eq!(user_error(&payload), "CONFLICT");
        assert_eq!(payload["userErrors"][0]["field"], "parentId");
        assert_eq!(app.count("categories").await, 8);
    })
    .await;
}

#[tokio::test]
async fn a_hidden_category_hides_its_descendants() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = create_tree(&admin, "a(b(c) d) e").await;
        let seen = async || {
            let list = "{ categories { nodes { slug } } }";
            let data = app.anonymous().data(list, json!({})).await;
            let nodes = data["categories"]["nodes"].as_array().unwrap().iter();
            let slugs = nodes.map(|node| node["slug"].as_str().unwrap().to_owned());
            slugs.collect::<String>()
        };
        let publish = async |slug: &str, published: bool| {
            let input = json!({"id": ids[slug], "published": published});
            let payload = admin
                .run_mutation("updateCategory", input, "category { published }")
                .await;
            assert_eq!(payload["category"]["published"], published);
            assert_consistent(&rows(app).await);
        };
        publish("b", false).await;
        assert_eq!(seen().await, "ade");
        publish("a", false).await;
        assert_eq!(seen().await, "e");
        // A category moved out of a hidden parent becomes visible, and one moved into it becomes hidden.
        relocate(&admin, json!({"id": ids["d"], "parentId": ids["e"]})).await;
        assert_eq!(seen().await, "ed");
        relocate(
            &admin,
            json!({"id": ids["c"], "parentId": null, "position": 0}),
        )
        .await;
        assert_eq!(seen().await, "ced");
        relocate(&admin, json!({"id": ids["e"], "parentId": ids["b"]})).await;
        assert_eq!(seen().await, "c");
        publish("a", true).await;
        assert_eq!(seen().await, "ca");
        publish("b", true).await;
        assert_eq!(seen().await, "cabed");
        assert_eq!(format_tree(app).await, "c a(b(e(d)))");
        // Only categories that were changed themselves have new versions.
        assert_eq!(rows(app).await[&ids["d"]].version, 2);
    })
    .await;
}

#[tokio::test]
async fn a_large_tree_moves_in_as_many_statements_as_a_small_one() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let mut counts = Vec::new();
        for size in [2, 400] {
            let ids = create_tree(&admin, &format!("top{size} side{size}(leaf{size})")).await;
            let parent = rows(app).await[&ids[&format!("top{size}")]].clone();
            for number in 0..size {
                app.shop()
                    .category(&format!("c{size}-{number}"), Some(&parent), number, |_| ())
                    .await;
            }
            let (id, to) = (&ids[&format!("top{size}")], &ids[&format!("leaf{size}")]);
            for input in [
                json!({"id": id, "parentId": to}),
                json!({"id": to, "parentId": null, "position": 0}),
            ] {
                let work = async { assert_eq!(user_error(&relocate(&admin, input).await), "") };
                counts.push(app.record_statements(work).await.len());
            }
            assert_consistent(&rows(app).await);
        }
        assert_eq!(counts[..2], counts[2..]);
        assert!(counts.iter().all(|count| *count < 20), "{counts:?}");
    })
    .await;
}
