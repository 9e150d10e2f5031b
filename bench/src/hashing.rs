//! Measures a flood of sign-ins: memory, and the latency of concurrent reads.
//!
//! The clients run on the same machine as the server, so the ratio is an upper bound.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use crate::Arguments;
use crate::accounts::{PASSWORD, verified};
use crate::http::{Client, request};
use crate::random::Random;
use crate::server::{Database, Folder, Server};
use crate::stats::{quantile, sorted};

/// Number of concurrent sign-ins.
const FLOOD: usize = 500;
/// Number of accounts used.
const ACCOUNTS: usize = 20;
/// Default number of floods.
const RUNS: usize = 5;
/// Duration of the reads without a flood.
const IDLE_TIME: Duration = Duration::from_secs(5);
/// Stack size of a client thread.
const STACK: usize = 256 << 10;

const LOGIN: &str = "mutation($input: LoginInput!) {
    login(input: $input) { accessToken userErrors { code } } }";
const CATALOGUE: &str = "{ products(first: 20) { nodes { name } } }";

/// Result of a sign-in, and its duration.
type Outcome = (String, Duration);

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let runs = order.runs.unwrap_or(RUNS);
    println!(
        "\n# {}: {FLOOD} sign-ins at once, {runs} times",
        database.name()
    );
    let folder = Folder::new()?;
    let server = Server::start(&folder, database, &order.flags)?;
    let emails = verified(&server, &mut Random::new(), ACCOUNTS)?;
    drop(server);
    // A new process that has not hashed any password yet.
    let server = Server::start(&folder, database, &order.flags)?;

    let begun = Instant::now();
    let idle = read_while(&server.address, || begun.elapsed() < IDLE_TIME)?;
    let before = server.memory("VmRSS")?;
    let (mut outcomes, mut loaded) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let (of_run, reads) = flood(&server.address, &emails)?;
        let peak = server.memory("VmHWM")? / 1024;
        println!("  run {}: peak so far {peak} MiB", run + 1);
        outcomes.extend(of_run);
        loaded.extend(reads);
    }
    let peak = server.memory("VmHWM")?;
    let after = server.memory("VmRSS")?;
    let [before, peak, after] = [before, peak, after].map(|kib| kib / 1024);
    println!("  memory: {before} MiB before, {peak} MiB at the peak, {after} MiB after");
    print_outcomes(outcomes);
    print_reads(&sorted(&idle), &sorted(&loaded));
    if let Some(error_line) = server.log()?.lines().find(|line| line.contains(" ERROR ")) {
        println!("  the log contains errors, such as: {error_line}");
    }
    Ok(())
}

/// Starts all sign-ins at once, on open connections, while one client reads until the last of them is done.
fn flood(address: &str, emails: &[String]) -> Result<(Vec<Outcome>, Vec<f64>)> {
    let start = Barrier::new(FLOOD + 1);
    let finished = AtomicBool::new(false);
    let clients: Result<Vec<_>> = (0..FLOOD).map(|_| Client::connect(address)).collect();
    let clients = clients?;
    thread::scope(|scope| {
        let mut logins = Vec::new();
        for (mut client, email) in clients.into_iter().zip(emails.iter().cycle()) {
            let start = &start;
            let login = move || {
                let input = json!({"input": {"email": email, "password": PASSWORD}});
                let request = request(LOGIN, &input);
                start.wait();
                let response = client.send(&request)?;
                Ok::<Outcome, anyhow::Error>((outcome(&response.json()?), response.took))
            };
            let thread = Builder::new().stack_size(STACK);
            // The barrier needs all threads.
            let spawned = thread.spawn_scoped(scope, login);
            logins.push(spawned.expect("spawning a client thread failed"));
        }
        let reads = scope.spawn(|| {
            start.wait();
            read_while(address, || !finished.load(Ordering::Relaxed))
        });
        let broken = |_| anyhow!("a client thread panicked");
        let outcomes: Result<Vec<_>> = logins
            .into_iter()
            .map(|login| login.join().map_err(broken)?)
            .collect();
        finished.store(true, Ordering::Relaxed);
        let reads = reads.join().map_err(broken)??;
        Ok((outcomes?, reads))
    })
}

/// Reads the catalog repeatedly. Returns the durations in milliseconds.
fn read_while(address: &str, go_on: impl Fn() -> bool) -> Result<Vec<f64>> {
    let mut client = Client::connect(address)?;
    let request = request(CATALOGUE, &json!({}));
    let mut samples = Vec::new();
    while go_on() {
        let response = client.send(&request)?;
        let nodes = response.json()?["data"]["products"]["nodes"]
            .as_array()
            .map(Vec::len);
        nodes.context("reading the catalog failed")?;
        samples.push(response.took.as_secs_f64() * 1_000.0);
    }
    Ok(samples)
}

/// Summarizes a response in a word.
fn outcome(response: &Value) -> String {
    let login = &response["data"]["login"];
    let error = &response["errors"][0]["extensions"]["code"];
    let code = login["userErrors"][0]["code"].as_str().or(error.as_str());
    match code {
        Some(code) => code.to_owned(),
        None if login["accessToken"].is_string() => "signed in".to_owned(),
        None => response.to_string(),
    }
}

fn print_outcomes(outcomes: Vec<Outcome>) {
    let mut times = BTreeMap::<_, Vec<f64>>::new();
    for (outcome, took) in outcomes {
        times.entry(outcome).or_default().push(took.as_secs_f64());
    }
    for (outcome, times) in times {
        let (count, times) = (times.len(), sorted(&times));
        let (half, all) = (quantile(&times, 0.5), quantile(&times, 1.0));
        println!("  {outcome}: {count}, after {half:.2} s (median), the slowest after {all:.2} s");
    }
}

fn print_reads(idle: &[f64], loaded: &[f64]) {
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (without, with) = (quantile(idle, share), quantile(loaded, share));
        let ratio = with / without;
        println!(
            "  catalogue reads, {name}: {without:.2} ms without ({}), {with:.2} ms with the flood ({}): {ratio:.1} times",
            idle.len(),
            loaded.len()
        );
    }
}
