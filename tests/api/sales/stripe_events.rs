//! Refunds and disputes in Stripe's dashboard, which are read from its events.

use serde_json::{Value, json};

use super::order_kills::assert_consistent;
use super::payment_orders::{Placed, ask, refund};
use super::stripe_orders::{later, on_stripe, only, pay, placed, read_events};
use crate::harness::{App, Fault, FaultKind, Outcome, RefundOutcome};

async fn order_of(app: &App, order: &Placed) -> Value {
    let synced = order.sync(app).await;
    synced["order"].clone()
}

#[tokio::test]
async fn a_refund_in_the_dashboard_enters_the_ledger_once() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        read_events(app).await;
        stripe.refund_in_dashboard(&intent, 500);
        for _ in 0..3 {
            read_events(app).await;
        }
        let read = order_of(app, &order).await;
        assert_eq!(read["refunded"]["amount"], "5.00");
        assert_eq!(read["paymentStatus"], "PARTIALLY_REFUNDED");
        let admin = app.admin().await;
        let rest = refund(&admin, &order, json!({"amount": "7.00"})).await;
        assert_eq!(rest["refund"]["status"], "SUCCEEDED", "{rest}");
        read_events(app).await;
        let read = order_of(app, &order).await;
        assert_eq!(read["refunded"]["amount"], "12.00");
        assert_eq!(only(stripe).refunded, 1_200);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn events_told_twice_in_reverse_or_late_change_nothing_else() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        assert!(stripe.play(&only(stripe).id, Outcome::Succeed));
        for kind in [FaultKind::Repeat, FaultKind::Reverse, FaultKind::Repeat] {
            stripe.inject(Fault::new(kind).on("GET", "/v1/events"));
            read_events(app).await;
        }
        let read = order_of(app, &order).await;
        assert_eq!(read["status"], "CONFIRMED");
        assert_eq!(app.count("payment_entries").await, 1);
        stripe.delay_events(std::time::Duration::from_mins(5));
        stripe.refund_in_dashboard(&only(stripe).id, 200);
        read_events(app).await;
        app.advance(std::time::Duration::from_mins(6));
        read_events(app).await;
        let read = order_of(app, &order).await;
        assert_eq!(read["refunded"]["amount"], "2.00");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_dispute_is_shown_on_the_order_until_it_is_won() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        let dispute = stripe.dispute(&intent, 1_200);
        read_events(app).await;
        let disputed = "SELECT count(*) FROM orders WHERE disputed";
        assert_eq!(app.sql_number(disputed).await, 1);
        stripe.close_dispute(&dispute, true);
        read_events(app).await;
        read_events(app).await;
        assert_eq!(app.sql_number(disputed).await, 0);
        let kinds =
            "SELECT count(*) FROM payment_entries WHERE kind IN ('DISPUTED', 'DISPUTE_WON')";
        assert_eq!(app.sql_number(kinds).await, 2);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn events_of_other_systems_and_an_unknown_position_are_no_obstacle() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        read_events(app).await;
        app.sql("UPDATE stripe_events SET previous = 'evt_of_another_account'")
            .await;
        // Not of this shop.
        app.sql("UPDATE payments SET reference = 'pi_other'").await;
        read_events(app).await;
        read_events(app).await;
        let reference = format!("UPDATE payments SET reference = '{intent}'");
        app.sql(&reference).await;
        stripe.refund_in_dashboard(&intent, 300);
        read_events(app).await;
        assert_eq!(order_of(app, &order).await["refunded"]["amount"], "3.00");
    })
    .await;
}

#[tokio::test]
async fn a_refund_of_the_shop_that_is_pending_is_entered_when_it_succeeds() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        stripe.set_refund_outcome(RefundOutcome::Pend);
        let admin = app.admin().await;
        let pending = refund(&admin, &order, json!({"amount": "4.00"})).await;
        assert_eq!(pending["refund"]["status"], "PENDING", "{pending}");
        read_events(app).await;
        assert_eq!(order_of(app, &order).await["refunded"]["amount"], "0.00");
        stripe.finish_refund(&stripe.refunds(&intent)[0], true);
        // The events are read before the worker asks for the refund.
        read_events(app).await;
        later(app).await;
        ask(app).await;
        assert_eq!(order_of(app, &order).await["refunded"]["amount"], "4.00");
        assert_eq!(stripe.refunds(&intent).len(), 1);
        assert_consistent(app).await;
    })
    .await;
}
