//! Measures a running Wares as a client sees it. A tool, not a test: it prints figures and verdicts.
//!
//! ```text
//! cargo run --release -p wares-bench -- speed [--database-url URL] [--quick] [--only PART] [--rows 1000000] [--shops FOLDER] [--results FILE]
//! cargo run --release -p wares-bench -- timing [--database-url URL] [--runs 200]
//! cargo run --release -p wares-bench -- import [--database-url URL] [--rows 20000] [--memory-rows 1000000]
//! cargo run --release -p wares-bench -- pictures [--database-url URL] [--runs 3]
//! cargo run --release -p wares-bench -- limits [--database-url URL] [--runs 40]
//! cargo run --release -p wares-bench -- soak [--database-url URL] [--runs MINUTES]
//! cargo run -p wares-bench -- search [--database-url URL] [--wares PROGRAM] [--only SET] [--chorus FOLDER] [--verbose] [--results FILE] [--label NAME]
//! ```
//!
//! `--server FLAG` starts Wares with an additional flag and can be repeated, for example
//! `--server=--password-hashes=1`.
//!
//! [`speed`] compares reads and writes with a hand-written baseline and measures many clients; [`timing`] compares
//! response times for addresses with and without an account; [`importing`] compares imports with hand-written
//! statements; [`pictures`] compares uploads of large images with direct uploads to the object store; [`limits`]
//! measures the cost of the query limits and sends documents that exceed them; [`soak`] sends a mix of requests for a
//! long time; [`search`] measures the quality of the product search with labeled queries.
//!
//! Each command builds Wares and starts it on a free port, on SQLite in a temporary folder and, if a URL is given,
//! also on that PostgreSQL database. Accounts created there are not deleted.

mod accounts;
mod by_hand;
mod clock;
mod http;
mod importing;
mod limits;
mod load;
mod loading;
mod mix;
mod open_loop;
mod pictures;
mod processes;
mod products;
mod random;
mod reading;
mod results;
mod rounds;
mod search;
mod server;
mod soak;
mod speed;
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

const USAGE: &str = "usage: wares-bench speed|timing|import|pictures|limits|soak|search [--database-url postgres://...] [--quick] [--only reads|scaling|searches|cache|fairness|writes|orders] [--runs COUNT] [--rows COUNT] [--memory-rows COUNT] [--shops FOLDER] [--results FILE] [--server FLAG] [--wares PROGRAM] [--chorus FOLDER] [--label NAME] [--verbose]";

/// Parsed arguments.
struct Arguments {
    databases: Vec<Database>,
    runs: Option<usize>,
    /// Whether to measure briefly, with small shops.
    quick: bool,
    /// The part of `speed` to measure. All if `None`.
    only: Option<String>,
    /// Rows of an imported file, or products of the large shop.
    rows: Option<usize>,
    /// Rows of a larger file for the memory measurement.
    memory_rows: Option<usize>,
    /// Additional flags for the server.
    flags: Vec<String>,
    /// Folder to store shops that take long to build.
    shops: Option<PathBuf>,
    /// File to write the result table to.
    results: Option<PathBuf>,
    /// Folder with the products and judgments of Chorus.
    chorus: Option<PathBuf>,
    /// Name of the section of the results.
    label: Option<String>,
    /// Whether to list the worst queries.
    verbose: bool,
}

impl Arguments {
    fn is_wanted(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().context(USAGE)?;
    if what == "by-hand" {
        return by_hand::run(arguments);
    }
    let order = order(arguments)?;
    if what == "search" {
        server::build()?;
        return search::measure(&order);
    }
    ensure!(
        order.quick || !cfg!(debug_assertions),
        "figures of a debug build are meaningless: run with --release"
    );
    let measure = match what.as_str() {
        "timing" => timing::measure,
        "import" => importing::measure,
        "pictures" => pictures::measure,
        "limits" => limits::measure,
        "soak" => soak::measure,
        "speed" => {
            server::build()?;
            return speed::measure(&order);
        }
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
        quick: false,
        only: None,
        runs: None,
        rows: None,
        memory_rows: None,
        flags: Vec::new(),
        shops: None,
        results: None,
        chorus: None,
        label: None,
        verbose: false,
    };
    while let Some(argument) = arguments.next() {
        if argument == "--quick" {
            order.quick = true;
            continue;
        }
        if argument == "--verbose" {
            order.verbose = true;
            continue;
        }
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, arguments.next()),
        };
        let value = value.context(USAGE)?;
        match flag.as_str() {
            "--database-url" => order.databases.push(Database::Postgres(value)),
            "--server" => order.flags.push(value),
            "--only" => order.only = Some(value),
            "--wares" => server::use_binary(std::path::absolute(value)?),
            "--chorus" => order.chorus = Some(value.into()),
            "--label" => order.label = Some(value),
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
