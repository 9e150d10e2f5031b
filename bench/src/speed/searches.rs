//! Measures searches in a large shop against a lookup by slug: sequential requests.

use anyhow::{Result, ensure};
use serde_json::json;

use super::queries::{PRODUCT, SEARCH};
use super::report::{Bar, Row};
use super::search_catalog::{Kind, Vocabulary};
use super::shops::Shop;
use super::{Setting, UNCACHED};
use crate::http::{Client, request};
use crate::stats::{median, quantile, sorted};

/// Number of different requests per kind.
const DIFFERENT: usize = 1_000;
/// Prime, so that the products of a sample are spread over the shop.
const STEP: usize = 102_929;
/// A search for two words with a typo may take this many times as long as a lookup by slug.
const MAX_RATIO: f64 = 25.0;

/// Durations in milliseconds, in ascending order.
struct Durations(Vec<f64>);

impl Durations {
    fn p99(&self) -> f64 {
        quantile(&self.0, 0.99)
    }
}

pub fn measure(shop: &Shop, vocabulary: Vocabulary, setting: &mut Setting) -> Result<()> {
    let mut flags = setting.order.flags.clone();
    flags.push(UNCACHED.to_owned());
    let server = shop.serve(setting.folder, &flags)?;
    let different = DIFFERENT.min(setting.scale.requests);
    let numbers: Vec<_> = (0..different)
        .map(|number| number * STEP % shop.products)
        .collect();
    let by_slug = |number: &usize| {
        let slug = vocabulary.product(*number).slug;
        request(PRODUCT, &json!({"slug": slug}))
    };
    let lookups: Vec<_> = numbers.iter().map(by_slug).collect();
    let lookup = send(&server.address, &lookups)?;
    for kind in Kind::ALL {
        let search = |number: &usize| {
            let text = vocabulary.search(kind, *number);
            request(SEARCH, &json!({"search": text}))
        };
        let searches: Vec<_> = numbers.iter().map(search).collect();
        let durations = send(&server.address, &searches)?;
        let max = max_duration(kind, shop.is_sqlite());
        // A duration is a bar for the ratio of this run.
        let ratio = max.map(|max| max / lookup.p99());
        let bar = match (kind, ratio) {
            (_, None) => Bar::None,
            (Kind::Typo, Some(ratio)) => Bar::AtMost(rounded(ratio.max(MAX_RATIO))),
            (_, Some(ratio)) => Bar::AtMost(rounded(ratio)),
        };
        let products = shop.products;
        let bar_text = max.map_or(String::new(), |max| format!(", bar {max:.0} ms"));
        setting.report.row(Row {
            work: format!(
                "p99 of a search for {}, {products} products, {} vocabulary",
                kind.name(),
                vocabulary.name()
            ),
            ours: format!("{:.2} ms", durations.p99()),
            other: format!("a product by slug: {:.2} ms", lookup.p99()),
            ratio: durations.p99() / lookup.p99(),
            bar,
            is_complete: true,
            details: format!(
                "p50 {:.2} ms against {:.2} ms{bar_text}",
                median(&durations.0),
                median(&lookup.0)
            ),
        });
    }
    Ok(())
}

/// Returns the maximum duration of searches of a kind, in milliseconds.
const fn max_duration(kind: Kind, is_sqlite: bool) -> Option<f64> {
    match (kind, is_sqlite) {
        (Kind::Typo, true) => Some(30.0),
        (_, true) => None,
        (_, false) => Some(50.0),
    }
}

fn rounded(ratio: f64) -> f64 {
    (ratio * 10.0).round() / 10.0
}

/// Sends each request once, after a tenth of them to warm up.
fn send(address: &str, requests: &[Vec<u8>]) -> Result<Durations> {
    let mut client = Client::connect(address)?;
    for request in requests.iter().take(requests.len() / 10) {
        client.send(request)?;
    }
    let mut samples = Vec::with_capacity(requests.len());
    for request in requests {
        let response = client.send(request)?;
        samples.push(response.took.as_secs_f64() * 1e3);
        let response = response.json()?;
        let is_answered = response["errors"].is_null() && response["data"].is_object();
        ensure!(is_answered, "{response}");
    }
    ensure!(!samples.is_empty(), "there are no requests");
    Ok(Durations(sorted(&samples)))
}
