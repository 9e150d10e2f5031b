//! Measures a running Wares as a client sees it. A tool, not a test: it prints figures and verdicts.
//!
//! ```text
//! cargo run --release -p wares-bench -- timing [--database-url URL] [--runs 200]
//! cargo run --release -p wares-bench -- hashing [--database-url URL] [--runs 5]
//! cargo run --release -p wares-bench -- import [--database-url URL] [--rows 20000] [--memory-rows 1000000]
//! cargo run --release -p wares-bench -- pictures [--database-url URL] [--runs 3]
//! cargo run --release -p wares-bench -- limits [--database-url URL] [--runs 40]
//! cargo run --release -p wares-bench -- overload [--database-url URL]
//! cargo run --release -p wares-bench -- soak [--database-url URL] [--runs MINUTES]
//! cargo run --release -p wares-bench -- catalogue [--database-url URL] [--rows 1000000] [--shops FOLDER] [--results FILE]
//! ```
//!
//! `--server FLAG` starts Wares with an additional flag and can be repeated, for example
//! `--server=--password-hashes=1`.
//!
//! [`timing`] compares response times for addresses with and without an account; [`hashing`] floods the server with
//! sign-ins and measures its memory and the latency of reads; [`importing`] compares imports with hand-written
//! statements; [`pictures`] compares uploads of large images with direct uploads to the object store; [`limits`]
//! measures the cost of the query limits and sends documents that exceed them; [`overload`] sends more requests than
//! the server can serve; [`soak`] sends a mix of requests for a long time; [`catalogue`] compares product pages with
//! a hand-written baseline, and a large shop with a small one.
//!
//! Each command builds the release binary of Wares and starts it on a free port, on SQLite in a temporary folder and,
//! if a URL is given, also on that PostgreSQL database. Accounts created there are not deleted.

mod accounts;
mod catalogue;
mod hashing;
mod http;
mod importing;
mod limits;
mod loading;
mod mix;
mod open_loop;
mod overload;
mod pictures;
mod products;
mod random;
mod reading;
mod server;
mod soak;
mod stats;
mod store;
mod target;
mod timing;
mod uploading;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use server::Database;

/// The same allocator as in Wares, for a fair baseline.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: wares-bench timing|hashing|import|pictures|limits|overload|soak|catalogue [--database-url postgres://...] [--runs COUNT] [--rows COUNT] [--memory-rows COUNT] [--shops FOLDER] [--results FILE] [--server FLAG]";

/// Parsed arguments.
struct Arguments {
    databases: Vec<Database>,
    runs: Option<usize>,
    /// Rows of an imported file.
    rows: Option<usize>,
    /// Rows of a larger file for the memory measurement.
    memory_rows: Option<usize>,
    /// Additional flags for the server.
    flags: Vec<String>,
    /// Folder to store shops that take long to build.
    shops: Option<PathBuf>,
    /// File to write the result table to.
    results: Option<PathBuf>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().context(USAGE)?;
    if what == "ceiling" {
        return catalogue::baseline::run(arguments);
    }
    let order = order(arguments)?;
    ensure!(
        !cfg!(debug_assertions),
        "figures of a debug build are meaningless: run with --release"
    );
    let measure = match what.as_str() {
        "timing" => timing::measure,
        "hashing" => hashing::measure,
        "import" => importing::measure,
        "pictures" => pictures::measure,
        "limits" => limits::measure,
        "overload" => overload::measure,
        "soak" => soak::measure,
        "catalogue" => catalogue::measure,
        _ => bail!(USAGE),
    };
    server::build()?;
    for database in &order.databases {
        measure(database, &order)?;
    }
    Ok(())
}

fn order(mut arguments: impl Iterator<Item = String>) -> Result<Arguments> {
    let mut order = Arguments {
        databases: vec![Database::Sqlite],
        runs: None,
        rows: None,
        memory_rows: None,
        flags: Vec::new(),
        shops: None,
        results: None,
    };
    while let Some(argument) = arguments.next() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, arguments.next()),
        };
        let value = value.context(USAGE)?;
        match flag.as_str() {
            "--database-url" => order.databases.push(Database::Postgres(value)),
            "--server" => order.flags.push(value),
            "--shops" => order.shops = Some(value.into()),
            "--results" => order.results = Some(value.into()),
            "--runs" => order.runs = Some(count(&value)?),
            "--rows" => order.rows = Some(count(&value)?),
            "--memory-rows" => order.memory_rows = Some(count(&value)?),
            _ => bail!(USAGE),
        }
    }
    Ok(order)
}

fn count(value: &str) -> Result<usize> {
    let count = value.parse().ok().filter(|count| *count > 0);
    count.context(USAGE)
}
