//! Related products.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::catalog::product::Status;
use wares::core::id::TypedId;

use super::product_editing::user_errors;
use crate::harness::cached_responses::kept;
use crate::harness::{App, Client, on_both_databases};

/// Creates products with these slugs, those in capital letters as drafts. Returns their ids.
async fn products(app: &App, slugs: &[&str]) -> Vec<String> {
    let home = app.shop().root("home", 0).await;
    let mut ids = Vec::new();
    for slug in slugs {
        let lower = slug.to_lowercase();
        let shop = app.shop();
        let made = shop.product(&lower, &home, |product| {
            if lower != *slug {
                product.status = Status::Draft;
            }
        });
        ids.push(made.await.id.encode());
    }
    ids
}

async fn relate(admin: &Client, id: &str, related: Value) -> Value {
    let input = json!({"id": id, "relatedProductIds": related});
    let select = "product { version relatedProducts { slug } }";
    admin.run_mutation("updateProduct", input, select).await
}

fn slugs(related: &Value) -> String {
    let related = related["relatedProducts"].as_array().unwrap().iter();
    related
        .map(|product| product["slug"].as_str().unwrap())
        .collect()
}

async fn related(client: &Client, arguments: &str) -> String {
    let query = format!("{{ product(slug: \"a\") {{ relatedProducts{arguments} {{ slug }} }} }}");
    slugs(&client.data(&query, json!({})).await["product"])
}

#[tokio::test]
async fn related_products_are_ordered_and_only_visible_ones_are_returned() {
    on_both_databases(async |app| {
        let ids = products(app, &["a", "b", "C", "d"]).await;
        let (admin, customer) = (app.admin().await, app.customer().await);
        let [a, b, c, d] = [0, 1, 2, 3].map(|index| &ids[index]);
        let done = relate(&admin, a, json!([d, c, b, d])).await;
        assert_eq!((slugs(&done["product"]), &done["product"]["version"]), ("dcb".to_owned(), &json!(2)));
        assert_eq!(relate(&admin, a, json!([d, c, b])).await["product"]["version"], 2);
        for client in [&app.anonymous(), &customer] {
            assert_eq!(related(client, "").await, "db");
            assert_eq!(related(client, "(first: 1)").await, "d");
        }
        assert_eq!(related(&admin, "(first: 20)").await, "dcb");
        for first in ["0", "21", "-1"] {
            let query = format!("{{ product(slug: \"a\") {{ relatedProducts(first: {first}) {{ slug }} }} }}");
            assert_eq!(admin.send(&query, json!({})).await.code(), "BAD_USER_INPUT");
        }
        // Not in the other direction; other fields keep them.
        let input = json!({"id": a, "name": "A", "status": "ACTIVE"});
        admin.run_mutation("updateProduct", input, "product { id }").await;
        let data = admin.data("{ product(slug: \"b\") { relatedProducts { slug } } }", json!({})).await;
        assert_eq!(slugs(&data["product"]), "");
        assert_eq!(related(&admin, "").await, "dcb");
        let deleted = admin.run_mutation("deleteProduct", json!({"id": c}), "product { id }").await;
        assert_eq!(deleted["userErrors"], json!([]));
        assert_eq!(related(&admin, "").await, "db");
        assert_eq!(slugs(&relate(&admin, a, json!([b, d])).await["product"]), "bd");
        assert_eq!(slugs(&relate(&admin, a, Value::Null).await["product"]), "");
        app.advance(Duration::from_secs(1));
        relate(&admin, a, json!([b])).await;
        admin.run_mutation("deleteProduct", json!({"id": a}), "product { id }").await;
        assert_eq!(app.count("product_relations").await, 0);
        let query = "{ auditLog(filter: {actions: [\"updateProduct\"]}) { nodes { changes { field before after } } } }";
        let entries = admin.data(query, json!({})).await;
        let first = json!([{"field": "relatedProductIds", "before": null, "after": b}]);
        assert_eq!(entries["auditLog"]["nodes"][0]["changes"], first);
        // A new product with related ones.
        let home = admin.data("{ category(slug: \"home\") { id } }", json!({})).await;
        let input = json!({"name": "e", "price": "1", "categoryId": home["category"]["id"], "relatedProductIds": [d, b]});
        let made = admin.run_mutation("createProduct", input, "product { relatedProducts { slug } }").await;
        assert_eq!(slugs(&made["product"]), "db");
    })
    .await;
}

#[tokio::test]
async fn invalid_related_products_are_refused() {
    on_both_databases(async |app| {
        let names: Vec<_> = (0..22).map(|number| format!("p{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let ids = products(app, &names).await;
        let admin = app.admin().await;
        let unknown = "prod_00000000000000000000000000";
        for (related, code) in [
            (json!(ids[1..21]), None),
            (json!(ids[1..22]), Some("BAD_USER_INPUT")),
            (json!([ids[1], ids[0]]), Some("BAD_USER_INPUT")),
            (json!(["x"]), Some("BAD_USER_INPUT")),
            (
                json!(["cat_00000000000000000000000000"]),
                Some("BAD_USER_INPUT"),
            ),
            (json!([ids[1], unknown]), Some("NOT_FOUND")),
            (json!([]), None),
        ] {
            let errors = user_errors(&relate(&admin, &ids[0], related.clone()).await);
            let expected = code.map(|code| (code.to_owned(), "relatedProductIds".to_owned()));
            assert_eq!(errors, Vec::from_iter(expected), "{related}");
        }
        let errors = user_errors(&relate(&admin, unknown, json!([ids[1]])).await);
        assert_eq!(errors, [("NOT_FOUND".to_owned(), "id".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn products_that_get_related_to_each_other_do_not_deadlock() {
    on_both_databases(async |app| {
        let ids = products(app, &["a", "b", "d"]).await;
        let admin = app.admin().await;
        for round in 0..5 {
            let others = |index: usize| {
                let mut others: Vec<_> = (0..3).filter(|other| *other != index).collect();
                others.rotate_left(round % 2);
                json!(
                    others
                        .into_iter()
                        .map(|other| &ids[other])
                        .collect::<Vec<_>>()
                )
            };
            let done = join_all((0..3).map(|index| relate(&admin, &ids[index], others(index))));
            for done in done.await {
                assert_eq!(done["userErrors"], json!([]));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn related_products_of_a_list_take_two_statements() {
    on_both_databases(async |app| {
        let ids = products(app, &["a", "b", "d", "e"]).await;
        let admin = app.admin().await;
        for id in &ids {
            let others: Vec<_> = ids.iter().filter(|other| *other != id).collect();
            relate(&admin, id, json!(others)).await;
        }
        let query = "{ products { nodes { slug relatedProducts { slug price { amount } } } } }";
        let client = app.anonymous();
        let statements = app.record_statements(client.data(query, json!({}))).await;
        assert_eq!(statements.len(), 3, "{statements:#?}");
        // A list of its own kind counts as often as its items, at each level.
        let nested = "{ products(first: 1) { nodes { relatedProducts { relatedProducts { relatedProducts { slug } } } } } }";
        let response = client.send(nested, json!({})).await;
        assert_eq!(response.code(), "QUERY_LIMIT_EXCEEDED");
    })
    .await;
}

#[tokio::test]
async fn cached_responses_follow_related_products() {
    on_both_databases(async |app| {
        let ids = products(app, &["a", "b", "C", "d"]).await;
        let admin = app.admin().await;
        relate(&admin, &ids[0], json!([ids[1], ids[2]])).await;
        app.start_change_watcher();
        let client = app.anonymous();
        let ask = async || related(&client, "").await;
        let query = "{ product(slug: \"a\") { relatedProducts { slug } } }";
        let update = async |input: Value| {
            let done = admin
                .run_mutation("updateProduct", input, "product { id }")
                .await;
            assert_eq!(done["userErrors"], json!([]));
        };
        for (input, expected) in [
            (json!({"id": ids[2], "status": "ACTIVE"}), "bc"),
            (json!({"id": ids[1], "slug": "x"}), "xc"),
            (
                json!({"id": ids[0], "relatedProductIds": [ids[3], ids[2]]}),
                "dc",
            ),
            (json!({"id": ids[3], "status": "ARCHIVED"}), "c"),
        ] {
            kept(app, async || client.send(query, json!({})).await).await;
            update(input).await;
            assert_eq!(ask().await, expected);
        }
        kept(app, async || client.send(query, json!({})).await).await;
        admin
            .run_mutation("deleteProduct", json!({"id": ids[2]}), "product { id }")
            .await;
        assert_eq!(ask().await, "");
    })
    .await;
}
