//! Payments with Stripe: created, paid, declined, captured, canceled, refunded, and seen by their buyer only.

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::core::id::TypedId;
use wares::sales::order::service::settle;

use super::errors;
use super::order_kills::assert_consistent;
use super::orders::{buyer, digital, place};
use super::payment_orders::refund;
use super::stripe_orders::{capture, on_stripe, only, pay, placed, play, status};
use crate::harness::{App, Client, Outcome, RequestRecord, StripeServer};

const SECRET: &str = "payment { status clientSecret }";

#[tokio::test]
async fn an_order_is_confirmed_when_the_buyer_has_paid_with_stripe() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let before = order.sync(app).await;
        assert_eq!(status(&before), ("PENDING", "PENDING", "UNPAID"));
        let intent = only(stripe);
        assert_eq!((intent.amount, intent.currency.as_str()), (1_200, "usd"));
        assert_eq!(intent.metadata["order"], order.order.encode());
        assert_eq!(intent.metadata["payment"], order.payment.encode());
        for _ in 0..3 {
            let paid = if only(stripe).captured == 0 {
                play(app, stripe, &order, Outcome::Succeed).await
            } else {
                order.sync(app).await
            };
            assert_eq!(status(&paid), ("CAPTURED", "CONFIRMED", "PAID"));
            assert_eq!(paid["payment"]["captured"]["amount"], "12.00");
        }
        assert_eq!(order.events(app).await, ["CONFIRMED", "PAYMENT_CAPTURED"]);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_authorized_stripe_payment_is_captured_by_an_admin() {
    on_stripe(&["--payment-capture=manual"], async |app, stripe| {
        let order = placed(app).await;
        let authorized = play(app, stripe, &order, Outcome::Succeed).await;
        assert_eq!(
            status(&authorized),
            ("AUTHORIZED", "CONFIRMED", "AUTHORIZED")
        );
        assert_eq!(only(stripe).captured, 0);
        for _ in 0..2 {
            let captured = capture(app, &order).await;
            assert_eq!(status(&captured), ("CAPTURED", "CONFIRMED", "PAID"));
        }
        assert_eq!(only(stripe).captured, 1_200);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_authorized_stripe_payment_of_a_canceled_order_is_released() {
    on_stripe(&["--payment-capture=manual"], async |app, stripe| {
        let order = placed(app).await;
        play(app, stripe, &order, Outcome::Succeed).await;
        let input = json!({"id": order.order.encode()});
        let admin = app.admin().await;
        let select = "order { status refunded { amount } payments { status } }";
        let canceled = admin.run_mutation("cancelOrder", input, select).await;
        let expected = json!({"status": "CANCELED", "refunded": {"amount": "0.00"},
            "payments": [{"status": "CANCELED"}]});
        assert_eq!(canceled["order"], expected);
        assert_eq!(only(stripe).status, "canceled");
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_declined_card_is_tried_again_on_the_same_intent() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        for code in ["insufficient_funds", "stolen_card"] {
            let declined = play(app, stripe, &order, Outcome::Decline(code)).await;
            assert_eq!(status(&declined), ("PENDING", "PENDING", "UNPAID"));
            // The reason of the bank is not for the buyer.
            assert_eq!(declined["payment"]["lastError"], "card_declined");
        }
        order.sync(app).await;
        pay(app, stripe, &order).await;
        let expected = [
            "CONFIRMED",
            "PAYMENT_CAPTURED",
            "PAYMENT_FAILED",
            "PAYMENT_FAILED",
        ];
        assert_eq!(order.events(app).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_stripe_payment_that_a_bank_processes_is_decided_later() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let authenticating = play(app, stripe, &order, Outcome::RequireAction).await;
        assert_eq!(status(&authenticating).0, "PENDING");
        let processing = play(app, stripe, &order, Outcome::Process).await;
        assert_eq!(status(&processing), ("PROCESSING", "PENDING", "PROCESSING"));
        let finish = Outcome::FinishProcessing(true);
        let paid = play(app, stripe, &order, finish).await;
        assert_eq!(status(&paid), ("CAPTURED", "CONFIRMED", "PAID"));
    })
    .await;
}

#[tokio::test]
async fn a_canceled_order_cancels_its_intent() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        order.request_close(app).await;
        let (closed, _) = settle(&app.state, order.payment).await.unwrap();
        assert_eq!(closed.status, wares::sales::order::entity::Status::Canceled);
        assert_eq!(only(stripe).status, "canceled");
        assert!(!stripe.play(&only(stripe).id, Outcome::Succeed));
    })
    .await;
}

#[tokio::test]
async fn a_stripe_payment_is_refunded_in_parts() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        pay(app, stripe, &order).await;
        let admin = app.admin().await;
        for (amount, status) in [("5.00", "PARTIALLY_REFUNDED"), ("7.00", "REFUNDED")] {
            let refunded = refund(&admin, &order, json!({"amount": amount})).await;
            assert_eq!(refunded["refund"]["status"], "SUCCEEDED", "{refunded}");
            assert_eq!(refunded["order"]["paymentStatus"], status);
        }
        assert_eq!(only(stripe).refunded, 1_200);
        assert_consistent(app).await;
    })
    .await;
}

/// Returns the requests that create intents.
fn creations(stripe: &StripeServer) -> Vec<RequestRecord> {
    let all = stripe.requests().into_iter();
    let is_creation =
        |one: &RequestRecord| one.method == "POST" && one.path == "/v1/payment_intents";
    all.filter(is_creation).collect()
}

#[tokio::test]
async fn a_creation_has_the_pinned_version_and_the_id_of_the_payment_as_its_key() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let all = creations(stripe);
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0].idempotency_key, Some(order.payment.0.to_string()));
        assert_eq!(all[0].headers["stripe-version"], "2026-10-28.endive");
        let capture = ("capture_method".to_owned(), "automatic".to_owned());
        assert!(all[0].params.contains(&capture), "{all:?}");
    })
    .await;
}

async fn secret(client: &Client, order: &super::payment_orders::Placed, token: bool) -> Value {
    let mut input = json!({"paymentId": order.payment.encode()});
    if token {
        input["token"] = order.token.as_str().into();
    }
    let payload = client.run_mutation("syncPayment", input, SECRET).await;
    payload["payment"]["clientSecret"].clone()
}

#[tokio::test]
async fn only_the_buyer_gets_the_client_secret_and_only_while_it_is_needed() {
    on_stripe(&[], async |app, stripe| {
        let order = placed(app).await;
        let expected = format!("{}_secret_", only(stripe).id);
        let own = secret(&app.anonymous(), &order, true).await;
        assert!(own.as_str().unwrap().starts_with(&expected), "{own}");
        let admin = app.admin().await;
        for token in [true, false] {
            assert_eq!(secret(&admin, &order, token).await, Value::Null);
        }
        for stranger in [app.anonymous(), app.customer().await] {
            let input = json!({"paymentId": order.payment.encode()});
            let refused = stranger.run_mutation("syncPayment", input, SECRET).await;
            assert_eq!(errors(&refused), [("NOT_FOUND", "paymentId")]);
        }
        pay(app, stripe, &order).await;
        assert_eq!(secret(&app.anonymous(), &order, true).await, Value::Null);
        assert_no_secret_is_stored(app).await;
    })
    .await;
}

async fn assert_no_secret_is_stored(app: &App) {
    for (table, column) in [
        ("payments", "reference"),
        ("payment_entries", "provider_key"),
        ("order_events", "data"),
        ("idempotency_keys", "answer"),
    ] {
        let found = format!("SELECT count(*) FROM {table} WHERE {column} LIKE '%_secret_%'");
        assert_eq!(app.sql_number(&found).await, 0, "{table}.{column}");
    }
}

#[tokio::test]
async fn an_admin_who_buys_gets_the_client_secret_of_the_own_order() {
    on_stripe(&[], async |app, _| {
        let ids = digital(app, &["pan"]).await;
        let admin = app.signed_in("admin@shop.example", Role::Admin).await;
        super::add(&admin, &ids[0], 1).await;
        let input = json!({"expectedTotal": "10.00", "payment": {"provider": "STRIPE"}});
        let placed = admin.run_mutation("placeOrder", input, SECRET).await;
        assert!(placed["payment"]["clientSecret"].is_string(), "{placed}");
        assert_no_secret_is_stored(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_amount_below_the_minimum_of_stripe_is_refused() {
    on_stripe(&[], async |app, stripe| {
        let ids = digital(app, &["pin"]).await;
        app.sql("UPDATE variants SET price = 49").await;
        let client = buyer(app, &[(&ids[0], 1)]).await;
        let refused = place(&client, "0.49", "STRIPE").await;
        assert_eq!(errors(&refused), [("AMOUNT_TOO_SMALL", "payment.provider")]);
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("0.50 USD"), "{message}");
        let test = place(&client, "0.49", "TEST").await;
        let input = json!({"orderId": test["order"]["id"], "token": test["orderToken"],
            "provider": "STRIPE"});
        let refused = client.run_mutation("createPayment", input, SECRET).await;
        assert_eq!(errors(&refused), [("AMOUNT_TOO_SMALL", "provider")]);
        assert_eq!(app.count("orders").await, 1);
        assert!(stripe.intents().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_amount_between_the_steps_of_stripe_is_refused_and_not_rounded() {
    on_stripe(&["--shop-currency=KWD"], async |app, stripe| {
        let ids = digital(app, &["pin"]).await;
        app.sql("UPDATE variants SET price = 5124").await;
        let client = buyer(app, &[(&ids[0], 1)]).await;
        let refused = place(&client, "5.124", "STRIPE").await;
        assert_eq!(errors(&refused), [("NOT_CONFIGURED", "payment.provider")]);
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("steps of 0.010 KWD"), "{message}");
        assert!(stripe.intents().is_empty());
        app.sql("UPDATE variants SET price = 5130").await;
        let placed = place(&client, "5.130", "STRIPE").await;
        assert_eq!(placed["order"]["status"], "PENDING", "{placed}");
        let intent = only(stripe);
        assert_eq!((intent.amount, intent.currency.as_str()), (5_130, "kwd"));
    })
    .await;
}

const SHOP: &str = "{ shop { stripePublishableKey paymentMethods { provider } } }";

#[tokio::test]
async fn the_shop_offers_stripe_if_it_is_configured_and_takes_the_currency() {
    on_stripe(
        &["--test-payments=off", "--manual-payments="],
        async |app, stripe| {
            let key = stripe.settings()[1].1.clone();
            let shop = app.anonymous().data(SHOP, json!({})).await;
            let expected = json!({"shop": {"stripePublishableKey": key,
            "paymentMethods": [{"provider": "STRIPE"}]}});
            assert_eq!(shop, expected);
        },
    )
    .await;
    let settings = [
        "--test-payments=off",
        "--manual-payments=",
        "--shop-currency=IRR",
    ];
    on_stripe(&settings, async |app, _| {
        let query = SHOP.replace("{ shop {", "{ shop { canOrder missing");
        let shop = app.anonymous().data(&query, json!({})).await;
        assert_eq!(shop["shop"]["stripePublishableKey"], Value::Null);
        assert_eq!(shop["shop"]["canOrder"], false);
        let missing = shop["shop"]["missing"].as_array().unwrap();
        assert!(missing.contains(&json!("PAYMENT_METHOD")), "{missing:?}");
    })
    .await;
}
