//! Carts and orders against the same rows stored by hand, and cached pages beside orders.
//!
//! Customers put a digital item into their carts and order it on account, again and again.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fairness::LOGIN;
use super::report::{Bar, Row};
use super::shop::product;
use super::shops::Shop;
use super::writes::session;
use super::{Setting, UNCACHED, reads, users};
use crate::accounts::PASSWORD;
use crate::by_hand::{ByHand, COUNTRY, encode};
use crate::http::{Client, post_json, request, request_as};
use crate::load::{Load, Outcome, Source, Turn, as_float, repeat};
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
/// Clients and pages of the load beside orders, the rate of orders, and the connections that send them.
const READERS: usize = 64;
const PAGES: usize = 200;
const ORDERS_PER_SECOND: usize = 50;
const BUYERS: usize = 8;

const ADD: &str = "mutation($input: AddCartLinesInput!) { addCartLines(input: $input) {
    cart { id version quantity } userErrors { code message } } }";
const ADD_AND_PRICE: &str = "mutation($input: AddCartLinesInput!) { addCartLines(input: $input) {
    cart { totals { total { amount } } } userErrors { code message } } }";
const PLACE: &str = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) {
    order { id number } userErrors { code message } } }";
const CREATE: &str = "mutation($input: CreateCartInput!) { createCart(input: $input) {
    cartToken userErrors { code message } } }";
const UPDATE: &str = "mutation($input: UpdateCartInput!) { updateCart(input: $input) {
    cart { totals { total { amount } } } userErrors { code message } } }";
const TAX_CLASS: &str = "mutation($input: CreateTaxClassInput!) { createTaxClass(input: $input) {
    taxClass { id } userErrors { code message } } }";
const TAX_RATE: &str = "mutation($input: SetTaxRateInput!) { setTaxRate(input: $input) {
    taxRate { id } userErrors { code message } } }";

/// The tables that an order is stored in.
const TABLES: [&str; 10] = [
    "carts",
    "cart_lines",
    "orders",
    "order_lines",
    "order_taxes",
    "order_events",
    "payments",
    "payment_entries",
    "stock_movements",
    "outbox",
];
/// Columns that must be equal in the rows of Wares and of the server by hand.
const EQUAL: [(&str, &str); 5] = [
    (
        "orders",
        "status, payment_status, fulfillment_status, currency, items, discount, shipping, tax, total, captured, version",
    ),
    (
        "order_lines",
        "position, product_id, name, variant_name, sku, options, image_id, attributes, quantity, unit_price, total, tax_name,
         tax_ppm, tax, requires_shipping, tracked",
    ),
    ("order_taxes", "name, ppm, base, amount"),
    ("order_events", "kind, public"),
    ("payments", "provider, amount, status, look_at"),
];

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
    beside_reads(shop, setting, &cached)?;
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
    ensure_equal_rows(shop, (&server, &tokens[0]), (&by_hand, &sessions[0]))?;
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
        let places = (1..=ITEMS).map(|number| match shop.is_sqlite() {
            true => "?".to_owned(),
            false => format!("${number}"),
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

fn item(number: usize) -> Uuid {
    product(number % ITEMS).id
}

fn line(number: usize) -> Value {
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

fn order(total: &Value) -> Value {
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

/// Fails unless both servers store the same rows for an order of the same item.
fn ensure_equal_rows(
    shop: &Shop,
    (server, token): (&Server, &str),
    (by_hand, session): (&ByHand, &str),
) -> Result<()> {
    let read = || shop.runtime.block_on(rows(shop));
    let before = read()?;
    let mut client = Client::connect(&server.address)?;
    let added = client.query_as(token, ADD_AND_PRICE, &line(0))?;
    let total = &added["data"]["addCartLines"]["cart"]["totals"]["total"]["amount"];
    let placed = client.query_as(token, PLACE, &order(total))?;
    let number = &placed["data"]["placeOrder"]["order"]["number"];
    ensure!(number.is_number(), "ordering failed: {added} {placed}");
    let ours = read()?;
    let mut client = Client::connect(&by_hand.address)?;
    let body = json!({"session": session, "variant": item(0)});
    let added = client
        .send(&ByHand::request("/write/cart", &body))?
        .json()?;
    let body = json!({"session": session, "total": added["data"]["done"]});
    let placed = client
        .send(&ByHand::request("/write/order", &body))?
        .json()?;
    ensure!(
        placed["data"]["done"].as_i64() == number.as_i64().map(|number| number + 1),
        "ordering by hand failed: {placed}"
    );
    let hand = read()?;
    for (index, table) in TABLES.iter().enumerate() {
        let [of_ours, of_hand] = [
            ours.counts[index] - before.counts[index],
            hand.counts[index] - ours.counts[index],
        ];
        // Wares deletes an email that it has sent.
        let is_sent = *table == "outbox" && of_ours <= of_hand;
        ensure!(
            of_ours == of_hand || is_sent,
            "{table} has {of_ours} more rows of Wares and {of_hand} by hand"
        );
    }
    for ((table, _), (ours, hand)) in EQUAL.iter().zip(ours.last.iter().zip(&hand.last)) {
        ensure!(ours == hand, "{table} differs: {ours}, by hand {hand}");
    }
    println!("  the rows of an order are the same");
    Ok(())
}

/// The numbers of rows of [`TABLES`], and the rows of the last order in the tables of [`EQUAL`].
struct Rows {
    counts: Vec<i64>,
    last: Vec<String>,
}

async fn rows(shop: &Shop) -> Result<Rows> {
    let db = loading::connect(&shop.url).await?;
    let mut counts = Vec::new();
    for table in TABLES {
        let row = one(&db, &format!("SELECT count(*) AS value FROM {table}")).await?;
        counts.push(row.context("no count")?.try_get("", "value")?);
    }
    let mut last = Vec::new();
    for (table, columns) in EQUAL {
        let columns: Vec<_> = columns.split(',').map(str::trim).collect();
        let texts: Vec<_> = columns
            .iter()
            .map(|column| format!("COALESCE(CAST({column} AS text), '-')"))
            .collect();
        let key = if table == "orders" { "id" } else { "order_id" };
        let sql = format!(
            "SELECT {} AS value FROM {table} WHERE {key} = (SELECT id FROM orders WHERE number IS NOT NULL
             ORDER BY number DESC LIMIT 1) ORDER BY value",
            texts.join(" || ' ' || ")
        );
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let found = db.query_all_raw(statement).await?;
        let values = found.iter().map(|row| row.try_get::<String>("", "value"));
        last.push(values.collect::<Result<Vec<_>, _>>()?.join("; "));
    }
    db.close().await?;
    Ok(Rows { counts, last })
}

async fn one(db: &DatabaseConnection, sql: &str) -> Result<Option<sea_orm::QueryResult>> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(db.query_one_raw(statement).await?)
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

/// Measures cached pages with and without orders.
fn beside_reads(shop: &Shop, setting: &mut Setting, server: &Server) -> Result<()> {
    let count = PAGES.min(shop.products / 20 - 1);
    let pages = repeat(reads::pages(&server.address, count)?);
    let time = setting.scale.long.max(Duration::from_secs(1));
    let load = Load::new(&server.address, &pages, READERS, time).of_many_clients();
    // Fills the cache.
    load.run()?;
    let mut next = 0;
    let (mut quiet, mut busy, mut placed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..setting.scale.plan.rounds {
        let wanted = ORDERS_PER_SECOND * usize::try_from(time.as_millis())?.div_ceil(1_000);
        let carts = carts(server, next..next + wanted)?;
        next += wanted;
        quiet.push(load.run()?);
        let (outcome, orders) = beside_orders(&load, &carts)?;
        placed.push(as_float(orders) / outcome.seconds);
        busy.push(outcome);
    }
    let of = |outcomes: &[Outcome], value: &dyn Fn(&Outcome) -> f64| -> Vec<f64> {
        outcomes.iter().map(value).collect()
    };
    let unanswered = |outcome: &Outcome| outcome.refused + outcome.failed;
    let unanswered: usize = quiet.iter().chain(&busy).map(unanswered).sum();
    let (with, without) = (of(&busy, &Outcome::rate), of(&quiet, &Outcome::rate));
    let p99 = |outcomes: &[Outcome]| median(&of(outcomes, &|outcome| outcome.quantile(0.99)));
    let rate = median(&placed);
    setting.report.row(Row {
        work: format!(
            "{READERS} clients on {count} cached pages, {ORDERS_PER_SECOND} orders a second"
        ),
        ours: format!("{:.0}/s", median(&with)),
        other: format!("without orders: {:.0}/s", median(&without)),
        ratio: ratio(&with, &without),
        bar: Bar::AtLeast(0.9),
        is_complete: unanswered == 0 && rate >= 0.95 * as_float(ORDERS_PER_SECOND),
        details: format!(
            "{rate:.0} orders/s; p99 {:.1} ms against {:.1} ms; {unanswered} refused or failed",
            p99(&busy),
            p99(&quiet)
        ),
    });
    Ok(())
}

/// Creates carts of guests that can be ordered. Returns the requests that order them.
fn carts(server: &Server, numbers: std::ops::Range<usize>) -> Result<Vec<Vec<u8>>> {
    let mut client = Client::connect(&server.address)?;
    let mut requests = Vec::new();
    for number in numbers {
        let response = client.send(&request(CREATE, &line(number)))?.json()?;
        let token = response["data"]["createCart"]["cartToken"].as_str();
        let token = token.with_context(|| response.to_string())?;
        let send = |query: &str, variables: Value| {
            let header = format!("\r\nCart-Token: {token}");
            let body = json!({"query": query, "variables": variables});
            post_json("/graphql", &header, &body)
        };
        let input = json!({"input": {"email": format!("guest{number}@example.com")}});
        let response = client.send(&send(UPDATE, input))?.json()?;
        let total = &response["data"]["updateCart"]["cart"]["totals"]["total"]["amount"];
        ensure!(total.is_string(), "{response}");
        requests.push(send(PLACE, order(total)));
    }
    Ok(requests)
}

/// Runs the load, and places the orders at their rate meanwhile. Returns the number of orders that were placed.
fn beside_orders(load: &Load, orders: &[Vec<u8>]) -> Result<(Outcome, usize)> {
    let (done, next, placed) = (
        AtomicBool::new(false),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let begun = Instant::now();
    let interval = Duration::from_secs(1) / u32::try_from(ORDERS_PER_SECOND)?;
    thread::scope(|scope| {
        let buy = || -> Result<()> {
            let mut client = Client::connect(&load.address)?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(order) = orders.get(number) else {
                    return Ok(());
                };
                let due = begun + interval * u32::try_from(number)?;
                sleep(due.saturating_duration_since(Instant::now()));
                if done.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let response = client.send(order)?.json()?;
                let number = &response["data"]["placeOrder"]["order"]["number"];
                ensure!(number.is_number(), "{response}");
                if !done.load(Ordering::Relaxed) {
                    placed.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        let buyers: Vec<_> = (0..BUYERS).map(|_| scope.spawn(buy)).collect();
        let outcome = load.run();
        done.store(true, Ordering::Relaxed);
        for buyer in buyers {
            buyer.join().map_err(|_| anyhow!("a buyer panicked"))??;
        }
        Ok((outcome?, placed.load(Ordering::Relaxed)))
    })
}
