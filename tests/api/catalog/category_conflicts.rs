//! Conflicts between changes of categories: slugs and versions.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::catalog::category_editing::{
    CURRENT, FIELDS, create, create_root, delete, errors, resolve_slug, state, update,
};
use crate::harness::{on_both_databases, user_error};

#[tokio::test]
async fn generated_slugs_avoid_current_and_previous_ones() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for slug in ["lamps", "lamps-2", "lamps-3"] {
            let payload = create(&admin, json!({"name": "Lamps"})).await;
            assert_eq!(payload["category"]["slug"], slug);
        }
        // A name without letters or digits.
        assert_eq!(
            create(&admin, json!({"name": "!"})).await["category"]["slug"],
            "category"
        );
        let id = create_root(&admin, "Чай").await;
        assert_eq!(resolve_slug(app, "chai").await, "chai");
        update(&admin, json!({"id": id, "slug": "tea"})).await;
        // Former slugs still resolve, so generated slugs do not reuse them.
        assert_eq!(
            create(&admin, json!({"name": "Chai"})).await["category"]["slug"],
            "chai-2"
        );
        // A common name.
        let mut slugs = HashSet::new();
        for _ in 0..30 {
            let payload = create(&admin, json!({"name": "Sale"})).await;
            slugs.insert(payload["category"]["slug"].as_str().unwrap().to_owned());
        }
        assert_eq!(slugs.len(), 30);
    })
    .await;
}

#[tokio::test]
async fn a_previous_slug_works_until_another_category_takes_it() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (tea, mugs) = (
            create_root(&admin, "Tea").await,
            create_root(&admin, "Mugs").await,
        );
        let taken = create(&admin, json!({"name": "More", "slug": "mugs"})).await;
        assert_eq!(errors(&taken), [("slug", "CONFLICT")]);
        let taken = update(&admin, json!({"id": tea, "slug": "mugs"})).await;
        assert_eq!(errors(&taken), [("slug", "CONFLICT")]);

        let rename = async |id: &Value, slug: &str| {
            let payload = update(&admin, json!({"id": id, "slug": slug})).await;
            assert_eq!(payload["category"]["slug"], slug);
        };
        rename(&tea, "teas").await;
        rename(&tea, "all-teas").await;
        for slug in ["tea", "teas", "all-teas"] {
            assert_eq!(resolve_slug(app, slug).await, "all-teas");
        }
        // Restores a former slug of the category itself.
        rename(&tea, "tea").await;
        for slug in ["tea", "teas", "all-teas"] {
            assert_eq!(resolve_slug(app, slug).await, "tea");
        }
        assert_eq!(app.count("category_slugs").await, 2);
        // A former slug of another category can be taken explicitly.
        rename(&mugs, "teas").await;
        assert_eq!(resolve_slug(app, "teas").await, "teas");
        assert_eq!(resolve_slug(app, "mugs").await, "teas");
        let payload = create(&admin, json!({"name": "More", "slug": "all-teas"})).await;
        assert_eq!(payload["category"]["slug"], "all-teas");
        assert_eq!(resolve_slug(app, "all-teas").await, "all-teas");
        assert_eq!(app.count("category_slugs").await, 1);
        // The slugs are deleted with the category.
        delete(&admin, json!({"id": mugs})).await;
        assert_eq!(resolve_slug(app, "mugs").await, Value::Null);
        assert_eq!(app.count("category_slugs").await, 0);
        assert_eq!(
            create(&admin, json!({"name": "Mugs"})).await["category"]["slug"],
            "mugs"
        );
    })
    .await;
}

#[tokio::test]
async fn a_stale_change_is_refused_with_the_current_version() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = create_root(&admin, "Home").await;
        create_root(&admin, "Office").await;
        let payload = update(
            &admin,
            json!({"id": id, "name": "House", "expectedVersion": 1}),
        )
        .await;
        assert_eq!(payload["category"]["version"], 2);
        let before = state(app).await;
        for (name, input) in [
            (
                "updateCategory",
                json!({"id": id, "name": "Hut", "expectedVersion": 1}),
            ),
            // A stale version is an error even for an update without changes, so that the client notices.
            ("updateCategory", json!({"id": id, "expectedVersion": 3})),
            (
                "moveCategory",
                json!({"id": id, "position": 1, "expectedVersion": 1}),
            ),
            ("deleteCategory", json!({"id": id, "expectedVersion": 1})),
        ] {
            let payload = admin
                .run_mutation(name, input, &format!("category {{ id }} {CURRENT}"))
                .await;
            assert_eq!(
                errors(&payload),
                [("expectedVersion", "CONFLICT")],
                "{name}"
            );
            assert_eq!(payload["userErrors"][0]["currentVersion"], 2);
        }
        assert_eq!(state(app).await, before);
        let input = json!({"id": id, "position": 1, "expectedVersion": 2});
        let payload = admin.run_mutation("moveCategory", input, FIELDS).await;
        assert_eq!(payload["category"]["version"], 3);
        let payload = delete(&admin, json!({"id": id, "expectedVersion": 3})).await;
        assert_eq!(payload["userErrors"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn one_of_many_changes_to_the_same_version_succeeds() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = create_root(&admin, "Home").await;
        let admin = &admin;
        for version in 1..=5 {
            let changes = (0..50).map(|number| {
                let name = format!("Home {version}.{number}");
                let input = json!({"id": id, "name": name, "expectedVersion": version});
                async move { update(admin, input).await }
            });
            let payloads = join_all(changes).await;
            let mut done = 0;
            for payload in &payloads {
                let errors = errors(payload);
                done += i32::from(errors.is_empty());
                assert!(errors.is_empty() || errors == [("expectedVersion", "CONFLICT")]);
            }
            assert_eq!(done, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn one_of_fifty_concurrent_requests_gets_a_slug() {
    on_both_databases(async |app| {
        let admin = &app.admin().await;
        let requests = (0..50).map(|_| create(admin, json!({"name": "Sale", "slug": "sale"})));
        let payloads = join_all(requests).await;
        let done = payloads
            .iter()
            .filter(|payload| user_error(payload).is_empty());
        assert_eq!(done.count(), 1);
        let taken = payloads
            .iter()
            .filter(|payload| errors(payload) == [("slug", "CONFLICT")]);
        assert_eq!(taken.count(), 49);
        assert_eq!(app.count("categories").await, 1);

        let ids = join_all(
            (0..20).map(|number| async move { create_root(admin, &format!("C{number}")).await }),
        )
        .await;
        let requests = ids
            .iter()
            .map(|id| update(admin, json!({"id": id, "slug": "best"})));
        let payloads = join_all(requests).await;
        let done = payloads
            .iter()
            .filter(|payload| user_error(payload).is_empty());
        assert_eq!(done.count(), 1);

        // Generated slugs are unique under concurrency.
        let requests = (0..50).map(|_| create(admin, json!({"name": "Best"})));
        let payloads = join_all(requests).await;
        let slugs = payloads
            .iter()
            .map(|payload| payload["category"]["slug"].as_str().unwrap());
        assert_eq!(slugs.collect::<HashSet<_>>().len(), 50);
        let positions = "SELECT count(DISTINCT position) FROM categories";
        assert_eq!(app.sql_number(positions).await, 71);
    })
    .await;
}
