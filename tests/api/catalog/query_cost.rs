//! Query cost: few statements, and no scan of a whole table for a page.

use serde_json::{Value, json};
use wares::core::pagination::MAX_PAGE;

use sea_orm::Statement;

use crate::harness::{App, Backend, on_both_databases};

#[tokio::test]
async fn a_hundred_products_with_all_fields_cost_few_statements() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let root = shop.root("root", 0).await;
        let mut leaves = Vec::new();
        for number in 0..10 {
            let slug = format!("c{number}");
            leaves.push(shop.category(&slug, Some(&root), number, |_| ()).await);
        }
        for number in 0..100 {
            let categories = [&leaves[number % 10], &leaves[(number + 3) % 10]];
            let product = shop
                .product_in(&format!("p{number}"), &categories, |_| ())
                .await;
            shop.image(&product, 0).await;
            shop.image(&product, 1).await;
        }
        let page = "totalCount totalCountIsExact pageInfo { endCursor }";
        let node = "name price { amount } category { name } images { alt }";
        // The page with primary categories and images, and the count; all categories; the facets and their categories.
        for (more, facets, expected) in [
            ("", "", 2),
            ("categories { name }", "", 3),
            (
                "",
                "facets { stock { inStock } price { min { amount } } }",
                3,
            ),
            (
                "categories { name }",
                "facets { price { isExact } categories { values { category { name } } } }",
                5,
            ),
        ] {
            let query = format!(
                "{{ products(first: 100) {{ {page} {facets} nodes {{ {node} {more} }} }} }}"
            );
            let statements = app
                .record_statements(async {
                    let data = app.anonymous().data(&query, json!({})).await;
                    let nodes = data["products"]["nodes"].as_array().unwrap();
                    assert_eq!(nodes.len(), MAX_PAGE as usize);
                    for node in nodes {
                        assert_eq!(node["images"].as_array().unwrap().len(), 2);
                        let categories = node["categories"].as_array();
                        assert!(categories.is_none_or(|categories| categories.len() == 2));
                    }
                })
                .await;
            assert_eq!(statements.len(), expected, "{statements:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn descriptions_are_read_only_when_selected() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let root = shop.root("root", 0).await;
        for slug in ["pot", "pan"] {
            shop.product(slug, &root, |product| product.description = format!("A {slug}"))
                .await;
        }
        let client = app.anonymous();
        let described = |statements: &[Statement]| {
            let reads = |statement: &&Statement| statement.sql.contains(r#""products"."description""#);
            statements.iter().filter(reads).count()
        };
        for (query, expected, cursor) in [
            ("{ products { nodes { name } edges { node { sku } } } }", 0, ""),
            ("{ products(search: \"pan\") { nodes { name } } }", 0, ""),
            ("{ products { nodes { name description } } }", 1, "/products/nodes/0/description"),
            ("{ products { edges { node { about: description } } } }", 1, "/products/edges/0/node/about"),
            ("{ products { ...page } } fragment page on ProductConnection { nodes { ... on Product { description } } }", 1, "/products/nodes/0/description"),
            ("{ products(search: \"pan\") { nodes { description } } }", 1, "/products/nodes/0/description"),
            ("{ category(slug: \"root\") { products { nodes { description } } } }", 1, "/category/products/nodes/0/description"),
            // One list selects descriptions, and one does not.
            ("{ products { nodes { name } } other: products { nodes { description } } }", 1, "/other/nodes/0/description"),
        ] {
            let mut data = Value::Null;
            let work = async { data = client.data(query, json!({})).await };
            let statements = app.record_statements(work).await;
            assert_eq!(described(&statements), expected, "{query}: {statements:#?}");
            if !cursor.is_empty() {
                assert_eq!(data.pointer(cursor), Some(&json!("A pan")), "{query}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_menu_with_products_costs_one_statement_per_type() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let query = "{ categories(filter: {level: 0}) { nodes { name
            products(first: 3) { totalCount nodes { name category { ancestors { name } } } }
            children { name parent { name } children { name parent { name }
                products(first: 2, sort: {field: PRICE}) { nodes { name images { alt } } } } }
        } } }";
        let statements = app
            .record_statements(app.anonymous().data(query, json!({})))
            .await;
        // Roots; children, products and their counts; grandchildren, parents and categories of the products; ...
        // Two additional statements choose the strategy for reading the products of the categories.
        assert_eq!(statements.len(), 11, "{statements:#?}");
    })
    .await;
}

/// Creates 20,000 products in 200 categories, most of them active.
pub async fn large_shop(app: &App) {
    let numbers = |count: u32| match app.backend {
        Backend::Sqlite => format!(
            "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) SELECT n FROM n)"
        ),
        Backend::Postgres => format!("generate_series(1, {count}) AS n(n)"),
    };
    let id = |kind: u32, number: &str| match app.backend {
        Backend::Sqlite => format!("unhex(printf('%08d%024d', {kind}, {number}))"),
        Backend::Postgres => {
            format!("lpad(({kind})::text, 8, '0')::text || lpad(({number})::text, 24, '0')")
        }
    };
    let id = |kind: u32, number: &str| match app.backend {
        Backend::Sqlite => id(kind, number),
        Backend::Postgres => format!("({})::uuid", id(kind, number)),
    };
    let path = match app.backend {
        Backend::Sqlite => "printf('%04x', n)",
        Backend::Postgres => "lpad(to_hex(n), 4, '0')",
    };
    let text = |prefix: &str| match app.backend {
        Backend::Sqlite => format!("'{prefix}' || (n * 7919 % 20011)"),
        Backend::Postgres => format!("'{prefix}' || (n::bigint * 7919 % 20011)"),
    };
    app.sql(&format!(
        "INSERT INTO categories (id, position, path, visible, name, name_key, slug, description, published, version, created_at, updated_at)
         SELECT {}, n, {path}, n % 20 <> 0, 'c' || n, 'c' || n, 'c' || n, '', n % 20 <> 0, 1, n, n FROM {}",
        id(1, "n"), numbers(200),
    ))
    .await;
    app.sql(&format!(
        "INSERT INTO products (id, name, name_key, slug, description, price, price_max, stock, in_stock, status, category_id, version, created_at, updated_at)
         SELECT {}, {}, {}, 'p' || n, '', n % 5000, n % 5000, n % 9, n % 9 > 0, CASE WHEN n % 10 = 0 THEN 'DRAFT' ELSE 'ACTIVE' END, {}, 1, n * 1000, 90000000 - n * 1000 FROM {}",
        id(2, "n"), text("name "), text("name "), id(1, "(n % 200 + 1)"), numbers(20_000),
    ))
    .await;
    app.sql("INSERT INTO product_categories (product_id, category_id) SELECT id, category_id FROM products")
        .await;
    app.sql("ANALYZE").await;
}

const PAGE: &str = "query($after: String, $before: String, $last: Int, $sort: ProductSort, $filter: ProductFilter) {
    products(after: $after, before: $before, last: $last, sort: $sort, filter: $filter) {
        nodes { slug } pageInfo { startCursor endCursor hasNextPage }
    }
}";

/// Returns the query plan of the statement for a page, and the page.
async fn plan(app: &App, admin: bool, variables: Value) -> (String, Value) {
    let client = if admin {
        app.admin().await
    } else {
        app.anonymous()
    };
    let mut page = Value::Null;
    let statements = app
        .record_statements(async {
            page = client.data(PAGE, variables).await["products"].clone();
        })
        .await;
    // At most one statement precedes it. It counts the products of the filter's categories, or lists these categories.
    let (statement, before) = statements.split_last().unwrap();
    let is_strategy_query = |statement: &Statement| match app.backend {
        Backend::Sqlite => statement.sql.contains("COUNT(*)"),
        Backend::Postgres => !statement.sql.contains("\"products\""),
    };
    assert!(
        before.len() <= 1 && before.iter().all(is_strategy_query),
        "{statements:#?}"
    );
    let explain = match app.backend {
        Backend::Sqlite => "EXPLAIN QUERY PLAN",
        Backend::Postgres => "EXPLAIN",
    };
    let statement = Statement {
        sql: format!("{explain} {}", statement.sql),
        ..statement.clone()
    };
    (app.query_plan_lines(statement).await.join("\n"), page)
}

/// Fails unless the rows are read from the index in order, starting at the cursor.
fn check_plan(app: &App, plan: &str, index: &str, deep: bool) {
    assert!(plan.contains(index), "{index} is not used:\n{plan}");
    match app.backend {
        Backend::Sqlite => {
            assert!(!plan.contains("TEMP B-TREE"), "rows are sorted:\n{plan}");
            if deep {
                let line = plan.lines().find(|line| line.contains(index)).unwrap();
                let entered = line.contains(">(") || line.contains("<(");
                assert!(entered, "the scan does not start at the cursor:\n{plan}");
            }
        }
        Backend::Postgres => {
            assert!(!plan.contains("Sort"), "rows are sorted:\n{plan}");
            assert!(
                !plan.contains("Seq Scan on products"),
                "it reads all:\n{plan}"
            );
            if deep {
                let mut lines = plan.lines();
                let entered =
                    lines.any(|line| line.contains("Index Cond: ") && line.contains("ROW("));
                assert!(entered, "the scan does not start at the cursor:\n{plan}");
            }
        }
    }
}

#[tokio::test]
async fn every_sort_order_reads_an_index_on_the_first_and_on_deep_pages() {
    on_both_databases(async |app| {
        large_shop(app).await;
        for (field, column) in [
            ("NAME", "name"),
            ("PRICE", "price"),
            ("CREATED_AT", "created_at"),
            ("UPDATED_AT", "updated_at"),
        ] {
            for direction in ["ASC", "DESC"] {
                for admin in [false, true] {
                    // With or without the status as a prefix of the index: there are few drafts.
                    let index = format!("_{column}_idx");
                    let sort = json!({"field": field, "direction": direction});
                    let (first, page) = plan(app, admin, json!({"sort": sort})).await;
                    check_plan(app, &first, &index, false);
                    assert_eq!(page["nodes"].as_array().unwrap().len(), 20);

                    let (last, page) = plan(app, admin, json!({"sort": sort, "last": 20})).await;
                    check_plan(app, &last, &index, false);
                    assert_eq!(page["nodes"].as_array().unwrap().len(), 20);

                    // A cursor far into every order, taken from a filtered list. It is also valid without the
                    // filter.
                    let moment = "1970-01-01T00:00:12.345Z";
                    let filter = json!({"createdAt": {"gte": moment, "lte": moment}});
                    let (_, page) = plan(app, admin, json!({"sort": sort, "filter": filter})).await;
                    let cursor = &page["pageInfo"]["endCursor"];
                    for variables in [
                        json!({"sort": sort, "after": cursor}),
                        json!({"sort": sort, "last": 20, "before": cursor}),
                    ] {
                        let (deep, page) = plan(app, admin, variables).await;
                        check_plan(app, &deep, &index, true);
                        assert_eq!(page["nodes"].as_array().unwrap().len(), 20);
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_deep_page_of_a_filtered_list_starts_at_its_cursor() {
    on_both_databases(async |app| {
        large_shop(app).await;
        for (field, column, filter) in [
            (
                "PRICE",
                "price",
                json!({"price": {"gte": "0.01", "lte": "49"}}),
            ),
            (
                "CREATED_AT",
                "created_at",
                json!({"createdAt": {"gte": "1970-01-01T00:00:00Z"}}),
            ),
        ] {
            for direction in ["ASC", "DESC"] {
                let sort = json!({"field": field, "direction": direction});
                let moment = "1970-01-01T00:00:12.345Z";
                let only = json!({"createdAt": {"gte": moment, "lte": moment}});
                let (_, page) = plan(app, false, json!({"sort": sort, "filter": only})).await;
                let cursor = &page["pageInfo"]["endCursor"];
                let variables = json!({"sort": sort, "after": cursor, "filter": filter});
                let (deep, page) = plan(app, false, variables).await;
                check_plan(app, &deep, &format!("_{column}_idx"), true);
                // The range scan must start at the cursor.
                let range = if direction == "ASC" {
                    format!("{column}>?")
                } else {
                    format!("{column}<?")
                };
                assert!(!deep.contains(&range), "{deep}");
                assert_eq!(page["nodes"].as_array().unwrap().len(), 20);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn common_filters_cause_no_full_table_scan() {
    on_both_databases(async |app| {
        large_shop(app).await;
        let id = wares::core::id::encode(
            "cat",
            "00000001-0000-0000-0000-000000000012".parse().unwrap(),
        );
        for filter in [
            json!({"price": {"gte": "10.00", "lte": "10.50"}}),
            json!({"inStock": true}),
            json!({"categoryIds": [id]}),
            json!({"categoryIds": [id], "inStock": true, "price": {"lte": "20"}}),
            json!({"createdAt": {"gte": "1970-01-01T00:00:19Z"}}),
        ] {
            let sort = json!({"field": "PRICE"});
            let (plan, page) = plan(app, false, json!({"filter": filter, "sort": sort})).await;
            assert!(!page["nodes"].as_array().unwrap().is_empty(), "{filter}");
            let whole = match app.backend {
                Backend::Sqlite => {
                    plan.contains("SCAN products\n") || plan.ends_with("SCAN products")
                }
                // A full scan of 10,000 products may be cheaper than fetching those of a category one by one. The
                // products of the category must come from an index.
                Backend::Postgres if filter.get("categoryIds").is_some() => {
                    plan.contains("Seq Scan on product_categories")
                }
                Backend::Postgres => plan.contains("Seq Scan on products"),
            };
            assert!(!whole, "{filter}:\n{plan}");
        }
    })
    .await;
}
