//! The tables of a run.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::judgments::{GOOD, Query};
use super::metrics::{DEPTH, mean, ndcg, ratio, recall};
use super::sets::Set;
use super::shop::Answer;
use crate::results;

/// Number of queries listed by `--verbose`.
const WORST: usize = 60;

/// The rows of all sets.
pub struct Report {
    text: String,
}

/// Figures of a group of queries.
#[derive(Default)]
struct Figures {
    ndcg: Vec<f64>,
    recall: Vec<f64>,
    empty: usize,
    /// Queries for which a good product exists.
    with_good: usize,
}

impl Figures {
    fn add(&mut self, query: &Query, answer: &Answer) {
        self.ndcg.push(ndcg(&answer.grades, &query.best()));
        // Without a good product there is nothing to recall.
        if query.good() > 0 {
            self.recall.push(recall(&answer.grades, query.good(), GOOD));
            self.with_good += 1;
            self.empty += usize::from(answer.slugs.is_empty());
        }
    }

    fn row(&self, database: &str, set: &str, kind: &str) -> String {
        format!(
            "| {database} | {set} | {kind} | {} | {:.3} | {:.3} | {:.1} % |\n",
            self.ndcg.len(),
            mean(&self.ndcg),
            mean(&self.recall),
            100.0 * ratio(self.empty, self.with_good)
        )
    }
}

impl Report {
    pub fn new() -> Self {
        let head = "| database | set | queries of kind | number | nDCG@10 | recall@10 | empty |\n|---|---|---|---|---|---|---|\n";
        Self {
            text: head.to_owned(),
        }
    }

    /// Adds a row for the set and one for each kind of its queries, and prints them.
    pub fn add(&mut self, database: &str, set: &Set, answers: &[Answer]) {
        let mut kinds: Vec<(&str, Figures)> = Vec::new();
        let mut all = Figures::default();
        for (query, answer) in set.queries.iter().zip(answers) {
            all.add(query, answer);
            if let Some((_, figures)) = kinds.iter_mut().find(|(kind, _)| *kind == query.kind) {
                figures.add(query, answer);
            } else {
                let mut figures = Figures::default();
                figures.add(query, answer);
                kinds.push((&query.kind, figures));
            }
        }
        let name = format!("{}, {} products", set.name, set.products.len());
        let mut rows = all.row(database, &name, "**all**");
        if kinds.len() > 1 {
            for (kind, figures) in &kinds {
                rows.push_str(&figures.row(database, &set.name, kind));
            }
        }
        print!("{rows}");
        self.text.push_str(&rows);
    }

    /// Writes the table to the section of this name of the file.
    pub fn finish(mut self, label: &str, file: Option<&Path>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        let date = Command::new("date").arg("+%-d %B %Y").output();
        let date = date.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        self.text
            .insert_str(0, &format!("### {label}, {}\n\n", date.unwrap_or_default()));
        let begin = format!("<!-- search, {label}: written by `wares-bench search --results` -->");
        let end = format!("<!-- end of search, {label} -->");
        results::replace(file, &begin, &end, &self.text)
    }
}

/// Prints the queries with the lowest nDCG, with the names and grades of their results.
pub fn list_worst(set: &Set, answers: &[Answer]) {
    let names = set
        .products
        .iter()
        .map(|product| (product.slug.as_str(), product.name.as_str()));
    let names: HashMap<_, _> = names.collect();
    let mut worst: Vec<_> = set
        .queries
        .iter()
        .zip(answers)
        .map(|(query, answer)| (ndcg(&answer.grades, &query.best()), query, answer))
        .filter(|(value, ..)| *value < 0.9)
        .collect();
    worst.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    for (value, query, answer) in worst.into_iter().take(WORST) {
        let mut line = format!(
            "  {value:.2} [{}] `{}`, {} good:",
            query.kind,
            query.text,
            query.good()
        );
        for slug in answer.slugs.iter().take(DEPTH) {
            let grade = query.grades.get(slug).copied().unwrap_or_default();
            let name = names.get(slug.as_str()).copied().unwrap_or_default();
            let name: String = name.chars().take(40).collect();
            _ = write!(line, " {grade} {name} ·");
        }
        if answer.slugs.is_empty() {
            line.push_str(" nothing");
        }
        println!("{line}");
    }
}
