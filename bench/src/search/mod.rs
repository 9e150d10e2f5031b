//! Measures the quality of the product search: labeled queries over catalogs in several languages.
//!
//! The catalogs are generated from the vocabularies in `bench/search` ([`vocabulary`], [`catalog`]). The grades of
//! products follow from their structured attributes and the conditions that belong to each query ([`judgments`]), never
//! from words that a product and a query share.

mod catalog;
mod chorus;
mod judgments;
mod metrics;
mod report;
mod sets;
mod shop;
mod vocabulary;

use anyhow::{Context, Result, ensure};

use crate::Arguments;
use crate::server::Folder;
use report::Report;
use sets::own;
use shop::Shop;

/// Measures all sets and prints the results.
pub fn measure(order: &Arguments) -> Result<()> {
    let mut sets = own()?;
    if let Some(folder) = &order.chorus {
        sets.push(chorus::read(folder)?);
    }
    sets.retain(|set| order.is_wanted(&set.name));
    ensure!(!sets.is_empty(), "there is no such set");
    let label = order.label.as_deref().unwrap_or("present version");
    let mut report = Report::new();
    for database in &order.databases {
        for set in &sets {
            println!(
                "\n# {}, {}: {} products, {} queries",
                database.name(),
                set.name,
                set.products.len(),
                set.queries.len()
            );
            let folder = Folder::new()?;
            let shop = Shop::open(database, &folder, set)?;
            let answers = shop.answers(set).context("the queries failed")?;
            report.add(database.name(), set, &answers);
            if order.verbose {
                report::list_worst(set, &answers);
            }
        }
    }
    report.finish(label, order.results.as_deref())
}
