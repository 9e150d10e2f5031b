//! Facets: cost, limits, and empty and very long lists.

use std::collections::BTreeMap;

use serde_json::json;

use crate::catalog::facets::{category_counts, facets};
use crate::harness::{Backend, on_both_databases};

#[tokio::test]
async fn facets_cost_one_statement_and_none_when_not_selected() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let all = "stock { inStock } price { min { amount } } statuses { isExact }";
        let categories = "categories { values { category { name } count } }";
        for (query, expected) in [
            ("{ products { nodes { name } } }".to_owned(), 1),
            ("{ products { facets { __typename } } }".to_owned(), 1),
            (format!("query($no: Boolean = false) {{ products {{ facets @include(if: $no) {{ {all} }} }} }}"), 1),
            ("{ products { facets { stock { inStock } } } }".to_owned(), 2),
            (format!("{{ products {{ facets {{ {all} more: stock {{ isExact }} }} }} }}"), 2),
            (format!("{{ products {{ totalCount facets {{ {all} {categories} }} }} }}"), 4),
            (
                format!(
                    "{{ a: products(filter: {{inStock: true}}) {{ facets {{ {all} {categories} }} }}
                        b: products(filter: {{price: {{gte: 5}}}}) {{ facets {{ {all} {categories} }} }} }}"
                ),
                3,
            ),
        ] {
            let client = app.anonymous();
            let statements = app.record_statements(client.data(&query, json!({}))).await;
            assert_eq!(statements.len(), expected, "{query}: {statements:#?}");
        }
        // Data that all facets need is read once.
        let query = format!("{{ products {{ facets {{ {all} {categories} }} }} }}");
        let statements = app.record_statements(app.anonymous().data(&query, json!({}))).await;
        let statement = statements.iter().find(|statement| statement.sql.starts_with("WITH"));
        let sql = &statement.unwrap().sql;
        assert_eq!(sql.matches(r#"FROM "products""#).count(), 1, "{sql}");
    })
    .await;
}

#[tokio::test]
async fn the_number_of_facets_is_limited() {
    on_both_databases(async |app| {
        let query = |lists: u32| {
            let list = |number| {
                format!("a{number}: products(filter: {{createdAt: {{gte: \"20{:02}-01-01T00:00:00Z\"}}}}) {{ facets {{ stock {{ inStock }} }} }}", 10 + number)
            };
            format!("{{ {} }}", (0..lists).map(list).collect::<String>())
        };
        let data = app.anonymous().data(&query(20), json!({})).await;
        assert_eq!(data["a19"]["facets"]["stock"]["inStock"], 0);
        let response = app.anonymous().send(&query(21), json!({})).await;
        assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", "facets"));
    })
    .await;
}

#[tokio::test]
async fn an_empty_list_has_empty_facets() {
    on_both_databases(async |app| {
        let found = facets(&app.anonymous(), &json!({"inStock": true})).await;
        let expected = json!({
            "categories": {"values": [], "isExact": true},
            "price": {"min": null, "max": null, "buckets": [], "isExact": true},
            "stock": {"inStock": 0, "outOfStock": 0, "isExact": true},
            "statuses": {"values": [], "isExact": true},
        });
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn facets_of_a_very_long_list_count_the_newest_and_are_marked_inexact() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let (old, new) = (shop.root("old", 0).await, shop.root("new", 1).await);
        let now = app.state.clock.now().0;
        for (slug, category, age) in [("oldest", &old, 2), ("newer", &new, 1)] {
            shop.product(slug, category, |product| product.created_at.0 = now - age)
                .await;
        }
        // Together with the two products above, this is the maximum that is counted.
        let (id, numbers) = match app.backend {
            Backend::Sqlite => (
                "unhex(printf('%032d', n))",
                "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 99998) SELECT n FROM n) AS n",
            ),
            Backend::Postgres => ("lpad(n::text, 32, '0')::uuid", "generate_series(1, 99998) AS n(n)"),
        };
        let rest = "name, name_key, description, price, price_max, stock, status, category_id, version, updated_at";
        app.sql(&format!(
            "INSERT INTO products (id, slug, created_at, {rest}) SELECT {id}, 'p' || n, created_at + 1, {rest}
             FROM (SELECT * FROM products WHERE slug = 'newer') one, {numbers}"
        ))
        .await;
        app.sql("INSERT INTO product_categories (product_id, category_id) SELECT id, category_id FROM products WHERE slug LIKE 'p%'")
            .await;
        app.sql("ANALYZE").await;

        let client = app.anonymous();
        let stock = async || {
            let query = "{ products { facets { stock { inStock isExact } } } }";
            let data = client.data(query, json!({})).await;
            data["products"]["facets"]["stock"].clone()
        };
        let all = json!({"inStock": 100_000, "isExact": true});
        assert_eq!(stock().await, all);
        // One more product than the limit is read to detect the excess.
        shop.product("one-more", &new, |_| ()).await;
        assert_eq!(stock().await, json!({"inStock": 100_001, "isExact": false}));
        shop.product("newest", &new, |_| ()).await;
        let found = facets(&client, &json!({})).await;
        for facet in ["categories", "price", "stock", "statuses"] {
            assert_eq!(found[facet]["isExact"], false, "{facet}");
        }
        let without_the_oldest = BTreeMap::from([("new".to_owned(), 100_001)]);
        assert_eq!(category_counts(&found), without_the_oldest);
        assert_eq!(found["stock"]["inStock"], 100_001);
        assert_eq!(found["price"]["buckets"][0]["count"], 100_001);

        // A filter with fewer products has exact counts, separately for each facet.
        app.sql("UPDATE products SET stock = 0 WHERE slug = 'newest'").await;
        let query = "{ products(filter: {inStock: false}) { facets { price { isExact } stock { isExact }
            categories { values { category { slug } count } isExact } } } }";
        let data = client.data(query, json!({})).await;
        let found = &data["products"]["facets"];
        assert_eq!(found["price"]["isExact"], true);
        assert_eq!(found["categories"]["isExact"], true);
        assert_eq!(category_counts(found), BTreeMap::from([("new".to_owned(), 1)]));
        assert_eq!(found["stock"]["isExact"], false);
    })
    .await;
}
