//! Overload: excess requests are refused quickly, and admitted ones are completed.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use wares::core::client_info::{Client, ClientKey, Network};
use wares::core::id::TypedId;
use wares::infra::concurrency_limit::{ConcurrencyLimit, Settings, Timeout};
use wares::infra::database::Database;

use crate::harness::{Backend, on_both_databases_with};

const LISTS: &str = "{ products { totalCount } }";

async fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn queries_beyond_the_limit_are_refused() {
    let settings = [
        "--queries-at-once=2",
        "--read-cache-bytes=0",
        "--queue-target=50ms",
    ];
    on_both_databases_with(&settings, async |app| {
        // From now on, reads wait for a database connection.
        let connections = match app.backend {
            Backend::Sqlite => 4,
            Backend::Postgres => 5,
        };
        let mut held = Vec::new();
        for _ in 0..connections {
            held.push(app.state.db.begin_snapshot().await.unwrap());
        }
        let shop = app.anonymous();
        let queries = &app.state.concurrency.queries;
        let waiting = async {
            let (first, second) = (shop.send(LISTS, json!({})), shop.send(LISTS, json!({})));
            tokio::join!(first, second)
        };
        let refused = async {
            until(|| queries.held() == 2).await;
            for _ in 0..5 {
                let response = shop.send(LISTS, json!({})).await;
                response.assert_refused(503, "SERVICE_UNAVAILABLE");
                assert_eq!(response.header("retry-after"), "1");
            }
            let live = shop.request(Method::GET, "/health/live", &[], "").await;
            assert_eq!(live.status.as_u16(), 200);
            held.clear();
        };
        let ((first, second), ()) = tokio::join!(waiting, refused);
        for response in [first, second] {
            assert_eq!(response.json["data"]["products"]["totalCount"], 0);
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
            assert!(
                page.lines().any(|error_text| error_text == line),
                "{line}: {page}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn mutations_beyond_the_limit_are_refused_and_queries_are_not() {
    let settings = ["--mutations-at-once=1", "--queue-target=50ms"];
    on_both_databases_with(&settings, async |app| {
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
            until(|| app.state.concurrency.mutations.held() == 1).await;
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
async fn a_queue_that_moves_refuses_nothing() {
    let client = client("192.0.2.1");
    let limit = ConcurrencyLimit::of_requests(2, Duration::from_mins(1));
    let requests = (0..1_000).map(async |_| {
        let permit = limit.acquire(client).await;
        tokio::task::yield_now().await;
        permit.is_ok()
    });
    let responses = futures_util::future::join_all(requests).await;
    assert!(responses.iter().all(|served| *served));
    assert_eq!((limit.held(), limit.waiting(), limit.refused()), (0, 0, 0));
}

#[tokio::test]
async fn requests_are_refused_once_they_were_late_for_the_target() {
    let target = Duration::from_millis(200);
    let client = client("192.0.2.1");
    let limit = ConcurrencyLimit::of_requests(1, target);
    let held = limit.acquire(client).await.unwrap();
    let refused_after = async || {
        let begun = Instant::now();
        assert!(limit.acquire(client).await.is_err());
        begun.elapsed()
    };
    // The first request is late after the target, and may be so for the target. Then others wait for the target only.
    assert!(refused_after().await >= 2 * target);
    let (first, second) = tokio::join!(refused_after(), refused_after());
    assert!(first.min(second) >= target);
    // One that is served in time ends the overload.
    let mut held = Some(held);
    loop {
        let begun = Instant::now();
        let (served, ()) = tokio::join!(limit.acquire(client), async {
            tokio::task::yield_now().await;
            drop(held.take());
        });
        held = served.ok();
        assert!(held.is_some());
        if begun.elapsed() < target / 2 {
            break;
        }
    }
    assert!(refused_after().await >= 2 * target);
}

#[tokio::test]
async fn an_overload_by_one_client_refuses_no_other() {
    let (flood, other) = (client("192.0.2.1"), client("192.0.2.2"));
    let limit = ConcurrencyLimit::of_requests(2, Duration::from_millis(500));
    let until = Instant::now() + Duration::from_secs(3);
    let run = async |client, refused: &Mutex<usize>| {
        while Instant::now() < until {
            match limit.acquire(client).await {
                Ok(_permit) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(_) => *refused.lock().unwrap() += 1,
            }
        }
    };
    let [by_flood, by_other] = [Mutex::new(0), Mutex::new(0)];
    let flooding = futures_util::future::join_all((0..200).map(|_| run(flood, &by_flood)));
    tokio::join!(flooding, run(other, &by_other), run(other, &by_other));
    assert_eq!(by_other.into_inner().unwrap(), 0);
    assert!(by_flood.into_inner().unwrap() > 0);
}

/// A limit whose timeout is longer than the test.
fn patient_limit(max: usize, max_per_client: usize, max_waiting: usize) -> ConcurrencyLimit {
    ConcurrencyLimit::new(Settings {
        max,
        max_per_client,
        max_waiting,
        timeout: Timeout::Fixed(Duration::from_mins(1)),
    })
}

fn client(address: &str) -> ClientKey {
    Network::of(address.parse().unwrap()).into()
}

#[tokio::test]
async fn a_free_permit_goes_to_the_client_that_holds_the_fewest() {
    let (flood, other) = (client("192.0.2.1"), client("192.0.2.2"));
    let limit = patient_limit(4, 4, 100);
    let mut held: Vec<_> = (0..4).map(|_| limit.try_acquire(flood).unwrap()).collect();
    let order = Mutex::new(Vec::new());
    let wait = async |client| {
        let permit = limit.acquire(client).await.unwrap();
        order.lock().unwrap().push(client);
        permit
    };
    // The request of the other client arrives last, and is admitted first.
    let floods = futures_util::future::join_all((0..3).map(|_| wait(flood)));
    tokio::join!(biased; floods, wait(other), async {
        tokio::task::yield_now().await;
        while held.pop().is_some() {
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(order.into_inner().unwrap(), [other, flood, flood, flood]);
}

#[tokio::test]
async fn permits_are_shared_among_networks_then_among_user_agents() {
    let limit = patient_limit(3, 3, 100);
    let agent = |address: &str, user_agent: &str| {
        let client = Client {
            address: address.parse().unwrap(),
            user_agent: Some(user_agent.to_owned()),
            refresh_cookie: None,
            cart_token: None,
            cart_cookie: None,
            ignored_cookie: false,
            preflighted: false,
            cookie_conflict: false,
            device_cookie: None,
        };
        client.key(None)
    };
    let busy = agent("2001:db8::1", "flood");
    let calm = agent("2001:db8::2", "shop");
    let far = agent("192.0.2.1", "flood");
    let mut held: Vec<_> = (0..3).map(|_| limit.try_acquire(busy).unwrap()).collect();
    let order = Mutex::new(Vec::new());
    let wait = async |name, client| {
        let permit = limit.acquire(client).await.unwrap();
        order.lock().unwrap().push(name);
        permit
    };
    let _permits = tokio::join!(
        wait("busy", busy),
        wait("calm", calm),
        wait("far", far),
        async {
            tokio::task::yield_now().await;
            while held.pop().is_some() {
                tokio::task::yield_now().await;
            }
        }
    );
    assert_eq!(order.into_inner().unwrap(), ["far", "calm", "busy"]);
}

#[tokio::test]
async fn a_full_queue_refuses_the_client_with_the_most_requests_in_it() {
    let (flood, other) = (client("192.0.2.1"), client("192.0.2.2"));
    let limit = patient_limit(1, 1, 4);
    let held = limit.try_acquire(other).unwrap();
    let served = Mutex::new(Vec::new());
    let refused = Mutex::new(0);
    let wait = async |client| match limit.acquire(client).await {
        Ok(permit) => {
            served.lock().unwrap().push(client);
            drop(permit);
        }
        Err(_) => *refused.lock().unwrap() += 1,
    };
    let flooding = futures_util::future::join_all((0..5).map(|_| wait(flood)));
    tokio::join!(flooding, wait(other), async {
        // The flood's fifth request exceeds the queue. One of its other four is removed for the other client.
        until(|| *refused.lock().unwrap() == 2).await;
        drop(held);
    });
    let served = served.into_inner().unwrap();
    assert_eq!(served.len(), 4);
    assert!(served.contains(&other));
    assert_eq!((limit.held(), limit.waiting()), (0, 0));
}

#[tokio::test]
async fn a_client_holds_at_most_its_share_and_blocks_no_other() {
    let (first, second) = (client("192.0.2.1"), client("192.0.2.2"));
    let limit = patient_limit(10, 4, 100);
    let held = limit.try_acquire_many(first, 3).unwrap();
    assert!(limit.try_acquire_many(first, 2).is_err());
    let (waited, ()) = tokio::join!(limit.acquire_many(first, 2), async {
        tokio::task::yield_now().await;
        // Enough is free for another client, and for nobody more than that.
        let other = limit.try_acquire_many(second, 4).unwrap();
        assert!(limit.try_acquire(second).is_err());
        drop((held, other));
    });
    assert_eq!(limit.held(), 2);
    drop(waited);
    assert_eq!(limit.held(), 0);
}
