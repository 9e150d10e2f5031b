//! Refunds that fail after Stripe has reported them as paid, and payments that are captured in part in Stripe's dashboard.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use super::order_kills::assert_consistent;
use super::payment_orders::{Placed, ask, refund};
use super::stripe_orders::{
    assert_agreement, capture, on_stripe, only, pay, placed, play, read_events, status,
};
use crate::harness::{App, Outcome, StripeServer};

/// Reads the order after all events.
async fn order_of(app: &App, order: &Placed) -> Value {
    read_events(app).await;
    read_events(app).await;
    order.sync(app).await["order"].clone()
}

async fn assert_order(app: &App, order: &Placed, refunded: &str, payment_status: &str) -> Value {
    let read = order_of(app, order).await;
    assert_eq!(read["refunded"]["amount"], refunded, "{read}");
    assert_eq!(read["paymentStatus"], payment_status, "{read}");
    read
}

/// Lets a refund fail that had succeeded.
fn fail(stripe: &StripeServer, intent: &str, number: usize) {
    stripe.finish_refund(&stripe.refunds(intent)[number], false);
}

#[tokio::test]
async fn a_refund_that_fails_after_it_was_paid_is_taken_back_and_can_be_repeated() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        let admin = app.admin().await;
        let line = json!([{"lineId": order.lines[0].encode(), "quantity": 1}]);
        let paid = refund(&admin, &order, json!({"lines": line})).await;
        assert_eq!(paid["refund"]["status"], "SUCCEEDED", "{paid}");
        assert_order(app, &order, "7.00", "PARTIALLY_REFUNDED").await;
        fail(stripe, &intent, 0);
        let failed = assert_order(app, &order, "0.00", "PAID").await;
        assert_eq!(failed["refunds"][0]["status"], "FAILED");
        assert_eq!(failed["refundable"]["amount"], "12.00");
        let kinds = order.events(app).await;
        let expected = [
            "CONFIRMED",
            "PAYMENT_CAPTURED",
            "REFUND_CREATED",
            "REFUND_FAILED",
            "REFUND_SUCCEEDED",
        ];
        assert_eq!(kinds, expected);
        assert_eq!(app.count("payment_entries").await, 3);
        assert_consistent(app).await;
        assert_agreement(app, stripe).await;

        // The units can be refunded again.
        let again = refund(&admin, &order, json!({"lines": line})).await;
        assert_eq!(again["refund"]["status"], "SUCCEEDED", "{again}");
        assert_order(app, &order, "7.00", "PARTIALLY_REFUNDED").await;
        assert_consistent(app).await;
        assert_agreement(app, stripe).await;
    })
    .await;
}

#[tokio::test]
async fn one_of_two_refunds_in_the_dashboard_fails_late() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        read_events(app).await;
        stripe.refund_in_dashboard(&intent, 500);
        stripe.refund_in_dashboard(&intent, 700);
        assert_order(app, &order, "12.00", "REFUNDED").await;
        fail(stripe, &intent, 1);
        assert_order(app, &order, "5.00", "PARTIALLY_REFUNDED").await;
        // One that fails before it was read is never entered.
        stripe.refund_in_dashboard(&intent, 100);
        fail(stripe, &intent, 2);
        assert_order(app, &order, "5.00", "PARTIALLY_REFUNDED").await;
        assert_eq!(app.count("payment_entries").await, 4);
        assert_consistent(app).await;
        assert_agreement(app, stripe).await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_refund_of_a_canceled_order_is_not_repeated_by_itself() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        let admin = app.admin().await;
        let input = json!({"id": order.order.encode()});
        let canceled = admin.run_mutation("cancelOrder", input, "order { status }");
        assert_eq!(canceled.await["order"]["status"], "CANCELED");
        ask(app).await;
        assert_order(app, &order, "12.00", "REFUNDED").await;
        fail(stripe, &intent, 0);
        let failed = assert_order(app, &order, "0.00", "PAID").await;
        assert_eq!(failed["status"], "CANCELED");
        for _ in 0..3 {
            app.advance(std::time::Duration::from_hours(1));
            ask(app).await;
            read_events(app).await;
        }
        assert_eq!(stripe.refunds(&intent).len(), 1);
        assert_consistent(app).await;
        // The shop refunds when the buyer has told it how. The first session has expired.
        let admin = app.admin().await;
        let again = refund(&admin, &order, json!({"amount": "12.00"})).await;
        assert_eq!(again["refund"]["status"], "SUCCEEDED", "{again}");
        assert_order(app, &order, "12.00", "REFUNDED").await;
        assert_consistent(app).await;
        assert_agreement(app, stripe).await;
    })
    .await;
}

#[tokio::test]
async fn the_rest_of_a_partial_capture_in_the_dashboard_is_not_a_refund() {
    on_stripe(&["--payment-capture=manual"], async |app, stripe| {
        let order = placed(app).await;
        let authorized = play(app, stripe, &order, Outcome::Succeed).await;
        assert_eq!(authorized["order"]["paymentStatus"], "AUTHORIZED");
        let intent = only(stripe).id;
        read_events(app).await;
        stripe.capture_in_dashboard(&intent, 800);
        let read = assert_order(app, &order, "0.00", "UNPAID").await;
        assert_eq!(read["captured"]["amount"], "8.00");
        assert_eq!(read["refundable"]["amount"], "8.00");
        let synced = order.sync(app).await;
        assert_eq!(status(&synced), ("CAPTURED", "CONFIRMED", "UNPAID"));
        // Nothing is left to capture.
        let captured = capture(app, &order).await;
        assert_eq!(captured["payment"]["captured"]["amount"], "8.00");
        assert_consistent(app).await;
        assert_agreement(app, stripe).await;

        // As much as the rest, which was released.
        stripe.refund_in_dashboard(&intent, 400);
        let read = order_of(app, &order).await;
        assert_eq!(read["refunded"]["amount"], "4.00");
        let admin = app.admin().await;
        let too_much = refund(&admin, &order, json!({"amount": "4.01"})).await;
        assert_eq!(super::errors(&too_much), [("CONFLICT", "amount")]);
        let rest = refund(&admin, &order, json!({"amount": "4.00"})).await;
        assert_eq!(rest["refund"]["status"], "SUCCEEDED", "{rest}");
        let read = order_of(app, &order).await;
        assert_eq!(read["refunded"]["amount"], "8.00");
        assert_eq!(only(stripe).refunded, 800);
        assert_consistent(app).await;
        assert_agreement(app, stripe).await;
    })
    .await;
}

#[tokio::test]
async fn an_authorization_that_expires_at_stripe_leaves_a_consistent_order() {
    on_stripe(&["--payment-capture=manual"], async |app, stripe| {
        let order = placed(app).await;
        play(app, stripe, &order, Outcome::Succeed).await;
        stripe.cancel_in_dashboard(&only(stripe).id);
        let read = assert_order(app, &order, "0.00", "UNPAID").await;
        assert_eq!(read["status"], "CONFIRMED");
        assert_eq!(read["payments"][0]["status"], "CANCELED");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn the_buyer_gets_one_email_for_each_refund_wherever_it_is_made() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let intent = pay(app, stripe, &order).await;
        read_events(app).await;
        app.emails().await;
        let admin = app.admin().await;
        refund(&admin, &order, json!({"amount": "2.00"})).await;
        stripe.refund_in_dashboard(&intent, 300);
        stripe.refund_in_dashboard(&intent, 400);
        for _ in 0..3 {
            read_events(app).await;
        }
        let emails = app.emails().await;
        let mut texts: Vec<_> = emails
            .iter()
            .map(wares::infra::mail::EmailMessage::text)
            .collect();
        texts.sort_unstable();
        assert_eq!(texts.len(), 3, "{texts:?}");
        for (text, amount) in texts.iter().zip(["2.00 USD", "3.00 USD", "4.00 USD"]) {
            let expected = format!("We have refunded {amount} of your order 1001");
            assert!(text.contains(&expected), "{text}");
        }
    })
    .await;
}
