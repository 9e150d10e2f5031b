//! The first image of each product of a list.

use serde_json::json;

use crate::harness::{App, on_both_databases, on_both_databases_with};

/// Creates products with three images each, and one without images.
async fn fill(app: &App) {
    let shop = app.shop();
    let home = shop.root("home", 0).await;
    for number in 0..12 {
        let product = shop.product(&format!("p{number:02}"), &home, |_| ()).await;
        for position in (0..3).rev() {
            shop.image(&product, position).await;
        }
    }
    shop.product("p99", &home, |_| ()).await;
}

#[tokio::test]
async fn the_first_image_of_each_product_costs_no_more_statements_than_all_images() {
    on_both_databases_with(&["--read-cache-bytes=0"], async |app| {
        fill(app).await;
        let ask = app.anonymous();
        let count = async |select: &str| {
            let query = format!("{{ products(first: 100) {{ nodes {{ slug {select} }} }} }}");
            let statements = app.record_statements(ask.data(&query, json!({}))).await;
            let about = |sql: &str| sql.contains("FROM product_images");
            let images = statements.iter().filter(|one| about(&one.sql)).count();
            (statements.len(), images)
        };
        let all = count("images { alt }").await;
        assert_eq!(count("image { alt }").await, all);
        assert_eq!(all.1, 1);
        let mixed = "image { alt } few: images(first: 2) { alt } images { alt }";
        assert_eq!(count(mixed).await, all);

        // Only the first images are read.
        let query = "{ products(first: 100) { nodes { image { alt } } } }";
        let statements = app.record_statements(ask.data(query, json!({}))).await;
        let read = statements
            .iter()
            .find(|one| one.sql.contains("FROM product_images"));
        assert!(read.unwrap().sql.contains("position < 1"), "{read:?}");
    })
    .await;
}

#[tokio::test]
async fn image_is_the_first_and_images_takes_first() {
    on_both_databases(async |app| {
        fill(app).await;
        let query =
            "{ products(first: 13) { nodes { slug image { alt } one: images(first: 1) { alt }
            few: images(first: 2) { alt } many: images(first: 100) { alt } images { alt } } } }";
        let data = app.anonymous().data(query, json!({})).await;
        let nodes = data["products"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 13);
        for node in nodes {
            let all = node["images"].as_array().unwrap();
            assert_eq!(all.len(), if node["slug"] == "p99" { 0 } else { 3 });
            assert_eq!(node["image"], all.first().cloned().unwrap_or_default());
            for (name, size) in [("one", 1), ("few", 2), ("many", 100)] {
                let some = node[name].as_array().unwrap();
                assert_eq!(some[..], all[..all.len().min(size)]);
            }
        }
        for first in [0, -1, 101] {
            let query =
                format!("{{ product(slug: \"p00\") {{ images(first: {first}) {{ alt }} }} }}");
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", "first")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_first_image_follows_the_order_and_the_deletion_of_images() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let pan = app.pan().await;
        let small = crate::harness::sample_image::png(5, 5);
        for _ in 0..3 {
            admin.add_image(&pan, &small).await;
        }
        let query = "{ product(slug: \"pan\") { id image { id } images { id } } }";
        let read_product = async || app.anonymous().data(query, json!({})).await["product"].clone();
        let before = read_product().await;
        let ids: Vec<_> = before["images"]
            .as_array()
            .unwrap()
            .iter()
            .map(|image| image["id"].clone())
            .collect();
        assert_eq!(before["image"]["id"], ids[0]);
        let order = json!([ids[2], ids[0], ids[1]]);
        let input = json!({"productId": before["id"], "imageIds": order});
        admin
            .run_mutation("reorderProductImages", input, "images { id }")
            .await;
        assert_eq!(read_product().await["image"]["id"], ids[2]);
        admin
            .run_mutation(
                "deleteProductImage",
                json!({"id": ids[2]}),
                "product { id }",
            )
            .await;
        assert_eq!(read_product().await["image"]["id"], ids[0]);
    })
    .await;
}

#[tokio::test]
async fn a_page_of_first_images_costs_less_than_one_of_all_images() {
    on_both_databases_with(&["--query-max-cost=300"], async |app| {
        fill(app).await;
        let ask = async |select: &str| {
            let query = format!("{{ products(first: 100) {{ nodes {{ {select} }} }} }}");
            app.anonymous().send(&query, json!({})).await
        };
        assert_eq!(ask("images { alt }").await.code(), "QUERY_LIMIT_EXCEEDED");
        for cheap in ["image { alt }", "images(first: 1) { alt }"] {
            assert!(
                ask(cheap).await.json["data"]["products"].is_object(),
                "{cheap}"
            );
        }
    })
    .await;
}
