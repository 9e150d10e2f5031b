//! How fast an import is, how much memory it takes, and what it costs those who read meanwhile.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::Order;
use crate::http::{Client, request};
use crate::loading;
use crate::products::{product, write_file};
use crate::server::{Database, Folder, Server, binary};
use crate::stats::{median, quantile, sorted};

/// Rows of a file, unless it is said.
const ROWS: usize = 20_000;
/// How often each way is measured.
const TIMES: usize = 3;
/// How long reads are timed without an import.
const CALM: Duration = Duration::from_secs(5);
/// How often a process is asked for its memory.
const LOOK: Duration = Duration::from_millis(20);

const PAGE: &str = "query($slug: String!) { product(slug: $slug) {
    id name description price { amount currency } inStock
    category { name ancestors { name slug } } categories { name slug } images { url alt } } }";

/// Measures and prints it on one database.
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
        place.renew()?;
        let (took, peak) = import(&place, &file)?;
        let rate = rate(size, took);
        println!("  {size} rows: {peak} MiB of memory at the peak, {rate:.0} rows a second");
    }
    reads(&place, &folder, &file, rows)
}

#[expect(clippy::cast_precision_loss, reason = "rows are few for a float")]
fn rate(rows: usize, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64()
}

/// By hand and by import, in turns, so that what else the machine does hits both alike.
fn speed(place: &Place, file: &Path, rows: usize) -> Result<()> {
    let mut by_hand = [const { Vec::new() }; loading::BATCHES.len()];
    let (mut imports, mut again) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        for (batch, rates) in loading::BATCHES.into_iter().zip(&mut by_hand) {
            place.renew()?;
            let took = place.runtime.block_on(async {
                let db = loading::connect(&place.url).await?;
                let took = loading::load(&db, rows, batch).await;
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
    for (batch, rates) in loading::BATCHES.into_iter().zip(&by_hand) {
        println!(
            "  by hand, {batch} a batch: {:.0} rows a second",
            median(rates)
        );
    }
    let import = median(&imports);
    println!(
        "  wares import: {import:.0} rows a second, {:.2} of the best by hand",
        import / best
    );
    println!(
        "  wares import, nothing changes: {:.0} rows a second",
        median(&again)
    );
    Ok(())
}

/// Runs the command from its start to its end: how long it took, and its most memory in MiB.
fn import(place: &Place, file: &Path) -> Result<(Duration, u64)> {
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

/// In KiB.
fn peak_memory(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A product page, over and over, with and without an import on the same database.
fn reads(place: &Place, folder: &Folder, file: &Path, rows: usize) -> Result<()> {
    write_file(file, 0, rows)?;
    place.renew()?;
    import(place, file)?;
    let server = Server::start(folder, &place.database(), &["--demo=off".to_owned()])?;
    let begun = Instant::now();
    let calm = read_while(&server.address, rows, || begun.elapsed() < CALM)?;
    // All of them new, so that all are written.
    write_file(file, rows, rows * 5)?;
    let over = AtomicBool::new(false);
    let (busy, imported) = thread::scope(|scope| {
        let reader =
            scope.spawn(|| read_while(&server.address, rows, || !over.load(Ordering::Relaxed)));
        let imported = import(place, file);
        over.store(true, Ordering::Relaxed);
        (reader.join(), imported)
    });
    imported?;
    let busy = busy.map_err(|_| anyhow::anyhow!("the reader broke"))??;
    let (calm, busy) = (sorted(&calm), sorted(&busy));
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (without, with) = (quantile(&calm, share), quantile(&busy, share));
        println!(
            "  a product page, {name}: {without:.2} ms ({}), {with:.2} ms during an import ({}): {:.1} times",
            calm.len(),
            busy.len(),
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
        let answer = client.send(&request)?;
        let page = answer.json()?;
        ensure!(
            page["data"]["product"]["name"].is_string(),
            "no page: {page}"
        );
        samples.push(answer.took.as_secs_f64() * 1_000.0);
    }
    Ok(samples)
}

/// A database that is made anew for each measurement.
struct Place {
    runtime: Runtime,
    url: String,
    /// Of the database beside which it is made, on PostgreSQL.
    server: Option<String>,
    file: PathBuf,
}

/// What it is called on PostgreSQL.
const NAME: &str = "wares_bench_import";

impl Place {
    fn new(database: &Database, folder: &Folder) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let file = folder.path().join("import.db");
        let (url, server) = match database {
            Database::Sqlite => (format!("sqlite://{}", file.display()), None),
            Database::Postgres(url) => {
                let (server, _) = url
                    .rsplit_once('/')
                    .context("an address without a database")?;
                (format!("{server}/{NAME}"), Some(url.clone()))
            }
        };
        Ok(Self {
            runtime,
            url,
            server,
            file,
        })
    }

    /// As the server wants it.
    fn database(&self) -> Database {
        Database::Postgres(self.url.clone())
    }

    /// Makes it anew, empty.
    fn renew(&self) -> Result<()> {
        match &self.server {
            Some(server) => self.runtime.block_on(async {
                let db = loading::connect(server).await?;
                let drop = format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)");
                db.execute_unprepared(&drop).await?;
                db.execute_unprepared(&format!("CREATE DATABASE {NAME}"))
                    .await?;
                db.close().await?;
                anyhow::Ok(())
            })?,
            None => {
                for end in ["", "-wal", "-shm"] {
                    let mut path = self.file.clone().into_os_string();
                    path.push(end);
                    _ = std::fs::remove_file(path);
                }
            }
        }
        let migrated = self.command("migrate").arg("up").status()?;
        ensure!(migrated.success(), "the database can't be made");
        Ok(())
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(binary().unwrap_or_default());
        command
            .arg(name)
            .env_clear()
            .env("DATABASE_URL", &self.url)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(server) = &self.server else { return };
        let dropped = self.runtime.block_on(async {
            let db = loading::connect(server).await?;
            db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
                .await?;
            db.close().await?;
            anyhow::Ok(())
        });
        if let Err(error) = dropped {
            eprintln!("the database {NAME} is left: {error}");
        }
    }
}
