//! Expensive queries: refused without memory or delay for others, or timed out.

use std::time::{Duration, Instant};

use sea_orm::{DbBackend, Statement};
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::infra::database::{Connection, Database};

use crate::harness::{Backend, Process, http_post, on_both_databases_with};

#[test]
fn query_bombs_are_refused_without_memory_or_delay_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    let send_query = |query: &str, variables: Value| {
        let begun = Instant::now();
        let body = json!({"query": query, "variables": variables}).to_string();
        let response = http_post(&server.address, &body);
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
        response
    };
    let normal = || {
        let response = send_query("{ products { totalCount nodes { name } } }", json!({}));
        assert!(response.contains("\"totalCount\":0"), "{response}");
    };
    let bomb = |levels: usize, width: usize, leaf: &str| {
        let mut query = "{ ...f0 }".to_owned();
        for level in 0..levels {
            let spread = format!("...f{} ", level + 1).repeat(width);
            query = format!("{query} fragment f{level} on Query {{ {spread} }}");
        }
        query + &format!(" fragment f{levels} on Query {{ {leaf} }}")
    };
    let refused = |query: &str| {
        let response = send_query(query, json!({}));
        assert!(response.contains("QUERY_LIMIT_EXCEEDED"), "{response}");
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(!body.contains("f0") && body.len() < 300, "{body}");
        normal();
    };
    let mut bombs = Vec::new();
    for (levels, width) in [(12, 2), (22, 2), (25, 2), (6, 10), (5, 30)] {
        bombs.push(bomb(levels, width, "__typename"));
        bombs.push(bomb(levels, width, "products { totalCount }"));
    }
    // The allocator takes memory in steps of 2 MiB for each thread that answers, so all threads answer first. An expanded
    // bomb takes more than 100 MiB.
    let start = server.memory();
    bombs.iter().cycle().take(50).for_each(|bomb| refused(bomb));
    let before = server.memory();
    let grown = before.saturating_sub(start);
    assert!(grown < 24 << 10, "{grown} KiB more");
    bombs.iter().cycle().take(50).for_each(|bomb| refused(bomb));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 8 << 10, "{grown} KiB more");

    // These bodies of up to 500 KB use memory for their size, but not for their nesting.
    let nested = |open: &str| open.repeat(100_000);
    let queries = [
        nested("{a"),
        format!("{{ nodes(ids: {}", nested("[")),
        format!("{{ products(filter: {}", nested("{a:")),
        format!("query($x: {}", nested("[")),
    ];
    for _ in 0..3 {
        for query in &queries {
            refused(query);
        }
        // Variables are JSON, whose parser has its own nesting limit.
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
            let body = format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"x\":{deep}}}}}");
            let response = http_post(&server.address, &body);
            assert!(response.starts_with("HTTP/1.1 400 ") && response.contains("BAD_REQUEST"));
            normal();
        }
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 40 << 10, "{grown} KiB more");
}

#[tokio::test]
async fn a_timed_out_request_cancels_its_statements() {
    on_both_databases_with(&["--request-timeout=1s"], async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let pan = app.shop().product("pan", &home, |_| ()).await;
        // Another process holds a lock.
        let other = Database::connect(&app.address, 1).await.unwrap();
        let transaction = other.begin().await.unwrap();
        let work = match app.backend {
            Backend::Sqlite => "UPDATE products SET stock = 7",
            Backend::Postgres => "LOCK TABLE products IN ACCESS EXCLUSIVE MODE",
        };
        transaction.execute_unprepared(work).await.unwrap();
        // Enough requests to use all connections.
        let input = json!({"id": pan.id.encode(), "delta": 1});
        for _ in 0..6 {
            let response = match app.backend {
                Backend::Sqlite => {
                    admin
                        .mutate("adjustStock", input.clone(), "product { stock }")
                        .await
                }
                Backend::Postgres => {
                    admin
                        .send("{ products(search: \"x\") { totalCount } }", json!({}))
                        .await
                }
            };
            assert_eq!(
                (response.status.as_u16(), response.code()),
                (200, "SERVICE_UNAVAILABLE")
            );
            assert!(
                response.json.as_object().unwrap().contains_key("data"),
                "{}",
                response.text
            );
        }
        transaction.rollback().await.unwrap();
        if app.backend == Backend::Postgres {
            let show_timeout =
                Statement::from_string(DbBackend::Postgres, "SHOW statement_timeout");
            let timeout = app
                .state
                .db
                .reader()
                .query_one_raw(show_timeout)
                .await
                .unwrap();
            let timeout: String = timeout.unwrap().try_get_by_index(0).unwrap();
            assert_eq!(timeout, "1s");
        }
        let payload = admin
            .run_mutation("adjustStock", input, "product { stock }")
            .await;
        assert!(payload["product"]["stock"].is_i64());
        other.close().await.unwrap();
    })
    .await;
}
