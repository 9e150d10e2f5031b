//! Carts and orders against the same rows stored by hand, and cached pages beside orders.
//!
//! Customers put a digital item into their carts and order it on account, again and again.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fairness::LOGIN;
use super::report::{Bar, Row};
use super::shop::product;
use super::shops::Shop;
use super::writes::session;
use super::{Setting, UNCACHED, order_rows, reads_beside_orders, users};
use crate::accounts::PASSWORD;
use crate::by_hand::{ByHand, COUNTRY, encode};
use crate::http::{Client, request_as};
use crate::load::{Load, Source, Turn};
use crate::loading;
use crate::processes::postgres;
use crate::rounds::{self, Case, Samples, ratio};
use crate::server::Server;
use crate::stats::median;
use crate::uploading::sign_in;

const CONNECTIONS: usize = 8;
/// Customers: those of Wares and of the server by hand, who fill carts and who also order.
pub const CUSTOMERS: usize = 4 * CONNECTIONS;
/// Different items.
const ITEMS: usize = 64;

const ADD: &str = "mutation($input: AddCartLinesInput!) { addCartLines(input: $input) {
    cart { id version quantity } userErrors { code message } } }";
pub const ADD_AND_PRICE: &str =
    "mutation($input: AddCartLinesInput!) { addCartLines(input: $input) {
    cart { totals { total { amount } } } userErrors { code message } } }";
pub const PLACE: &str = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) {
    order { id number } userErrors { code message } } }";
const TAX_CLASS: &str = "mutation($input: CreateTaxClassInput!) { createTaxClass(input: $input) {
    taxClass { id } userErrors { code message } } }";
const TAX_RATE: &str = "mutation($input: SetTaxRateInput!) { setTaxRate(input: $input) {
    taxRate { id } userErrors { code message } } }";

pub fn measure(shop: &Shop, setting: &mut Setting) -> Result<()> {
    prepare(shop)?;
    let mut flags = setting.order.flags.clone();
    for flag in [
        "--prices-include-tax=on",
        "--manual-payments=Pay by bank transfer.",
        "--limit-carts-client=1000000/1s",
        "--access-token-lifetime=1d",
    ] {
        flags.push(flag.to_owned());
    }
    flags.push(format!("--shop-country={COUNTRY}"));
    let cached = shop.serve(setting.folder, &flags)?;
    set_tax(&cached)?;
    reads_beside_orders::measure(shop, setting, &cached)?;
    drop(cached);
    flags.push(UNCACHED.to_owned());
    let server = shop.serve(setting.folder, &flags)?;
    let memory = setting.folder.path().join("empty");
    std::fs::write(&memory, "")?;
    let by_hand = ByHand::start(&shop.url, &memory)?;
    let tokens: Vec<_> = (0..2 * CONNECTIONS)
        .map(|number| token(&server, &users::email(number)))
        .collect::<Result<_>>()?;
    let sessions: Vec<_> = (2 * CONNECTIONS..CUSTOMERS)
        .map(|number| session(&by_hand, &users::email(number)))
        .collect::<Result<_>>()?;
    order_rows::ensure_equal(shop, (&server, &tokens[0]), (&by_hand, &sessions[0]))?;
    let [adding, buying] = halves(&tokens);
    let [adding_by_hand, buying_by_hand] = halves(&sessions);
    let case = |name: &str, source: Source, address: &str, process| Case {
        name: name.to_owned(),
        load: Load::new(address, &source, CONNECTIONS, setting.scale.long),
        process,
    };
    let (ours, hand) = (&server.address, &by_hand.address);
    let cases = [
        case("addCartLines", add(adding), ours, server.process()),
        case(
            "addCartLines, by hand",
            add_by_hand(adding_by_hand),
            hand,
            by_hand.process(),
        ),
        case(
            "addCartLines and placeOrder",
            buy(buying),
            ours,
            server.process(),
        ),
        case(
            "addCartLines and placeOrder, by hand",
            buy_by_hand(buying_by_hand),
            hand,
            by_hand.process(),
        ),
    ];
    let database = shop.runtime.block_on(postgres(&shop.url))?;
    let samples = rounds::run(setting.scale.plan, database, &cases)?;
    for pair in samples.chunks(2) {
        let [ours, hand] = pair else { continue };
        setting.report.row(Row {
            work: ours.name.clone(),
            ours: format!("{:.0}/s", median(&ours.rate)),
            other: format!("by hand: {:.0}/s", median(&hand.rate)),
            ratio: ours.ratio(hand),
            bar: Bar::AtLeast(0.5),
            is_complete: true,
            details: format!("{}; by hand: {}", ours.details(), hand.details()),
        });
    }
    let [add, add_by_hand, both, both_by_hand] = samples.as_slice() else {
        return Ok(());
    };
    let (ours, hand) = (orders(add, both), orders(add_by_hand, both_by_hand));
    setting.report.row(Row {
        work: "placeOrder: the time of both without that of addCartLines".to_owned(),
        ours: format!("{:.0}/s", median(&ours)),
        other: format!("by hand: {:.0}/s", median(&hand)),
        ratio: ratio(&ours, &hand),
        bar: Bar::AtLeast(0.5),
        is_complete: true,
        details: "calculated from the rates".to_owned(),
    });
    ensure_consistent(shop, setting)
}

/// Returns the rates of orders alone: half of the requests of `both` are orders, the others add lines.
fn orders(add: &Samples, both: &Samples) -> Vec<f64> {
    let pairs = add.rate.iter().zip(&both.rate);
    let seconds = pairs.map(|(add, both)| (2.0 / both - 1.0 / add).max(f64::EPSILON));
    seconds.map(|seconds| 1.0 / seconds).collect()
}

fn halves(all: &[String]) -> [Vec<String>; 2] {
    let (one, other) = all.split_at(CONNECTIONS);
    [one.to_vec(), other.to_vec()]
}

/// Makes the items digital, and gives them enough stock.
fn prepare(shop: &Shop) -> Result<()> {
    shop.runtime.block_on(async {
        let db = loading::connect(&shop.url).await?;
        let ids = (0..ITEMS).map(|number| product(number).id.into());
        let places = (1..=ITEMS).map(|number| {
            if shop.is_sqlite() {
                "?".to_owned()
            } else {
                format!("${number}")
            }
        });
        let places = places.collect::<Vec<_>>().join(", ");
        let backend = db.get_database_backend();
        let values: Vec<sea_orm::Value> = ids.collect();
        for sql in [
            // A trigger carries it to the stock levels.
            format!("UPDATE products SET stock = 1000000000 WHERE id IN ({places})"),
            format!("UPDATE variants SET requires_shipping = FALSE WHERE product_id IN ({places})"),
        ] {
            let statement = Statement::from_sql_and_values(backend, sql, values.clone());
            db.execute_raw(statement).await?;
        }
        anyhow::Ok(db.close().await?)
    })
}

/// Sets the tax of the shop's country.
fn set_tax(server: &Server) -> Result<()> {
    let token = sign_in(&server.address)?;
    let mut client = Client::connect(&server.address)?;
    for (query, input) in [
        (TAX_CLASS, json!({"name": "Standard"})),
        (
            TAX_RATE,
            json!({"country": COUNTRY, "name": "VAT", "rate": "19"}),
        ),
    ] {
        let response = client.query_as(&token, query, &json!({"input": input}))?;
        let text = response.to_string();
        // A stored shop has them already.
        let is_done = text.contains(r#""userErrors":[]"#) || text.contains("CONFLICT");
        ensure!(is_done, "{text}");
    }
    Ok(())
}

fn token(server: &Server, email: &str) -> Result<String> {
    let input = json!({"input": {"email": email, "password": PASSWORD}});
    let response = Client::connect(&server.address)?.query(LOGIN, &input)?;
    let token = response["data"]["login"]["accessToken"].as_str();
    Ok(token
        .with_context(|| format!("sign-in failed: {response}"))?
        .to_owned())
}

pub fn item(number: usize) -> Uuid {
    product(number % ITEMS).id
}

pub fn line(number: usize) -> Value {
    json!({"input": {"lines": [{"variantId": encode("var", item(number))}]}})
}

fn add(tokens: Vec<String>) -> Source {
    Arc::new(move |turn: Turn<'_>| {
        request_as(&tokens[turn.connection], ADD, &line(turn.number)).into()
    })
}

fn add_by_hand(sessions: Vec<String>) -> Source {
    Arc::new(move |turn: Turn<'_>| {
        let body = json!({"session": sessions[turn.connection], "variant": item(turn.number)});
        ByHand::request("/write/cart", &body).into()
    })
}

/// Orders what the cart costs according to the last response, otherwise fills the cart.
fn buy(tokens: Vec<String>) -> Source {
    Arc::new(move |turn: Turn<'_>| -> Cow<'static, [u8]> {
        let token = &tokens[turn.connection];
        let last: Value = serde_json::from_slice(turn.last).unwrap_or_default();
        let total = &last["data"]["addCartLines"]["cart"]["totals"]["total"]["amount"];
        if total.is_string() {
            request_as(token, PLACE, &order(total)).into()
        } else {
            request_as(token, ADD_AND_PRICE, &line(turn.number)).into()
        }
    })
}

pub fn order(total: &Value) -> Value {
    json!({"input": {"expectedTotal": total, "payment": {"provider": "MANUAL"}}})
}

fn buy_by_hand(sessions: Vec<String>) -> Source {
    // Whether the connection has filled its cart. The number of an order looks like a total.
    let filled: Vec<_> = sessions.iter().map(|_| AtomicBool::new(false)).collect();
    Arc::new(move |turn: Turn<'_>| -> Cow<'static, [u8]> {
        let session = &sessions[turn.connection];
        let last: Value = serde_json::from_slice(turn.last).unwrap_or_default();
        let filled = &filled[turn.connection];
        let total = last["data"]["done"].as_i64();
        if let (Some(total), true) = (total, filled.swap(false, Ordering::Relaxed)) {
            let body = json!({"session": session, "total": total});
            return ByHand::request("/write/order", &body).into();
        }
        filled.store(true, Ordering::Relaxed);
        let body = json!({"session": session, "variant": item(turn.number)});
        ByHand::request("/write/cart", &body).into()
    })
}

/// Fails unless `wares verify` finds no differences in the orders of both servers.
fn ensure_consistent(shop: &Shop, setting: &Setting) -> Result<()> {
    let output = shop.command(setting.folder, &["verify"])?.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // The generated shop has stock without movements.
    let ours = text.lines().filter(|line| !line.starts_with("ok: "));
    let ours: Vec<_> = ours
        .filter(|line| !line.starts_with("stock_levels.on_hand"))
        .collect();
    ensure!(ours.is_empty(), "wares verify: {}", ours.join("\n"));
    Ok(())
}
