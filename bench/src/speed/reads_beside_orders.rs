//! Cached pages with and without orders: an order does not end the read cache.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use super::orders::{PLACE, line, order};
use super::report::{Bar, Row};
use super::shops::Shop;
use super::{Setting, reads};
use crate::http::{Client, post_json, request};
use crate::load::{Load, Outcome, as_float, repeat};
use crate::rounds::ratio;
use crate::server::Server;
use crate::stats::median;

/// Clients and pages of the load beside orders, the rate of orders, and the connections that send them.
const READERS: usize = 64;
const PAGES: usize = 200;
const ORDERS_PER_SECOND: usize = 50;
const BUYERS: usize = 8;

const CREATE: &str = "mutation($input: CreateCartInput!) { createCart(input: $input) {
    cartToken userErrors { code message } } }";
const UPDATE: &str = "mutation($input: UpdateCartInput!) { updateCart(input: $input) {
    cart { totals { total { amount } } } userErrors { code message } } }";

/// Measures cached pages with and without orders.
pub fn measure(shop: &Shop, setting: &mut Setting, server: &Server) -> Result<()> {
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
fn carts(server: &Server, numbers: Range<usize>) -> Result<Vec<Vec<u8>>> {
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
