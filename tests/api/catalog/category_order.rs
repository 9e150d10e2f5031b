//! The order of the products of a category.

use std::time::Duration;

use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;
use wares::core::id::TypedId;

use crate::catalog::query_cost::large_shop;
use crate::harness::{App, Backend, Client, on_both_databases, user_error};

const PAGE: &str = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $direction: SortDirection, $filter: ProductFilter) {
    category(id: $id) { products(includeDescendants: false, sort: {field: POSITION, direction: $direction},
        first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount nodes { id slug } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }";

/// Creates a category with the products `p0` to `p5`.
async fn fill(app: &App) -> (Category, Vec<String>) {
    let category = app.shop().root("things", 0).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        // The ids are in the order of creation.
        app.advance(Duration::from_millis(1));
        let product = app
            .shop()
            .product(&format!("p{number}"), &category, |_| ())
            .await;
        ids.push(product.id.encode());
    }
    (category, ids)
}

async fn page(client: &Client, category: &Category, mut variables: Value) -> Value {
    variables["id"] = category.id.encode().into();
    client.data(PAGE, variables).await["category"]["products"].clone()
}

async fn order(client: &Client, category: &Category, variables: Value) -> String {
    let page = page(client, category, variables).await;
    let nodes = page["nodes"].as_array().unwrap().iter();
    let slugs: Vec<_> = nodes.map(|node| node["slug"].as_str().unwrap()).collect();
    slugs.join(" ")
}

async fn put(
    admin: &Client,
    category: &Category,
    products: &[&String],
    after: Option<&String>,
) -> Value {
    let input = json!({"categoryId": category.id.encode(), "productIds": products, "afterProductId": after});
    admin
        .run_mutation("reorderCategoryProducts", input, "category { id }")
        .await
}

#[tokio::test]
async fn products_are_listed_in_the_order_of_the_category() {
    on_both_databases(async |app| {
        let (admin, client) = (app.admin().await, app.anonymous());
        let (category, ids) = fill(app).await;
        let now = async || order(&client, &category, json!({})).await;
        assert_eq!(now().await, "p0 p1 p2 p3 p4 p5");
        let payload = put(&admin, &category, &[&ids[4], &ids[2]], None).await;
        assert_eq!(payload["category"]["id"], category.id.encode());
        assert_eq!(now().await, "p4 p2 p0 p1 p3 p5");
        put(&admin, &category, &[&ids[5]], Some(&ids[4])).await;
        assert_eq!(now().await, "p4 p5 p2 p0 p1 p3");
        // Behind a product that was not in order: those before it get positions, too.
        put(&admin, &category, &[&ids[4]], Some(&ids[1])).await;
        assert_eq!(now().await, "p5 p2 p0 p1 p4 p3");
        assert_eq!(
            app.sql_number("SELECT count(*) FROM product_categories WHERE position < 2147483647")
                .await,
            5
        );
        let audit = app.count("audit_log").await;
        put(&admin, &category, &[&ids[4]], Some(&ids[1])).await;
        assert_eq!(app.count("audit_log").await, audit, "nothing was changed");
        assert_eq!(
            order(&client, &category, json!({"direction": "DESC"})).await,
            "p3 p4 p1 p0 p2 p5"
        );

        // Pages.
        let first = page(&client, &category, json!({"first": 2})).await;
        let after = first["pageInfo"]["endCursor"].clone();
        assert_eq!(
            (&first["totalCount"], &first["pageInfo"]["hasNextPage"]),
            (&json!(6), &json!(true))
        );
        assert_eq!(
            order(&client, &category, json!({"first": 3, "after": after})).await,
            "p0 p1 p4"
        );
        let last = page(&client, &category, json!({"last": 2})).await;
        let before = last["pageInfo"]["startCursor"].clone();
        assert_eq!(
            order(&client, &category, json!({"last": 2, "before": before})).await,
            "p0 p1"
        );
        let filter = json!({"ids": [ids[0], ids[3], ids[5]]});
        assert_eq!(
            order(&client, &category, json!({"filter": filter})).await,
            "p5 p0 p3"
        );

        // New products follow, and drafts are hidden.
        app.advance(Duration::from_millis(1));
        app.shop().product("p6", &category, |_| ()).await;
        admin
            .run_mutation(
                "updateProduct",
                json!({"id": ids[2], "status": "DRAFT"}),
                "product { id }",
            )
            .await;
        assert_eq!(now().await, "p5 p0 p1 p4 p3 p6");
    })
    .await;
}

#[tokio::test]
async fn a_product_keeps_its_position_until_it_leaves_the_category() {
    on_both_databases(async |app| {
        let (admin, client) = (app.admin().await, app.anonymous());
        let (category, ids) = fill(app).await;
        let other = app.shop().root("other", 1).await;
        put(&admin, &category, &[&ids[5], &ids[3]], None).await;
        let change = async |input: Value| {
            let payload = admin.run_mutation("updateProduct", input, "product { id }").await;
            assert_eq!(payload["userErrors"], json!([]));
        };
        change(json!({"id": ids[5], "categoryIds": [other.id.encode()], "name": "Renamed"})).await;
        change(json!({"id": ids[3], "categoryId": other.id.encode(), "categoryIds": [category.id.encode()]})).await;
        assert_eq!(order(&client, &category, json!({})).await, "p5 p3 p0 p1 p2 p4");
        assert_eq!(order(&client, &other, json!({})).await, "p3 p5");
        change(json!({"id": ids[5], "categoryId": other.id.encode(), "categoryIds": []})).await;
        change(json!({"id": ids[5], "categoryIds": [category.id.encode()]})).await;
        assert_eq!(order(&client, &category, json!({})).await, "p3 p0 p1 p2 p4 p5");
    })
    .await;
}

#[tokio::test]
async fn an_order_with_other_products_is_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (category, ids) = fill(app).await;
        let elsewhere = app.shop().root("elsewhere", 1).await;
        let foreign = app
            .shop()
            .product("foreign", &elsewhere, |_| ())
            .await
            .id
            .encode();
        let many: Vec<_> = (0..501).map(|_| &ids[0]).collect();
        let refused: [(&[&String], Option<&String>, &str, &str); 6] = [
            (&[], None, "BAD_USER_INPUT", "productIds"),
            (&many, None, "BAD_USER_INPUT", "productIds"),
            (&[&ids[0], &ids[0]], None, "BAD_USER_INPUT", "productIds"),
            (
                &[&ids[0]],
                Some(&ids[0]),
                "BAD_USER_INPUT",
                "afterProductId",
            ),
            (&[&ids[0], &foreign], None, "NOT_FOUND", "productIds"),
            (&[&ids[0]], Some(&foreign), "NOT_FOUND", "afterProductId"),
        ];
        for (products, after, code, field) in refused {
            let payload = put(&admin, &category, products, after).await;
            assert_eq!(
                (user_error(&payload), &payload["userErrors"][0]["field"]),
                (code, &json!(field))
            );
        }
        assert_eq!(
            app.sql_number("SELECT count(*) FROM product_categories WHERE position < 2147483647")
                .await,
            0
        );
        // Only the products of one category have positions.
        for query in [
            "{ products(sort: {field: POSITION}) { nodes { id } } }",
            "{ category(slug: \"things\") { products(sort: {field: POSITION}) { nodes { id } } } }",
        ] {
            let response = app.anonymous().send(query, json!({})).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", "sort.field"),
                "{query}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn pages_in_order_read_an_index() {
    on_both_databases(async |app| {
        large_shop(app).await;
        let client = app.anonymous();
        let data = client
            .data("{ category(slug: \"c7\") { id } }", json!({}))
            .await;
        let id = &data["category"]["id"];
        let mut after = Value::Null;
        for _ in 0..2 {
            let mut page = Value::Null;
            let variables = json!({"id": id, "first": 20, "after": after});
            let statements = app.record_statements(async {
                page = client.data(PAGE, variables).await["category"]["products"].clone();
            });
            let statements = statements.await;
            let mut lists = statements
                .into_iter()
                .filter(|statement| statement.sql.contains("\"link\".\"position\""));
            let statement = lists.next().unwrap();
            let explain = match app.backend {
                Backend::Sqlite => "EXPLAIN QUERY PLAN",
                Backend::Postgres => "EXPLAIN",
            };
            let sql = format!("{explain} {}", statement.sql);
            let plan = app
                .query_plan_lines(sea_orm::Statement { sql, ..statement })
                .await
                .join("\n");
            assert!(plan.contains("product_categories_position_idx"), "{plan}");
            match app.backend {
                Backend::Sqlite => {
                    assert!(!plan.contains("TEMP B-TREE"), "rows are sorted:\n{plan}");
                }
                Backend::Postgres => {
                    assert!(!plan.contains("Sort"), "rows are sorted:\n{plan}");
                    assert!(
                        !plan.contains("Seq Scan on products"),
                        "it reads all:\n{plan}"
                    );
                }
            }
            assert_eq!(page["nodes"].as_array().unwrap().len(), 20);
            after = page["pageInfo"]["endCursor"].clone();
        }
    })
    .await;
}
