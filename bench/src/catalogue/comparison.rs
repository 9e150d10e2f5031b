//! Compares Wares with the baseline server in alternating runs: a product page and a product.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::load::{self, Outcome, Script};
use super::pgbench;
use super::queries::{LIST, PAGE, PRODUCT, body};
use super::report::{Line, Report};
use super::shop::product;
use super::shops::Shop;
use crate::Arguments;
use crate::http::{Client, request};
use crate::loading;
use crate::server::{Folder, Server};
use crate::stats::median;

/// Duration of a run in seconds.
const SECONDS: u32 = 5;
/// Runs per case. They alternate, so that other load on the machine affects all cases alike.
const TIMES: usize = 3;
/// Number of different pages.
const PAGES: usize = 200;
/// Disables the read cache.
pub const UNCACHED: &str = "--read-cache-bytes=0";

/// The baseline server. Killed on drop.
struct BaselineServer {
    child: Child,
    address: String,
}

impl BaselineServer {
    fn start(url: &str, response: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("ceiling")
            .arg(url)
            .arg(response)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        let address = address.trim().to_owned();
        ensure!(!address.is_empty(), "the baseline server did not start");
        Ok(Self { child, address })
    }
}

impl Drop for BaselineServer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Requests for Wares and for the baseline server.
struct Scripts {
    page: Script,
    page_baseline: Script,
    product: Script,
    product_baseline: Script,
    /// A single page, repeated.
    same: Script,
}

pub fn measure(shop: &Shop, order: &Arguments, folder: &Folder, report: &mut Report) -> Result<()> {
    let mut flags = order.flags.clone();
    let cached = shop.serve(folder, &flags)?;
    flags.push(UNCACHED.to_owned());
    let plain = shop.serve(folder, &flags)?;
    let scripts = scripts(shop, &plain, folder)?;
    let response = folder.path().join("answer.json");
    let first = Client::connect(&plain.address)?.send(&request(PAGE, &json!({})))?;
    std::fs::write(&response, &first.body)?;
    let baseline = BaselineServer::start(&shop.url, &response)?;

    let here = |server: &Server| format!("http://{}/graphql", server.address);
    let by_hand = |path: &str| format!("http://{}/{path}", baseline.address);
    let mut runs = Runs::default();
    for _ in 0..TIMES {
        runs.add(
            "page, by hand",
            load::run(&by_hand("page"), &scripts.page_baseline, SECONDS)?,
        );
        runs.add("page", load::run(&here(&plain), &scripts.page, SECONDS)?);
        runs.add(
            "memory, by hand",
            load::run(&by_hand("memory"), &scripts.same, SECONDS)?,
        );
        runs.add(
            "page, cached",
            load::run(&here(&cached), &scripts.same, SECONDS)?,
        );
        runs.add(
            "product, by hand",
            load::run(&by_hand("product"), &scripts.product_baseline, SECONDS)?,
        );
        runs.add(
            "product",
            load::run(&here(&plain), &scripts.product, SECONDS)?,
        );
        if let Some(rate) = pgbench::page(shop, folder, SECONDS)? {
            runs.add("page, pgbench", rate);
        }
    }
    let statements = statements(shop, &plain, &scripts)?;
    runs.print(
        report,
        "product page, not cached",
        ("page", "page, by hand"),
        0.5,
        statements,
    );
    runs.print(
        report,
        "the same as one statement by pgbench",
        ("page", "page, pgbench"),
        0.0,
        None,
    );
    runs.print(
        report,
        "product page, cached",
        ("page, cached", "memory, by hand"),
        0.6,
        None,
    );
    runs.print(
        report,
        "one product by slug, not cached",
        ("product", "product, by hand"),
        0.5,
        None,
    );
    Ok(())
}

/// Returns the number of statements per product page, if the database counts transactions: each statement is one.
fn statements(shop: &Shop, server: &Server, scripts: &Scripts) -> Result<Option<f64>> {
    if shop.url.starts_with("sqlite:") {
        return Ok(None);
    }
    let before = transactions(shop)?;
    let url = format!("http://{}/graphql", server.address);
    let outcome = load::run(&url, &scripts.page, SECONDS)?;
    // PostgreSQL sessions publish their statistics with a delay.
    std::thread::sleep(std::time::Duration::from_secs(12));
    Ok(Some((transactions(shop)? - before) / outcome.requests))
}

fn transactions(shop: &Shop) -> Result<f64> {
    shop.runtime.block_on(async {
        let db = loading::connect(&shop.url).await?;
        let sql = "SELECT xact_commit::float8 AS number FROM pg_stat_database WHERE datname = current_database()";
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
            .await?;
        let number = row.context("no statistics")?.try_get("", "number")?;
        db.close().await?;
        Ok(number)
    })
}

fn scripts(shop: &Shop, server: &Server, folder: &Folder) -> Result<Scripts> {
    let cursors = cursors(&server.address, PAGES)?;
    let pages: Vec<_> = cursors
        .iter()
        .map(|after| body(PAGE, &json!({"after": after})))
        .collect();
    let places: Vec<_> = places(shop)?
        .iter()
        .map(|place| json!({"after": place}).to_string())
        .collect();
    let slugs: Vec<_> = (0..shop.products)
        .step_by(shop.products / 1_000 + 1)
        .map(|number| product(number).slug)
        .collect();
    let products: Vec<_> = slugs
        .iter()
        .map(|slug| body(PRODUCT, &json!({"slug": slug})))
        .collect();
    let named: Vec<_> = slugs
        .iter()
        .map(|slug| json!({"slug": slug}).to_string())
        .collect();
    for body in pages.iter().chain(&products) {
        let body: Value = serde_json::from_str(body)?;
        let query = body["query"].as_str().unwrap_or_default();
        let response = Client::connect(&server.address)?.query(query, &body["variables"])?;
        ensure!(
            response["errors"].is_null() && !response["data"].is_null(),
            "{response}"
        );
    }
    let path = folder.path();
    Ok(Scripts {
        page: Script::new(path, "page", &pages)?,
        page_baseline: Script::new(path, "page-by-hand", &places)?,
        product: Script::new(path, "product", &products)?,
        product_baseline: Script::new(path, "product-by-hand", &named)?,
        same: Script::new(path, "same", &pages[..1])?,
    })
}

/// Returns the cursors of the pages of the list by name. The first is null.
pub fn cursors(address: &str, pages: usize) -> Result<Vec<Value>> {
    let mut client = Client::connect(address)?;
    let mut cursors = vec![Value::Null];
    while cursors.len() < pages {
        let after = cursors.last().cloned().unwrap_or_default();
        let response = client.query(LIST, &json!({"after": after}))?;
        let info = &response["data"]["products"]["pageInfo"];
        ensure!(
            info["hasNextPage"] == true,
            "the list has no more pages: {response}"
        );
        cursors.push(info["endCursor"].clone());
    }
    Ok(cursors)
}

/// Returns the sort keys of the same pages, for the baseline server.
fn places(shop: &Shop) -> Result<Vec<Value>> {
    shop.runtime.block_on(async {
        let db = loading::connect(&shop.url).await?;
        let mut places = vec![Value::Null];
        for page in 1..PAGES {
            let sql = format!(
                "SELECT name_key, id FROM products ORDER BY name_key, id LIMIT 1 OFFSET {}",
                page * 20 - 1
            );
            let row = db
                .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
                .await?;
            let row = row.context("too few products")?;
            let (key, id): (String, Uuid) = (row.try_get("", "name_key")?, row.try_get("", "id")?);
            places.push(json!([key, id.to_string()]));
        }
        db.close().await?;
        Ok(places)
    })
}

/// Outcomes of the runs by case.
#[derive(Default)]
struct Runs(Vec<(&'static str, Outcome)>);

impl Runs {
    fn add(&mut self, name: &'static str, outcome: Outcome) {
        println!(
            "  {name}: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
            outcome.rate, outcome.p50, outcome.p99
        );
        self.0.push((name, outcome));
    }

    fn of(&self, name: &str) -> Vec<Outcome> {
        let named = self.0.iter().filter(|(of, _)| *of == name);
        named.map(|(_, outcome)| *outcome).collect()
    }

    /// Reports the median ratio of two cases, run by run.
    fn print(
        &self,
        report: &mut Report,
        work: &str,
        (ours, baseline): (&str, &str),
        bar: f64,
        statements: Option<f64>,
    ) {
        let (ours, baseline) = (self.of(ours), self.of(baseline));
        let ratios: Vec<_> = ours
            .iter()
            .zip(&baseline)
            .map(|(ours, other)| ours.rate / other.rate)
            .collect();
        if ratios.is_empty() {
            return;
        }
        let middle = |outcomes: &[Outcome], of: fn(&Outcome) -> f64| {
            median(&outcomes.iter().map(of).collect::<Vec<_>>())
        };
        report.line(Line {
            work: work.to_owned(),
            ours: format!("{:.0}/s", middle(&ours, |outcome| outcome.rate)),
            baseline: format!("{:.0}/s", middle(&baseline, |outcome| outcome.rate)),
            ratio: median(&ratios),
            bar: if bar > 0.0 {
                format!("at least {bar}")
            } else {
                String::new()
            },
            reached: (bar > 0.0).then(|| median(&ratios) >= bar),
            more: format!(
                "p50 {:.2} ms, p99 {:.2} ms{}",
                middle(&ours, |outcome| outcome.p50),
                middle(&ours, |outcome| outcome.p99),
                statements
                    .map(|number| format!(", {number:.1} statements"))
                    .unwrap_or_default()
            ),
        });
    }
}
