//! Many clients at once, with default settings except for the read cache: throughput, latency and refusals.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::report::{Bar, Row};
use super::shops::Shop;
use super::{Setting, UNCACHED, reads, users};
use crate::accounts::PASSWORD;
use crate::http::{Client, request};
use crate::load::{Load, Outcome, Source, repeat};
use crate::pictures::draw;
use crate::products::write_file;
use crate::rounds::ratio;
use crate::stats::median;
use crate::uploading::{sign_in, upload, upload_picture};

/// Numbers of clients that each send one request at a time. The first is what the others are compared with.
const CLIENTS: [usize; 3] = [32, 100, 400];
/// Connections of a client that floods, and number of the ordinary clients beside it.
const FLOOD: usize = 200;
const ORDINARY: usize = 20;
/// Clients that read beside other work, and clients that sign in.
const READERS: usize = 4;
const SIGN_INS: usize = 64;
const PAGES: usize = 200;
pub const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
    accessToken refreshToken userErrors { code } } }";

/// Sends other requests until the flag is set.
type Work<'a> = dyn Fn(&AtomicBool) -> Result<()> + Sync + 'a;

pub fn measure(shop: &Shop, setting: &mut Setting) -> Result<()> {
    let mut flags = setting.order.flags.clone();
    flags.push(UNCACHED.to_owned());
    let server = shop.serve(setting.folder, &flags)?;
    let address = server.address.as_str();
    let pages = repeat(reads::pages(address, PAGES.min(shop.products / 20 - 1))?);
    let load = |clients| Load::new(address, &pages, clients, setting.scale.long).of_many_clients();
    let crowds: Vec<_> = CLIENTS.iter().map(|clients| load(*clients)).collect();
    load(READERS).run()?;
    let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); CLIENTS.len()];
    for _ in 0..setting.scale.plan.rounds {
        for (crowd, outcomes) in crowds.iter().zip(&mut outcomes) {
            outcomes.push(crowd.run()?);
        }
    }
    for (clients, crowd) in CLIENTS.iter().zip(&outcomes).skip(1) {
        let (ours, first) = (rates(crowd), rates(&outcomes[0]));
        setting.report.row(Row {
            work: format!("{clients} clients, uncached lists"),
            ours: format!("{:.0}/s", median(&ours)),
            other: format!("{} clients: {:.0}/s", CLIENTS[0], median(&first)),
            ratio: ratio(&ours, &first),
            bar: Bar::AtLeast(0.9),
            is_complete: lost(crowd) + lost(&outcomes[0]) == 0,
            details: format!("p99 {:.0} ms, {}", median(&p99(crowd)), losses(crowd)),
        });
    }

    // One address, unlike the others.
    let flood = Load::new(address, &pages, FLOOD, setting.scale.long);
    let flooding = |done: &AtomicBool| repeat_until(done, || flood.run().map(drop));
    let work = format!("{ORDINARY} clients beside one at {FLOOD} connections: p99");
    beside(setting, &load(ORDINARY), &work, &flooding)?;

    let readers = load(READERS);
    let sign_ins = sign_ins(address, setting);
    let work = format!("{READERS} readers beside {SIGN_INS} clients that sign in: p99");
    let signing_in = |done: &AtomicBool| repeat_until(done, || sign_ins.run().map(drop));
    beside(setting, &readers, &work, &signing_in)?;

    let token = sign_in(address)?;
    // An image of 1,100 x 1,100 pixels (RGBA, not compressed) is a little below the default limit of 5 MiB.
    let (rows, side) = if setting.order.quick {
        (200, 600)
    } else {
        (20_000, 1_100)
    };
    let file = setting.folder.path().join("products.csv");
    let first = AtomicUsize::new(0);
    let importing = |done: &AtomicBool| {
        repeat_until(done, || {
            write_file(&file, first.fetch_add(rows, Ordering::Relaxed), rows)?;
            upload(address, &token, &file).map(drop)
        })
    };
    let work = format!("{READERS} readers beside an import: p99");
    beside(setting, &readers, &work, &importing)?;

    let picture: PathBuf = setting.folder.path().join("picture.png");
    draw(&picture, side)?;
    let ids = ids(address)?;
    let next = AtomicUsize::new(0);
    let uploading = |done: &AtomicBool| {
        repeat_until(done, || {
            let id = &ids[next.fetch_add(1, Ordering::Relaxed) % ids.len()];
            upload_picture(address, &token, id, &picture).map(drop)
        })
    };
    let work = format!("{READERS} readers beside uploads of images of {side} x {side} pixels: p99");
    beside(setting, &readers, &work, &uploading)
}

/// Compares the latency of a load beside other work with that of the load alone.
fn beside(setting: &mut Setting, load: &Load, name: &str, work: &Work<'_>) -> Result<()> {
    let (mut quiet, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..setting.scale.plan.rounds {
        quiet.push(load.run()?);
        let done = AtomicBool::new(false);
        let outcome = thread::scope(|scope| {
            let worker = scope.spawn(|| work(&done));
            let outcome = load.run();
            done.store(true, Ordering::Relaxed);
            worker
                .join()
                .map_err(|_| anyhow!("the worker thread panicked"))??;
            outcome
        })?;
        busy.push(outcome);
    }
    setting.report.row(Row {
        work: name.to_owned(),
        ours: format!("{:.1} ms", median(&p99(&busy))),
        other: format!("alone: {:.1} ms", median(&p99(&quiet))),
        ratio: ratio(&p99(&busy), &p99(&quiet)),
        bar: Bar::AtMost(3.0),
        is_complete: lost(&busy) == 0,
        details: format!(
            "{:.0}/s against {:.0}/s, {}",
            median(&rates(&busy)),
            median(&rates(&quiet)),
            losses(&busy)
        ),
    });
    Ok(())
}

fn repeat_until(done: &AtomicBool, work: impl Fn() -> Result<()>) -> Result<()> {
    while !done.load(Ordering::Relaxed) {
        work()?;
    }
    Ok(())
}

/// Sign-ins of different accounts from different clients.
fn sign_ins(address: &str, setting: &Setting) -> Load {
    let requests = (0..setting.customers()).map(|number| {
        let input = json!({"email": users::email(number), "password": PASSWORD});
        request(LOGIN, &json!({ "input": input }))
    });
    let source: Source = repeat(requests.collect());
    Load::new(address, &source, SIGN_INS, setting.scale.long / 4).of_many_clients()
}

/// Returns the ids of the first products.
fn ids(address: &str) -> Result<Vec<String>> {
    let query = "{ products(first: 100) { nodes { id } } }";
    let response = Client::connect(address)?.query(query, &json!({}))?;
    let nodes = response["data"]["products"]["nodes"].as_array();
    let nodes = nodes.with_context(|| format!("no products: {response}"))?;
    let id = |node: &Value| node["id"].as_str().map(ToOwned::to_owned);
    Ok(nodes.iter().filter_map(id).collect())
}

fn rates(outcomes: &[Outcome]) -> Vec<f64> {
    outcomes.iter().map(Outcome::rate).collect()
}

fn p99(outcomes: &[Outcome]) -> Vec<f64> {
    outcomes
        .iter()
        .map(|outcome| outcome.quantile(0.99))
        .collect()
}

fn lost(outcomes: &[Outcome]) -> usize {
    outcomes
        .iter()
        .map(|outcome| outcome.refused + outcome.failed)
        .sum()
}

fn losses(outcomes: &[Outcome]) -> String {
    let refused: usize = outcomes.iter().map(|outcome| outcome.refused).sum();
    let failed: usize = outcomes.iter().map(|outcome| outcome.failed).sum();
    let example = outcomes
        .iter()
        .find_map(|outcome| outcome.failure.as_deref());
    let example = example.map_or(String::new(), |failure| format!(", such as `{failure}`"));
    format!("{refused} refused, {failed} failed{example}")
}
