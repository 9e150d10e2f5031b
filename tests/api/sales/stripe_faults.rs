//! Stripe that hangs, fails, answers something else or not at all: nothing is paid twice, and nothing is confirmed by mistake.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::order::service::settle;

use super::order_kills::assert_consistent;
use super::payment_orders::{Placed, ask, placed_with, refund};
use super::stripe_orders::{later, on_stripe, only, pay, placed, status};
use crate::harness::{App, Fault, FaultKind, Log, Outcome, StripeServer};

const INTENTS: &str = "/v1/payment_intents";

fn creation(kind: FaultKind) -> Fault {
    Fault::new(kind).on("POST", INTENTS)
}

async fn payment_status(app: &App, order: &Placed) -> (String, Option<String>) {
    use wares::sales::payment::service::find;
    let found = find(app.state.db.reader(), order.payment).await.unwrap();
    let payment = found.unwrap();
    (format!("{:?}", payment.status), payment.reference)
}

#[tokio::test]
async fn a_payment_that_stripe_does_not_create_at_first_is_created_once_later() {
    on_stripe(&[], async |app, stripe| {
        for kind in [
            FaultKind::Status(500),
            FaultKind::Status(429),
            FaultKind::StoredStatus(500),
            FaultKind::StatusAfterwards(500),
            FaultKind::LoseResponse,
            FaultKind::Html(200),
            FaultKind::Html(502),
            FaultKind::Huge(1 << 20),
            FaultKind::Truncate(100),
        ] {
            let before = stripe.intents().len();
            stripe.inject(creation(kind.clone()));
            let order = placed(app).await;
            let (status, reference) = payment_status(app, &order).await;
            assert_eq!((status.as_str(), reference), ("New", None), "{kind:?}");
            app.advance(Duration::from_secs(10));
            ask(app).await;
            let (status, reference) = payment_status(app, &order).await;
            assert_eq!(status, "Pending", "{kind:?}");
            let intents = stripe.intents();
            assert_eq!(intents.len(), before + 1, "{kind:?}");
            assert_eq!(reference, Some(intents[before].id.clone()));
            assert!(stripe.play(&intents[before].id, Outcome::Succeed));
            let paid = order.sync(app).await;
            assert_eq!(paid["order"]["status"], "CONFIRMED", "{kind:?}");
        }
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_payment_is_looked_up_after_12_hours_before_it_is_created_again() {
    on_stripe(&[], async |app, stripe| {
        stripe.inject(creation(FaultKind::LoseResponse));
        let order = placed(app).await;
        // Stripe has forgotten the key.
        app.advance(Duration::from_hours(25));
        ask(app).await;
        assert_eq!(payment_status(app, &order).await.1, Some(only(stripe).id));
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_hangs_answers_the_buyer_in_time() {
    on_stripe(&[], async |app, stripe| {
        stripe.inject(creation(FaultKind::Hang(Duration::from_secs(30))));
        let begun = Instant::now();
        let order = placed(app).await;
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_eq!(payment_status(app, &order).await.0, "New");
        app.advance(Duration::from_secs(10));
        ask(app).await;
        pay(app, stripe, &order).await;
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_stripe_refuses_is_canceled_and_can_be_paid_in_another_way() {
    on_stripe(&[], async |app, stripe| {
        stripe.inject(creation(FaultKind::Status(400)));
        let order = placed(app).await;
        assert_eq!(payment_status(app, &order).await.0, "Canceled");
        let client = app.anonymous();
        let input = json!({"orderId": order.order.encode(), "token": order.token,
            "provider": "TEST"});
        let select = "payment { status } order { status }";
        let other = client.run_mutation("createPayment", input, select).await;
        assert_eq!(status(&other), ("PENDING", "PENDING", ""), "{other}");
    })
    .await;
}

async fn refund_and_lose(app: &App, stripe: &StripeServer, fault: FaultKind) -> (Placed, String) {
    let order = placed(app).await;
    let intent = pay(app, stripe, &order).await;
    stripe.inject(Fault::new(fault).on("POST", "/v1/refunds"));
    let admin = app.admin().await;
    let pending = refund(&admin, &order, json!({"amount": "5.00"})).await;
    assert_eq!(pending["refund"]["status"], "PENDING", "{pending}");
    (order, intent)
}

async fn assert_refunded_once(app: &App, stripe: &StripeServer, order: &Placed, intent: &str) {
    let synced = order.sync(app).await;
    assert_eq!(synced["order"]["refunded"]["amount"], "5.00");
    assert_eq!(stripe.refunds(intent).len(), 1);
    assert_consistent(app).await;
}

#[tokio::test]
async fn a_refund_whose_response_is_lost_is_paid_once() {
    for fault in [
        FaultKind::LoseResponse,
        FaultKind::StatusAfterwards(500),
        FaultKind::StoredStatus(500),
        FaultKind::Status(429),
    ] {
        on_stripe(&[], async |app, stripe| {
            let (order, intent) = refund_and_lose(app, stripe, fault.clone()).await;
            later(app).await;
            assert_refunded_once(app, stripe, &order, &intent).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_refund_whose_response_was_lost_a_day_ago_is_looked_up_and_paid_once() {
    on_stripe(&[], async |app, stripe| {
        let (order, intent) = refund_and_lose(app, stripe, FaultKind::LoseResponse).await;
        app.advance(Duration::from_hours(25));
        ask(app).await;
        assert_refunded_once(app, stripe, &order, &intent).await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_that_stripe_refuses_fails() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        stripe.refund_in_dashboard(&intent, 1_200);
        let admin = app.admin().await;
        let failed = refund(&admin, &order, json!({"amount": "5.00"})).await;
        assert_eq!(failed["refund"]["status"], "FAILED", "{failed}");
        super::stripe_orders::read_events(app).await;
        let synced = order.sync(app).await;
        assert_eq!(synced["order"]["refunded"]["amount"], "12.00");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_differs_at_stripe_never_confirms_the_order() {
    let changes: [(&str, Value); 6] = [
        ("/amount", 1.into()),
        ("/amount_received", 120_000.into()),
        ("/currency", "eur".into()),
        ("/livemode", true.into()),
        ("/metadata/payment", "pay_other".into()),
        ("/id", "pi_other".into()),
    ];
    on_stripe(&[], async |app, stripe| {
        let log = Log::capture();
        for (number, (pointer, value)) in changes.iter().enumerate() {
            let order = placed(app).await;
            let intent = stripe.intents()[number].id.clone();
            assert!(stripe.play(&intent, Outcome::Succeed));
            let change = FaultKind::Change(pointer, value.clone());
            stripe.inject(Fault::new(change).on("GET", INTENTS));
            let synced = order.sync(app).await;
            assert_eq!(
                status(&synced),
                ("PENDING", "PENDING", "UNPAID"),
                "{pointer}"
            );
            let errors = log.lines_with("payment differs at its provider");
            assert_eq!(errors.len(), number + 1, "{pointer}");
            assert!(errors[number].contains("ERROR"), "{errors:?}");
            let synced = order.sync(app).await;
            assert_eq!(synced["order"]["status"], "CONFIRMED", "{pointer}");
        }
        let mut text = wares::infra::telemetry::metrics::Text::default();
        app.state.metrics.write(&mut text);
        let text = text.into_string();
        assert!(text.contains("wares_payment_mismatches_total 6"), "{text}");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn while_stripe_is_away_one_line_is_logged_a_minute_and_no_key_or_secret_ever() {
    on_stripe(&[], async |app, stripe| {
        let log = Log::capture();
        let order = placed(app).await;
        let client = app.anonymous();
        let input = json!({"paymentId": order.payment.encode(), "token": order.token});
        let select = "payment { clientSecret }";
        client.run_mutation("syncPayment", input, select).await;
        stripe.inject(Fault::new(FaultKind::Status(500)).times(1_000));
        for minute in 1..=3 {
            for _ in 0..20 {
                settle(&app.state, order.payment).await.unwrap_err();
            }
            let lines = log.lines_with("payment provider failed");
            assert_eq!(lines.len(), minute, "{lines:?}");
            app.advance(Duration::from_mins(1));
        }
        stripe.clear_faults();
        pay(app, stripe, &order).await;
        for kind in [FaultKind::Status(401), FaultKind::Truncate(500)] {
            let (_, intent) = refund_and_lose_other(app, stripe, kind).await;
            assert!(!intent.is_empty());
        }
        assert!(!log.lines_with("").is_empty());
        let key = stripe.settings()[0].1.clone();
        for secret in [key.as_str(), "_secret_", "sk_test"] {
            assert_eq!(log.lines_with(secret), Vec::<String>::new());
        }
    })
    .await;
}

async fn refund_and_lose_other(
    app: &App,
    stripe: &StripeServer,
    fault: FaultKind,
) -> (Placed, String) {
    let provider = wares::sales::payment::entity::Provider::Stripe;
    let order = placed_with(app, &[(700, 1)], provider).await;
    let intent = stripe.intents().last().unwrap().id.clone();
    assert!(stripe.play(&intent, Outcome::Succeed));
    order.sync(app).await;
    stripe.inject(Fault::new(fault).on("POST", "/v1/refunds"));
    let admin = app.admin().await;
    let pending = refund(&admin, &order, json!({"amount": "5.00"})).await;
    assert_eq!(pending["refund"]["status"], "PENDING", "{pending}");
    (order, intent)
}
