//! Conflicts between changes of products: versions, slugs, deleted categories.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::catalog::product_editing::{category, create, pairs, update, user_errors};
use crate::harness::{on_both_databases, user_error};

#[tokio::test]
async fn the_second_of_two_edits_of_a_version_is_a_conflict() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"name": "Pan", "price": "5", "stock": 1, "categoryId": home});
        let product = create(&admin, input).await["product"].clone();
        let id = &product["id"];
        let edit = |name: &str| json!({"id": id, "expectedVersion": 1, "name": name});
        assert_eq!(
            update(&admin, edit("Big pan")).await["product"]["version"],
            2
        );
        let second = update(&admin, edit("Small pan")).await;
        assert_eq!(
            user_errors(&second),
            pairs(&[("CONFLICT", "expectedVersion")])
        );
        assert_eq!(second["userErrors"][0]["currentVersion"], 2);
        assert_eq!(second["product"], Value::Null);
        for (mutation, input) in [
            ("deleteProduct", json!({"id": id, "expectedVersion": 1})),
            (
                "adjustStock",
                json!({"id": id, "delta": 1, "expectedVersion": 3}),
            ),
        ] {
            let payload = admin
                .run_mutation(
                    mutation,
                    input,
                    "product { id } userErrors { currentVersion }",
                )
                .await;
            assert_eq!(payload["userErrors"][0]["currentVersion"], 2, "{mutation}");
        }
        // Of 50 concurrent updates one succeeds, and the others return a conflict.
        let edits = (0..50).map(|number| {
            let (admin, id) = (admin.clone(), id.clone());
            async move {
                let input =
                    json!({"id": id, "expectedVersion": 2, "name": format!("Pan {number}")});
                update(&admin, input).await
            }
        });
        let done = join_all(edits).await;
        let winners = done
            .iter()
            .filter(|payload| payload["product"].is_object())
            .count();
        assert_eq!(winners, 1);
        assert_eq!(
            done.iter()
                .filter(|payload| user_error(payload) == "CONFLICT")
                .count(),
            49
        );
    })
    .await;
}

#[tokio::test]
async fn fifty_concurrent_creations_get_unique_slugs() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let make = async |input: Value| create(&admin, input).await;
        let named = (0..50).map(|_| make(json!({"name": "Pan", "price": "5", "categoryId": home})));
        let all = join_all(named).await;
        assert!(all.iter().all(|payload| payload["userErrors"] == json!([])), "{all:?}");
        // If generated and requested slugs collide, the generated ones are changed.
        let mixed = (0..20).map(|number| {
            let name = ["Pan", "Pan 51", "Pan 52", "Pan 53"][number % 4];
            let mut input = json!({"name": name, "price": "5", "categoryId": home});
            if number == 5 {
                input["slug"] = json!("pan-55");
            }
            make(input)
        });
        let mixed = join_all(mixed).await;
        let refused = mixed.iter().enumerate().filter(|(_, payload)| payload["product"].is_null());
        assert!(refused.clone().all(|(number, _)| number == 5), "{mixed:?}");
        let with_requested_slug = (0..50).map(|number| {
            make(json!({"name": "Pot", "slug": "pot", "sku": format!("S{number}"), "price": "5", "categoryId": home}))
        });
        let with_requested_slug = join_all(with_requested_slug).await;
        let winners = with_requested_slug.iter().filter(|payload| payload["product"].is_object()).count();
        assert_eq!(winners, 1);
        assert_eq!(with_requested_slug.iter().filter(|payload| user_error(payload) == "CONFLICT").count(), 49);
        let products = app.count("products").await;
        assert!((70..=71).contains(&products), "{products}");
        let slugs = "SELECT count(DISTINCT slug) FROM products";
        assert_eq!(app.sql_number(slugs).await, products);
    })
    .await;
}

#[tokio::test]
async fn a_category_is_concurrently_deleted_or_assigned_never_both() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for round in 0..10 {
            let id = category(app, &format!("c{round}")).await;
            let pans = (0..5).map(|number| {
                let input = json!({"name": format!("Pan {round}-{number}"), "price": "1", "categoryId": id});
                create(&admin, input)
            });
            let remove = admin.run_mutation("deleteCategory", json!({"id": id}), "category { id }");
            let (made, removed) = tokio::join!(join_all(pans), remove);
            let products = made.iter().filter(|payload| payload["product"].is_object()).count();
            if removed["category"].is_object() {
                assert_eq!(products, 0, "round {round}");
                assert!(made.iter().all(|payload| user_errors(payload) == pairs(&[("NOT_FOUND", "categoryId")])));
            } else {
                assert_eq!((user_error(&removed), products), ("CONFLICT", 5), "round {round}");
            }
            let orphans = "SELECT count(*) FROM products WHERE category_id NOT IN (SELECT id FROM categories)";
            assert_eq!(app.sql_number(orphans).await, 0);
        }
    })
    .await;
}
