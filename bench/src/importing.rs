//! Measures imports: speed, memory, and the latency of concurrent reads.

use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::Arguments;
use crate::loading::{self, BATCH_SIZES};
use crate::products::write_file;
use crate::reading;
use crate::server::{Database, Folder};
use crate::stats::median;
use crate::target::Target;
use crate::uploading::{ADMIN, sign_in, upload};

/// Default number of rows.
const ROWS: usize = 20_000;
/// Number of measurements per case.
const TIMES: usize = 3;
/// Interval between memory measurements.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let rows = order.rows.unwrap_or(ROWS);
    println!("\n# {}: {rows} rows", database.name());
    let folder = Folder::new()?;
    let file = folder.path().join("products.csv");
    let target = Target::new(database, &folder)?;
    write_file(&file, 0, rows)?;
    speed(&target, &file, rows)?;
    let mut sizes = vec![10_000];
    sizes.extend(order.memory_rows);
    for size in sizes {
        write_file(&file, 0, size)?;
        memory(&target, &folder, &file, size)?;
    }
    reading::measure(&target, &folder, &file, rows)
}

/// Measures the peak memory of the command and of a server that imports.
fn memory(target: &Target, folder: &Folder, file: &Path, rows: usize) -> Result<()> {
    target.recreate()?;
    let (took, peak) = import(target, file)?;
    println!(
        "  {rows} rows by wares import: {peak} MiB of memory at the peak, {:.0} rows a second",
        rate(rows, took)
    );
    target.recreate()?;
    target.create_admin(ADMIN)?;
    let server = target.serve(folder)?;
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
fn speed(target: &Target, file: &Path, rows: usize) -> Result<()> {
    let mut baseline = [const { Vec::new() }; BATCH_SIZES.len()];
    let (mut imports, mut again) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        for (batch_size, rates) in BATCH_SIZES.into_iter().zip(&mut baseline) {
            target.recreate()?;
            let took = target.runtime.block_on(async {
                let db = loading::connect(&target.url).await?;
                let took = loading::load(&db, rows, batch_size).await;
                db.close().await?;
                took
            })?;
            rates.push(rate(rows, took));
        }
        target.recreate()?;
        imports.push(rate(rows, import(target, file)?.0));
        again.push(rate(rows, import(target, file)?.0));
    }
    let best = baseline
        .iter()
        .map(|rates| median(rates))
        .fold(0.0, f64::max);
    for (batch_size, rates) in BATCH_SIZES.into_iter().zip(&baseline) {
        println!(
            "  by hand, {} rows a statement, {} statements a transaction: {:.0} rows a second",
            batch_size.rows,
            batch_size.statements,
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
pub fn import(target: &Target, file: &Path) -> Result<(Duration, u64)> {
    let begun = Instant::now();
    let mut child = target.command("import").arg(file).spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(&child).unwrap_or_default());
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(POLL_INTERVAL);
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
