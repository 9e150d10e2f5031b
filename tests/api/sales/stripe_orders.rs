//! Orders that are paid with the simulated Stripe.

use std::time::Duration;

use sea_orm::EntityTrait;
use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::order::entity as order;
use wares::sales::payment::entity::Provider;
use wares::sales::payment::service::read_stripe_events;

use super::payment_orders::{PAYMENT, Placed, ask, placed_with};
use crate::harness::{App, Backend, IntentRecord, Outcome, StripeServer};

/// Runs a test on both databases, each time with an account of its own at Stripe.
pub async fn on_stripe(settings: &[&str], test: impl AsyncFn(&App, &StripeServer)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let stripe = StripeServer::start().await;
        let flags = flags(&stripe);
        let flags = flags.iter().map(String::as_str);
        let flags: Vec<_> = flags.chain(settings.iter().copied()).collect();
        let app = App::start(backend, &flags).await;
        stripe.use_clock(app.state.clock.clone());
        test(&app, &stripe).await;
        app.stop().await;
    }
}

/// Returns the flags of a server that uses this account.
pub fn flags(stripe: &StripeServer) -> Vec<String> {
    let settings = stripe.settings().into_iter();
    let flag = |(name, value): (&str, String)| {
        format!("--{}={value}", name.to_lowercase().replace('_', "-"))
    };
    settings.map(flag).collect()
}

/// Places a pending order of 12.00 USD that is paid with Stripe.
pub async fn placed(app: &App) -> Placed {
    placed_with(app, &[(700, 1)], Provider::Stripe).await
}

/// Returns the only intent.
pub fn only(stripe: &StripeServer) -> IntentRecord {
    let mut all = stripe.intents();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Plays a step of the buyer of the only intent, and settles the payment. Returns the payload.
pub async fn play(app: &App, stripe: &StripeServer, order: &Placed, step: Outcome) -> Value {
    assert!(stripe.play(&only(stripe).id, step));
    order.sync(app).await
}

/// Pays the only intent. Returns its id.
pub async fn pay(app: &App, stripe: &StripeServer, order: &Placed) -> String {
    let paid = play(app, stripe, order, Outcome::Succeed).await;
    assert_eq!(paid["order"]["status"], "CONFIRMED", "{paid}");
    only(stripe).id
}

/// Reads the events of Stripe, and looks up the payments that they are about.
pub async fn read_events(app: &App) {
    read_stripe_events(&app.state).await.unwrap();
    ask(app).await;
}

/// Advances the clock until every retry is due, and asks Stripe.
pub async fn later(app: &App) {
    app.advance(Duration::from_mins(61));
    ask(app).await;
}

/// Asserts for each order that at most one payment is captured at Stripe, and that the captured and the refunded amounts are
/// those of Stripe. Returns the orders.
pub async fn assert_agreement(app: &App, stripe: &StripeServer) -> Vec<order::Model> {
    let intents = stripe.intents();
    let orders = order::Entity::find().all(app.state.db.reader()).await;
    let orders = orders.unwrap();
    for order in &orders {
        let id = order.id.encode();
        let own = intents
            .iter()
            .filter(|intent| intent.metadata["order"] == id);
        let captured: Vec<_> = own.filter(|intent| intent.captured > 0).collect();
        assert!(captured.len() <= 1, "{captured:#?}");
        let sum = |of: fn(&IntentRecord) -> i64| captured.iter().map(|intent| of(intent)).sum();
        let at_stripe: (i64, i64) = (sum(|intent| intent.captured), sum(|intent| intent.refunded));
        assert_eq!((order.captured, order.refunded), at_stripe, "{id}");
    }
    let known = |intent: &IntentRecord| {
        let id = &intent.metadata["order"];
        orders.iter().any(|order| order.id.encode() == *id)
    };
    assert!(intents.iter().all(known), "a payment of no order");
    orders
}

/// Captures a payment as an admin. Returns the payload.
pub async fn capture(app: &App, order: &Placed) -> Value {
    let input = json!({"paymentId": order.payment.encode()});
    let admin = app.admin().await;
    admin.run_mutation("capturePayment", input, PAYMENT).await
}

/// Returns the statuses of the payment and of the order, and its payment status.
pub fn status(payload: &Value) -> (&str, &str, &str) {
    let order = &payload["order"];
    (
        payload["payment"]["status"].as_str().unwrap_or_default(),
        order["status"].as_str().unwrap_or_default(),
        order["paymentStatus"].as_str().unwrap_or_default(),
    )
}
