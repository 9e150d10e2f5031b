//! Measures the latency of reads during an import.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use serde_json::json;

use crate::http::{Client, request};
use crate::importing::import;
use crate::products::{product, write_file};
use crate::server::{Folder, Server};
use crate::stats::{quantile, sorted};
use crate::target::Target;
use crate::uploading::{ADMIN, sign_in, upload};

/// Duration of the reads without an import.
const IDLE_TIME: Duration = Duration::from_secs(5);

const PAGE: &str = "query($slug: String!) { product(slug: $slug) {
    id name description price { amount currency } inStock
    category { name ancestors { name slug } } categories { name slug } images { url alt } } }";

/// Requests a product page repeatedly, with and without an import: by a separate process, and by the serving process.
pub fn measure(target: &Target, folder: &Folder, file: &Path, rows: usize) -> Result<()> {
    during(target, folder, file, rows, "wares import", |_| {
        import(target, file).map(drop)
    })?;
    during(target, folder, file, rows, "importProducts", |server| {
        let token = sign_in(&server.address)?;
        upload(&server.address, &token, file).map(drop)
    })
}

fn during(
    target: &Target,
    folder: &Folder,
    file: &Path,
    rows: usize,
    way: &str,
    imports: impl FnOnce(&Server) -> Result<()>,
) -> Result<()> {
    target.recreate()?;
    target.create_admin(ADMIN)?;
    write_file(file, 0, rows)?;
    import(target, file)?;
    let server = target.serve(folder)?;
    let begun = Instant::now();
    let idle = read_while(&server.address, rows, || begun.elapsed() < IDLE_TIME)?;
    // All rows are new, so that all are written.
    write_file(file, rows, rows * 5)?;
    let finished = AtomicBool::new(false);
    let (loaded, imported) = thread::scope(|scope| {
        let reader =
            scope.spawn(|| read_while(&server.address, rows, || !finished.load(Ordering::Relaxed)));
        let imported = imports(&server);
        finished.store(true, Ordering::Relaxed);
        (reader.join(), imported)
    });
    imported?;
    let loaded = loaded.map_err(|_| anyhow!("the reader thread panicked"))??;
    let (idle, loaded) = (sorted(&idle), sorted(&loaded));
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (without, with) = (quantile(&idle, share), quantile(&loaded, share));
        println!(
            "  a product page, {name}: {without:.2} ms ({}), {with:.2} ms during {way} ({}): {:.1} times",
            idle.len(),
            loaded.len(),
            with / without
        );
    }
    Ok(())
}

fn read_while(address: &str, rows: usize, go_on: impl Fn() -> bool) -> Result<Vec<f64>> {
    let mut client = Client::connect(address)?;
    let mut samples = Vec::new();
    for number in (0..rows).cycle().step_by(7) {
        if !go_on() {
            break;
        }
        let request = request(PAGE, &json!({"slug": product(number).slug}));
        let response = client.send(&request)?;
        let page = response.json()?;
        ensure!(
            page["data"]["product"]["name"].is_string(),
            "the page request failed: {page}"
        );
        samples.push(response.took.as_secs_f64() * 1_000.0);
    }
    Ok(samples)
}
