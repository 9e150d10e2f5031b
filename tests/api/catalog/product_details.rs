//! Brands and tags of products.

use std::time::Duration;

use serde_json::{Value, json};
use wares::server;

use super::product_editing::{category, user_errors};
use super::search::found;
use crate::harness::cached_responses::kept;
use crate::harness::{App, Client, on_both_databases};

const DETAILS: &str = "product { id slug version brand tags }";

async fn create(admin: &Client, input: Value) -> Value {
    let mut all = json!({"name": "Mug", "price": "1", "status": "ACTIVE"});
    let given = input.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(given);
    admin.run_mutation("createProduct", all, DETAILS).await
}

async fn update(admin: &Client, input: Value) -> Value {
    admin.run_mutation("updateProduct", input, DETAILS).await
}

#[tokio::test]
async fn brand_and_tags_are_stored_replaced_and_cleared() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let tags = json!([" Sale ", "Crème\nbrûlée", "sale", "SALE", "new"]);
        let input = json!({"categoryId": home, "brand": " Ka\u{301}do\u{200b} ", "tags": tags});
        let product = create(&admin, input).await["product"].clone();
        assert_eq!(product["brand"], "K\u{e1}do");
        assert_eq!(product["tags"], json!(["Sale", "Crème brûlée", "new"]));
        let id = &product["id"];

        let same = json!({"id": id, "brand": "K\u{e1}do", "tags": ["Sale", "Crème brûlée", "new"]});
        assert_eq!(update(&admin, same).await["product"], product);
        assert_eq!(update(&admin, json!({"id": id})).await["product"], product);
        // Another field keeps them.
        let named = update(&admin, json!({"id": id, "name": "Cup"})).await;
        assert_eq!(named["product"]["tags"], product["tags"]);
        // Their order and spelling count.
        let tags = json!(["new", "SALE"]);
        let changed = update(&admin, json!({"id": id, "tags": tags})).await["product"].clone();
        assert_eq!((&changed["tags"], &changed["version"]), (&tags, &json!(3)));
        assert_eq!(changed["brand"], product["brand"]);

        let query = "query($id: ID!) { product(id: $id) { brand tags } }";
        let seen = app.anonymous().data(query, json!({"id": id})).await;
        assert_eq!(seen["product"], json!({"brand": "K\u{e1}do", "tags": tags}));

        let cleared = update(&admin, json!({"id": id, "brand": null, "tags": null})).await;
        let cleared = &cleared["product"];
        assert_eq!(
            (&cleared["brand"], &cleared["tags"]),
            (&Value::Null, &json!([]))
        );
        update(&admin, json!({"id": id, "brand": "X", "tags": ["a"]})).await;
        let bulk = json!({"ids": [id], "pricePercent": "10"});
        admin
            .run_mutation("updateProducts", bulk, "results { id }")
            .await;
        let stock = json!({"id": id, "delta": 3});
        let product = admin.run_mutation("adjustStock", stock, DETAILS).await["product"].clone();
        assert_eq!(
            (&product["brand"], &product["tags"]),
            (&json!("X"), &json!(["a"]))
        );
        admin
            .run_mutation("deleteProduct", json!({"id": id}), "product { id }")
            .await;
        assert_eq!(app.count("product_tags").await, 0);
    })
    .await;
}

#[tokio::test]
async fn changes_of_brand_and_tags_are_recorded() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"categoryId": home, "tags": ["a", "b"]});
        let id = create(&admin, input).await["product"]["id"].clone();
        update(&admin, json!({"id": id, "brand": "X", "tags": ["b"]})).await;
        app.advance(Duration::from_secs(1));
        admin
            .run_mutation("deleteProduct", json!({"id": id}), "product { id }")
            .await;
        let query = "{ auditLog(filter: {actions: [\"updateProduct\", \"deleteProduct\"]}) { nodes { changes { field before after } } } }";
        let data = admin.data(query, json!({})).await;
        let change = |entry: usize, field: &str| {
            let changes = data["auditLog"]["nodes"][entry]["changes"].as_array().unwrap();
            let found = changes.iter().find(|change| change["field"] == field);
            found.map(|change| (change["before"].clone(), change["after"].clone()))
        };
        let changed = |before: Value, after: Value| Some((before, after));
        assert_eq!(change(1, "brand"), changed(Value::Null, json!("X")));
        assert_eq!(change(1, "tags"), changed(json!("a, b"), json!("b")));
        assert_eq!(change(1, "name"), None);
        assert_eq!(change(0, "brand"), changed(json!("X"), Value::Null));
        assert_eq!(change(0, "tags"), changed(json!("b"), Value::Null));
    })
    .await;
}

#[tokio::test]
async fn invalid_brands_and_tags_are_refused_with_their_field() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let made = create(&admin, json!({"categoryId": home})).await;
        let id = &made["product"]["id"];
        let many = |count: usize| (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>();
        for (field, value, errors) in [
            ("brand", json!("x".repeat(100)), &[][..]),
            ("brand", json!("é".repeat(101)), &["brand"]),
            ("brand", json!(""), &["brand"]),
            ("brand", json!(" \u{200b} "), &["brand"]),
            ("brand", json!("a\u{0}"), &["brand"]),
            ("tags", json!(many(50)), &[]),
            ("tags", json!(many(51)), &["tags"]),
            ("tags", json!(["é".repeat(50)]), &[]),
            ("tags", json!(["ok", "x".repeat(51)]), &["tags.1"]),
            (
                "tags",
                json!(["", "ok", "a,b", "a\u{0}"]),
                &["tags.0", "tags.2", "tags.3"],
            ),
            ("tags", json!([]), &[]),
        ] {
            let mut input = json!({"id": id});
            input[field] = value.clone();
            let before = app.count("audit_log").await;
            let payload = update(&admin, input).await;
            let expected = errors
                .iter()
                .map(|field| ("BAD_USER_INPUT".to_owned(), (*field).to_owned()));
            assert_eq!(
                user_errors(&payload),
                expected.collect::<Vec<_>>(),
                "{value}"
            );
            assert_eq!(
                app.count("audit_log").await > before,
                errors.is_empty(),
                "{value}"
            );
            let mut input = json!({"categoryId": home});
            input[field] = value.clone();
            let created = create(&admin, input).await;
            assert_eq!(created["product"].is_object(), errors.is_empty(), "{value}");
        }
        let customer = app.customer().await;
        let input = json!({"id": id, "brand": "X"});
        let refused = customer.mutate("updateProduct", input, DETAILS).await;
        assert_eq!(refused.code(), "FORBIDDEN");
    })
    .await;
}

/// Creates products named by their slugs, with a brand and tags, and returns the admin.
async fn tagged_shop(app: &App) -> Client {
    let admin = app.admin().await;
    let home = category(app, "home").await;
    for (slug, brand, tags, status) in [
        ("a", Some("Kado"), &["Sale", "new"][..], "ACTIVE"),
        ("b", Some("Kado"), &["sale"], "ACTIVE"),
        ("c", Some("kado"), &["NEW", "Straße"], "ACTIVE"),
        ("d", None, &[], "ACTIVE"),
        ("e", Some("Kado"), &["sale", "new"], "DRAFT"),
        ("f", Some("Arnika"), &[], "ACTIVE"),
    ] {
        let mut input = json!({"name": slug, "sku": format!("S-{slug}"), "status": status,
            "categoryId": home, "tags": tags});
        if let Some(brand) = brand {
            input["brand"] = json!(brand);
        }
        assert_eq!(create(&admin, input).await["userErrors"], json!([]));
    }
    admin
}

/// Returns the concatenated slugs and the number of the products that match a filter.
async fn slugs(client: &Client, filter: &str, variables: Value) -> String {
    let query = format!(
        "query($ids: [ID!]) {{ all: products(filter: {{ids: $ids}}) {{ totalCount }} \
         products(filter: {{{filter}}}) {{ totalCount nodes {{ slug }} }} }}"
    );
    let data = client.data(&query, variables).await;
    let nodes = data["products"]["nodes"].as_array().unwrap();
    assert_eq!(data["products"]["totalCount"], nodes.len(), "{filter}");
    nodes
        .iter()
        .map(|node| node["slug"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn products_are_filtered_by_brand_tags_skus_and_ids() {
    on_both_databases(async |app| {
        let admin = tagged_shop(app).await;
        let customer = app.anonymous();
        for (filter, expected) in [
            (r#"brands: ["Kado"]"#, "ab"),
            (r#"brands: ["Kado", "Arnika", "none"]"#, "abf"),
            ("brands: []", ""),
            (r#"skus: ["S-b", "S-d", "S-e", "s-a"]"#, "bd"),
            ("skus: []", ""),
            (r#"tags: {any: ["SALE"]}"#, "ab"),
            (r#"tags: {any: ["sale", "new", "none"]}"#, "abc"),
            (r#"tags: {all: ["sale", "New", "SALE"]}"#, "a"),
            (r#"tags: {any: ["new"], all: ["stra\u00dfe"]}"#, "c"),
            (r#"tags: {all: ["sale", "none"]}"#, ""),
            ("tags: {any: []}", ""),
            ("tags: {all: []}", "abcdf"),
            ("tags: {}", "abcdf"),
            (r#"brands: ["Kado"], tags: {any: ["new"]}, inStock: false"#, "a"),
            (r#"brands: ["Kado"], skus: ["S-b", "S-f"]"#, "b"),
        ] {
            assert_eq!(slugs(&customer, filter, json!({})).await, expected, "{filter}");
        }
        assert_eq!(slugs(&admin, r#"tags: {all: ["sale", "new"]}"#, json!({})).await, "ae");
        let data = admin.data("{ products { nodes { id slug } } }", json!({})).await;
        let nodes = data["products"]["nodes"].as_array().unwrap().clone();
        let ids: Vec<_> = nodes.iter().map(|node| &node["id"]).collect();
        let unknown = "prod_00000000000000000000000000";
        let some = json!({"ids": [ids[4], ids[2], unknown, ids[0], ids[0]]});
        assert_eq!(slugs(&customer, "ids: $ids", some.clone()).await, "ac");
        assert_eq!(slugs(&admin, "ids: $ids", some.clone()).await, "ace");
        assert_eq!(slugs(&admin, r#"ids: $ids, brands: ["kado"]"#, some).await, "c");
        assert_eq!(slugs(&admin, "ids: $ids", json!({"ids": []})).await, "");
        // In the other lists with this filter.
        let query = r#"{ category(slug: "home") { products(filter: {tags: {any: ["new"]}}) { totalCount nodes { slug } } } }"#;
        let data = customer.data(query, json!({})).await;
        assert_eq!(data["category"]["products"]["totalCount"], 2);
        let bulk = json!({"filter": {"tags": {"any": ["new"]}}, "status": "ARCHIVED"});
        let done = admin.run_mutation("updateProducts", bulk, "results { product { slug } }").await;
        assert_eq!(done["results"].as_array().unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn invalid_values_of_filters_are_refused_with_their_field() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        let id = "prod_00000000000000000000000000";
        let query = "query($filter: ProductFilter) { products(filter: $filter) { totalCount } }";
        for (filter, field) in [
            (json!({"ids": vec![id; 100]}), None),
            (json!({"ids": vec![id; 101]}), Some("filter.ids")),
            (json!({"ids": ["x"]}), Some("filter.ids")),
            (
                json!({"ids": ["cat_00000000000000000000000000"]}),
                Some("filter.ids"),
            ),
            (json!({"skus": vec!["x"; 100]}), None),
            (json!({"skus": vec!["x"; 101]}), Some("filter.skus")),
            (json!({"skus": ["x".repeat(101)]}), Some("filter.skus")),
            (json!({"skus": ["a\u{0}"]}), Some("filter.skus")),
            (json!({"brands": vec!["x"; 101]}), Some("filter.brands")),
            (json!({"brands": ["a\nb"]}), Some("filter.brands")),
            (
                json!({"tags": {"any": vec!["x"; 50], "all": vec!["x"; 50]}}),
                None,
            ),
            (
                json!({"tags": {"any": vec!["x"; 51]}}),
                Some("filter.tags.any"),
            ),
            (
                json!({"tags": {"all": vec!["x"; 51]}}),
                Some("filter.tags.all"),
            ),
            (
                json!({"tags": {"all": ["x".repeat(51)]}}),
                Some("filter.tags.all"),
            ),
        ] {
            let response = client.send(query, json!({"filter": filter})).await;
            match field {
                Some(field) => {
                    let error = (response.code(), response.field());
                    assert_eq!(error, ("BAD_USER_INPUT", field), "{filter}");
                }
                None => assert_eq!(response.json.get("errors"), None, "{filter}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn brand_facet_counts_visible_products_and_ignores_its_own_filter() {
    on_both_databases(async |app| {
        let admin = tagged_shop(app).await;
        let facet = async |client: &Client, filter: &str, first: &str| {
            let query = format!(
                "{{ products(filter: {{{filter}}}) {{ facets {{ stock {{ outOfStock }} \
                 brands{first} {{ isExact values {{ brand count }} }} }} }} }}"
            );
            let data = client.data(&query, json!({})).await;
            let facet = data["products"]["facets"]["brands"].clone();
            assert_eq!(facet["isExact"], true);
            let values = facet["values"].as_array().unwrap().iter();
            let values = values.map(|value| format!("{} {}", value["brand"], value["count"]));
            values.collect::<Vec<_>>().join(", ")
        };
        let customer = app.anonymous();
        let all = r#""Kado" 2, "Arnika" 1, "kado" 1"#;
        assert_eq!(facet(&customer, "", "").await, all);
        assert_eq!(facet(&customer, r#"brands: ["kado"]"#, "").await, all);
        assert_eq!(facet(&admin, "", "(first: 1)").await, r#""Kado" 3"#);
        let new = r#"tags: {any: ["new"]}"#;
        assert_eq!(facet(&customer, new, "").await, r#""Kado" 1, "kado" 1"#);
        assert_eq!(facet(&customer, "skus: [\"S-d\"]", "").await, "");
        for first in ["0", "101", "-1"] {
            let query =
                format!("{{ products {{ facets {{ brands(first: {first}) {{ isExact }} }} }} }}");
            assert_eq!(
                customer.send(&query, json!({})).await.code(),
                "BAD_USER_INPUT"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn searches_find_brands_and_tags() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"name": "Mug", "categoryId": home, "brand": "Arnika Werk", "tags": ["Dishwasher safe"]});
        let id = create(&admin, input).await["product"]["id"].clone();
        let input = json!({"name": "Arnika", "categoryId": home});
        create(&admin, input).await;
        // A match in the name is better.
        assert_eq!(found(app, "arnika").await, ["arnika", "mug"]);
        for text in ["werk mug", "dishwasher", "dishwahser"] {
            assert_eq!(found(app, text).await, ["mug"], "{text}");
        }
        update(&admin, json!({"id": id, "brand": "Kado"})).await;
        assert_eq!(found(app, "kado dishwasher").await, ["mug"]);
        assert!(found(app, "werk").await.is_empty());
        update(&admin, json!({"id": id, "tags": ["Oven proof"]})).await;
        assert_eq!(found(app, "kado oven").await, ["mug"]);
        assert!(found(app, "dishwasher").await.is_empty());
        app.sql("DELETE FROM product_index").await;
        server::index_missing(&app.state.db).await.unwrap();
        assert_eq!(found(app, "kado oven").await, ["mug"]);
    })
    .await;
}

#[tokio::test]
async fn cached_responses_follow_brand_and_tags() {
    on_both_databases(async |app| {
        let admin = tagged_shop(app).await;
        app.start_change_watcher();
        let client = app.anonymous();
        let id = admin
            .data("{ product(slug: \"a\") { id } }", json!({}))
            .await["product"]["id"]
            .clone();
        for (query, change, expected) in [
            (
                "{ product(slug: \"a\") { brand tags } }",
                json!({"tags": ["x"]}),
                json!({"product": {"brand": "Kado", "tags": ["x"]}}),
            ),
            (
                "{ products(filter: {tags: {any: [\"x\"]}}) { totalCount } }",
                json!({"tags": ["y"]}),
                json!({"products": {"totalCount": 0}}),
            ),
            (
                "{ product(slug: \"a\") { brand } }",
                json!({"brand": "Other"}),
                json!({"product": {"brand": "Other"}}),
            ),
            (
                "{ products(filter: {brands: [\"Other\"]}) { totalCount nodes { slug } } }",
                json!({"brand": null}),
                json!({"products": {"totalCount": 0, "nodes": []}}),
            ),
        ] {
            kept(app, async || client.send(query, json!({})).await).await;
            let mut input = change;
            input["id"] = id.clone();
            update(&admin, input).await;
            assert_eq!(client.data(query, json!({})).await, expected, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_read_brands_with_the_page_and_tags_in_one_statement() {
    on_both_databases(async |app| {
        tagged_shop(app).await;
        let client = app.anonymous();
        for (fields, count) in [("slug", 1), ("slug brand", 1), ("slug tags", 2)] {
            let query = format!("{{ products {{ nodes {{ {fields} }} }} }}");
            let statements = app.record_statements(client.data(&query, json!({}))).await;
            assert_eq!(statements.len(), count, "{statements:#?}");
            let page = &statements[0].sql;
            assert_eq!(page.contains("brand"), fields.contains("brand"), "{page}");
        }
    })
    .await;
}
