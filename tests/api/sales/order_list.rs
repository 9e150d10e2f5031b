//! Lists of orders for admins: filters, search, sort order, facets, pages.

use std::time::Duration;

use serde_json::{Value, json};
use wares::core::email_address::EmailAddress;
use wares::core::text;
use wares::sales::order::entity::{FulfillmentStatus, Model, PaymentStatus, Status};

use super::placed_orders::{line, order, unconfirmed};
use crate::harness::{App, Client, on_both_databases};

/// Returns the totals of the orders of a list, in units.
async fn totals(admin: &Client, arguments: &str) -> Vec<i64> {
    let query = format!("{{ orders({arguments}) {{ totalCount nodes {{ number }} }} }}");
    let data = admin.data(&query, json!({})).await;
    let nodes = data["orders"]["nodes"].as_array().unwrap();
    assert_eq!(data["orders"]["totalCount"], nodes.len());
    let number = |order: &Value| order["number"].as_i64().unwrap_or_default();
    nodes.iter().map(number).collect()
}

fn buyer(row: &mut Model, email: &str, name: &str) {
    email.clone_into(&mut row.email);
    row.email_key = EmailAddress::parse(email).unwrap().key;
    row.name_key = text::sort_key(name);
}

/// Stores an order of this quantity at 10.00, a minute after the one before.
async fn sell(app: &App, quantity: i32, change: impl FnOnce(&mut Model)) {
    app.advance(Duration::from_mins(1));
    let mut line = line(
        wares::catalog::product::entity::variant::VariantId(uuid::Uuid::now_v7()),
        "PAN",
        quantity,
    );
    line.tracked = false;
    order(app, vec![line], change).await;
}

/// Five orders: 1001 to 1003, one that is pending, and 1004.
async fn shop(app: &App) -> Client {
    let admin = app.admin().await;
    sell(app, 5, |row| buyer(row, "ann@shop.example", "Ann Miller")).await;
    sell(app, 4, |row| {
        buyer(row, "Bob.Ann@shop.example", "Bob O'Hara");
        row.country = Some("CH".to_owned());
        row.payment_status = PaymentStatus::Unpaid;
    })
    .await;
    sell(app, 3, |row| {
        buyer(row, "zoe@b\u{fc}cher.example", "Zo\u{eb} \u{c9}clair");
        row.fulfillment_status = FulfillmentStatus::Fulfilled;
    })
    .await;
    sell(app, 2, |row| {
        buyer(row, "dan@shop.example", "Dan 100% Miller-Ann");
        unconfirmed(row, Status::Pending);
    })
    .await;
    sell(app, 1, |row| {
        buyer(row, "eve@shop.example", "Eve");
        row.fulfillment_status = FulfillmentStatus::Partial;
    })
    .await;
    admin
}

#[tokio::test]
async fn orders_are_filtered() {
    on_both_databases(async |app| {
        let admin = shop(app).await;
        for (filter, found) in [
            ("{}", vec![1004, 0, 1003, 1002, 1001]),
            ("{status: [PENDING]}", vec![0]),
            (
                "{status: [PENDING, CONFIRMED, PENDING]}",
                vec![1004, 0, 1003, 1002, 1001],
            ),
            ("{status: []}", vec![]),
            ("{status: [EXPIRED]}", vec![]),
            ("{paymentStatus: [UNPAID]}", vec![0, 1002]),
            (
                "{fulfillmentStatus: [PARTIAL, FULFILLED]}",
                vec![1004, 1003],
            ),
            ("{paymentStatus: [UNPAID], status: [CONFIRMED]}", vec![1002]),
            ("{country: \"CH\"}", vec![1002]),
            ("{total: {gte: \"30\", lte: \"40.00\"}}", vec![1003, 1002]),
            (
                "{placedAt: {gte: \"2026-01-01T00:02:00Z\", lte: \"2026-01-01T00:03:00Z\"}}",
                vec![1003, 1002],
            ),
            ("{email: \"BOB.ANN@shop.example\"}", vec![1002]),
            ("{email: \"ann@shop.exampl\"}", vec![]),
            ("{userId: \"user_01h455vb4pex5vsknk084sn02q\"}", vec![]),
        ] {
            assert_eq!(
                totals(&admin, &format!("filter: {filter}")).await,
                found,
                "{filter}"
            );
        }
        app.sql("UPDATE orders SET user_id = (SELECT id FROM users) WHERE number = 1003")
            .await;
        let me = admin.data("{ me { id } }", json!({})).await["me"]["id"].clone();
        assert_eq!(
            totals(&admin, &format!("filter: {{userId: {me}}}")).await,
            [1003]
        );
        for (filter, field) in [
            ("{country: \"XX\"}", "filter.country"),
            (
                "{userId: \"prod_01h455vb4pex5vsknk084sn02q\"}",
                "filter.userId",
            ),
            ("{email: \"ann\"}", "filter.email"),
            ("{total: {gte: \"2\", lte: \"1\"}}", "filter.total"),
            (
                "{placedAt: {gte: \"2026-01-02T00:00:00Z\", lte: \"2026-01-01T00:00:00Z\"}}",
                "filter.placedAt",
            ),
        ] {
            let refused = admin
                .send(
                    &format!("{{ orders(filter: {filter}) {{ totalCount }} }}"),
                    json!({}),
                )
                .await;
            assert_eq!((refused.code(), refused.field()), ("BAD_USER_INPUT", field));
        }
        let refused = app
            .customer()
            .await
            .send("{ orders { totalCount } }", json!({}))
            .await;
        assert_eq!(refused.code(), "FORBIDDEN");
    })
    .await;
}

#[tokio::test]
async fn orders_are_found_by_number_email_and_name() {
    on_both_databases(async |app| {
        let admin = shop(app).await;
        for (search, found) in [
            (" ", vec![1004, 0, 1003, 1002, 1001]),
            ("1002", vec![1002]),
            (" #1003 ", vec![1003]),
            ("100", vec![]),
            ("#", vec![]),
            ("99999999999999999999", vec![]),
            ("ann@", vec![1001]),
            ("BOB.ann@Shop", vec![1002]),
            ("@shop", vec![]),
            ("zoe@b\u{fc}cher.example", vec![1003]),
            ("mil", vec![0, 1001]),
            ("ANN", vec![1001]),
            ("ann mi", vec![1001]),
            ("zoe eclair", vec![1003]),
            ("iller", vec![]),
            ("100%", vec![0]),
            ("%", vec![]),
            ("_ve", vec![]),
        ] {
            let query = "query($s: String) { orders(search: $s) { totalCount nodes { number } } }";
            let data = admin.data(query, json!({"s": search})).await;
            let nodes = data["orders"]["nodes"].as_array().unwrap().iter();
            let numbers: Vec<_> = nodes
                .map(|order| order["number"].as_i64().unwrap_or_default())
                .collect();
            assert_eq!(numbers, found, "{search}");
            assert_eq!(data["orders"]["totalCount"], found.len());
        }
        for search in ["x".repeat(101), "a\u{7}".to_owned()] {
            let query = "query($s: String) { orders(search: $s) { totalCount } }";
            let refused = admin.send(query, json!({"s": search})).await;
            assert_eq!(
                (refused.code(), refused.field()),
                ("BAD_USER_INPUT", "search")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn facets_ignore_their_own_condition() {
    on_both_databases(async |app| {
        let admin = shop(app).await;
        let facets = async |arguments: &str| {
            let query = format!(
                "{{ orders{arguments} {{ facets {{ status {{ status count }} paymentStatus {{ paymentStatus count }}
                    fulfillmentStatus {{ fulfillmentStatus count }} }} }} }}"
            );
            let data = admin.data(&query, json!({})).await;
            let facets = &data["orders"]["facets"];
            let counts = |facet: &str| {
                let values = facets[facet].as_array().unwrap().iter();
                let value = |value: &Value| format!("{} {}", value[facet].as_str().unwrap(), value["count"]);
                values.map(value).collect::<Vec<_>>().join(", ")
            };
            [counts("status"), counts("paymentStatus"), counts("fulfillmentStatus")]
        };
        assert_eq!(
            facets("").await,
            ["PENDING 1, CONFIRMED 4", "UNPAID 2, PAID 3", "NONE 3, PARTIAL 1, FULFILLED 1"]
        );
        assert_eq!(
            facets("(filter: {status: [CONFIRMED]})").await,
            ["PENDING 1, CONFIRMED 4", "UNPAID 1, PAID 3", "NONE 2, PARTIAL 1, FULFILLED 1"]
        );
        assert_eq!(
            facets("(filter: {status: [PENDING], paymentStatus: [PAID]})").await,
            ["CONFIRMED 3", "UNPAID 1", ""]
        );
        assert_eq!(
            facets("(search: \"mil\", filter: {total: {gte: \"30\"}})").await,
            ["CONFIRMED 1", "PAID 1", "NONE 1"]
        );
    })
    .await;
}

#[tokio::test]
async fn pages_of_every_sort_order_have_each_order_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        // Equal times, equal totals, and orders without a number.
        for index in 0..11 {
            if index % 3 == 0 {
                app.advance(Duration::from_mins(1));
            }
            let mut line = line(
                wares::catalog::product::entity::variant::VariantId(uuid::Uuid::now_v7()),
                "PAN",
                1 + index % 2,
            );
            line.tracked = false;
            let change = |row: &mut Model| {
                if index % 4 == 0 {
                    unconfirmed(row, Status::Pending);
                }
            };
            order(app, vec![line], change).await;
        }
        let page = async |arguments: &str| {
            let query = format!(
                "{{ orders({arguments}) {{ nodes {{ id number }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
            );
            admin.data(&query, json!({})).await["orders"].clone()
        };
        let ids = |page: &Value| -> Vec<String> {
            let nodes = page["nodes"].as_array().unwrap().iter();
            nodes.map(|order| order["id"].to_string()).collect()
        };
        for sort in ["PLACED_AT", "TOTAL", "NUMBER"] {
            for direction in ["ASC", "DESC"] {
                let sort = format!("sort: {{field: {sort}, direction: {direction}}}");
                let all = page(&sort).await;
                let all = ids(&all);
                assert_eq!(all.len(), 11);
                let (mut forward, mut after) = (Vec::new(), String::new());
                loop {
                    let next = page(&format!("{sort}, first: 3{after}")).await;
                    forward.extend(ids(&next));
                    if next["pageInfo"]["hasNextPage"] == false {
                        break;
                    }
                    after = format!(", after: {}", next["pageInfo"]["endCursor"]);
                }
                assert_eq!(forward, all, "{sort}");
                let (mut backward, mut before) = (Vec::new(), String::new());
                loop {
                    let next = page(&format!("{sort}, last: 4{before}")).await;
                    backward.splice(0..0, ids(&next));
                    if next["pageInfo"]["hasPreviousPage"] == false {
                        break;
                    }
                    before = format!(", before: {}", next["pageInfo"]["startCursor"]);
                }
                assert_eq!(backward, all, "{sort}");
            }
        }
        let cursor = page("first: 1").await["pageInfo"]["endCursor"].clone();
        let query = format!("{{ orders(after: {cursor}, sort: {{field: TOTAL}}) {{ totalCount }} }}");
        let refused = admin.send(&query, json!({})).await;
        assert_eq!((refused.code(), refused.field()), ("BAD_USER_INPUT", "after"));
        let first = page("sort: {field: NUMBER, direction: DESC}, first: 1").await;
        assert_eq!(first["nodes"][0]["number"], 1008);
    })
    .await;
}

#[tokio::test]
async fn lists_of_orders_use_indexes() {
    on_both_databases(async |app| {
        let admin = shop(app).await;
        let query = "{ orders(first: 2, sort: {field: SORT}) { nodes { id } } }";
        for (sort, index) in [
            ("PLACED_AT", "orders_placed_at_idx"),
            ("TOTAL", "orders_total_idx"),
            ("NUMBER", "orders_number_idx"),
        ] {
            let send = async { _ = admin.data(&query.replace("SORT", sort), json!({})).await };
            let statements = app.record_statements(send).await;
            let mut statements = statements.into_iter();
            let page = statements.find(|one| one.sql.contains("\"orders\""));
            let plan = plan(app, page.unwrap()).await;
            assert!(plan.contains(index), "{sort}: {plan}");
        }
        for (search, index) in [
            ("1002", "orders_number_key"),
            ("ann@", "orders_email_key_idx"),
        ] {
            let query = format!("{{ orders(search: \"{search}\") {{ totalCount }} }}");
            let send = async { _ = admin.data(&query, json!({})).await };
            let statements = app.record_statements(send).await;
            let count = statements
                .into_iter()
                .find(|one| one.sql.contains("rows_to_count"));
            let plan = plan(app, count.unwrap()).await;
            // SQLite names the index of a constraint itself.
            let plan = plan.replace("sqlite_autoindex_orders_2", "orders_number_key");
            assert!(plan.contains(index), "{search}: {plan}");
        }
    })
    .await;
}

/// Returns the plan of a statement that may use no scan of a table.
async fn plan(app: &App, statement: sea_orm::Statement) -> String {
    use sea_orm::ConnectionTrait;

    use crate::harness::Backend;
    match app.backend {
        Backend::Sqlite => {
            let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let lines = app
                .query_plan_lines(sea_orm::Statement { sql, ..statement })
                .await;
            lines.join("\n")
        }
        // A table of five rows is scanned: the planner is told not to.
        Backend::Postgres => {
            let sql = format!("EXPLAIN {}", statement.sql);
            let transaction = app.state.db.begin().await.unwrap();
            transaction
                .execute_unprepared("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
                .await
                .unwrap();
            let rows = transaction
                .query_all_raw(sea_orm::Statement { sql, ..statement })
                .await
                .unwrap();
            let lines = rows
                .into_iter()
                .map(|row| row.try_get::<String>("", "QUERY PLAN").unwrap());
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}
