//! The result table of a run, printed and written to a file.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// Markers around the measured figures. The text outside is kept.
const BEGIN: &str = "<!-- figures: written by `wares-bench catalogue --results` -->";
const END: &str = "<!-- end of figures -->";

/// A row of the table.
pub struct Line {
    pub work: String,
    pub ours: String,
    pub baseline: String,
    pub ratio: f64,
    /// The target, if any.
    pub bar: String,
    pub reached: Option<bool>,
    pub more: String,
}

/// Results of a run on one database.
pub struct Report {
    text: String,
    database: &'static str,
}

impl Report {
    pub fn new(database: &'static str, (small, large): (usize, usize)) -> Self {
        let mut text = format!("## {database}\n\n");
        let _ = writeln!(
            text,
            "{}. Shops of {small} and {large} products.\n",
            machine()
        );
        text.push_str("| measurement | Wares | baseline | ratio | target | met | details |\n|---|---|---|---|---|---|---|\n");
        Self { text, database }
    }

    pub fn line(&mut self, line: Line) {
        let Line {
            work,
            ours,
            baseline,
            ratio,
            bar,
            reached,
            more,
        } = line;
        let ratio = if ratio.is_nan() {
            String::new()
        } else {
            format!("**{ratio:.2}**")
        };
        let reached = reached.map_or("", |reached| if reached { "yes" } else { "**no**" });
        println!("{work}: {ours}, {baseline}; {ratio} {bar} {reached} ({more})");
        let _ = writeln!(
            self.text,
            "| {work} | {ours} | {baseline} | {ratio} | {bar} | {reached} | {more} |"
        );
    }

    /// Writes the table to the file, replacing an earlier one of this database.
    pub fn finish(self, file: Option<&Path>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        let old = std::fs::read_to_string(file).unwrap_or_else(|_| format!("{BEGIN}\n{END}\n"));
        let (before, rest) = old
            .split_once(BEGIN)
            .context("the file has no markers for figures")?;
        let (figures, after) = rest
            .split_once(END)
            .context("the file has no markers for figures")?;
        let mut sections: Vec<_> = figures
            .split("\n## ")
            .map(str::trim)
            .filter(|section| !section.is_empty())
            .map(|section| format!("## {}", section.trim_start_matches("## ")))
            .collect();
        let title = format!("## {}\n", self.database);
        sections.retain(|section| !section.starts_with(&title));
        sections.push(self.text.trim_end().to_owned());
        sections.sort_by_key(|section| !section.starts_with("## SQLite"));
        let text = format!(
            "{before}{BEGIN}\n\n{}\n\n{END}{after}",
            sections.join("\n\n")
        );
        std::fs::write(file, text)?;
        Ok(())
    }
}

/// Describes the date and the machine.
fn machine() -> String {
    let date = Command::new("date").arg("+%-d %B %Y").output();
    let date = date.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!(
        "{}, {cores} cores, {} GiB of memory, load {load} at the start",
        date.unwrap_or_default(),
        memory.unwrap_or_default() >> 20
    )
}
