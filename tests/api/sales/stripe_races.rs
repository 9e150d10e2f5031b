//! Expiry, cancelation and a late payment of the same order at once: the stock is given back once, or the order is confirmed
//! and keeps its stock.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::sleep;
use wares::sales::order::entity::{Model, Status};
use wares::sales::order::service::{ask_providers, expire_due};

use super::order_kills::assert_consistent;
use super::stripe_orders::{assert_agreement, flags};
use super::variant_of;
use crate::harness::{
    App, Backend, Client, Fault, FaultKind, Outcome, StripeServer, fresh_database,
};

/// The orders whose expiry, cancelation and payment are raced at once.
const BATCH: usize = 50;

/// An order to pay, and its intent.
struct Buyer {
    client: Client,
    order: Value,
    token: Value,
    payment: Value,
    intent: String,
}

/// Sends a mutation until the server is not overloaded and its provider responds. Returns the payload.
async fn insist(client: &Client, name: &str, input: &Value, select: &str) -> Value {
    for _ in 0..100 {
        let response = client.mutate(name, input.clone(), select).await;
        if response.json.get("errors").is_none() {
            return response.json["data"][name].clone();
        }
        assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{name} is unavailable");
}

async fn place(server: &App, variant: &str) -> Buyer {
    let lines = json!({"lines": [{"variantId": variant, "quantity": 1}]});
    let created = insist(&server.anonymous(), "createCart", &lines, "cartToken").await;
    let token = created["cartToken"].as_str().unwrap();
    let client = server.anonymous().with_cart_token(token);
    let email = json!({"email": "ann@example.com"});
    insist(&client, "updateCart", &email, "cart { id }").await;
    let input = json!({"expectedTotal": "10.00", "payment": {"provider": "STRIPE"}});
    let select = "order { id } orderToken payment { id clientSecret } userErrors { code }";
    let placed = insist(&client, "placeOrder", &input, select).await;
    let secret = placed["payment"]["clientSecret"].as_str();
    let (intent, _) = secret
        .unwrap_or_else(|| panic!("{placed}"))
        .split_once("_secret_")
        .unwrap();
    Buyer {
        client,
        order: placed["order"]["id"].clone(),
        token: placed["orderToken"].clone(),
        payment: placed["payment"]["id"].clone(),
        intent: intent.to_owned(),
    }
}

/// A time that differs between orders, up to 300 ms.
fn moment(number: usize, step: u64) -> Duration {
    let number = u64::try_from(number).unwrap();
    Duration::from_millis(number * step % 301)
}

/// The buyer pays, cancels and comes back, at different times.
async fn race(buyer: &Buyer, stripe: &StripeServer, number: usize) {
    let pay = async {
        if !number.is_multiple_of(5) {
            sleep(moment(number, 37)).await;
            stripe.play(&buyer.intent, Outcome::Succeed);
        }
    };
    let cancel = async {
        if !number.is_multiple_of(3) {
            sleep(moment(number, 53)).await;
            let input = json!({"id": buyer.order, "token": buyer.token});
            // Refused if the order is paid or has expired.
            _ = buyer
                .client
                .mutate("cancelOrder", input, "order { status }")
                .await;
        }
    };
    let come_back = async {
        if number.is_multiple_of(2) {
            sleep(moment(number, 71)).await;
            let input = json!({"paymentId": buyer.payment, "token": buyer.token});
            _ = buyer
                .client
                .mutate("syncPayment", input, "order { status }")
                .await;
        }
    };
    tokio::join!(pay, cancel, come_back);
}

/// Holds some responses of Stripe, and loses others after the deed.
fn hold_responses(stripe: &StripeServer) {
    stripe.clear_faults();
    let hold = |time| FaultKind::DelayResponse(Duration::from_millis(time));
    for (kind, method, times) in [
        (hold(60), "POST", 10),
        (FaultKind::LoseResponse, "POST", 3),
        (FaultKind::Delay(Duration::from_millis(80)), "POST", 10),
        (hold(40), "GET", 15),
        (hold(150), "GET", 10),
        (FaultKind::LoseResponse, "GET", 3),
    ] {
        stripe.inject(
            Fault::new(kind)
                .on(method, "/v1/payment_intents")
                .times(times),
        );
    }
}

/// Runs the expiry for some seconds, as a server does.
async fn expire(server: &App) {
    for _ in 0..5 {
        expire_due(&server.state).await.unwrap();
        sleep(Duration::from_millis(60)).await;
    }
}

async fn race_all(servers: &[App], stripe: &StripeServer, rounds: usize) {
    stripe.use_clock(servers[0].state.clock.clone());
    let category = servers[0].shop().root("things", 0).await;
    let shop = servers[0].shop();
    let product = shop.product("pan", &category, |row| row.stock = 10_000);
    let variant = variant_of(&product.await);
    servers[0]
        .sql("UPDATE variants SET requires_shipping = FALSE")
        .await;
    for first in (0..rounds).step_by(BATCH) {
        let numbers = first..(first + BATCH).min(rounds);
        let server = |number: usize| &servers[number % servers.len()];
        let placing = numbers
            .clone()
            .map(|number| place(server(number), &variant));
        let buyers = join_all(placing).await;
        hold_responses(stripe);
        for server in servers {
            server.advance(Duration::from_mins(30));
        }
        let racing = numbers.zip(&buyers);
        let racing = racing.map(|(number, buyer)| race(buyer, stripe, number));
        tokio::join!(join_all(racing), join_all(servers.iter().map(expire)));
        stripe.clear_faults();
        // Requests without a response are repeated.
        for _ in 0..2 {
            for server in servers {
                server.advance(Duration::from_mins(1));
                expire_due(&server.state).await.unwrap();
            }
            join_all(servers.iter().map(|server| ask_providers(&server.state))).await;
        }
    }
    for server in servers {
        server.advance(Duration::from_hours(2));
        ask_providers(&server.state).await.unwrap();
    }
}

/// Asserts that each paid order is confirmed and keeps its unit, and that each other one has given it back once.
async fn assert_one_outcome(app: &App, stripe: &StripeServer, rounds: usize) {
    let orders = assert_agreement(app, stripe).await;
    assert_eq!(orders.len(), rounds);
    let count = |status: Status| orders.iter().filter(|order| order.status == status).count();
    let (confirmed, canceled) = (count(Status::Confirmed), count(Status::Canceled));
    let expired = count(Status::Expired);
    println!(
        "{:?}: {confirmed} confirmed, {canceled} canceled, {expired} expired",
        app.backend
    );
    assert_eq!(confirmed + canceled + expired, rounds);
    assert!(
        confirmed.min(canceled).min(expired) > 0,
        "a race is always won by the same"
    );
    for order in &orders {
        let is_paid = order.captured == order.total;
        assert_eq!(order.status == Status::Confirmed, is_paid, "{order:?}");
        let given_back = usize::from(order.status != Status::Confirmed);
        assert_eq!(movements(app, order, "RESERVED").await, 1, "{order:?}");
        assert_eq!(
            movements(app, order, "RELEASED").await,
            given_back,
            "{order:?}"
        );
    }
    let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
    let reserved = app.sql_number(reserved).await;
    assert_eq!(usize::try_from(reserved).unwrap(), confirmed);
    assert_consistent(app).await;
}

async fn movements(app: &App, order: &Model, kind: &str) -> usize {
    let id = super::order_rows::literal(app, order.id);
    let sql =
        format!("SELECT count(*) FROM stock_movements WHERE order_id = {id} AND kind = '{kind}'");
    usize::try_from(app.sql_number(&sql).await).unwrap()
}

/// The settings of servers that share a database.
fn settings(stripe: &StripeServer) -> Vec<String> {
    let own = [
        "--jwt-secrets=a secret that all servers know 0123456789",
        "--limit-carts-client=100000/1m",
        "--request-timeout=60s",
    ];
    flags(stripe)
        .into_iter()
        .chain(own.map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_cancelation_and_a_late_payment_have_one_outcome_in_700_races_of_two_servers() {
    let stripe = StripeServer::start().await;
    let settings = settings(&stripe);
    let settings: Vec<_> = settings.iter().map(String::as_str).collect();
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let servers = [
        App::on_database(Backend::Postgres, address.clone(), &settings).await,
        App::on_database(Backend::Postgres, address, &settings).await,
    ];
    race_all(&servers, &stripe, 700).await;
    assert_one_outcome(&servers[0], &stripe, 700).await;
    for server in servers {
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_cancelation_and_a_late_payment_have_one_outcome_in_300_races_on_sqlite() {
    let stripe = StripeServer::start().await;
    let settings = settings(&stripe);
    let settings: Vec<_> = settings.iter().map(String::as_str).collect();
    let app = App::start(Backend::Sqlite, &settings).await;
    let servers = [app];
    race_all(&servers, &stripe, 300).await;
    assert_one_outcome(&servers[0], &stripe, 300).await;
    let [app] = servers;
    app.stop().await;
}
