//! Compares a small shop with a larger one: the same requests to both, sequentially and alternating.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::queries::{FACETS, FILTER, LIST, PRODUCT, SEARCH};
use super::reads::{cursors, pages};
use super::report::{Bar, Row};
use super::shop::{CHILDREN, ROOTS, product};
use super::shops::Shop;
use super::{Setting, UNCACHED};
use crate::http::{Client, request};
use crate::load::{Load, repeat};
use crate::stats::{median, quantile, sorted};

/// Number of different requests per case.
const DIFFERENT: usize = 2_000;
/// Number of requests of lists whose facets are counted anew each time, which takes seconds in a large shop.
const COUNTED: usize = 20;
/// The distant page.
const FAR_PAGE: usize = 5_000;
/// Connections of the memory measurement.
const CONNECTIONS: usize = 16;

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

pub fn measure(shops: (&Shop, &Shop), setting: &mut Setting) -> Result<()> {
    let mut flags = setting.order.flags.clone();
    flags.push(UNCACHED.to_owned());
    let servers = (
        shops.0.serve(setting.folder, &flags)?,
        shops.1.serve(setting.folder, &flags)?,
    );
    let addresses = (servers.0.address.as_str(), servers.1.address.as_str());
    let far = |shop: &Shop| FAR_PAGE.min(shop.products / 20 - 10);
    let ends = (
        last_cursors(addresses.0, far(shops.0))?,
        last_cursors(addresses.1, far(shops.1))?,
    );
    let spread = |shop: &Shop| {
        let step = shop.products / DIFFERENT.min(shop.products) + 1;
        (0..shop.products).step_by(step).collect::<Vec<_>>()
    };
    let categories = category_ids(addresses.1)?;
    ensure!(
        category_ids(addresses.0)? == categories,
        "the shops have different categories"
    );
    let filters = |_: &Shop| {
        let variables = categories.iter().enumerate().map(
            |(number, id)| json!({"category": id, "price": format!("{}.00", number * 37 % 900)}),
        );
        Requests::new(FILTER, variables)
    };
    let by_slug = |shop: &Shop| {
        let numbers = spread(shop).into_iter();
        Requests::new(
            PRODUCT,
            numbers.map(|number| json!({"slug": product(number).slug})),
        )
    };
    let far_pages =
        |ends: &[Value]| Requests::new(LIST, ends.iter().map(|after| json!({"after": after})));
    let typos: Vec<_> = spread(shops.1)
        .into_iter()
        .map(|number| json!({"search": mistyped(number)}))
        .collect();
    let first = |_: &Shop| Requests::new(LIST, [json!({})].into_iter());
    let facets = |_: &Shop| Requests::new(FACETS, [json!({})].into_iter());
    let searches = |_: &Shop| Requests::new(SEARCH, typos.iter().cloned());

    let run = |requests| alternate(addresses, &requests, setting.scale.requests);
    let list = run(both(shops, first))?;
    let counted = COUNTED.min(setting.scale.requests);
    let counted = alternate(addresses, &both(shops, facets), counted)?;
    let (without, facets) = kept_facets(shops, setting)?;
    let samples = Samples {
        list,
        counted,
        without,
        facets,
        filter: run(both(shops, filters))?,
        far: run((far_pages(&ends.0), far_pages(&ends.1)))?,
        slug: run(both(shops, by_slug))?,
        search: run(both(shops, searches))?,
    };
    drop(servers);
    report(shops, setting, samples);
    memory(shops.1, setting, &typos)
}

/// The durations of each kind of request.
struct Samples {
    list: Pair,
    counted: Pair,
    without: Pair,
    facets: Pair,
    filter: Pair,
    far: Pair,
    slug: Pair,
    search: Pair,
}

fn report(shops: (&Shop, &Shop), setting: &mut Setting, samples: Samples) {
    let Samples {
        list,
        counted,
        without,
        facets,
        filter,
        far,
        slug,
        search,
    } = samples;
    let (small, large) = (shops.0.products, shops.1.products);
    let mut row = |work: &str, share, ours: &[f64], (other, name): (&[f64], &str), bar| {
        let quantile = |samples: &[f64]| quantile(samples, share);
        setting.report.row(Row {
            work: format!("p{:.0} of {work}", share * 100.0),
            ours: format!("{:.2} ms", quantile(ours)),
            other: format!("{name}: {:.2} ms", quantile(other)),
            ratio: quantile(ours) / quantile(other),
            bar,
            is_complete: true,
            details: format!("p50 {:.2} ms against {:.2} ms", median(ours), median(other)),
        });
    };
    let list_of = format!("a list with facets, {small} products");
    row(
        &list_of,
        0.5,
        &facets.0,
        (&without.0, "without facets"),
        Bar::AtMost(3.0),
    );
    let list_of = format!("a list with facets that are counted anew, {small} products");
    row(
        &list_of,
        0.5,
        &counted.0,
        (&list.0, "without facets"),
        Bar::None,
    );
    let other = format!("{small} products");
    for (work, share, (small, large), bar) in [
        ("a list with facets", 0.5, &facets, 1.5),
        (
            "a list with facets that are counted anew",
            0.5,
            &counted,
            f64::INFINITY,
        ),
        ("the first page of a list", 0.99, &list, 1.5),
        (
            "a filter: category, in stock, minimum price; by price",
            0.99,
            &filter,
            1.3,
        ),
        ("page 5,000 by cursor", 0.99, &far, 1.5),
        ("a product by slug", 0.99, &slug, 1.5),
    ] {
        let work = format!("{work}, {} products", shops.1.products);
        let bar = if bar.is_finite() {
            Bar::AtMost(bar)
        } else {
            Bar::None
        };
        row(&work, share, large, (small, &other), bar);
    }
    let work = format!("a search for two words with one typo, {large} products");
    row(
        &work,
        0.99,
        &search.1,
        (&slug.1, "a product by slug"),
        Bar::AtMost(50.0),
    );
}

/// Durations of the small and the large shop.
type Pair = (Vec<f64>, Vec<f64>);

/// Measures different pages of a list, without and with facets, whose counts are kept.
fn kept_facets(shops: (&Shop, &Shop), setting: &Setting) -> Result<(Pair, Pair)> {
    let cached = (
        shops.0.serve(setting.folder, &setting.order.flags)?,
        shops.1.serve(setting.folder, &setting.order.flags)?,
    );
    let kept = (cached.0.address.as_str(), cached.1.address.as_str());
    let different = different_pages(kept.0, setting.scale.requests)?;
    let with_facets = |_: &Shop| Requests::new(FACETS, different.iter().cloned());
    let without = |_: &Shop| Requests::new(LIST, different.iter().cloned());
    // Without facets first: it does not warm up the counts.
    let without = alternate_once(kept, &both(shops, without), setting.scale.requests)?;
    let facets = alternate_once(kept, &both(shops, with_facets), setting.scale.requests)?;
    Ok((without, facets))
}

/// Measures memory under load, with the default cache.
fn memory(shop: &Shop, setting: &mut Setting, typos: &[Value]) -> Result<()> {
    let server = shop.serve(setting.folder, &setting.order.flags)?;
    let before = server.memory("VmRSS")? >> 10;
    let count = 1_000.min(shop.products / 20 - 1);
    let mut requests = pages(&server.address, count)?;
    let products = (0..4_000).map(|number| number * shop.products / 4_000);
    let slugs = products.map(|number| json!({"slug": product(number).slug}));
    requests.extend(slugs.map(|variables| request(PRODUCT, &variables)));
    requests.extend(typos.iter().take(500).map(|typo| request(SEARCH, typo)));
    let time = setting.scale.long * 4;
    let load = Load::new(&server.address, &repeat(requests), CONNECTIONS, time);
    load.run()?.complete()?;
    let (now, peak) = (server.memory("VmRSS")? >> 10, server.memory("VmHWM")? >> 10);
    let megabytes = u32::try_from(peak).map_or(f64::INFINITY, f64::from);
    setting.report.row(Row {
        work: format!("peak memory under load, {} products", shop.products),
        ours: format!("{peak} MiB"),
        other: "150 MiB".to_owned(),
        ratio: megabytes / 150.0,
        bar: Bar::AtMost(1.0),
        is_complete: true,
        details: format!("{before} MiB before, {now} MiB at the end"),
    });
    Ok(())
}

fn both(shops: (&Shop, &Shop), make: impl Fn(&Shop) -> Requests) -> (Requests, Requests) {
    (make(shops.0), make(shops.1))
}

/// Returns two of the three words of a name, the longer one with two letters swapped.
fn mistyped(number: usize) -> String {
    let name = product(number).name.to_lowercase();
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

/// Returns the variables of different pages: other positions and sizes, 20 on average. No response is cached twice, while
/// counts of facets, which do not depend on the page, are.
fn different_pages(address: &str, count: usize) -> Result<Vec<Value>> {
    const SIZES: std::ops::RangeInclusive<usize> = 16..=24;
    let positions = cursors(address, count / SIZES.count() + 1)?;
    let pages = positions
        .iter()
        .flat_map(|after| SIZES.map(move |first| json!({"after": after, "first": first})));
    Ok(pages.collect())
}

/// Sends each request once, after one that counts the facets, alternately to both servers. Returns sorted durations in
/// milliseconds.
fn alternate_once(
    addresses: (&str, &str),
    requests: &(Requests, Requests),
    times: usize,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let first = |one: &Requests| Requests(one.0[..1].to_vec());
    alternate(addresses, &(first(&requests.0), first(&requests.1)), 1)?;
    let rest = |one: &Requests| Requests(one.0[1..].to_vec());
    // With the requests to warm up, at most as many as there are.
    let times = times.min((requests.0.0.len() - 1) * 10 / 11);
    alternate(addresses, &(rest(&requests.0), rest(&requests.1)), times)
}

/// Sends the requests alternately to both servers. Returns sorted durations in milliseconds.
fn alternate(
    addresses: (&str, &str),
    requests: &(Requests, Requests),
    times: usize,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut clients = (Client::connect(addresses.0)?, Client::connect(addresses.1)?);
    let (mut small, mut large) = (Vec::new(), Vec::new());
    let warm_up = times / 10;
    for number in 0..warm_up + times {
        for (client, requests, samples) in [
            (&mut clients.0, &requests.0.0, &mut small),
            (&mut clients.1, &requests.1.0, &mut large),
        ] {
            let response = client.send(&requests[number % requests.len()])?;
            if number < 3 {
                let response = response.json()?;
                ensure!(response["errors"].is_null(), "{response}");
            }
            if number >= warm_up {
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
