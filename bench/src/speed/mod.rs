//! Compares Wares with a baseline written by hand, with `PostGraphile`, and with itself: reads, writes, many clients, and
//! reads beside writes.

mod cache;
mod fairness;
mod fill;
mod order_rows;
mod orders;
mod postgraphile;
pub mod queries;
mod reads;
mod reads_beside_orders;
mod report;
mod scaling;
mod search_catalog;
mod searches;
mod shop;
mod shops;
mod users;
mod writes;

use std::time::Duration;

use anyhow::Result;

use crate::Arguments;
use crate::rounds::Plan;
use crate::server::Folder;

use report::Report;
use search_catalog::Vocabulary;
use shops::{Content, Shop};

/// Disables the read cache.
const UNCACHED: &str = "--read-cache-bytes=0";

/// Sizes and durations.
struct Scale {
    small: usize,
    large: usize,
    /// Products of the shop that is written to. Different from the others, because the size names the database.
    written: usize,
    plan: Plan,
    /// Duration of loads that are measured for their latency.
    long: Duration,
    /// Sequential requests per case.
    requests: usize,
}

const FULL: Scale = Scale {
    small: 10_000,
    large: 1_000_000,
    written: 5_000,
    plan: Plan {
        rounds: 5,
        time: Duration::from_secs(3),
    },
    long: Duration::from_secs(5),
    requests: 2_000,
};
const QUICK: Scale = Scale {
    small: 2_000,
    large: 4_000,
    written: 1_000,
    plan: Plan {
        rounds: 2,
        time: Duration::from_millis(200),
    },
    long: Duration::from_millis(500),
    requests: 40,
};

/// What each part of the measurement needs.
struct Setting<'a> {
    order: &'a Arguments,
    scale: &'a Scale,
    folder: &'a Folder,
    report: &'a mut Report,
}

impl Setting<'_> {
    /// The number of customers of the shop that is written to.
    const fn customers(&self) -> usize {
        let customers = self.scale.written / 100;
        if customers < orders::CUSTOMERS {
            orders::CUSTOMERS
        } else {
            customers
        }
    }
}

/// Measures all databases, prints the results and writes the table.
pub fn measure(order: &Arguments) -> Result<()> {
    let mut scale = if order.quick { QUICK } else { FULL };
    scale.large = order.rows.unwrap_or(scale.large);
    let warning = if order.quick {
        "\n\n**A quick run, which is not for judging**: the shops are small, the rounds few and short"
    } else {
        ""
    };
    let build = if cfg!(debug_assertions) {
        "Debug build, whose figures mean nothing"
    } else {
        "Release build"
    };
    let mut report = Report::new(&format!(
        "{build}. Shops of {} and {} products; {} rounds of {} ms for each case.{warning}",
        scale.small,
        scale.large,
        scale.plan.rounds,
        scale.plan.time.as_millis()
    ));
    for database in &order.databases {
        report.begin(database.name());
        let folder = Folder::new()?;
        let mut setting = Setting {
            order,
            scale: &scale,
            folder: &folder,
            report: &mut report,
        };
        if order.is_wanted("reads") || order.is_wanted("scaling") {
            let stored = order.shops.as_deref();
            let open = |products| Shop::open(database, Content::Pages, products, stored, &folder);
            let shops = (open(scale.small)?, open(scale.large)?);
            if order.is_wanted("reads") {
                reads::measure(&shops.0, &mut setting)?;
                reads::measure(&shops.1, &mut setting)?;
            }
            if order.is_wanted("scaling") {
                scaling::measure((&shops.0, &shops.1), &mut setting)?;
            }
        }
        if order.is_wanted("searches") {
            for vocabulary in Vocabulary::ALL {
                let (content, stored) = (Content::Searches(vocabulary), order.shops.as_deref());
                let shop = Shop::open(database, content, scale.large, stored, &folder)?;
                searches::measure(&shop, vocabulary, &mut setting)?;
            }
        }
        if ["cache", "fairness", "writes", "orders"].map(|part| order.is_wanted(part)) == [false; 4]
        {
            continue;
        }
        let written = Shop::open(database, Content::Pages, scale.written, None, &folder)?;
        users::create(&written, setting.customers())?;
        if order.is_wanted("cache") {
            cache::measure(&written, &mut setting)?;
        }
        if order.is_wanted("fairness") {
            fairness::measure(&written, &mut setting)?;
        }
        if order.is_wanted("writes") {
            writes::measure(&written, &mut setting)?;
        }
        if order.is_wanted("orders") {
            orders::measure(&written, &mut setting)?;
        }
    }
    report.finish(order.results.as_deref())
}
