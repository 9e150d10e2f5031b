//! The result table of a run, printed and written to a file.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::results;

/// Markers around the measured figures. The text outside is kept.
const BEGIN: &str = "<!-- figures: written by `wares-bench speed --results` -->";
const END: &str = "<!-- end of figures -->";

/// The value that a ratio must reach.
#[derive(Clone, Copy)]
pub enum Bar {
    None,
    AtLeast(f64),
    AtMost(f64),
}

/// A row of the table.
pub struct Row {
    pub work: String,
    pub ours: String,
    /// The baseline and its figure.
    pub other: String,
    pub ratio: f64,
    pub bar: Bar,
    /// Another condition, such as that no request is refused.
    pub is_complete: bool,
    pub details: String,
}

/// Results of a run.
pub struct Report {
    text: String,
    database: &'static str,
}

impl Bar {
    fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::AtLeast(bar) => format!("at least {bar}"),
            Self::AtMost(bar) => format!("at most {bar}"),
        }
    }

    fn is_met(self, ratio: f64) -> Option<bool> {
        match self {
            Self::None => None,
            Self::AtLeast(bar) => Some(ratio >= bar),
            Self::AtMost(bar) => Some(ratio <= bar),
        }
    }
}

impl Report {
    /// `load` describes the sizes and durations of the run.
    pub fn new(load: &str) -> Self {
        let mut text = format!("{}. {load}\n\n", machine());
        text.push_str(
            "| database | measurement | Wares | compared with | ratio | bar | met | details |\n",
        );
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        Self { text, database: "" }
    }

    /// Begins the rows of a database.
    pub fn begin(&mut self, database: &'static str) {
        self.database = database;
        println!("\n# {database}");
    }

    pub fn row(&mut self, row: Row) {
        let Row {
            work,
            ours,
            other,
            ratio,
            bar,
            is_complete,
            details,
        } = row;
        let met = match bar.is_met(ratio) {
            Some(is_met) if is_met && is_complete => "yes",
            None if is_complete => "",
            _ => "**no**",
        };
        let (bar, database) = (bar.text(), self.database);
        println!("* {work}: {ours}; {other}; ratio {ratio:.2} {bar} {met} ({details})");
        let _ = writeln!(
            self.text,
            "| {database} | {work} | {ours} | {other} | **{ratio:.2}** | {bar} | {met} | {details} |"
        );
    }

    /// Writes the table to the file, replacing the previous one.
    pub fn finish(self, file: Option<&Path>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        results::replace(file, BEGIN, END, &self.text)
    }
}

/// Describes the date and the machine.
fn machine() -> String {
    let date = Command::new("date").arg("+%-d %B %Y").output();
    let date = date.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let memory = read("/proc/meminfo");
    let memory = memory.split_whitespace().nth(1).map(str::parse::<u64>);
    let memory = memory.and_then(Result::ok).unwrap_or_default() >> 20;
    let processor = read("/proc/cpuinfo");
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |name| name.trim_start_matches([' ', '\t', ':']));
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let date = date.unwrap_or_default();
    format!("{date}, {processor}, {cores} cores, {memory} GiB of memory, load {load} at the start")
}

#[cfg(test)]
mod tests {
    use super::Bar;

    #[test]
    fn bars_include_their_value() {
        assert_eq!(Bar::AtLeast(0.6).is_met(0.6), Some(true));
        assert_eq!(Bar::AtMost(3.0).is_met(3.1), Some(false));
        assert_eq!(Bar::None.is_met(1.0), None);
    }
}
