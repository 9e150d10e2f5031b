//! Counts of lists: exact up to a limit, so that counting never reads a whole large table.

use sea_orm::Statement;
use serde_json::{Value, json};

use crate::catalog::query_cost::large_shop;
use crate::harness::{App, Backend, Client, on_both_databases};

/// Returns a subquery with the numbers up to `count` in the column `n`.
fn numbers(app: &App, count: u32) -> String {
    match app.backend {
        Backend::Sqlite => format!(
            "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) SELECT n FROM n) AS n"
        ),
        Backend::Postgres => format!("generate_series(1, {count}) AS n(n)"),
    }
}

/// Returns the expression for the ID of row `n`.
fn id(app: &App) -> &'static str {
    match app.backend {
        Backend::Sqlite => "unhex(printf('%032d', n))",
        Backend::Postgres => "lpad(n::text, 32, '0')::uuid",
    }
}

/// Copies the first row of a table `copies` times. `own` overrides columns besides the ID.
async fn multiply(app: &App, table: &str, columns: &str, own: &[(&str, &str)], copies: u32) {
    let names: Vec<_> = own.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = own.iter().map(|(_, value)| *value).collect();
    app.sql(&format!(
        "INSERT INTO {table} (id, {}, {columns}) SELECT {}, {}, {columns} FROM (SELECT * FROM {table} LIMIT 1) one, {}",
        names.join(", "),
        id(app),
        values.join(", "),
        numbers(app, copies),
    ))
    .await;
}

async fn total(client: &Client, list: &str) -> (i64, bool) {
    let query = format!("{{ list: {list} {{ totalCount totalCountIsExact }} }}");
    let list = client.data(&query, json!({})).await["list"].clone();
    let exact = list["totalCountIsExact"].as_bool().unwrap();
    (list["totalCount"].as_i64().unwrap(), exact)
}

#[tokio::test]
async fn products_are_counted_up_to_10000() {
    on_both_databases(async |app| {
        let category = app.shop().root("all", 0).await;
        app.shop().product("one", &category, |_| ()).await;
        let rest = "name, name_key, description, price, price_max, stock, status, category_id, version, created_at, updated_at";
        multiply(app, "products", rest, &[("slug", "'p' || n")], 9_999).await;
        let (customer, admin) = (app.anonymous(), app.admin().await);
        for client in [&customer, &admin] {
            assert_eq!(total(client, "products").await, (10_000, true));
        }
        app.shop().product("one-more", &category, |_| ()).await;
        for client in [&customer, &admin] {
            assert_eq!(total(client, "products").await, (10_000, false));
        }
        // A filter with fewer results has an exact count. Pages are not affected by the limit.
        let cheap = "products(filter: {price: {lte: \"9.99\"}})";
        assert_eq!(total(&customer, cheap).await, (0, true));
        let link = "INSERT INTO product_categories (product_id, category_id) SELECT id, category_id FROM products WHERE slug LIKE 'p%'";
        app.sql(link).await;
        let of_category = "category(slug: \"all\") { list: products";
        let query = format!("{{ {of_category} {{ totalCount totalCountIsExact }} }} }}");
        let data = customer.data(&query, json!({})).await;
        let expected = json!({"totalCount": 10_000, "totalCountIsExact": false});
        assert_eq!(data["category"]["list"], expected);

        let input = json!({"id": wares::core::id::TypedId::encode(category.id)});
        let refused = admin.run_mutation("deleteCategory", input, "category { id }").await;
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("more than 10000 products"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn other_lists_are_counted_up_to_the_same_limit() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        app.shop().root("one", 0).await;
        let rest = "position, path, visible, name, name_key, description, published, version, created_at, updated_at";
        multiply(app, "categories", rest, &[("slug", "'c' || n")], 9_999).await;
        assert_eq!(total(&admin, "categories").await, (10_000, true));
        app.shop().root("two", 1).await;
        assert_eq!(total(&admin, "categories").await, (10_000, false));
        assert_eq!(total(&app.anonymous(), "categories").await, (10_000, false));

        let made = "'u' || n || '@shop.example'";
        let rest = "name, name_key, role, verified_at, created_at, updated_at";
        let own = [("email", made), ("email_key", made)];
        multiply(app, "users", rest, &own, 9_999).await;
        assert_eq!(total(&admin, "users").await, (10_000, true));
        app.customer().await;
        assert_eq!(total(&admin, "users").await, (10_000, false));
        assert_eq!(total(&admin, "users(search: \"customer\")").await, (1, true));

        let input = json!({"name": "Three"});
        admin.run_mutation("createCategory", input, "category { id }").await;
        let own = [("action", "'a' || n")];
        multiply(app, "audit_log", "at, actor_id, changes", &own, 9_999).await;
        assert_eq!(total(&admin, "auditLog").await, (10_000, true));
        let input = json!({"name": "Four"});
        admin.run_mutation("createCategory", input, "category { id }").await;
        assert_eq!(total(&admin, "auditLog").await, (10_000, false));
        let created = "auditLog(filter: {actions: [\"createCategory\"]})";
        assert_eq!(total(&admin, created).await, (2, true));
    })
    .await;
}

#[tokio::test]
async fn total_count_fields_share_one_count_statement() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let admin = app.admin().await;
        let count = "totalCount totalCountIsExact more: totalCount";
        for (query, expected) in [
            (format!("{{ products {{ {count} }} }}"), 2),
            (format!("{{ categories {{ {count} }} }}"), 2),
            (format!("{{ users {{ {count} }} }}"), 2),
            (format!("{{ auditLog {{ {count} }} }}"), 2),
            (
                format!(
                    "{{ a: products {{ {count} }} b: products(filter: {{inStock: true}}) {{ {count} }}
                        c: products(filter: {{price: {{gte: 5}}}}) {{ {count} }} }}"
                ),
                2,
            ),
            ("{ products { nodes { name } } }".to_owned(), 1),
        ] {
            let work = admin.data(&query, json!({}));
            let statements = app.record_statements(work).await;
            assert_eq!(statements.len(), expected, "{query}: {statements:#?}");
        }
    })
    .await;
}

/// Returns the query plan of the statement that counts a list.
async fn plan(app: &App, query: &str, variables: Value) -> String {
    let client = app.anonymous();
    let statements = app.record_statements(client.data(query, variables)).await;
    let count = statements
        .into_iter()
        .find(|statement| statement.sql.contains("COUNT("));
    let count = count.unwrap();
    let explain = match app.backend {
        Backend::Sqlite => "EXPLAIN QUERY PLAN",
        Backend::Postgres => "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF)",
    };
    let sql = format!("{explain} {}", count.sql);
    app.query_plan_lines(Statement { sql, ..count })
        .await
        .join("\n")
}

#[tokio::test]
async fn a_count_stops_at_its_limit() {
    on_both_databases(async |app| {
        large_shop(app).await;
        let query =
            "{ a: products { totalCount } b: products(filter: {inStock: true}) { totalCount } }";
        let plan = plan(app, query, json!({})).await;
        match app.backend {
            // A coroutine produces rows on demand. A materialized or sorted subquery is read completely first.
            Backend::Sqlite => {
                assert!(plan.contains("CO-ROUTINE rows_to_count"), "{plan}");
                assert!(!plan.contains("MATERIALIZE rows_to_count"), "{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            }
            Backend::Postgres => {
                let reads = plan.lines().filter(|line| line.contains(" on products"));
                let reads: Vec<_> = reads.collect();
                assert_eq!(reads.len(), 2, "{plan}");
                for read in reads {
                    let rows = read.rsplit("(actual rows=").next().unwrap();
                    let rows: u32 = rows.split_once(' ').unwrap().0.parse().unwrap();
                    // Additional rows are read for products in hidden categories.
                    assert!((10_001..13_000).contains(&rows), "{plan}");
                }
            }
        }
    })
    .await;
}
