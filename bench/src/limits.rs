//! What the limits of queries cost those who stay within them, and what becomes of documents that they are for.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Order;
use crate::http::{Client, request};
use crate::mix::fill;
use crate::place::Place;
use crate::pressure::as_float;
use crate::server::{Database, Folder, Server};
use crate::stats::{median, p_value, quantile, sorted};

/// How often each server takes its turn, unless it is said.
const RUNS: usize = 40;
/// How many pages a turn has.
const PAGES: usize = 400;
/// How often each document is sent.
const TIMES: usize = 20;
/// A limit that no document comes to: of a document that can't cost too much nothing is counted when it is executed.
const UNBOUNDED: &str = "--query-max-cost=1000000";

/// A product page whose size is a variable, so that its cost is counted each time.
const PAGE: &str = "query($first: Int!, $related: Int!) {
    products(first: $first, sort: {field: NAME}) {
        nodes { id name slug price { amount currency } inStock
            category { id name slug products(first: $related) { nodes { id name } } }
            images { url alt width height } }
        pageInfo { hasNextPage endCursor } totalCount } }";

/// Measures and prints it on one database.
pub fn measure(database: &Database, order: &Order) -> Result<()> {
    let runs = order.runs.unwrap_or(RUNS);
    let folder = Folder::new()?;
    let place = Place::new(database, &folder)?;
    fill(&place, &folder)?;
    println!("\n# {}: the limits of queries", database.name());
    let uncached = "--read-cache-bytes=0";
    let limited = place.serve_with(&folder, &[uncached])?;
    let unlimited = place.serve_with(&folder, &[uncached, UNBOUNDED])?;
    page(&limited, &unlimited, runs)?;
    drop(unlimited);
    bombs(&limited)
}

/// Both answer the same pages in turns.
fn page(limited: &Server, unlimited: &Server, runs: usize) -> Result<()> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        let (one, other) = (turn(limited)?, turn(unlimited)?);
        // The first one warms up.
        if run > 0 {
            with.push(one);
            without.push(other);
        }
    }
    let (one, other) = (median(&with), median(&without));
    let [low, high] = [0.25, 0.75].map(|share| quantile(&sorted(&with), share));
    println!(
        "  processor time of a page: {one:.3} ms ({low:.3} to {high:.3}), {other:.3} ms where no cost is counted: {:.3} times, p {:.2}; at most 1.03 is wanted",
        one / other,
        p_value(&with, &without)
    );
    Ok(())
}

/// The milliseconds of processor time that a page takes.
fn turn(server: &Server) -> Result<f64> {
    let mut client = Client::connect(&server.address)?;
    let before = server.busy()?;
    for number in 0..PAGES {
        let page = request(PAGE, &json!({"first": 20, "related": number % 3 + 1}));
        let answer = client.send(&page)?;
        ensure!(answer.json()?["errors"].is_null(), "no page");
    }
    let busy = server.busy()?.saturating_sub(before);
    Ok(busy.as_secs_f64() * 1_000.0 / as_float(PAGES))
}

/// Each is refused, soon, and leaves no memory behind; whoever asks for little is answered meanwhile.
fn bombs(server: &Server) -> Result<()> {
    let mut client = Client::connect(&server.address)?;
    let (mut slowest, mut normal) = (Duration::ZERO, Duration::ZERO);
    let before = server.memory("VmRSS")?;
    let documents = documents();
    for (name, document) in &documents {
        let sent = request(document, &json!({}));
        let mut times = Vec::new();
        for _ in 0..TIMES {
            // What is far too long is not read, and the connection closed.
            let mut bomb = Client::connect(&server.address)?;
            let answer = bomb
                .send(&sent)
                .with_context(|| format!("{name}: no answer"))?;
            let code = answer.json()?["errors"][0]["extensions"]["code"].clone();
            ensure!(code != Value::Null, "{name} was not refused");
            times.push(answer.took.as_secs_f64() * 1_000.0);
            slowest = slowest.max(answer.took);
            let small = client.send(&request("{ products { totalCount } }", &json!({})))?;
            ensure!(small.json()?["errors"].is_null(), "nobody is answered");
            normal = normal.max(small.took);
        }
        let kept = server.memory("VmRSS")?.saturating_sub(before);
        println!("  {name}: {:.2} ms, {kept} KiB more so far", median(&times));
    }
    let kept = server.memory("VmRSS")?.saturating_sub(before);
    let [slowest, normal] = [slowest, normal].map(|time| time.as_secs_f64() * 1_000.0);
    println!(
        "  {} documents, {TIMES} times each: refused within {slowest:.1} ms, {} KiB of memory more; a small query meanwhile took {normal:.1} ms at most",
        documents.len(),
        kept
    );
    Ok(())
}

fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for (wide, deep) in [(2, 12), (2, 22), (2, 25), (10, 6), (30, 5)] {
        for field in ["__typename", "products { totalCount }"] {
            let name = format!("{wide}^{deep} fragments of {field}");
            documents.push((name, fragments(wide, deep, field)));
        }
    }
    let nested = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let more = [
        ("100,000 levels of fields", format!("{{{}}}", nested("a{", "}"))),
        ("100,000 levels of lists", format!("{{a(b:{})}}", nested("[", "]"))),
        ("100,000 levels of objects", format!("{{a(b:{})}}", nested("{c:", "}"))),
        ("1,000 aliases", numbered(1_000, |number| format!("a{number}:__typename "))),
        ("60,000 repeats", numbered(60_000, |_| "__typename ".to_owned())),
        ("10,000 directives", format!("{{__typename {}}}", "@skip(if:false)".repeat(10_000))),
        ("10 operations", numbered(10, |number| format!("}}query q{number}{{__typename "))),
        ("lists within lists", "{products(first:100){nodes{category{products(first:100){nodes{category{products(first:100){nodes{id}}}}}}}}}".to_owned()),
    ];
    documents.extend(more.map(|(name, document)| (name.to_owned(), document)));
    documents
}

/// Fragments that each spread the next one so often, so many in a row.
fn fragments(wide: usize, deep: usize, field: &str) -> String {
    let mut document = "query { ...f0 }".to_owned();
    for level in 0..deep {
        let spread = format!("...f{} ", level + 1).repeat(wide);
        _ = write!(document, " fragment f{level} on Query {{ {spread}}}");
    }
    _ = write!(document, " fragment f{deep} on Query {{ {field} }}");
    document
}

fn numbered(count: usize, part: impl Fn(usize) -> String) -> String {
    let parts: String = (0..count).map(part).collect();
    format!("{{{parts}}}")
}
