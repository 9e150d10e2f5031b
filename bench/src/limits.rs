//! Measures the cost of the query limits for ordinary queries, and how documents that exceed them are rejected.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Arguments;
use crate::http::{Client, request};
use crate::load::as_float;
use crate::mix::fill;
use crate::server::{Database, Folder, Server};
use crate::stats::{median, p_value, quantile, sorted};
use crate::target::Target;

/// Default number of turns per server.
const RUNS: usize = 40;
/// Pages per turn.
const PAGES: usize = 400;
/// Number of times each document is sent.
const TIMES: usize = 20;
/// A limit that no document can reach, so that the cost is not counted during execution.
const UNBOUNDED: &str = "--query-max-cost=1000000";

/// A product page with a variable size, so that its cost is counted in each execution.
const PAGE: &str = "query($first: Int!, $related: Int!) {
    products(first: $first, sort: {field: NAME}) {
        nodes { id name slug price { amount currency } inStock
            category { id name slug products(first: $related) { nodes { id name } } }
            images { url alt width height } }
        pageInfo { hasNextPage endCursor } totalCount } }";

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let runs = order.runs.unwrap_or(RUNS);
    let folder = Folder::new()?;
    let target = Target::new(database, &folder)?;
    fill(&target, &folder)?;
    println!("\n# {}: the limits of queries", database.name());
    let uncached = "--read-cache-bytes=0";
    let limited = target.serve_with(&folder, &[uncached])?;
    let unlimited = target.serve_with(&folder, &[uncached, UNBOUNDED])?;
    page(&limited, &unlimited, runs)?;
    drop(unlimited);
    send_expensive_documents(&limited)
}

/// Sends the same pages to both servers, alternating.
fn page(limited: &Server, unlimited: &Server, runs: usize) -> Result<()> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        let (one, other) = (turn(limited)?, turn(unlimited)?);
        // The first turn is a warm-up.
        if run > 0 {
            with.push(one);
            without.push(other);
        }
    }
    let (one, other) = (median(&with), median(&without));
    let [low, high] = [0.25, 0.75].map(|share| quantile(&sorted(&with), share));
    println!(
        "  processor time of a page: {one:.3} ms ({low:.3} to {high:.3}), {other:.3} ms without counting the cost: {:.3} times, p {:.2}; target: at most 1.03",
        one / other,
        p_value(&with, &without)
    );
    Ok(())
}

/// Returns the processor time per page in milliseconds.
fn turn(server: &Server) -> Result<f64> {
    let mut client = Client::connect(&server.address)?;
    let before = server.processor_time()?;
    for number in 0..PAGES {
        let page = request(PAGE, &json!({"first": 20, "related": number % 3 + 1}));
        let response = client.send(&page)?;
        ensure!(
            response.json()?["errors"].is_null(),
            "the page request failed"
        );
    }
    let processor_time = server.processor_time()?.saturating_sub(before);
    Ok(processor_time.as_secs_f64() * 1_000.0 / as_float(PAGES))
}

/// Checks that each document is rejected quickly and leaves no memory behind, while small queries are served.
fn send_expensive_documents(server: &Server) -> Result<()> {
    let mut client = Client::connect(&server.address)?;
    let (mut slowest, mut normal) = (Duration::ZERO, Duration::ZERO);
    let before = server.memory("VmRSS")?;
    let documents = documents();
    for (name, document) in &documents {
        let sent = request(document, &json!({}));
        let mut times = Vec::new();
        for _ in 0..TIMES {
            // The server does not read an oversized body and closes the connection.
            let mut attacker = Client::connect(&server.address)?;
            let response = attacker
                .send(&sent)
                .with_context(|| format!("{name}: no response"))?;
            let code = response.json()?["errors"][0]["extensions"]["code"].clone();
            ensure!(code != Value::Null, "{name} was not rejected");
            times.push(response.took.as_secs_f64() * 1_000.0);
            slowest = slowest.max(response.took);
            let small = client.send(&request("{ products { totalCount } }", &json!({})))?;
            ensure!(small.json()?["errors"].is_null(), "a small query failed");
            normal = normal.max(small.took);
        }
        let retained = server.memory("VmRSS")?.saturating_sub(before);
        println!(
            "  {name}: {:.2} ms, {retained} KiB more so far",
            median(&times)
        );
    }
    let retained = server.memory("VmRSS")?.saturating_sub(before);
    let [slowest, normal] = [slowest, normal].map(|time| time.as_secs_f64() * 1_000.0);
    println!(
        "  {} documents, {TIMES} times each: rejected within {slowest:.1} ms, {} KiB additional memory; a small query took at most {normal:.1} ms meanwhile",
        documents.len(),
        retained
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

/// Builds `deep` levels of fragments that each spread the next one `wide` times.
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
