//! Measures overload: how quickly excess requests are rejected, and the latency of accepted ones.

use std::time::Duration;

use anyhow::Result;

use crate::Order;
use crate::mix::{fill, page};
use crate::place::Place;
use crate::pressure::{Rate, as_float, press, tell, tell_late};
use crate::server::{Database, Folder};

/// Duration of each load.
const TIME: Duration = Duration::from_secs(15);
const CONNECTIONS: usize = 16;
/// Connections under overload.
const CROWD: usize = 64;

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Order) -> Result<()> {
    let folder = Folder::new()?;
    let place = Place::new(database, &folder)?;
    fill(&place, &folder)?;
    let mut flags = vec!["--read-cache-bytes=0"];
    flags.extend(order.flags.iter().map(String::as_str));
    let server = place.serve_with(&folder, &flags)?;
    let address = &server.address;
    let all = press(address, Rate::Most, TIME, CONNECTIONS, &page)?;
    let most = as_float(all.len()) / TIME.as_secs_f64();
    println!(
        "\n# {}: {most:.0} product pages per second at capacity",
        database.name()
    );
    let load = |share: f64, connections| {
        println!("  at {share} of that, {connections} at once:");
        let outcomes = press(address, Rate::Each(most * share), TIME, connections, &page)?;
        let answered = tell("  answered", &outcomes, |status| status == 200, TIME);
        if outcomes.iter().any(|outcome| outcome.status != 200) {
            tell("  rejected", &outcomes, |status| status == 503, TIME);
            let other = |status| status != 200 && status != 503;
            tell("  other", &outcomes, other, TIME);
        }
        tell_late(&outcomes);
        anyhow::Ok(answered)
    };
    load(0.8, CONNECTIONS)?;
    let before = load(1.0, CONNECTIONS)?;
    let within = load(4.0, CROWD)?;
    load(0.8, CONNECTIONS)?;
    println!(
        "  p99 of served requests under overload: {:.1} times that at capacity; target: at most 2",
        within / before
    );
    Ok(())
}
