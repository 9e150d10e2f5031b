//! Sections of the file of results.

use std::path::Path;

use anyhow::{Context, Result};

/// Replaces the text between two lines of the file, or appends both with the text if the file has none.
pub fn replace(file: &Path, begin: &str, end: &str, text: &str) -> Result<()> {
    let old = std::fs::read_to_string(file).unwrap_or_default();
    let (before, after) = match old.split_once(begin) {
        Some((before, rest)) => {
            let (_, after) = rest
                .split_once(end)
                .context("the file has no marker for the end of figures")?;
            (before, after)
        }
        None => (old.as_str(), "\n"),
    };
    std::fs::write(file, format!("{before}{begin}\n\n{text}\n{end}{after}"))?;
    Ok(())
}
