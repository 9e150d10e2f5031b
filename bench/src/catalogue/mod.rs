//! Measures catalog reads: product pages against a hand-written baseline, and a million products against ten
//! thousand.

pub mod baseline;
mod comparison;
mod fill;
mod load;
mod pgbench;
pub mod queries;
mod report;
mod scaling;
mod shop;
mod shops;
mod sql;

use anyhow::Result;

use crate::Arguments;
use crate::server::{Database, Folder};

use report::Report;
use shops::Shop;

/// Default sizes of the two shops.
const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;

/// Measures one database, prints the results and adds them to the report.
pub fn measure(database: &Database, order: &Arguments) -> Result<()> {
    let large = order.rows.unwrap_or(LARGE);
    let folder = Folder::new()?;
    let mut report = Report::new(database.name(), (SMALL, large));
    let small = Shop::open(database, SMALL, order.shops.as_deref(), &folder)?;
    let large = Shop::open(database, large, order.shops.as_deref(), &folder)?;
    comparison::measure(&small, order, &folder, &mut report)?;
    scaling::measure((&small, &large), order, &folder, &mut report)?;
    report.finish(order.results.as_deref())
}
