//! Kills a server repeatedly while orders are placed, paid, canceled, fulfilled and refunded: `wares verify` finds nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::sales::verify::service::verify;

use super::variant_of;
use crate::harness::{App, Backend, Process, database_flag, fresh_database};

pub const ADMIN: &str = "admin@example.com";
/// The number of concurrent buyers.
const BUYERS: usize = 3;
/// The timeout of a round, with a margin for slow machines.
pub const TIMEOUT: Duration = Duration::from_mins(1);

/// The number of kills. More by hand: see CONTRIBUTING.md.
pub fn kill_rounds() -> usize {
    let asked = std::env::var("WARES_TEST_KILLS").ok();
    asked.map_or(5, |asked| asked.parse().unwrap())
}

/// A client of a server that may be killed at any time.
pub struct Buyer<'a> {
    address: &'a str,
    admin: &'a str,
    variant: &'a str,
}

impl<'a> Buyer<'a> {
    pub fn new(address: &'a str, admin: &'a str, variant: &'a str) -> Self {
        Self {
            address,
            admin,
            variant,
        }
    }

    /// Sends a mutation with these headers. Returns its payload, and `None` if the server was killed.
    pub fn mutate(&self, name: &str, headers: &str, input: &Value, select: &str) -> Option<Value> {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {select} userErrors {{ code message }} }} }}"
        );
        let body = json!({"query": query, "variables": {"input": input}}).to_string();
        let length = body.len();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(TIMEOUT)).ok()?;
        stream.write_all([head, body].concat().as_bytes()).ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        let (_, body) = response.split_once("\r\n\r\n")?;
        let response: Value = serde_json::from_str(body).ok()?;
        let code = &response["errors"][0]["extensions"]["code"];
        if matches!(name, "cancelOrder" | "syncPayment") && code == "SERVICE_UNAVAILABLE" {
            // The payment provider does not respond: the server asks it again.
            return Some(Value::Null);
        }
        let payload = &response["data"][name];
        assert!(payload.is_object(), "{name}: {response}");
        Some(payload.clone())
    }

    pub fn admin(&self, name: &str, input: &Value, select: &str) -> Option<Value> {
        let headers = format!("Authorization: Bearer {}\r\n", self.admin);
        self.mutate(name, &headers, input, select)
    }

    /// Places an order that is paid in this way. Returns the payload.
    pub fn place(&self, number: usize, provider: &str) -> Option<Value> {
        let lines = json!({"lines": [{"variantId": self.variant, "quantity": 3}]});
        let cart = self.mutate("createCart", "", &lines, "cartToken")?;
        let token = cart["cartToken"].as_str().unwrap();
        let headers = format!("Cart-Token: {token}\r\n");
        let email = json!({"email": format!("buyer{number}@example.com")});
        let select = "cart { totals { total { amount } } }";
        let cart = self.mutate("updateCart", &headers, &email, select)?;
        let total = &cart["cart"]["totals"]["total"]["amount"];
        let input = json!({"expectedTotal": total, "payment": {"provider": provider}});
        let select = "order { id lines { id } } payment { id } orderToken";
        let placed = self.mutate("placeOrder", &headers, &input, select)?;
        assert!(placed["order"]["id"].is_string(), "{placed}");
        Some(placed)
    }

    /// Buys, and then does something else with each order, until the server is killed.
    fn buy(&self, number: &AtomicUsize, done: &AtomicUsize) -> Option<()> {
        loop {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let placed = self.place(number, "TEST")?;
            let order = &placed["order"]["id"];
            if number.is_multiple_of(4) {
                let input = json!({"id": order, "token": placed["orderToken"]});
                self.mutate("cancelOrder", "", &input, "order { status }")?;
            } else {
                self.pay(&placed, number)?;
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn pay(&self, placed: &Value, number: usize) -> Option<()> {
        let (order, token) = (&placed["order"]["id"], &placed["orderToken"]);
        let line = &placed["order"]["lines"][0]["id"];
        let outcome = if number.is_multiple_of(5) {
            "DECLINE"
        } else {
            "SUCCEED"
        };
        let input =
            json!({"paymentId": placed["payment"]["id"], "token": token, "outcome": outcome});
        let select = "order { status }";
        let paid = self.mutate("finishTestPayment", "", &input, select)?;
        if paid["order"]["status"] != "CONFIRMED" {
            return Some(());
        }
        let one = json!([{"lineId": line, "quantity": 1}]);
        let input = json!({"orderId": order, "lines": one});
        self.admin("fulfillOrder", &input, select)?;
        let input = json!({"orderId": order, "lines": one});
        self.admin("refundOrder", &input, select)?;
        if number.is_multiple_of(3) {
            let input = json!({"orderId": order, "lines": one});
            self.admin("cancelOrderLines", &input, select)?;
        }
        Some(())
    }
}

/// Asserts that the stored sums are those that `wares verify` calculates.
pub async fn assert_consistent(app: &App) {
    let mut found = Vec::new();
    let done = verify(&app.state.db, |outcome| {
        found.extend(outcome.differences);
        Ok(())
    });
    done.await.unwrap();
    assert!(found.is_empty(), "{found:#?}");
}

async fn kill_while_it_sells(backend: Backend) {
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
    let flag = database_flag(&address);
    let flags = [
        flag.as_str(),
        "--demo=off",
        "--log=warn,wares::server=info",
        "--limit-carts-client=100000/1m",
        "--test-payments=on",
        // One token for all rounds.
        "--access-token-lifetime=24h",
    ];
    let (number, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut token = None;
    for round in 0..kill_rounds() {
        let server = Process::serve(folder.path(), &flags);
        let token = token.get_or_insert_with(|| server.sign_in(ADMIN)).clone();
        let before = done.load(Ordering::Relaxed);
        let buyer = Buyer::new(&server.address, &token, &variant);
        std::thread::scope(|scope| {
            for _ in 0..BUYERS {
                scope.spawn(|| buyer.buy(&number, &done));
            }
            let begun = Instant::now();
            while done.load(Ordering::Relaxed) < before + 5 {
                assert!(begun.elapsed() < TIMEOUT, "nothing is sold");
                std::thread::sleep(Duration::from_millis(1));
            }
            // At a different moment in each round.
            let micros = u64::try_from(round).unwrap() * 7_919 % 100_000;
            std::thread::sleep(Duration::from_micros(micros));
            server.signal("KILL");
        });
        let verified = Process::run(folder.path(), &["verify", &flag]);
        assert!(verified.status.success(), "{verified:?}");
    }
    println!("{backend:?}: {} orders", done.load(Ordering::Relaxed));
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_consistent_after_a_kill_on_sqlite() {
    kill_while_it_sells(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_consistent_after_a_kill_on_postgresql() {
    kill_while_it_sells(Backend::Postgres).await;
}
