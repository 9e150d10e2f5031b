//! Stripe is unavailable for an hour: other requests succeed, orders stay open, and payments are settled afterwards.

use std::time::Duration;

use serde_json::{Value, json};
use wares::sales::order::entity::{Model, Status};
use wares::sales::order::service::{ask_providers, expire_due};
use wares::sales::payment::service::read_stripe_events;

use super::order_kills::assert_consistent;
use super::orders::{buyer, place};
use super::stripe_orders::{assert_agreement, later, on_stripe, read_events};
use super::variant_of;
use crate::harness::{App, Client, Fault, FaultKind, Log, Outcome, StripeServer};

const MINUTES: usize = 60;

/// An order, and the token that opens it.
struct Placed {
    id: Value,
    token: Value,
    payment: Value,
    intent: Option<String>,
}

async fn order(app: &App, variant: &str) -> (Client, Placed) {
    let client = buyer(app, &[(variant, 1)]).await;
    let input = json!({"expectedTotal": "10.00", "payment": {"provider": "STRIPE"}});
    let select =
        "order { id status } orderToken payment { id status clientSecret } userErrors { code }";
    let placed = client.run_mutation("placeOrder", input, select).await;
    assert_eq!(placed["order"]["status"], "PENDING", "{placed}");
    let secret = placed["payment"]["clientSecret"].as_str();
    let intent = secret.map(|secret| secret.split_once("_secret_").unwrap().0.to_owned());
    let placed = Placed {
        id: placed["order"]["id"].clone(),
        token: placed["orderToken"].clone(),
        payment: placed["payment"]["id"].clone(),
        intent,
    };
    (client, placed)
}

/// Does what a server does each minute.
async fn minute(app: &App) {
    ask_providers(&app.state).await.unwrap();
    read_stripe_events(&app.state).await.unwrap();
    expire_due(&app.state).await.unwrap();
    app.advance(Duration::from_mins(1));
}

/// Settles the payment, as the buyer does. Returns the error code, if there is one.
async fn sync_code(app: &App, placed: &Placed) -> String {
    let input = json!({"paymentId": placed.payment, "token": placed.token});
    let client = app.anonymous();
    let response = client
        .mutate("syncPayment", input, "order { status }")
        .await;
    let code = &response.json["errors"][0]["extensions"]["code"];
    code.as_str().unwrap_or_default().to_owned()
}

async fn status_of(app: &App, placed: &Placed) -> Value {
    let query = "query($id: ID!, $token: String) { order(id: $id, token: $token) { status } }";
    let input = json!({"id": placed.id, "token": placed.token});
    app.anonymous().data(query, input).await["order"]["status"].clone()
}

/// Places the orders before the outage: one is paid, one is paid while Stripe does not respond to the shop, and one never.
async fn before(app: &App, stripe: &StripeServer, variant: &str) -> [Placed; 3] {
    let mut placed = Vec::new();
    for _ in 0..3 {
        placed.push(order(app, variant).await.1);
    }
    let placed: [Placed; 3] = placed.try_into().ok().unwrap();
    assert!(stripe.play(placed[0].intent.as_ref().unwrap(), Outcome::Succeed));
    assert_eq!(sync_code(app, &placed[0]).await, "");
    read_events(app).await;
    placed
}

#[tokio::test]
async fn an_hour_without_stripe_loses_nothing() {
    on_stripe(&[], async |app, stripe| {
        let shop = app.shop();
        let category = shop.root("things", 0).await;
        let pan = shop.product("pan", &category, |row| row.stock = 100);
        let pan = variant_of(&pan.await);
        app.sql("UPDATE variants SET requires_shipping = FALSE")
            .await;
        let [paid, late, never] = before(app, stripe, &pan).await;
        let log = Log::capture();
        stripe.inject(Fault::new(FaultKind::Status(503)).times(1_000_000));
        let admin = app.admin().await;
        let input = json!({"orderId": paid.id, "amount": "4.00"});
        let refund = admin.run_mutation("refundOrder", input, "refund { status }");
        assert_eq!(refund.await["refund"]["status"], "PENDING");
        // The browser of the buyer still reaches Stripe.
        assert!(stripe.play(late.intent.as_ref().unwrap(), Outcome::Succeed));
        let mut waiting = Vec::new();
        for number in 0..MINUTES {
            if number.is_multiple_of(10) {
                waiting.push(order(app, &pan).await.1);
                sells_in_other_ways(app, &pan).await;
                assert_eq!(sync_code(app, &late).await, "SERVICE_UNAVAILABLE");
            }
            minute(app).await;
        }
        let warnings = [log.lines_with(" WARN "), log.lines_with("ERROR ")].concat();
        assert!(warnings.len() > MINUTES / 4, "{warnings:#?}");
        assert!(warnings.len() <= MINUTES + 1, "{warnings:#?}");
        let reported = log.lines_with("payment provider failed");
        assert_eq!(warnings.len(), reported.len(), "{warnings:#?}");
        for open in [&late, &never].into_iter().chain(&waiting[..3]) {
            // The deadline has passed, but the order expires only after Stripe has canceled the payment.
            assert_eq!(status_of(app, open).await, "CLOSING");
        }

        stripe.clear_faults();
        let last = waiting.last().unwrap();
        assert_eq!(status_of(app, last).await, "PENDING");
        assert_eq!(sync_code(app, last).await, "");
        let open = stripe.intents();
        let open = open
            .iter()
            .find(|intent| json!(intent.metadata["order"]) == last.id);
        assert!(stripe.play(&open.unwrap().id, Outcome::Succeed));
        for _ in 0..3 {
            read_events(app).await;
            later(app).await;
            expire_due(&app.state).await.unwrap();
        }
        for confirmed in [&paid, &late, last] {
            assert_eq!(status_of(app, confirmed).await, "CONFIRMED");
        }
        for expired in waiting.iter().rev().skip(1).chain([&never]) {
            assert_eq!(status_of(app, expired).await, "EXPIRED");
        }
        let orders = assert_agreement(app, stripe).await;
        let refunded: i64 = orders.iter().map(|order| order.refunded).sum();
        assert_eq!(refunded, 400);
        let is_open = |order: &Model| matches!(order.status, Status::Pending | Status::Closing);
        assert!(!orders.iter().any(is_open));
        assert_consistent(app).await;
    })
    .await;
}

/// Reads the catalogue, and buys on account.
async fn sells_in_other_ways(app: &App, variant: &str) {
    let query = "{ products(first: 1) { nodes { name } } }";
    let read = app.anonymous().data(query, json!({})).await;
    assert_eq!(read["products"]["nodes"][0]["name"], "pan");
    let client = buyer(app, &[(variant, 1)]).await;
    let placed = place(&client, "10.00", "MANUAL").await;
    assert_eq!(placed["order"]["status"], "CONFIRMED", "{placed}");
}
