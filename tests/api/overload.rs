//! More than can be done at once: the excess is turned away quickly, and what is done otherwise goes on.

use std::time::{Duration, Instant};

use axum::http::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use wares::budget::Budget;
use wares::database::Database;
use wares::id::TypedId;

use crate::harness::{Backend, on_both_with};

const LISTS: &str = "{ products { totalCount } }";

async fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn queries_beyond_the_budget_are_turned_away() {
    let settings = ["--queries-at-once=2", "--read-cache-bytes=0"];
    on_both_with(&settings, async |app| {
        // Whoever reads waits for a connection from here on.
        let connections = match app.backend {
            Backend::Sqlite => 4,
            Backend::Postgres => 5,
        };
        let mut held = Vec::new();
        for _ in 0..connections {
            held.push(app.state.db.begin_reading().await.unwrap());
        }
        let shop = app.anonymous();
        let queries = &app.state.budgets.queries;
        let waiting = async {
            let (first, second) = (shop.send(LISTS, json!({})), shop.send(LISTS, json!({})));
            tokio::join!(first, second)
        };
        let refused = async {
            until(|| queries.under_way() == 2).await;
            let begun = Instant::now();
            for _ in 0..5 {
                let answer = shop.send(LISTS, json!({})).await;
                answer.assert_refused(503, "SERVICE_UNAVAILABLE");
                assert_eq!(answer.header("retry-after"), "1");
            }
            assert!(begun.elapsed() < Duration::from_secs(3));
            let live = shop.request(Method::GET, "/health/live", &[], "").await;
            assert_eq!(live.status.as_u16(), 200);
            held.clear();
        };
        let ((first, second), ()) = tokio::join!(waiting, refused);
        for answer in [first, second] {
            assert_eq!(answer.json["data"]["products"]["totalCount"], 0);
        }
        shop.data(LISTS, json!({})).await;
        let (_, page) = shop.bytes("/metrics", &[]).await;
        let page = String::from_utf8(page.to_vec()).unwrap();
        for line in [
            "wares_requests_turned_away_total{kind=\"query\"} 5",
            "wares_requests_under_way{kind=\"query\"} 0",
            "wares_requests_turned_away_total{kind=\"mutation\"} 0",
            "wares_connections 0",
        ] {
            assert!(page.lines().any(|told| told == line), "{line}: {page}");
        }
    })
    .await;
}

#[tokio::test]
async fn mutations_beyond_the_budget_are_turned_away_and_queries_are_not() {
    on_both_with(&["--mutations-at-once=1"], async |app| {
        let admin = app.admin().await;
        let home = app.shop().root("home", 0).await;
        let pan = app.shop().product("pan", &home, |_| ()).await;
        let other = Database::connect(&app.address, 1).await.unwrap();
        let work = other.begin().await.unwrap();
        let sql = "UPDATE products SET stock = 7";
        work.execute_unprepared(sql).await.unwrap();
        let input = json!({"id": pan.id.encode(), "delta": 1});
        let adjust = || admin.mutate("adjustStock", input.clone(), "product { stock }");
        let refused = async {
            until(|| app.state.budgets.mutations.under_way() == 1).await;
            adjust().await.assert_refused(503, "SERVICE_UNAVAILABLE");
            let data = admin.data(LISTS, json!({})).await;
            assert_eq!(data["products"]["totalCount"], 1);
            work.rollback().await.unwrap();
        };
        let (first, ()) = tokio::join!(adjust(), refused);
        assert_eq!(first.status.as_u16(), 200, "{}", first.text);
        assert!(first.json["data"]["adjustStock"]["product"]["stock"].is_i64());
        other.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_burst_is_waited_for_and_a_flood_is_not() {
    let budget = Budget::new(1);
    // Somebody is done within the time of a burst: whoever waited has the place.
    let place = budget.enter().await.unwrap();
    let (next, ()) = tokio::join!(budget.enter(), async {
        tokio::task::yield_now().await;
        drop(place);
    });
    let place = next.unwrap();
    // It has lasted for long: nobody waits for long any more.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(300) {
        assert!(budget.enter().await.is_err());
    }
    let turned_away = budget.turned_away();
    assert!(turned_away > 5, "{turned_away}");
    // Nobody has to wait at all when there are more of them than may.
    let many = (0..17).map(|_| budget.enter());
    let answers = futures_util::future::join_all(many).await;
    assert!(answers.iter().all(Result::is_err));
    assert_eq!(budget.under_way(), 1);
    drop(place);
    drop(budget.enter().await.unwrap());
    assert_eq!(budget.under_way(), 0);
}
