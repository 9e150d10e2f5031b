//! Soak test: a mix of requests for many minutes at 80 % of capacity. Reports memory and open files per minute.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::Arguments;
use crate::load::as_float;
use crate::mix::{Mix, fill};
use crate::open_loop::{Rate, print_latencies, print_send_delay, send_load};
use crate::server::{Database, Folder, Server};
use crate::stats::median;
use crate::target::Target;

/// Default duration in minutes.
const MINUTES: usize = 10;
/// Number of initial minutes that are not counted.
const WARM_UP: usize = 2;
const CONNECTIONS: usize = 32;
/// Number of connections to measure the capacity: the number of concurrent requests that two cores accept.
const TRIAL_CONNECTIONS: usize = 16;
/// Duration of the capacity measurement.
const TRIAL: Duration = Duration::from_secs(15);
const LOAD: f64 = 0.8;
const SAMPLE_INTERVAL: Duration = Duration::from_secs(2);

/// Resource usage at a point in time.
struct Sample {
    minutes: f64,
    mib: f64,
    files: f64,
}

/// Measures one database and prints the results.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let minutes = order.runs.unwrap_or(MINUTES).max(WARM_UP + 2);
    let folder = Folder::new()?;
    let target = Target::new(database, &folder)?;
    fill(&target, &folder)?;
    let mut flags = vec!["--access-token-lifetime=1d"];
    flags.extend(order.flags.iter().map(String::as_str));
    let server = target.serve_with(&folder, &flags)?;
    let mix = Mix::new(&server)?;
    let build_request = |number| mix.request(number);
    let trial = send_load(
        &server.address,
        Rate::Maximum,
        TRIAL,
        TRIAL_CONNECTIONS,
        &build_request,
    )?;
    let answered = trial.iter().filter(|outcome| outcome.status == 200);
    let most = as_float(answered.count()) / TRIAL.as_secs_f64();
    let rate = most * LOAD;
    println!(
        "\n# {}: {rate:.0} requests per second for {minutes} minutes, of {most:.0} at capacity",
        database.name()
    );
    let time = Duration::from_mins(minutes as u64);
    let finished = AtomicBool::new(false);
    let (outcomes, samples) = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&server, || !finished.load(Ordering::Relaxed)));
        let outcomes = send_load(
            &server.address,
            Rate::Fixed(rate),
            time,
            CONNECTIONS,
            &build_request,
        );
        finished.store(true, Ordering::Relaxed);
        (outcomes, watcher.join())
    });
    let (outcomes, samples) = (
        outcomes?,
        samples.map_err(|_| anyhow!("the watcher thread panicked"))??,
    );
    print_latencies("answered", &outcomes, |status| status == 200, time);
    print_latencies("rejected", &outcomes, |status| status == 503, time);
    let other = |status| status != 200 && status != 503;
    print_latencies("other", &outcomes, other, time);
    print_send_delay(&outcomes);
    for minute in 0..minutes {
        let target = as_float(minute);
        let of = samples
            .iter()
            .filter(|sample| (target..target + 1.0).contains(&sample.minutes));
        let (mib, files): (Vec<_>, Vec<_>) = of.map(|sample| (sample.mib, sample.files)).unzip();
        let (mib, files) = (median(&mib), median(&files));
        println!("  minute {}: {mib:.1} MiB, {files:.0} files", minute + 1);
    }
    let warm = as_float(WARM_UP);
    let warm: Vec<_> = samples
        .iter()
        .filter(|sample| sample.minutes >= warm)
        .collect();
    println!(
        "  after {WARM_UP} minutes: memory {:+.2} MiB a minute, open files {:+.2} a minute",
        slope(&warm, |sample| sample.mib),
        slope(&warm, |sample| sample.files)
    );
    if let Some(error_line) = server.log()?.lines().find(|line| line.contains(" ERROR ")) {
        println!("  the log contains errors, such as: {error_line}");
    }
    Ok(())
}

fn watch(server: &Server, go_on: impl Fn() -> bool) -> Result<Vec<Sample>> {
    let begun = Instant::now();
    let mut samples = Vec::new();
    while go_on() {
        let kib = server.memory("VmRSS")?;
        samples.push(Sample {
            minutes: begun.elapsed().as_secs_f64() / 60.0,
            mib: as_float(usize::try_from(kib)?) / 1024.0,
            files: as_float(server.open_files()?.len()),
        });
        thread::sleep(SAMPLE_INTERVAL);
    }
    Ok(samples)
}

/// Returns the increase per minute by linear regression (least squares).
fn slope(samples: &[&Sample], value: impl Fn(&Sample) -> f64) -> f64 {
    let points: Vec<_> = samples
        .iter()
        .map(|sample| (sample.minutes, value(sample)))
        .collect();
    let count = as_float(points.len());
    let x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let both: f64 = points.iter().map(|(px, py)| (px - x) * (py - y)).sum();
    let square: f64 = points.iter().map(|(px, _)| (px - x).powi(2)).sum();
    both / square
}
