//! Kills a server repeatedly while orders are placed, paid, refunded, canceled and expire at a Stripe that survives: `wares
//! verify` finds nothing, and afterwards the amounts are those of Stripe.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::sales::order::entity::Status;
use wares::sales::order::service::{ask_providers, expire_due};
use wares::sales::payment::service::read_stripe_events;

use super::order_kills::{ADMIN, Buyer, TIMEOUT, assert_consistent, kill_rounds};
use super::stripe_orders::{assert_agreement, flags};
use super::variant_of;
use crate::harness::{
    App, Backend, Fault, FaultKind, Outcome, Process, StripeServer, database_flag, fresh_database,
    system_time,
};

/// The number of concurrent buyers.
const BUYERS: usize = 3;

/// A buyer who pays at Stripe.
struct Payer<'a> {
    buyer: Buyer<'a>,
    stripe: &'a StripeServer,
}

impl Payer<'_> {
    /// Buys, and then does something else with each order, until the server is killed.
    fn buy(&self, number: &AtomicUsize, done: &AtomicUsize) -> Option<()> {
        loop {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let placed = self.buyer.place(number, "STRIPE")?;
            let order = placed["order"]["id"].as_str().unwrap();
            match number % 6 {
                // The order expires, before or after a failed payment.
                0 => {}
                1 => {
                    self.play(order, Outcome::Decline("insufficient_funds"));
                }
                // The payment and the cancelation race.
                2 => std::thread::scope(|scope| {
                    scope.spawn(|| self.play(order, Outcome::Succeed));
                    self.cancel(&placed)
                })?,
                // The buyer does not come back.
                3 => {
                    self.play(order, Outcome::Succeed);
                }
                _ => self.pay_and_refund(&placed, number)?,
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Plays a step of the buyer in Stripe's form. Returns the id of the payment, if it exists.
    fn play(&self, order: &str, outcome: Outcome) -> Option<String> {
        let intents = self.stripe.intents();
        let own = |intent: &&crate::harness::IntentRecord| intent.metadata["order"] == order;
        let intent = intents.iter().rev().find(own)?;
        self.stripe.play(&intent.id, outcome);
        Some(intent.id.clone())
    }

    fn cancel(&self, placed: &Value) -> Option<()> {
        let input = json!({"id": placed["order"]["id"], "token": placed["orderToken"]});
        self.buyer
            .mutate("cancelOrder", "", &input, "order { status }")?;
        Some(())
    }

    fn pay_and_refund(&self, placed: &Value, number: usize) -> Option<()> {
        let order = placed["order"]["id"].as_str().unwrap();
        let Some(intent) = self.play(order, Outcome::Succeed) else {
            // Stripe has not responded yet.
            return Some(());
        };
        let input = json!({"paymentId": placed["payment"]["id"], "token": placed["orderToken"]});
        let select = "order { status }";
        let paid = self.buyer.mutate("syncPayment", "", &input, select)?;
        if paid["order"]["status"] != "CONFIRMED" {
            return Some(());
        }
        let line = &placed["order"]["lines"][0]["id"];
        let one = json!([{"lineId": line, "quantity": 1}]);
        let input = json!({"orderId": order, "lines": one});
        self.buyer.admin("fulfillOrder", &input, select)?;
        self.buyer.admin("refundOrder", &input, select)?;
        if number.is_multiple_of(5) {
            self.stripe.refund_in_dashboard(&intent, 100);
        }
        Some(())
    }
}

/// Loses and delays some responses, and fails some requests after the deed.
fn inject(stripe: &StripeServer) {
    stripe.clear_faults();
    for (kind, method, path) in [
        (FaultKind::LoseResponse, "POST", "/v1/payment_intents"),
        (FaultKind::LoseResponse, "POST", "/v1/refunds"),
        (FaultKind::StatusAfterwards(500), "POST", "/v1/refunds"),
        (
            FaultKind::DelayResponse(Duration::from_millis(50)),
            "POST",
            "/v1/refunds",
        ),
        (
            FaultKind::DelayResponse(Duration::from_millis(50)),
            "GET",
            "/v1/payment_intents",
        ),
    ] {
        stripe.inject(Fault::new(kind).on(method, path));
    }
}

async fn kill_while_it_sells(backend: Backend) {
    let stripe = StripeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(backend, folder.path()).await;
    let app = App::on_database(backend, address.clone(), &[]).await;
    app.user(ADMIN, Role::Admin).await;
    let category = app.shop().root("things", 0).await;
    let shop = app.shop();
    let product = shop.product("pan", &category, |row| row.stock = 100_000);
    let variant = variant_of(&product.await);
    app.sql("UPDATE variants SET requires_shipping = FALSE")
        .await;
    app.stop().await;
    let database = database_flag(&address);
    let of_stripe = flags(&stripe);
    let own = [
        database.as_str(),
        "--demo=off",
        "--log=warn,wares::server=info",
        "--limit-carts-client=100000/1m",
        "--order-payment-time=1s",
        // One token for all rounds.
        "--access-token-lifetime=24h",
    ];
    let flags: Vec<_> = own
        .into_iter()
        .chain(of_stripe.iter().map(String::as_str))
        .collect();
    let (number, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut token = None;
    for round in 0..kill_rounds() {
        inject(&stripe);
        let server = Process::serve(folder.path(), &flags);
        let token = token.get_or_insert_with(|| server.sign_in(ADMIN)).clone();
        let before = done.load(Ordering::Relaxed);
        let payer = Payer {
            buyer: Buyer::new(&server.address, &token, &variant),
            stripe: &stripe,
        };
        std::thread::scope(|scope| {
            for _ in 0..BUYERS {
                scope.spawn(|| payer.buy(&number, &done));
            }
            let begun = Instant::now();
            while done.load(Ordering::Relaxed) < before + 5 {
                assert!(begun.elapsed() < TIMEOUT, "nothing is sold");
                std::thread::sleep(Duration::from_millis(1));
            }
            // At a different moment in each round.
            let micros = u64::try_from(round).unwrap() * 7_919 % 150_000;
            std::thread::sleep(Duration::from_micros(micros));
            server.signal("KILL");
        });
        let verified = Process::run(folder.path(), &["verify", &database]);
        assert!(verified.status.success(), "{verified:?}");
    }
    stripe.clear_faults();
    let of_stripe: Vec<_> = of_stripe.iter().map(String::as_str).collect();
    let app = App::on_database(backend, address, &of_stripe).await;
    settle_everything(&app, &stripe).await;
    assert_outcomes(&app, &stripe).await;
    app.stop().await;
}

/// Advances the clock of the test past that of the killed servers, and works until nothing is open.
async fn settle_everything(app: &App, stripe: &StripeServer) {
    app.advance(system_time().since(app.state.clock.now()));
    stripe.use_clock(app.state.clock.clone());
    for _ in 0..8 {
        app.advance(Duration::from_mins(61));
        read_stripe_events(&app.state).await.unwrap();
        ask_providers(&app.state).await.unwrap();
        expire_due(&app.state).await.unwrap();
    }
}

async fn assert_outcomes(app: &App, stripe: &StripeServer) {
    let orders = assert_agreement(app, stripe).await;
    let count = |status: Status| orders.iter().filter(|order| order.status == status).count();
    let (confirmed, canceled) = (count(Status::Confirmed), count(Status::Canceled));
    let (expired, all) = (count(Status::Expired), orders.len());
    let refunded = orders.iter().filter(|order| order.refunded > 0).count();
    println!(
        "{:?}: {all} orders, {confirmed} confirmed, {canceled} canceled, {expired} expired, {refunded} refunded",
        app.backend
    );
    assert_eq!(confirmed + canceled + expired, all);
    assert!(confirmed.min(expired).min(refunded) > 0);
    for order in &orders {
        let is_paid = order.captured > 0;
        assert!(!is_paid || order.captured == order.total, "{order:?}");
        assert_eq!(order.status == Status::Confirmed, is_paid, "{order:?}");
        assert_eq!(order.refund_pending, 0, "{order:?}");
    }
    assert_consistent(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_agree_with_stripe_after_kills_on_sqlite() {
    kill_while_it_sells(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_agree_with_stripe_after_kills_on_postgresql() {
    kill_while_it_sells(Backend::Postgres).await;
}
