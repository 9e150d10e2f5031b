//! Random and concurrent changes of the category tree.

use std::collections::HashMap;

use futures_util::future::join_all;
use serde_json::json;
use wares::catalog::category::entity::Model;
use wares::core::id::TypedId;

use crate::catalog::category_tree::{assert_consistent, create_tree, relocate, rows};
use crate::harness::csv_files::import;
use crate::harness::{on_both_databases, user_error};

/// A deterministic pseudorandom number generator.
struct PseudoRandom(u64);

impl PseudoRandom {
    fn next_below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// Returns one of these IDs, or occasionally none.
    fn pick_optional(&mut self, ids: &[String]) -> Option<String> {
        let number = self.next_below(ids.len() + 1);
        ids.get(number).cloned()
    }
}

/// A model of the tree: the expected children in order.
#[derive(Default)]
struct ExpectedTree {
    children: HashMap<Option<String>, Vec<String>>,
    parents: HashMap<String, Option<String>>,
    published: HashMap<String, bool>,
}

impl ExpectedTree {
    fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.parents.keys().cloned().collect();
        ids.sort();
        ids
    }

    fn below(&self, parent: Option<&String>) -> usize {
        self.children.get(&parent.cloned()).map_or(0, Vec::len)
    }

    fn level(&self, id: &str) -> usize {
        self.parents[id].as_ref().map_or(0, |up| self.level(up) + 1)
    }

    fn height(&self, id: &str) -> usize {
        let below = self.children.get(&Some(id.to_owned()));
        let heights = below.into_iter().flatten().map(|child| self.height(child));
        1 + heights.max().unwrap_or(0)
    }

    fn is_descendant_of(&self, id: &str, top: &str) -> bool {
        id == top
            || self.parents[id]
                .as_ref()
                .is_some_and(|up| self.is_descendant_of(up, top))
    }

    fn insert_node(&mut self, id: &str, parent: Option<String>, position: usize) {
        self.take(id);
        let siblings = self.children.entry(parent.clone()).or_default();
        siblings.insert(position, id.to_owned());
        self.parents.insert(id.to_owned(), parent);
    }

    fn take(&mut self, id: &str) {
        if let Some(parent) = self.parents.remove(id) {
            let siblings = self.children.get_mut(&parent).unwrap();
            siblings.retain(|sibling| sibling != id);
        }
    }

    fn assert_is(&self, rows: &HashMap<String, Model>) {
        assert_consistent(rows);
        assert_eq!(rows.len(), self.parents.len());
        for (id, row) in rows {
            let parent = row.parent_id.map(TypedId::encode);
            let position = usize::try_from(row.position).unwrap();
            assert_eq!(self.children[&parent][position], *id);
            assert_eq!(self.published[id], row.published);
        }
    }
}

#[tokio::test]
async fn random_changes_keep_the_tree_consistent() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let mut random = PseudoRandom(0x5eed_cafe_f00d_1234);
        let mut tree = ExpectedTree::default();
        let mut refused = 0;
        for step in 0..220 {
            let ids = tree.ids();
            let (one, other) = (random.pick_optional(&ids), random.pick_optional(&ids));
            let (payload, expected) = match (random.next_below(10), one) {
                (0..3, parent) | (_, parent @ None) => {
                    let published = random.next_below(4) > 0;
                    let input = json!({"name": format!("C{step}"), "parentId": parent, "published": published});
                    let payload = admin.run_mutation("createCategory", input, "category { id }").await;
                    let deep = parent.as_ref().is_some_and(|up| tree.level(up) == 7);
                    if !deep {
                        let id = payload["category"]["id"].as_str().unwrap();
                        let end = tree.below(parent.as_ref());
                        tree.insert_node(id, parent, end);
                        tree.published.insert(id.to_owned(), published);
                    }
                    (payload, if deep { "CONFLICT" } else { "" })
                }
                (3..8, Some(id)) => {
                    let end = tree.below(other.as_ref());
                    let stays = tree.parents[&id] == other;
                    let position = random.next_below(end + 2);
                    let below = other.as_ref().map_or(0, |up| tree.level(up) + 1);
                    let expected = if other.as_ref().is_some_and(|up| tree.is_descendant_of(up, &id))
                        || below + tree.height(&id) > 8
                    {
                        "CONFLICT"
                    } else if position > end - usize::from(stays) {
                        "BAD_USER_INPUT"
                    } else {
                        tree.insert_node(&id, other.clone(), position);
                        ""
                    };
                    let input = json!({"id": id, "parentId": other, "position": position});
                    (relocate(&admin, input).await, expected)
                }
                (8, Some(id)) => {
                    let published = !tree.published[&id];
                    tree.published.insert(id.clone(), published);
                    let input = json!({"id": id, "published": published});
                    (admin.run_mutation("updateCategory", input, "category { id }").await, "")
                }
                (_, Some(id)) => {
                    let empty = tree.below(Some(&id)) == 0;
                    if empty {
                        tree.take(&id);
                    }
                    let input = json!({"id": id});
                    let payload = admin.run_mutation("deleteCategory", input, "category { id }").await;
                    (payload, if empty { "" } else { "CONFLICT" })
                }
            };
            assert_eq!(user_error(&payload), expected, "step {step}: {payload}");
            refused += usize::from(!expected.is_empty());
            tree.assert_is(&rows(app).await);
        }
        assert!(refused > 20 && tree.parents.len() > 20, "the random operations do not cover enough cases");
    })
    .await;
}

#[tokio::test]
async fn concurrent_moves_create_no_cycle() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for round in 0..5 {
            let ids = create_tree(&admin, &format!("a{round}(x{round}) b{round}(y{round})")).await;
            let id = |slug: &str| json!(ids[&format!("{slug}{round}")]);
            let (one, other) = tokio::join!(
                relocate(&admin, json!({"id": id("a"), "parentId": id("y")})),
                relocate(&admin, json!({"id": id("b"), "parentId": id("x")})),
            );
            let mut codes = [user_error(&one), user_error(&other)];
            codes.sort_unstable();
            assert_eq!(codes, ["", "CONFLICT"]);
            assert_consistent(&rows(app).await);
        }
    })
    .await;
}

#[tokio::test]
async fn fifty_concurrent_changes_keep_the_tree_consistent() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let ids = create_tree(&admin, "a(b(c(d)) e) f(g(h(i)) j) k(l(m) n(o)) p q").await;
        let ids: Vec<_> = ids.into_values().collect();
        let mut random = PseudoRandom(0x0dd_ba11);
        let changes = (0..50).map(|number| {
            let (one, other) = (random.pick_optional(&ids), random.pick_optional(&ids));
            let (kind, half) = (random.next_below(8), random.next_below(2) == 0);
            let admin = &admin;
            async move {
                match (kind, one) {
                    (0, Some(id)) => {
                        admin
                            .run_mutation("deleteCategory", json!({"id": id}), "")
                            .await
                    }
                    (1, Some(id)) => {
                        let input = json!({"id": id, "published": half});
                        admin.run_mutation("updateCategory", input, "").await
                    }
                    (2, parent) | (_, parent @ None) => {
                        let input =
                            json!({"name": format!("new {}", number / 2), "parentId": parent});
                        admin.run_mutation("createCategory", input, "").await
                    }
                    (_, Some(id)) => {
                        let input = json!({"id": id, "parentId": other});
                        admin.run_mutation("moveCategory", input, "").await
                    }
                }
            }
        });
        let payloads = join_all(changes).await;
        for payload in &payloads {
            assert!(
                matches!(user_error(payload), "" | "CONFLICT" | "NOT_FOUND"),
                "{payload}"
            );
        }
        let done = payloads
            .iter()
            .filter(|payload| user_error(payload).is_empty());
        assert!(done.count() > 20);
        assert_consistent(&rows(app).await);
    })
    .await;
}

#[tokio::test]
async fn concurrent_imports_create_a_category_path_once() {
    on_both_databases(async |app| {
        for round in 0..3 {
            let file = format!(
                "name,price,categories\nPan {round},1,Home {round} > Rooms > Kitchen {round}\n"
            );
            let reports = join_all((0..10).map(|_| import(app, &file))).await;
            let made: u64 = reports.iter().map(|report| report.categories_created).sum();
            assert_eq!(made, 3);
        }
        assert_consistent(&rows(app).await);
        assert_eq!(app.count("categories").await, 9);
    })
    .await;
}
