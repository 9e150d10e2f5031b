//! Interleaved rounds: each case runs once a round, so that other load on the machine affects all cases alike. A
//! ratio is the median of the ratios of the rounds.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::{Load, as_float};
use crate::processes::{family_time, processor_time};
use crate::stats::median;

/// A load that is compared with others.
pub struct Case {
    pub name: String,
    pub load: Load,
    /// The process that serves it.
    pub process: u32,
}

/// Samples of a case, one per round.
pub struct Samples {
    pub name: String,
    /// Requests per second.
    pub rate: Vec<f64>,
    pub p50: Vec<f64>,
    pub p99: Vec<f64>,
    /// Processor time of the server per request, in milliseconds.
    pub server: Vec<f64>,
    /// Processor time of PostgreSQL per request, in milliseconds.
    pub database: Vec<f64>,
}

/// How long and how often each case runs.
#[derive(Clone, Copy)]
pub struct Plan {
    pub rounds: usize,
    pub time: Duration,
}

/// Runs the cases in turn. All requests must succeed. `postgres` is the main process of the database.
pub fn run(plan: Plan, postgres: Option<u32>, cases: &[Case]) -> Result<Vec<Samples>> {
    let mut all: Vec<_> = cases.iter().map(|case| Samples::new(&case.name)).collect();
    for case in cases {
        // Warm up: connections, prepared statements, caches.
        let mut load = case.load.clone();
        load.time = plan.time / 4;
        let outcome = load.run()?.complete();
        outcome.with_context(|| format!("{} failed", case.name))?;
    }
    for _ in 0..plan.rounds {
        for (case, samples) in cases.iter().zip(&mut all) {
            let database = || postgres.map_or(Ok(Duration::ZERO), family_time);
            let before = (processor_time(case.process)?, database()?);
            let mut load = case.load.clone();
            load.time = plan.time;
            let outcome = load.run()?.complete();
            let outcome = outcome.with_context(|| format!("{} failed", case.name))?;
            let after = (processor_time(case.process)?, database()?);
            let each = |time: Duration| time.as_secs_f64() * 1e3 / as_float(outcome.answered);
            samples.rate.push(outcome.rate());
            samples.p50.push(outcome.quantile(0.5));
            samples.p99.push(outcome.quantile(0.99));
            samples.server.push(each(after.0.saturating_sub(before.0)));
            samples
                .database
                .push(each(after.1.saturating_sub(before.1)));
        }
    }
    for samples in &all {
        println!("  {}: {}", samples.name, samples.describe());
    }
    Ok(all)
}

impl Samples {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rate: Vec::new(),
            p50: Vec::new(),
            p99: Vec::new(),
            server: Vec::new(),
            database: Vec::new(),
        }
    }

    /// Returns the ratio of the rates.
    pub fn ratio(&self, other: &Self) -> f64 {
        ratio(&self.rate, &other.rate)
    }

    pub fn describe(&self) -> String {
        format!("{:.0}/s, {}", median(&self.rate), self.details())
    }

    /// Latency, and processor time of server and database.
    pub fn details(&self) -> String {
        let database = median(&self.database);
        let database = if database > 0.0 {
            format!(" + {database:.2}")
        } else {
            String::new()
        };
        format!(
            "p50 {:.1} ms, p99 {:.1} ms, processor {:.2}{database} ms",
            median(&self.p50),
            median(&self.p99),
            median(&self.server)
        )
    }
}

/// Returns the median of the ratios, round by round.
pub fn ratio(ours: &[f64], other: &[f64]) -> f64 {
    let ratios: Vec<_> = ours
        .iter()
        .zip(other)
        .map(|(ours, other)| ours / other)
        .collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn ratio_is_the_median_of_the_rounds() {
        // Not 7 / 4, the ratio of the medians.
        let ratio = ratio(&[1.0, 8.0, 7.0], &[2.0, 4.0, 7.0]);
        assert!((ratio - 1.0).abs() < 1e-9);
    }
}
