//! Compares a small shop with one a hundred times larger: the same requests to both, sequentially and alternating.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::comparison::{UNCACHED, cursors};
use super::load::{self, Script};
use super::queries::{FILTER, LIST, PAGE, PRODUCT, SEARCH, body};
use super::report::{Line, Report};
use super::shop::{CHILDREN, ROOTS, product};
use super::shops::Shop;
use crate::Arguments;
use crate::http::{Client, request};
use crate::server::Folder;
use crate::stats::{quantile, sorted};

/// Number of requests per case, and number of warm-up requests before.
const TIMES: usize = 2_000;
const WARM_UP: usize = 200;
/// The distant page.
const FAR_PAGE: usize = 5_000;
/// Duration of the memory measurement in seconds.
const SECONDS: u32 = 20;

/// Requests for one shop, each with other variables.
struct Requests(Vec<Vec<u8>>);

impl Requests {
    fn new(query: &str, variables: impl Iterator<Item = Value>) -> Self {
        Self(
            variables
                .map(|variables| request(query, &variables))
                .collect(),
        )
    }
}

pub fn measure(
    shops: (&Shop, &Shop),
    order: &Arguments,
    folder: &Folder,
    report: &mut Report,
) -> Result<()> {
    let mut flags = order.flags.clone();
    flags.push(UNCACHED.to_owned());
    let servers = (
        shops.0.serve(folder, &flags)?,
        shops.1.serve(folder, &flags)?,
    );
    let addresses = (servers.0.address.as_str(), servers.1.address.as_str());
    let far = FAR_PAGE.min(shops.1.products / 20 - 10);
    let near = FAR_PAGE.min(shops.0.products / 20 - 10);
    let ends = (
        last_cursors(addresses.0, near)?,
        last_cursors(addresses.1, far)?,
    );
    let spread = |shop: &Shop| {
        let step = shop.products / TIMES.min(shop.products) + 1;
        (0..shop.products)
            .step_by(step)
            .map(|number| number + 1)
            .collect::<Vec<_>>()
    };
    let categories = category_ids(addresses.1)?;
    ensure!(
        category_ids(addresses.0)? == categories,
        "the shops have different categories"
    );

    let mut slow = f64::NAN;
    for (work, requests) in [
        (
            "list, first page",
            both(shops, |_| Requests::new(LIST, [json!({})].into_iter())),
        ),
        (
            "filter: category, in stock, price from; by price",
            both(shops, |_| {
                Requests::new(FILTER, categories.iter().enumerate().map(|(number, id)| {
                json!({"category": id, "price": format!("{}.00", number * 37 % 900)})
            }))
            }),
        ),
        (
            "page 5,000 by cursor",
            (
                Requests::new(LIST, ends.0.iter().map(|after| json!({"after": after}))),
                Requests::new(LIST, ends.1.iter().map(|after| json!({"after": after}))),
            ),
        ),
        (
            "product by slug",
            both(shops, |shop| {
                Requests::new(
                    PRODUCT,
                    spread(shop)
                        .into_iter()
                        .map(|number| json!({"slug": product(number - 1).slug})),
                )
            }),
        ),
    ] {
        let (small, large) = alternate(addresses, &requests)?;
        let (p99, p99_large) = (quantile(&small, 0.99), quantile(&large, 0.99));
        if work == "product by slug" {
            slow = p99_large;
        }
        report.line(Line {
            work: format!(
                "p99 of {work}: {} against {} products",
                shops.1.products, shops.0.products
            ),
            ours: format!("{p99_large:.2} ms"),
            baseline: format!("{p99:.2} ms"),
            ratio: p99_large / p99,
            bar: "at most 1.5".to_owned(),
            reached: Some(p99_large / p99 <= 1.5),
            more: format!(
                "p50 {:.2} ms against {:.2} ms",
                quantile(&large, 0.5),
                quantile(&small, 0.5)
            ),
        });
    }
    let typos: Vec<_> = spread(shops.1)
        .into_iter()
        .map(|number| json!({"search": mistyped(number)}))
        .collect();
    search_with_typos(shops, addresses, &typos, slow, report)?;
    drop(servers);
    memory(shops.1, order, folder, report, &typos)
}

/// Compares searches for words with a typo with products by slug, whose 99th percentile is `by_slug`.
fn search_with_typos(
    shops: (&Shop, &Shop),
    addresses: (&str, &str),
    typos: &[Value],
    by_slug: f64,
    report: &mut Report,
) -> Result<()> {
    let requests = both(shops, |_| Requests::new(SEARCH, typos.iter().cloned()));
    let (_, found) = alternate(addresses, &requests)?;
    let p99 = quantile(&found, 0.99);
    report.line(Line {
        work: format!(
            "p99 of a search for two words with one typo, against a product by slug: {} products",
            shops.1.products
        ),
        ours: format!("{p99:.2} ms"),
        baseline: format!("{by_slug:.2} ms"),
        ratio: p99 / by_slug,
        bar: "at most 50".to_owned(),
        reached: Some(p99 / by_slug <= 50.0),
        more: format!("p50 {:.2} ms", quantile(&found, 0.5)),
    });
    Ok(())
}

/// Measures memory under load, with the default cache.
fn memory(
    shop: &Shop,
    order: &Arguments,
    folder: &Folder,
    report: &mut Report,
    typos: &[Value],
) -> Result<()> {
    let server = shop.serve(folder, &order.flags)?;
    let before = server.memory("VmRSS")? / 1024;
    let after = cursors(&server.address, 1_000)?;
    let mut bodies: Vec<_> = after
        .iter()
        .map(|after| body(PAGE, &json!({"after": after})))
        .collect();
    bodies.extend((0..4_000).map(|number| {
        body(
            PRODUCT,
            &json!({"slug": product(number * shop.products / 4_000).slug}),
        )
    }));
    bodies.extend(typos.iter().take(500).map(|typo| body(SEARCH, typo)));
    let script = Script::new(folder.path(), "everything", &bodies)?;
    let url = format!("http://{}/graphql", server.address);
    load::run(&url, &script, SECONDS)?;
    let (now, most) = (
        server.memory("VmRSS")? / 1024,
        server.memory("VmHWM")? / 1024,
    );
    report.line(Line {
        work: format!("memory under load, {} products", shop.products),
        ours: format!("{most} MiB at most"),
        baseline: String::new(),
        ratio: f64::NAN,
        bar: "under 150 MiB".to_owned(),
        reached: Some(most < 150),
        more: format!("{before} MiB before, {now} MiB at the end"),
    });
    Ok(())
}

fn both(shops: (&Shop, &Shop), make: impl Fn(&Shop) -> Requests) -> (Requests, Requests) {
    (make(shops.0), make(shops.1))
}

/// Returns two of the three words of a name, the longer one with two letters swapped.
fn mistyped(number: usize) -> String {
    let name = product(number - 1).name.to_lowercase();
    let mut words: Vec<_> = name.split(' ').map(str::to_owned).collect();
    words.truncate(2);
    words.sort_by_key(String::len);
    if let Some(longer) = words.last_mut() {
        let (head, tail) = longer.split_at(2);
        let mut letters: Vec<_> = tail.chars().collect();
        letters.swap(0, 1);
        *longer = format!("{head}{}", letters.into_iter().collect::<String>());
    }
    words.join(" ")
}

/// Sends the requests alternately to both servers. Returns sorted durations in milliseconds.
fn alternate(
    addresses: (&str, &str),
    requests: &(Requests, Requests),
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut clients = (Client::connect(addresses.0)?, Client::connect(addresses.1)?);
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + TIMES {
        for (client, requests, samples) in [
            (&mut clients.0, &requests.0.0, &mut small),
            (&mut clients.1, &requests.1.0, &mut large),
        ] {
            let response = client.send(&requests[number % requests.len()])?;
            if number < 3 {
                let response = response.json()?;
                ensure!(response["errors"].is_null(), "{response}");
            }
            if number >= WARM_UP {
                samples.push(response.took.as_secs_f64() * 1e3);
            }
        }
    }
    Ok((sorted(&small), sorted(&large)))
}

/// Returns the cursors of the last pages up to this one.
fn last_cursors(address: &str, page: usize) -> Result<Vec<Value>> {
    let mut client = Client::connect(address)?;
    client.set_timeout(Duration::from_mins(1))?;
    let query = LIST.replace("first: 20", "first: 100");
    let mut after = Value::Null;
    let mut ends = Vec::new();
    for number in 0..page / 5 {
        let response = client.query(&query, &json!({"after": after}))?;
        after = response["data"]["products"]["pageInfo"]["endCursor"].clone();
        ensure!(after.is_string(), "no such page: {response}");
        if number + 20 >= page / 5 {
            ends.push(after.clone());
        }
    }
    Ok(ends)
}

/// Returns the IDs of the child categories.
fn category_ids(address: &str) -> Result<Vec<Value>> {
    let response = Client::connect(address)?.query(
        "{ categories(first: 100, filter: {level: 1}) { nodes { id } } }",
        &json!({}),
    )?;
    let nodes = response["data"]["categories"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    ensure!(nodes.len() == ROOTS * CHILDREN, "{response}");
    Ok(nodes.into_iter().map(|node| node["id"].clone()).collect())
}
