//! Measures imports: speed, memory, and the latency of concurrent reads.

use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::Order;
use crate::loading::{self, PACKINGS};
use crate::place::Place;
use crate::products::write_file;
use crate::reading;
use crate::server::{Database, Folder};
use crate::stats::median;
use crate::uploading::{ADMIN, sign_in, upload};

/// Default number of rows.
const ROWS: usize = 20_000;
/// Number of measurements per case.
const TIMES: usize = 3;
/// Interval between memory measurements.
const LOOK: Duration = Duration::from_millis(20);

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Order) -> Result<()> {
    let rows = order.rows.unwrap_or(ROWS);
    println!("\n# {}: {rows} rows", database.name());
    let folder = Folder::new()?;
    let file = folder.path().join("products.csv");
    let place = Place::new(database, &folder)?;
    write_file(&file, 0, rows)?;
    speed(&place, &file, rows)?;
    let mut sizes = vec![10_000];
    sizes.extend(order.memory_rows);
    for size in sizes {
        write_file(&file, 0, size)?;
        memory(&place, &folder, &file, size)?;
    }
    reading::measure(&place, &folder, &file, rows)
}

/// Measures the peak memory of the command and of a server that imports.
fn memory(place: &Place, folder: &Folder, file: &Path, rows: usize) -> Result<()> {
    place.renew()?;
    let (took, peak) = import(place, file)?;
    println!(
        "  {rows} rows by wares import: {peak} MiB of memory at the peak, {:.0} rows a second",
        rate(rows, took)
    );
    place.renew()?;
    place.make_admin(ADMIN)?;
    let server = place.serve(folder)?;
    // Sign in before: hashing the password is not part of the import.
    let token = sign_in(&server.address)?;
    let before = server.memory("VmRSS")? / 1024;
    let took = upload(&server.address, &token, file)?;
    let peak = server.memory("VmHWM")? / 1024;
    println!(
        "  {rows} rows by importProducts: {peak} MiB of memory at the peak ({before} before), {:.0} rows a second",
        rate(rows, took)
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "rows are few for a float")]
fn rate(rows: usize, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64()
}

/// Compares the import with hand-written statements, alternating, so that other load affects both alike.
fn speed(place: &Place, file: &Path, rows: usize) -> Result<()> {
    let mut by_hand = [const { Vec::new() }; PACKINGS.len()];
    let (mut imports, mut again) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        for (packing, rates) in PACKINGS.into_iter().zip(&mut by_hand) {
            place.renew()?;
            let took = place.runtime.block_on(async {
                let db = loading::connect(&place.url).await?;
                let took = loading::load(&db, rows, packing).await;
                db.close().await?;
                took
            })?;
            rates.push(rate(rows, took));
        }
        place.renew()?;
        imports.push(rate(rows, import(place, file)?.0));
        again.push(rate(rows, import(place, file)?.0));
    }
    let best = by_hand
        .iter()
        .map(|rates| median(rates))
        .fold(0.0, f64::max);
    for (packing, rates) in PACKINGS.into_iter().zip(&by_hand) {
        println!(
            "  by hand, {} rows a statement, {} statements a transaction: {:.0} rows a second",
            packing.rows,
            packing.statements,
            median(rates)
        );
    }
    let import = median(&imports);
    println!(
        "  wares import: {import:.0} rows a second, {:.3} of the best by hand",
        import / best
    );
    println!(
        "  wares import, nothing changes: {:.0} rows a second",
        median(&again)
    );
    Ok(())
}

/// Runs the command. Returns its duration, and its peak memory in MiB.
pub fn import(place: &Place, file: &Path) -> Result<(Duration, u64)> {
    let begun = Instant::now();
    let mut child = place.command("import").arg(file).spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(&child).unwrap_or_default());
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(LOOK);
    };
    ensure!(status.success(), "the import failed");
    Ok((begun.elapsed(), peak / 1024))
}

/// Returns the peak memory in KiB.
fn peak_memory(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
