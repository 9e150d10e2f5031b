//! Measures catalog reads: product pages against a hand-written baseline, and a million products against ten
//! thousand.

pub mod asking;
mod by_hand;
pub mod ceiling;
mod contest;
mod fill;
mod growth;
mod load;
mod pgbench;
mod report;
mod shop;
mod shops;

use anyhow::Result;

use crate::Order;
use crate::server::{Database, Folder};

use report::Report;
use shops::Shop;

/// Default sizes of the two shops.
const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;

/// Measures one database, prints the results and adds them to the report.
pub fn measure(database: &Database, order: &Order) -> Result<()> {
    let large = order.rows.unwrap_or(LARGE);
    let folder = Folder::new()?;
    let mut report = Report::new(database.name(), (SMALL, large));
    let small = Shop::open(database, SMALL, order.shops.as_deref(), &folder)?;
    let large = Shop::open(database, large, order.shops.as_deref(), &folder)?;
    contest::measure(&small, order, &folder, &mut report)?;
    growth::measure((&small, &large), order, &folder, &mut report)?;
    report.finish(order.results.as_deref())
}
