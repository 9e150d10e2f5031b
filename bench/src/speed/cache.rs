//! The read cache with and without changes of the catalogue.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use serde_json::json;

use super::report::{Bar, Row};
use super::shop::product;
use super::shops::Shop;
use super::{Setting, reads};
use crate::by_hand::encode;
use crate::http::{Client, request_as};
use crate::load::{Load, Outcome, repeat};
use crate::rounds::ratio;
use crate::stats::median;
use crate::uploading::sign_in;

/// Number of clients and of pages.
const CLIENTS: usize = 64;
const PAGES: usize = 200;
/// Interval between two changes.
const INTERVAL: Duration = Duration::from_secs(1);
pub const STOCK: &str = "mutation($input: AdjustStockInput!) { adjustStock(input: $input) {
    product { id stock } userErrors { code } } }";

pub fn measure(shop: &Shop, setting: &mut Setting) -> Result<()> {
    let server = shop.serve(setting.folder, &setting.order.flags)?;
    let token = sign_in(&server.address)?;
    let count = PAGES.min(shop.products / 20 - 1);
    let pages = repeat(reads::pages(&server.address, count)?);
    // Changes are a second apart: a round has at least one.
    let time = setting.scale.long.max(INTERVAL * 5 / 4);
    let load = Load::new(&server.address, &pages, CLIENTS, time).of_many_clients();
    // Fills the cache.
    load.run()?;
    let (mut quiet, mut changed): (Vec<Outcome>, Vec<Outcome>) = (Vec::new(), Vec::new());
    for round in 0..setting.scale.plan.rounds {
        quiet.push(load.run()?);
        // A change leaves it in stock.
        let in_stock = (round * 40..shop.products).find(|number| product(*number).stock > 0);
        let id = encode("prod", product(in_stock.unwrap_or_default()).id);
        let input = json!({"input": {"id": id, "delta": 1}});
        changed.push(beside_changes(&load, &request_as(&token, STOCK, &input))?);
    }
    let refused: usize = changed.iter().map(|outcome| outcome.refused).sum();
    let failed: usize = changed.iter().map(|outcome| outcome.failed).sum();
    let of = |outcomes: &[Outcome], value: &dyn Fn(&Outcome) -> f64| -> Vec<f64> {
        outcomes.iter().map(value).collect()
    };
    let (with, without) = (of(&changed, &Outcome::rate), of(&quiet, &Outcome::rate));
    let p99 = |outcomes: &[Outcome]| median(&of(outcomes, &|outcome| outcome.quantile(0.99)));
    setting.report.row(Row {
        work: format!("{CLIENTS} clients on {count} cached pages, one stock change a second"),
        ours: format!("{:.0}/s", median(&with)),
        other: format!("without changes: {:.0}/s", median(&without)),
        ratio: ratio(&with, &without),
        bar: Bar::AtLeast(0.8),
        is_complete: refused + failed == 0,
        details: format!(
            "p99 {:.1} ms against {:.1} ms; {refused} refused, {failed} failed",
            p99(&changed),
            p99(&quiet)
        ),
    });
    Ok(())
}

/// Runs the load, and sends the change every [`INTERVAL`] meanwhile.
fn beside_changes(load: &Load, change: &[u8]) -> Result<Outcome> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| -> Result<()> {
            let mut client = Client::connect(&load.address)?;
            let mut due = Instant::now() + INTERVAL / 4;
            while !done.load(Ordering::Relaxed) {
                if Instant::now() >= due {
                    let response = client.send(change)?.json()?;
                    let stock = &response["data"]["adjustStock"]["product"]["stock"];
                    ensure!(stock.is_number(), "{response}");
                    due += INTERVAL;
                }
                sleep(Duration::from_millis(10));
            }
            Ok(())
        });
        let outcome = load.run();
        done.store(true, Ordering::Relaxed);
        writer
            .join()
            .map_err(|_| anyhow!("the writer thread panicked"))??;
        outcome
    })
}
