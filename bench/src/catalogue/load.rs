//! The load generator: wrk (<https://github.com/wg/wrk>), with persistent connections and sequential requests on
//! each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Number of concurrent connections.
pub const CONNECTIONS: u32 = 16;

/// Result of a run.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Requests per second.
    pub rate: f64,
    /// In milliseconds.
    pub p50: f64,
    pub p99: f64,
    pub requests: f64,
}

/// Request bodies, sent in order and repeated.
pub struct Script(PathBuf);

impl Script {
    /// Writes the script and the bodies to a folder.
    pub fn new(folder: &Path, name: &str, bodies: &[String]) -> Result<Self> {
        let list = folder.join(format!("{name}.bodies"));
        ensure!(
            bodies.iter().all(|body| !body.contains('\n')),
            "a body contains a line break"
        );
        fs::write(&list, bodies.join("\n"))?;
        let script = folder.join(format!("{name}.lua"));
        let text = include_str!("load.lua").replace("@BODIES@", &list.display().to_string());
        fs::write(&script, text)?;
        Ok(Self(script))
    }
}

/// Runs the script for a number of seconds.
pub fn run(url: &str, script: &Script, seconds: u32) -> Result<Outcome> {
    let output = Command::new("wrk")
        .arg("--threads=1")
        .arg(format!("--connections={CONNECTIONS}"))
        .arg(format!("--duration={seconds}s"))
        .arg("--timeout=30s")
        .arg("--script")
        .arg(&script.0)
        .arg(url)
        .output()
        .context("wrk is needed: `apt-get install wrk`")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("RESULT "));
    let line = line.with_context(|| format!("no result from wrk: {said}"))?;
    let numbers: Result<Vec<f64>, _> = line.split(' ').map(str::parse).collect();
    let [requests, micros, p50, p99, failed] = numbers?[..] else {
        anyhow::bail!("unexpected output from wrk: {line}");
    };
    ensure!(requests > 0.0 && failed == 0.0, "{failed} requests failed");
    Ok(Outcome {
        rate: requests / micros * 1e6,
        p50: p50 / 1e3,
        p99: p99 / 1e3,
        requests,
    })
}
