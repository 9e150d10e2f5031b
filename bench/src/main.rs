//! Measures a running Wares from outside, as a client meets it. A tool, not a test: it prints figures and a verdict.
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
//! `--server FLAG`, as often as it is needed, starts Wares with this flag too, such as `--server=--password-hashes=1`.
//!
//! [`timing`] compares how long the same answer takes for addresses that have an account and for others; [`hashing`]
//! floods the server with sign-ins and looks at what that does to its memory and to those who only read; [`importing`]
//! imports files of products, and compares that with statements written by hand; [`pictures`] uploads large pictures, and
//! compares that with sending the same bytes to the store; [`limits`] asks what the limits of queries cost, and sends documents
//! that they are for; [`overload`] asks for more than can be answered; [`soak`] lets all kinds of requests go on for long;
//! [`catalogue`] reads product pages, and compares that with the
//! same by hand, and a large shop with a small one.
//!
//! Each builds the release binary of Wares and starts it on a free port, on SQLite in a folder of its own and, when an
//! address is given, once more on that PostgreSQL database, which is left with the accounts that were made in it.

mod accounts;
mod catalogue;
mod chance;
mod hashing;
mod http;
mod importing;
mod limits;
mod loading;
mod mix;
mod overload;
mod pictures;
mod place;
mod pressure;
mod products;
mod reading;
mod server;
mod soak;
mod stats;
mod store;
mod timing;
mod uploading;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use server::Database;

/// What Wares is compared with has the allocator that Wares has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: wares-bench timing|hashing|import|pictures|limits|overload|soak|catalogue [--database-url postgres://...] [--runs COUNT] [--rows COUNT] [--memory-rows COUNT] [--shops FOLDER] [--results FILE] [--server FLAG]";

/// What is to be measured, and where.
struct Order {
    databases: Vec<Database>,
    runs: Option<usize>,
    /// Rows of a file that is imported.
    rows: Option<usize>,
    /// Rows of another one, of which only the memory matters.
    memory_rows: Option<usize>,
    /// Flags for the server.
    flags: Vec<String>,
    /// Where shops are kept that take long to build.
    shops: Option<PathBuf>,
    /// The file that is given the table.
    results: Option<PathBuf>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().context(USAGE)?;
    if what == "ceiling" {
        return catalogue::ceiling::run(arguments);
    }
    let order = order(arguments)?;
    ensure!(
        !cfg!(debug_assertions),
        "figures of a debug build tell nothing: run it with --release"
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

fn order(mut arguments: impl Iterator<Item = String>) -> Result<Order> {
    let mut order = Order {
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
