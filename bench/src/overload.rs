//! Measures overload: how quickly excess requests are rejected, and the latency of accepted ones.

use std::time::Duration;

use anyhow::Result;

use crate::Arguments;
use crate::mix::{fill, page};
use crate::open_loop::{Rate, as_float, print_latencies, print_send_delay, send_load};
use crate::server::{Database, Folder};
use crate::target::Target;

/// Duration of each load.
const TIME: Duration = Duration::from_secs(15);
const CONNECTIONS: usize = 16;
/// Connections under overload.
const OVERLOAD_CONNECTIONS: usize = 64;

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let folder = Folder::new()?;
    let target = Target::new(database, &folder)?;
    fill(&target, &folder)?;
    let mut flags = vec!["--read-cache-bytes=0"];
    flags.extend(order.flags.iter().map(String::as_str));
    let server = target.serve_with(&folder, &flags)?;
    let address = &server.address;
    let all = send_load(address, Rate::Maximum, TIME, CONNECTIONS, &page)?;
    let most = as_float(all.len()) / TIME.as_secs_f64();
    println!(
        "\n# {}: {most:.0} product pages per second at capacity",
        database.name()
    );
    let load = |share: f64, connections| {
        println!("  at {share} of that, {connections} at once:");
        let outcomes = send_load(address, Rate::Fixed(most * share), TIME, connections, &page)?;
        let answered = print_latencies("  answered", &outcomes, |status| status == 200, TIME);
        if outcomes.iter().any(|outcome| outcome.status != 200) {
            print_latencies("  rejected", &outcomes, |status| status == 503, TIME);
            let other = |status| status != 200 && status != 503;
            print_latencies("  other", &outcomes, other, TIME);
        }
        print_send_delay(&outcomes);
        anyhow::Ok(answered)
    };
    load(0.8, CONNECTIONS)?;
    let before = load(1.0, CONNECTIONS)?;
    let within = load(4.0, OVERLOAD_CONNECTIONS)?;
    load(0.8, CONNECTIONS)?;
    println!(
        "  p99 of served requests under overload: {:.1} times that at capacity; target: at most 2",
        within / before
    );
    Ok(())
}
