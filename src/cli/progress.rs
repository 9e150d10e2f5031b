//! The progress of an import, on one line of a terminal.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The minimum time between two updates of the line.
const REDRAW: Duration = Duration::from_millis(200);
/// Moves to the start of the line and clears it.
const CLEAR: &str = "\r\x1b[2K";

/// The progress of reading a file. If standard error is not a terminal, only messages are printed.
pub struct Progress {
    is_terminal: bool,
    begun: Instant,
    drawn: Option<Instant>,
    is_shown: bool,
    size: Option<u64>,
    read: Arc<AtomicU64>,
}

impl Progress {
    /// Creates the progress of a file of this size in bytes, if known.
    pub fn new(size: Option<u64>) -> Self {
        Self {
            is_terminal: stderr().is_terminal(),
            begun: Instant::now(),
            drawn: None,
            is_shown: false,
            size: size.filter(|size| *size > 0),
            read: Arc::default(),
        }
    }

    /// Returns a counter of bytes read.
    pub fn counter(&self) -> impl Fn(usize) + use<> {
        let read = self.read.clone();
        move |count| {
            read.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    /// Updates the line, unless it was just updated.
    pub fn show(&mut self, rows: u64) {
        let is_fresh = self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW);
        if !self.is_terminal || is_fresh {
            return;
        }
        self.drawn = Some(Instant::now());
        self.is_shown = true;
        let line = line(
            rows,
            self.read.load(Ordering::Relaxed),
            self.size,
            self.begun.elapsed(),
        );
        write_stderr(&format!("{CLEAR}{line}"));
    }

    /// Prints a message on its own line.
    pub fn print(&mut self, message: &str) {
        self.clear();
        write_stderr(&format!("{message}\n"));
    }

    /// Clears the line.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            write_stderr(CLEAR);
        }
    }
}

/// `12000 rows, 8421 a second, 34 %, 0:21 left`
fn line(rows: u64, read: u64, size: Option<u64>, took: Duration) -> String {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = rows.saturating_mul(1_000) / millis;
    let mut line = format!("{rows} rows, {rate} a second");
    if let Some(size) = size
        && read > 0
    {
        let left = millis.saturating_mul(size.saturating_sub(read)) / read / 1_000;
        let percent = (read.saturating_mul(100) / size).min(100);
        line = format!("{line}, {percent} %, {}:{:02} left", left / 60, left % 60);
    }
    line
}

fn write_stderr(text: &str) {
    // A write error must not end the import.
    _ = stderr().write_all(text.as_bytes());
}
