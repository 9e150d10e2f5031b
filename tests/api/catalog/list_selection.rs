//! Lists read only the selected columns, together with primary categories and images in one statement.

use sea_orm::Statement;
use serde_json::{Value, json};
use wares::infra::database::{Connection, Database};

use super::query_cost::large_shop;
use crate::harness::{App, Backend, on_both_databases};

/// Creates three products with three, one and no images.
async fn small_shop(app: &App) {
    let shop = app.shop();
    let root = shop.root("root", 0).await;
    let leaf = shop.category("leaf", Some(&root), 0, |_| ()).await;
    for (slug, category, images) in [("pan", &leaf, 3), ("pot", &root, 1), ("cup", &leaf, 0)] {
        let product = shop
            .product(slug, category, |product| {
                product.description = format!("A {slug}");
                product.sku = Some(format!("SKU-{slug}"));
                product.stock = 3;
            })
            .await;
        for position in 0..images {
            shop.image(&product, position).await;
        }
    }
    app.sql(
        "UPDATE product_images SET placeholder = 'data:' || alt, sized_at = 1 WHERE position = 1",
    )
    .await;
}

/// Returns the same fields of each product, read one by one.
async fn one_by_one(app: &App, fields: &str) -> Vec<Value> {
    let client = app.anonymous();
    let mut found = Vec::new();
    for slug in ["cup", "pan", "pot"] {
        let query = format!("{{ product(slug: \"{slug}\") {{ {fields} }} }}");
        found.push(client.data(&query, json!({})).await["product"].clone());
    }
    found
}

#[tokio::test]
async fn each_field_of_a_list_is_that_of_the_product() {
    on_both_databases(async |app| {
        small_shop(app).await;
        let client = app.anonymous();
        let schema = "{ __type(name: \"Product\") { fields { name } } }";
        let schema = client.data(schema, json!({})).await;
        let names = schema["__type"]["fields"].as_array().unwrap();
        assert!(names.len() > 15, "{schema}");
        for name in names {
            let field = match name["name"].as_str().unwrap() {
                name @ ("price" | "compareAtPrice" | "priorPrice") => {
                    format!("{name} {{ amount currency }}")
                }
                "priceRange" => "priceRange { min { amount } max { amount } }".to_owned(),
                "options" => "options { name }".to_owned(),
                "variants" => "variants(first: 2) { id stock price { amount } }".to_owned(),
                "variant" => "variant(options: []) { id stock }".to_owned(),
                name @ ("category" | "categories") => {
                    format!("{name} {{ name level description }}")
                }
                "productType" => "productType { name }".to_owned(),
                "attributes" => "attributes { attribute { name } }".to_owned(),
                "relatedProducts" => "relatedProducts { name }".to_owned(),
                name @ ("image" | "images") => format!("{name} {{ alt placeholder }}"),
                name => name.to_owned(),
            };
            let list =
                format!("{{ products {{ nodes {{ {field} }} edges {{ node {{ {field} }} }} }} }}");
            let list = client.data(&list, json!({})).await["products"].clone();
            let expected = one_by_one(app, &field).await;
            assert_eq!(list["nodes"], json!(expected), "{field}");
            let edges: Vec<_> = expected.iter().map(|node| json!({"node": node})).collect();
            assert_eq!(list["edges"], json!(edges), "{field}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_is_read_in_one_statement_with_categories_and_images() {
    on_both_databases(async |app| {
        small_shop(app).await;
        let category = "category { id name slug level __typename }";
        let image = "{ id url width height bytes contentType alt placeholder srcSet }";
        for (fields, placeholder) in [
            (format!("name {category} image {{ url alt }}"), false),
            ("stock availability".to_owned(), false),
            (format!("{category} images(first: 2) {image}"), true),
            (
                format!("images {image} ...{{ image {{ alt }} {category} }}"),
                true,
            ),
            (
                format!(
                    "images(first: 1) {{ alt }} all: images {image} two: images(first: 2) {{ id }}"
                ),
                true,
            ),
        ] {
            for arguments in [
                "",
                "(last: 3)",
                "(sort: {field: PRICE})",
                "(filter: {inStock: true})",
            ] {
                let mut list = Value::Null;
                let query = format!("{{ products{arguments} {{ nodes {{ slug {fields} }} }} }}");
                let client = app.anonymous();
                let work =
                    async { list = client.data(&query, json!({})).await["products"].clone() };
                let statements = app.record_statements(work).await;
                assert_eq!(statements.len(), 1, "{statements:#?}");
                let sql = &statements[0].sql;
                assert!(!sql.contains("description"), "{sql}");
                assert_eq!(sql.contains("placeholder"), placeholder, "{sql}");
                let expected = one_by_one(app, &format!("slug {fields}")).await;
                let nodes = list["nodes"].as_array().unwrap();
                assert_eq!(nodes.len(), 3);
                assert!(
                    nodes.iter().all(|node| expected.contains(node)),
                    "{list:#}\n{expected:#?}"
                );
            }
        }
    })
    .await;
}

/// Returns the statement of a page.
async fn statement(app: &App, arguments: &str) -> Statement {
    let query =
        format!("{{ products{arguments} {{ nodes {{ slug }} pageInfo {{ hasNextPage }} }} }}");
    let client = app.anonymous();
    let mut statements = app.record_statements(client.data(&query, json!({}))).await;
    assert_eq!(statements.len(), 1, "{statements:#?}");
    statements.remove(0)
}

#[tokio::test]
async fn page_sizes_between_limits_return_that_many_products() {
    on_both_databases(async |app| {
        large_shop(app).await;
        for (size, limit) in [(1, 6), (5, 6), (6, 13), (20, 21), (21, 25), (60, 101), (100, 101)] {
            for argument in ["first", "last"] {
                let arguments = format!("({argument}: {size})");
                let sql = statement(app, &arguments).await.sql;
                assert!(sql.ends_with(&format!(" LIMIT {limit}")), "{sql}");
                let query = format!("{{ products{arguments} {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}");
                let page = app.anonymous().data(&query, json!({})).await["products"].clone();
                assert_eq!(page["nodes"].as_array().unwrap().len(), size);
                let is_first = argument == "first";
                assert_eq!(page["pageInfo"], json!({"hasNextPage": is_first, "hasPreviousPage": !is_first}));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn postgres_plans_the_page_of_an_unfiltered_list_only_at_first() {
    on_both_databases(async |app| {
        if app.backend == Backend::Sqlite {
            return;
        }
        large_shop(app).await;
        for sort in ["NAME", "PRICE", "CREATED_AT", "UPDATED_AT"] {
            let statement = statement(app, &format!("(sort: {{field: {sort}}})")).await;
            let other = Database::connect(&app.address, 1).await.unwrap();
            for _ in 0..8 {
                let rows = other.reader().query_all_raw(statement.clone()).await.unwrap();
                assert_eq!(rows.len(), 21);
            }
            let plans = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%LIMIT 21'";
            let plans = Statement::from_string(statement.db_backend, plans);
            let row = other.reader().query_one_raw(plans).await.unwrap().unwrap();
            let custom: i64 = row.try_get_by_index(0).unwrap();
            let generic: i64 = row.try_get_by_index(1).unwrap();
            assert_eq!((custom, generic), (5, 3), "{sort}");
            other.close().await.unwrap();
        }
    })
    .await;
}
