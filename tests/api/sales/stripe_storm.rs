//! Many orders at once on two servers, with a Stripe that loses responses, fails, and tells events twice: each order is paid
//! at most once, each captured order is confirmed, and the sums are those of Stripe.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::sales::order::service::ask_providers;
use wares::sales::payment::service::read_stripe_events;

use super::order_kills::assert_consistent;
use super::stripe_orders::flags;
use super::variant_of;
use crate::harness::{
    App, Backend, Client, Fault, FaultKind, Outcome, StripeServer, fresh_database,
};

const ORDERS: usize = 200;
/// The orders that are placed at once.
const BATCH: usize = 25;

/// Sends a mutation until the server is not overloaded and its provider responds. Returns the payload.
async fn insist(client: &Client, name: &str, input: &Value, select: &str) -> Value {
    for _ in 0..20 {
        let response = client.mutate(name, input.clone(), select).await;
        if response.json.get("errors").is_none() {
            return response.json["data"][name].clone();
        }
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Value::Null
}

/// Places an order in two tabs on both servers, pays it or cancels it or both, and asks for its state from both.
async fn buy(servers: &[App; 2], stripe: &StripeServer, variant: &str, number: usize) {
    let lines = json!({"lines": [{"variantId": variant, "quantity": 1}]});
    let cart = servers[0].anonymous();
    let created = insist(&cart, "createCart", &lines, "cartToken").await;
    let token = created["cartToken"].as_str().unwrap();
    let tabs = servers
        .each_ref()
        .map(|server| server.anonymous().with_cart_token(token));
    let email = json!({"email": format!("buyer{number}@example.com")});
    insist(&tabs[0], "updateCart", &email, "cart { id }").await;
    let input = json!({"expectedTotal": "10.00", "payment": {"provider": "STRIPE"}});
    let select = "order { id } orderToken payment { id clientSecret }";
    let placing = tabs
        .iter()
        .map(|tab| insist(tab, "placeOrder", &input, select));
    let placed = join_all(placing).await;
    let Some(placed) = placed
        .into_iter()
        .find(|one| one["order"]["id"].is_string())
    else {
        panic!("no order is placed");
    };
    let order = placed["order"]["id"].as_str().unwrap();
    let sync = json!({"paymentId": placed["payment"]["id"], "token": placed["orderToken"]});
    let cancel = json!({"id": order, "token": placed["orderToken"]});
    let pay = async {
        // The buyer waits for the secret of the intent.
        for _ in 0..3 {
            for (server, tab) in servers.iter().zip(&tabs) {
                let select = "payment { clientSecret }";
                let synced = tab.mutate("syncPayment", sync.clone(), select).await;
                let payment = &synced.json["data"]["syncPayment"]["payment"];
                if let Some(secret) = payment["clientSecret"].as_str() {
                    let (intent, _) = secret.split_once("_secret_").unwrap();
                    if number.is_multiple_of(5) {
                        stripe.play(intent, Outcome::Decline("insufficient_funds"));
                    }
                    stripe.play(intent, Outcome::Succeed);
                    // In another tab.
                    stripe.play(intent, Outcome::Succeed);
                    return;
                }
                server.advance(Duration::from_secs(1));
            }
        }
    };
    let close = async {
        if number.is_multiple_of(7) {
            tabs[1]
                .mutate("cancelOrder", cancel, "order { status }")
                .await;
        }
    };
    tokio::join!(pay, close);
    let syncing = tabs
        .iter()
        .map(|tab| tab.mutate("syncPayment", sync.clone(), "order { status }"));
    join_all(syncing).await;
}

fn inject(stripe: &StripeServer) {
    for (kind, method, path, times) in [
        (FaultKind::LoseResponse, "POST", "/v1/payment_intents", 12),
        (
            FaultKind::StatusAfterwards(500),
            "POST",
            "/v1/payment_intents",
            4,
        ),
        (
            FaultKind::StoredStatus(500),
            "POST",
            "/v1/payment_intents",
            3,
        ),
        (FaultKind::LoseResponse, "GET", "/v1/payment_intents", 8),
        (FaultKind::Status(429), "GET", "/v1/payment_intents", 8),
        (FaultKind::LoseResponse, "POST", "/v1/refunds", 1),
        (FaultKind::Repeat, "GET", "/v1/events", 3),
        (FaultKind::Reverse, "GET", "/v1/events", 2),
    ] {
        stripe.inject(Fault::new(kind).on(method, path).times(times));
    }
}

async fn work(servers: &[App; 2]) {
    let working = servers.iter().map(async |server| {
        read_stripe_events(&server.state).await.unwrap();
        ask_providers(&server.state).await.unwrap();
    });
    join_all(working).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_orders_with_lost_responses_on_two_servers_are_each_paid_at_most_once() {
    let stripe = StripeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let flags = flags(&stripe);
    let settings = [
        "--jwt-secrets=a secret that all servers know 0123456789",
        "--limit-carts-client=100000/1m",
        "--request-timeout=60s",
        "--payments-at-once=8",
    ];
    let flags = flags.iter().map(String::as_str);
    let settings: Vec<_> = flags.chain(settings).collect();
    let servers = [
        App::on_database(Backend::Postgres, address.clone(), &settings).await,
        App::on_database(Backend::Postgres, address, &settings).await,
    ];
    stripe.use_clock(servers[0].state.clock.clone());
    let category = servers[0].shop().root("things", 0).await;
    let shop = servers[0].shop();
    let product = shop.product("pan", &category, |row| row.stock = 10_000);
    let variant = variant_of(&product.await);
    servers[0]
        .sql("UPDATE variants SET requires_shipping = FALSE")
        .await;
    for first in (0..ORDERS).step_by(BATCH) {
        inject(&stripe);
        let buying = (first..first + BATCH).map(|number| buy(&servers, &stripe, &variant, number));
        join_all(buying).await;
        work(&servers).await;
    }
    stripe.clear_faults();
    for _ in 0..20 {
        for server in &servers {
            server.advance(Duration::from_mins(5));
        }
        work(&servers).await;
        wares::sales::order::service::expire_due(&servers[0].state)
            .await
            .unwrap();
    }
    assert_paid_once(&servers[0], &stripe).await;
    assert!(stripe.max_concurrent_requests() <= 16);
    for server in servers {
        server.stop().await;
    }
}

async fn assert_paid_once(app: &App, stripe: &StripeServer) {
    let mut captured: BTreeMap<String, usize> = BTreeMap::new();
    let intents = stripe.intents();
    for intent in intents.iter().filter(|intent| intent.captured > 0) {
        *captured
            .entry(intent.metadata["order"].clone())
            .or_default() += 1;
    }
    assert!(captured.len() > ORDERS / 2, "{}", captured.len());
    assert!(captured.values().all(|count| *count == 1), "{captured:?}");
    let sum =
        |column: &str| format!("SELECT CAST(coalesce(sum({column}), 0) AS bigint) FROM orders");
    let at_stripe: i64 = intents.iter().map(|intent| intent.captured).sum();
    assert_eq!(app.sql_number(&sum("captured")).await, at_stripe);
    let at_stripe: i64 = intents.iter().map(|intent| intent.refunded).sum();
    assert_eq!(app.sql_number(&sum("refunded")).await, at_stripe);
    // Money that came after a cancelation is refunded.
    let wrong = "SELECT count(*) FROM orders WHERE captured > refunded AND status <> 'CONFIRMED'
        OR status IN ('PENDING', 'CLOSING') OR status = 'CONFIRMED' AND captured <> total";
    assert_eq!(app.sql_number(wrong).await, 0);
    assert_consistent(app).await;
}
