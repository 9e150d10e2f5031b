//! Lists of products: filters and orders.

use serde_json::{Value, json};
use wares::core::clock::Timestamp;
use wares::core::id::TypedId;

use crate::harness::{App, on_both_databases};

async fn slugs(app: &App, arguments: &str, variables: Value) -> Vec<String> {
    let head = if variables.as_object().unwrap().is_empty() {
        ""
    } else {
        "query($id: ID!)"
    };
    let query = format!("{head} {{ products({arguments}) {{ totalCount nodes {{ slug }} }} }}");
    let data = app.anonymous().data(&query, variables).await;
    let nodes = data["products"]["nodes"].as_array().unwrap();
    assert_eq!(data["products"]["totalCount"], nodes.len());
    let slug = |node: &Value| node["slug"].as_str().unwrap().to_owned();
    nodes.iter().map(slug).collect()
}

#[tokio::test]
async fn names_are_ordered_without_case_and_accents_on_every_database() {
    on_both_databases(async |app| {
        let category = app.shop().root("all", 0).await;
        // Shuffled; the slug contains the expected position. The order differs from PostgreSQL's collation and
        // from byte order.
        for (position, name) in [
            (5, "Zebra"),
            (1, "eclair B"),
            (0, "Éclair A"),
            (3, "Über"),
            (6, "Ωmega"),
            (2, "ÉCLAIR C"),
            (4, "ubiquity"),
        ] {
            let change = |product: &mut wares::catalog::product::entity::Model| {
                product.name = name.to_owned();
            };
            app.shop()
                .product(&format!("p{position}"), &category, change)
                .await;
        }
        let names = slugs(app, "sort: {field: NAME}", json!({})).await;
        // "Über" is compared as "uber", which sorts before "ubiquity".
        assert_eq!(names, ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
        let names = slugs(app, "sort: {field: NAME, direction: DESC}", json!({})).await;
        assert_eq!(names, ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]);
        let by_default = slugs(app, "first: 50", json!({})).await;
        assert_eq!(by_default[0], "p0");
    })
    .await;
}

#[tokio::test]
async fn products_are_sorted_by_price_and_time_in_both_directions() {
    on_both_databases(async |app| {
        let category = app.shop().root("all", 0).await;
        let now = app.state.clock.now();
        for (slug, price, created, updated) in
            [("a", 300, 1, 30), ("b", 100, 3, 20), ("c", 200, 2, 10)]
        {
            app.shop()
                .product(slug, &category, |product| {
                    product.price = price;
                    product.created_at = Timestamp(now.0 + created);
                    product.updated_at = Timestamp(now.0 + updated);
                })
                .await;
        }
        for (field, ascending) in [
            ("PRICE", ["b", "c", "a"]),
            ("CREATED_AT", ["a", "c", "b"]),
            ("UPDATED_AT", ["c", "b", "a"]),
        ] {
            let found = slugs(
                app,
                &format!("sort: {{field: {field}, direction: ASC}}"),
                json!({}),
            )
            .await;
            assert_eq!(found, ascending, "{field}");
            let mut found = slugs(
                app,
                &format!("sort: {{field: {field}, direction: DESC}}"),
                json!({}),
            )
            .await;
            found.reverse();
            assert_eq!(found, ascending, "{field}");
        }
    })
    .await;
}

#[tokio::test]
async fn filters_narrow_a_list_together() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let home = shop.root("home", 0).await;
        let kitchen = shop.category("kitchen", Some(&home), 0, |_| ()).await;
        let garden = shop.root("garden", 1).await;
        let now = app.state.clock.now().0;
        for (slug, category, price, stock, age) in [
            ("a", &home, 99, 1, 0),
            ("b", &kitchen, 100, 0, 10),
            ("c", &kitchen, 5_000, 7, 20),
            ("d", &garden, 5_001, 1, 30),
        ] {
            shop.product(slug, category, |product| {
                product.price = price;
                product.stock = stock;
                product.created_at = Timestamp(now - age * 1_000_000);
                product.updated_at = product.created_at;
            })
            .await;
        }
        let id = json!({"id": home.id.encode()});
        for (filter, expected) in [
            (r#"price: {gte: "1.00", lte: "50.00"}"#, "bc"),
            ("price: {gte: 1, lte: 50}", "bc"),
            (r#"price: {lte: "0.99"}"#, "a"),
            (r#"price: {gte: "50.01"}"#, "d"),
            ("inStock: true", "acd"),
            ("inStock: false", "b"),
            ("categoryIds: [$id]", "abc"),
            ("categoryIds: [$id], includeDescendants: false", "a"),
            ("categoryIds: []", ""),
            (
                r#"categoryIds: [$id], inStock: true, price: {gte: "1"}"#,
                "c",
            ),
            (r#"createdAt: {gte: "2025-12-31T23:59:50Z"}"#, "ab"),
            (
                r#"createdAt: {gte: "2026-01-01T01:59:40+02:00", lte: "2025-12-31T23:59:50Z"}"#,
                "bc",
            ),
            (r#"updatedAt: {lte: "2025-12-31T23:59:30.000000Z"}"#, "d"),
        ] {
            let variables = if filter.contains("$id") {
                id.clone()
            } else {
                json!({})
            };
            let found = slugs(app, &format!("filter: {{{filter}}}"), variables).await;
            assert_eq!(found.concat(), expected, "{filter}");
        }
        let all = json!({"ids": [home.id.encode(), garden.id.encode()]});
        let query = "query($ids: [ID!]) { products(filter: {categoryIds: $ids}) { totalCount } }";
        let data = app.anonymous().data(query, all).await;
        assert_eq!(data["products"]["totalCount"], 4);
    })
    .await;
}

#[tokio::test]
async fn an_invalid_filter_is_refused_with_its_field() {
    on_both_databases(async |app| {
        for (filter, field) in [
            (r#"price: {gte: "2", lte: "1"}"#, "filter.price"),
            (r#"price: {gte: "0.001"}"#, "filter.price.gte"),
            (r#"price: {lte: "10000000000.01"}"#, "filter.price.lte"),
            (
                r#"createdAt: {gte: "2026-01-02T00:00:00Z", lte: "2026-01-01T00:00:00Z"}"#,
                "filter.createdAt",
            ),
            (
                r#"updatedAt: {gte: "2026-01-02T00:00:00Z", lte: "2026-01-01T00:00:00Z"}"#,
                "filter.updatedAt",
            ),
        ] {
            let query = format!("{{ products(filter: {{{filter}}}) {{ totalCount }} }}");
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", field),
                "{filter}"
            );
        }
        for filter in [
            "price: {gte: 0.5}",
            r#"price: {gte: "NaN"}"#,
            r#"price: {gte: "1e3"}"#,
            r#"price: {gte: "99999999999999999999"}"#,
            r#"createdAt: {gte: "yesterday"}"#,
            r#"createdAt: {gte: "2026-02-30T00:00:00Z"}"#,
            "createdAt: {gte: 5}",
        ] {
            let query = format!("{{ products(filter: {{{filter}}}) {{ totalCount }} }}");
            let response = app.anonymous().send(&query, json!({})).await;
            assert!(
                matches!(
                    response.code(),
                    "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED"
                ),
                "{filter}: {}",
                response.text
            );
        }
        let id = app.shop().root("x", 0).await.id.encode();
        let query = "query($ids: [ID!]) { products(filter: {categoryIds: $ids}) { totalCount } }";
        let response = app
            .anonymous()
            .send(query, json!({"ids": vec![id; 101]}))
            .await;
        assert_eq!(
            (response.code(), response.field()),
            ("BAD_USER_INPUT", "filter.categoryIds")
        );
    })
    .await;
}

#[tokio::test]
async fn an_empty_shop_has_empty_lists() {
    on_both_databases(async |app| {
        let query = "{ products { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let data = app.anonymous().data(query, json!({})).await;
        let expected = json!({
            "totalCount": 0, "nodes": [], "edges": [],
            "pageInfo": {"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null},
        });
        assert_eq!(data["products"], expected);
    })
    .await;
}
