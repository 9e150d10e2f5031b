//! Open-loop load: sends requests at a fixed rate regardless of responses, like independent visitors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::http::Client;
use crate::load::as_float;
use crate::stats::{quantile, sorted};

/// Delay before reconnecting.
const PAUSE: Duration = Duration::from_millis(5);

/// Result of a request.
pub struct Outcome {
    /// Time from sending to the response, in milliseconds.
    pub ms: f64,
    /// Delay of sending after the due time, in milliseconds. The clients share this machine with the server.
    pub late: f64,
    /// HTTP status. 0 without a response.
    pub status: u16,
}

/// Rate of requests.
#[derive(Clone, Copy)]
pub enum Rate {
    /// As many as are answered.
    Maximum,
    Fixed(f64),
}

/// Builds the request with this number.
pub type BuildRequest<'a> = dyn Fn(usize) -> Vec<u8> + Sync + 'a;

/// Sends requests at this rate for this duration.
pub fn send_load(
    address: &str,
    rate: Rate,
    time: Duration,
    connections: usize,
    build_request: &BuildRequest<'_>,
) -> Result<Vec<Outcome>> {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| send(address, rate, begun, time, &next, build_request)))
            .collect();
        let mut outcomes = Vec::new();
        for thread in threads {
            outcomes.extend(
                thread
                    .join()
                    .map_err(|_| anyhow!("a client thread panicked"))?,
            );
        }
        Ok(outcomes)
    })
}

fn send(
    address: &str,
    rate: Rate,
    begun: Instant,
    time: Duration,
    next: &AtomicUsize,
    build_request: &BuildRequest<'_>,
) -> Vec<Outcome> {
    let mut client = None;
    let mut outcomes = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = match rate {
            Rate::Maximum => Instant::now(),
            Rate::Fixed(rate) => begun + Duration::from_secs(1).mul_f64(as_float(number) / rate),
        };
        if due.duration_since(begun) > time {
            return outcomes;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let request = build_request(number);
        let late = millis(due.elapsed());
        let sent = Instant::now();
        let connected = client.take().map_or_else(|| Client::connect(address), Ok);
        let response = connected.and_then(|mut client| Ok((client.send(&request)?, client)));
        let ms = millis(sent.elapsed());
        let status = response.as_ref().map_or(0, |(response, _)| response.status);
        client = response.ok().map(|(_, client)| client);
        if client.is_none() {
            thread::sleep(PAUSE);
        }
        outcomes.push(Outcome { ms, late, status });
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Prints how late requests were sent.
pub fn print_send_delay(outcomes: &[Outcome]) {
    let late = sorted(
        &outcomes
            .iter()
            .map(|outcome| outcome.late)
            .collect::<Vec<_>>(),
    );
    let [half, most] = [0.5, 0.99].map(|share| quantile(&late, share));
    println!("    delay of sending: p50 {half:.1} ms, p99 {most:.1} ms");
}

/// Prints the number and latency of responses with matching statuses. Returns p99 in milliseconds.
pub fn print_latencies(
    what: &str,
    outcomes: &[Outcome],
    is: impl Fn(u16) -> bool,
    time: Duration,
) -> f64 {
    let times = outcomes.iter().filter(|outcome| is(outcome.status));
    let times = sorted(&times.map(|outcome| outcome.ms).collect::<Vec<_>>());
    let [half, most, all] = [0.5, 0.99, 1.0].map(|share| quantile(&times, share));
    println!(
        "  {what}: {} ({:.0}/s), p50 {half:.1} ms, p99 {most:.1} ms, at most {all:.1} ms",
        times.len(),
        as_float(times.len()) / time.as_secs_f64()
    );
    most
}
