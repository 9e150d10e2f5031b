//! Measures uploads of large images: memory, speed, and the bytes read of rejected uploads.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::Arguments;
use crate::http::Client;
use crate::importing::import;
use crate::products::write_file;
use crate::server::{Database, Folder, Server};
use crate::stats::median;
use crate::store;
use crate::target::Target;
use crate::uploading::{ADMIN, PICTURE, envelope, sign_in, upload_picture};

/// Width and height of an image of 1 GB, and of one of 100 MB, with four bytes per pixel.
const HUGE: u32 = 15_820;
const LARGE: u32 = 5_000;
/// Number of concurrent uploads of the latter.
const AT_ONCE: usize = 16;
/// Number of measurements per case.
const TIMES: usize = 3;
/// Time for memory to be released, while the resized variants are created.
const TIMEOUT: Duration = Duration::from_mins(2);
/// Interval between measurements.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
const LIMITS: [&str; 2] = [
    "--image-max-bytes=2000000000",
    "--image-max-pixels=300000000",
];

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    println!("\n# {}", database.name());
    let folder = Folder::new()?;
    let target = Target::new(database, &folder)?;
    let (huge, large) = (
        folder.path().join("huge.png"),
        folder.path().join("large.png"),
    );
    draw(&huge, HUGE)?;
    draw(&large, LARGE)?;
    memory(&target, &folder, "one of 1 GB", &huge, 1)?;
    memory(&target, &folder, "16 of 100 MB at once", &large, AT_ONCE)?;
    speed(&target, &folder, &large, order.runs.unwrap_or(TIMES))?;
    speed(&target, &folder, &huge, order.runs.unwrap_or(TIMES))?;
    refused(&target, &folder)
}

/// Starts a server with one product. Returns it with an access token and the product's ID.
fn start(target: &Target, folder: &Folder) -> Result<(Server, String, String)> {
    target.recreate()?;
    target.create_admin(ADMIN)?;
    let file = folder.path().join("products.csv");
    write_file(&file, 0, 1)?;
    // Customers see products only in a published category; an admin sees all.
    import(target, &file)?;
    let server = target.serve_with(folder, &LIMITS)?;
    let token = sign_in(&server.address)?;
    let query = "{ products(first: 1) { nodes { id } } }";
    let response = Client::connect(&server.address)?.query_as(&token, query, &json!({}))?;
    let id = response["data"]["products"]["nodes"][0]["id"].as_str();
    let id = id
        .with_context(|| format!("no product: {response}"))?
        .to_owned();
    Ok((server, token, id))
}

/// Measures peak and remaining memory of uploads, and checks that only the object store and the database open files.
fn memory(target: &Target, folder: &Folder, what: &str, file: &Path, count: usize) -> Result<()> {
    let (server, token, product) = start(target, folder)?;
    // Warm up: code and one-time allocations of the first upload are not counted.
    let small = folder.path().join("small.png");
    draw(&small, 500)?;
    upload_picture(&server.address, &token, &product, &small)?;
    sleep(Duration::from_secs(3));
    let before = server.memory("VmRSS")? / 1024;
    let done = AtomicBool::new(false);
    let (took, (peak, unexpected)) = thread::scope(|scope| -> Result<_> {
        let watch = scope.spawn(|| watch(&server, folder.path(), &done));
        let begun = Instant::now();
        let uploads: Vec<_> = (0..count)
            .map(|_| scope.spawn(|| upload_picture(&server.address, &token, &product, file)))
            .collect();
        let results = uploads.into_iter().map(thread::ScopedJoinHandle::join);
        let results: Vec<_> = results.collect();
        let took = begun.elapsed();
        done.store(true, Ordering::Relaxed);
        let watched = watch
            .join()
            .map_err(|_| anyhow::anyhow!("the watcher thread panicked"))?;
        for result in results {
            result.map_err(|_| anyhow::anyhow!("an upload thread panicked"))??;
        }
        Ok((took, watched?))
    })?;
    let begun = Instant::now();
    let mut after = server.memory("VmRSS")? / 1024;
    let mut most = peak;
    while begun.elapsed() < TIMEOUT {
        sleep(Duration::from_millis(200));
        // The allocator returns memory during later allocations.
        Client::connect(&server.address)?.query("{ __typename }", &json!({}))?;
        after = server.memory("VmRSS")? / 1024;
        most = most.max(after);
    }
    println!(
        "  {what}: {} MiB more at the peak ({before} before), {} MiB more {TIMEOUT:?} later, {} MiB more at the peak \
         while the resized variants were created; {:.1} s",
        peak.saturating_sub(before),
        after.saturating_sub(before),
        most.saturating_sub(before),
        took.as_secs_f64()
    );
    println!("  {what}: unexpected open files: {unexpected:?}");
    Ok(())
}

/// Returns the peak memory in MiB, and unexpected open files.
fn watch(server: &Server, folder: &Path, done: &AtomicBool) -> Result<(u64, Vec<PathBuf>)> {
    let (mut peak, mut unexpected) = (0, Vec::new());
    let known = [
        "objects",
        "import.db",
        "import.db-wal",
        "import.db-shm",
        "log",
    ];
    while !done.load(Ordering::Relaxed) {
        peak = peak.max(server.memory("VmRSS")? / 1024);
        for file in server.open_files()? {
            let expected = known.iter().any(|name| file.starts_with(folder.join(name)));
            let is_file = file.is_absolute() && !file.starts_with("/dev");
            if is_file && !expected && !unexpected.contains(&file) {
                unexpected.push(file);
            }
        }
        sleep(POLL_INTERVAL);
    }
    Ok((peak, unexpected))
}

/// Compares uploads through Wares with uploads directly to its store, alternating, so that other load affects both
/// alike.
fn speed(target: &Target, folder: &Folder, file: &Path, times: usize) -> Result<()> {
    let (server, token, product) = start(target, folder)?;
    let client = store::connect(folder.path(), &server.address)?;
    let megabytes = megabytes(file)?;
    let (mut by_us, mut in_parts, mut at_once) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..times {
        let rate = |took: Duration| megabytes / took.as_secs_f64();
        by_us.push(rate(upload_picture(
            &server.address,
            &token,
            &product,
            file,
        )?));
        // Wait while the resized variants are created.
        sleep(Duration::from_secs(15));
        let put = target
            .runtime
            .block_on(store::put(&client, "bench/parts", file))?;
        in_parts.push(rate(put));
        let put = store::put_at_once(&client, "bench/whole", file);
        at_once.push(rate(target.runtime.block_on(put)?));
    }
    let (by_us, in_parts, at_once) = (median(&by_us), median(&in_parts), median(&at_once));
    let best = in_parts.max(at_once);
    println!(
        "  {megabytes:.0} MB by uploadProductImages: {by_us:.0} MB a second, {:.2} of the SDK's best ({in_parts:.0} in \
         parts, {at_once:.0} by one request)",
        by_us / best
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "sizes are small for a float")]
fn megabytes(file: &Path) -> Result<f64> {
    Ok(file.metadata()?.len() as f64 / 1e6)
}

/// Measures how much of a file is accepted from an unauthenticated client.
fn refused(target: &Target, folder: &Folder) -> Result<()> {
    let (server, _, product) = start(target, folder)?;
    let input = json!({"productId": product, "files": [null]});
    let operations = json!({"query": PICTURE, "variables": {"input": input}});
    let (before, _) = envelope("nobody", &operations, "variables.input.files.0", 1 << 30);
    let mut stream = TcpStream::connect(&server.address)?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(&before)?;
    let (begun, piece) = (Instant::now(), vec![7; 64 << 10]);
    let mut sent = 0;
    let end = loop {
        match stream.write(&piece) {
            Ok(count) => sent += count,
            Err(error) => break error.kind(),
        }
        ensure!(sent < 1 << 30, "the whole file was accepted");
    };
    ensure!(
        matches!(
            end,
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::WouldBlock
        ),
        "{end}"
    );
    println!(
        "  1 GB without authentication: rejected after the client sent {} KiB (including socket buffers), {:.2} s",
        sent >> 10,
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Draws an uncompressed square image.
pub fn draw(path: &Path, side: u32) -> Result<()> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::NoCompression);
    let mut writer = encoder.write_header()?;
    let mut rows = writer.stream_writer()?;
    let mut row = vec![0; side as usize * 4];
    for y in 0..side {
        for (x, pixel) in (0..side).zip(row.chunks_exact_mut(4)) {
            let [.., a, b] = (x * 31 + y).to_be_bytes();
            pixel.copy_from_slice(&[a, b, (x ^ y).to_be_bytes()[3], 255]);
        }
        rows.write_all(&row)?;
    }
    Ok(rows.finish()?)
}
