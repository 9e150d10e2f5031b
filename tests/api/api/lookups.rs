//! Lookups by ID or slug, and of any node by ID.

use serde_json::json;
use uuid::Uuid;
use wares::catalog::category::CategoryId;
use wares::catalog::product::ProductId;
use wares::core::id::{TypedId, encode};
use wares::platform::media::ImageId;

use crate::harness::on_both_databases;

#[tokio::test]
async fn a_product_is_found_by_id_and_slug_with_all_fields() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let root = shop.root("kitchen", 0).await;
        let leaf = shop.category("jugs", Some(&root), 0, |_| ()).await;
        let jug = shop
            .product("jug", &leaf, |product| {
                product.name = "Émail-Krug 水差し".to_owned();
                product.sku = Some("KIT-1".to_owned());
                product.price = 1_999;
                product.stock = 0;
            })
            .await;
        shop.image(&jug, 1).await;
        shop.image(&jug, 0).await;
        let query = "query($id: ID, $slug: String) { product(id: $id, slug: $slug) {
            id name slug sku description price { amount currency } stock inStock status
            category { slug ancestors { slug } } categories { slug } images { alt width height bytes contentType }
            createdAt updatedAt version
        } }";
        let id = jug.id.encode();
        let by_id = app.anonymous().data(query, json!({"id": id})).await;
        let by_slug = app.anonymous().data(query, json!({"slug": "jug"})).await;
        assert_eq!(by_id, by_slug);
        let image = |side: i32| json!({
            "alt": format!("Émail-Krug 水差し from side {side}"), "width": 640, "height": 480,
            "bytes": 1234, "contentType": "image/png",
        });
        let expected = json!({
            "id": id, "name": "Émail-Krug 水差し", "slug": "jug", "sku": "KIT-1", "description": "",
            "price": {"amount": "19.99", "currency": "USD"}, "stock": 0, "inStock": false, "status": "ACTIVE",
            "category": {"slug": "jugs", "ancestors": [{"slug": "kitchen"}]},
            "categories": [{"slug": "jugs"}], "images": [image(0), image(1)],
            "createdAt": "2026-01-01T00:00:00.000000Z", "updatedAt": "2026-01-01T00:00:00.000000Z", "version": 1,
        });
        assert_eq!(by_id["product"], expected);
    })
    .await;
}

#[tokio::test]
async fn a_previous_slug_is_found_and_a_current_one_takes_precedence() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let kitchen = shop.root("kitchen", 0).await;
        shop.old_category_slug(&kitchen, "cooking").await;
        let jug = shop.product("jug", &kitchen, |_| ()).await;
        shop.old_product_slug(&jug, "pitcher").await;
        let query = r#"{ product(slug: "pitcher") { slug } category(slug: "cooking") { slug } }"#;
        let data = app.anonymous().data(query, json!({})).await;
        let expected = json!({"product": {"slug": "jug"}, "category": {"slug": "kitchen"}});
        assert_eq!(data, expected);

        shop.product("pitcher", &kitchen, |_| ()).await;
        let data = app.anonymous().data(query, json!({})).await;
        assert_eq!(data["product"]["slug"], "pitcher");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_id_is_null() {
    on_both_databases(async |app| {
        let ids = [
            ProductId(Uuid::nil()).encode(),
            CategoryId(Uuid::nil()).encode(),
            ImageId(Uuid::nil()).encode(),
        ];
        let query = "query($ids: [ID!]!, $product: ID!, $category: ID!) {
            nodes(ids: $ids) { id } product(id: $product) { id } category(id: $category) { id }
        }";
        let variables = json!({"ids": ids, "product": ids[0], "category": ids[1]});
        let data = app.anonymous().data(query, variables).await;
        let expected = json!({"nodes": [null, null, null], "product": null, "category": null});
        assert_eq!(data, expected);
    })
    .await;
}

#[tokio::test]
async fn a_malformed_id_or_one_of_another_type_is_refused() {
    on_both_databases(async |app| {
        let kitchen = app.shop().root("kitchen", 0).await;
        let good = ProductId(Uuid::max()).encode();
        let foreign = kitchen.id.encode();
        for id in [
            "",
            "prod_",
            "prod_1",
            "00000000-0000-0000-0000-000000000000",
            "prod_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "prod_0000000000000000000000000u",
            "'; DROP TABLE products; --",
            "prod_\u{0}0000000000000000000000000",
            &good.to_uppercase(),
            &good.replacen("prod", "what", 1),
            &foreign,
        ] {
            let query = "query($id: ID!) { product(id: $id) { id } }";
            let response = app.anonymous().send(query, json!({"id": id})).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", "id"),
                "{id}"
            );
            if id == foreign {
                continue;
            }
            for query in [
                "query($id: ID!) { node(id: $id) { id } }",
                "query($id: ID!) { nodes(ids: [$id]) { id } }",
                "query($id: ID!) { products(filter: {categoryIds: [$id]}) { totalCount } }",
                "query($id: ID!) { categories(filter: {parentId: $id}) { totalCount } }",
            ] {
                let response = app.anonymous().send(query, json!({"id": id})).await;
                assert_eq!(response.code(), "BAD_USER_INPUT", "{query} with {id}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_lookup_takes_either_an_id_or_a_slug() {
    on_both_databases(async |app| {
        let id = ProductId(Uuid::nil()).encode();
        for arguments in [format!("(id: \"{id}\", slug: \"x\")"), String::new()] {
            let query = format!("{{ product{arguments} {{ id }} }}");
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT", "{query}");
            let query = query
                .replace("product", "category")
                .replace("prod_", "cat_");
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT", "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_invalid_slug_is_refused_before_the_database() {
    on_both_databases(async |app| {
        for slug in ["a\u{0}b", "a\nb", &"x".repeat(201)] {
            for field in ["product", "category"] {
                let query = format!("query($slug: String) {{ {field}(slug: $slug) {{ id }} }}");
                let response = app.anonymous().send(&query, json!({"slug": slug})).await;
                assert_eq!(
                    (response.code(), response.field()),
                    ("BAD_USER_INPUT", "slug")
                );
            }
        }
        let query = "query($slug: String) { product(slug: $slug) { id } }";
        for slug in ["", "%", "_", "' OR 1=1 --", "水差し"] {
            let data = app.anonymous().data(query, json!({"slug": slug})).await;
            assert_eq!(data, json!({"product": null}));
        }
    })
    .await;
}

#[tokio::test]
async fn nodes_returns_at_most_100_in_the_order_of_the_ids() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let kitchen = shop.root("kitchen", 0).await;
        let jug = shop.product("jug", &kitchen, |_| ()).await;
        let image = shop.image(&jug, 0).await;
        let ids = [
            jug.id.encode(),
            encode("cat", Uuid::nil()),
            image.id.encode(),
            kitchen.id.encode(),
            jug.id.encode(),
        ];
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let data = app.anonymous().data(query, json!({"ids": ids})).await;
        let expected = json!([
            {"__typename": "Product", "id": ids[0]},
            null,
            {"__typename": "Image", "id": ids[2]},
            {"__typename": "Category", "id": ids[3]},
            {"__typename": "Product", "id": ids[0]},
        ]);
        assert_eq!(data["nodes"], expected);

        let many = vec![&ids[0]; 101];
        let response = app.anonymous().send(query, json!({"ids": many})).await;
        assert_eq!(
            (response.code(), response.field()),
            ("BAD_USER_INPUT", "ids")
        );
        let data = app
            .anonymous()
            .data(query, json!({"ids": many[..100]}))
            .await;
        assert_eq!(data["nodes"].as_array().unwrap().len(), 100);
    })
    .await;
}
