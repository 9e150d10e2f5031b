//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write};

/// A text of samples.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// Returns the text.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Begins a metric. `help` is one line.
    pub fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string can't fail.
        _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Writes a sample. Labels must not contain quotes, backslashes or line breaks.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (index, (label, content)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            _ = write!(self.0, "{before}{label}=\"{content}\"");
        }
        let after = if labels.is_empty() { "" } else { "}" };
        _ = writeln!(self.0, "{after} {value}");
    }

    /// Writes a metric with a single value that may decrease.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "gauge", help);
        self.sample(name, &[], value);
    }
}

/// Converts microseconds to seconds, without the rounding of a float.
pub fn seconds(micros: u64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    let written = format!("{whole}.{rest:06}");
    written
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}
