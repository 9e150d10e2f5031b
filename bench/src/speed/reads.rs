//! Reads that are not cached against one statement by hand and `PostGraphile`, and cached ones against fixed bytes.

use anyhow::{Context, Result, ensure};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::postgraphile::PostGraphile;
use super::queries::{BY_ID, LIST, PAGE, PRODUCT, page_with_count};
use super::report::{Bar, Row};
use super::shop::product;
use super::shops::Shop;
use super::{Setting, UNCACHED};
use crate::by_hand::{ByHand, encode};
use crate::http::{Client, request};
use crate::load::{Load, repeat};
use crate::loading;
use crate::processes::postgres;
use crate::rounds::{self, Case, Samples};
use crate::stats::median;

/// Number of connections.
const CONNECTIONS: usize = 32;
/// Maximum number of different pages, and number of different products.
const PAGES: usize = 200;
const PRODUCTS: usize = 1_000;

pub fn measure(shop: &Shop, setting: &mut Setting) -> Result<()> {
    println!("  {} products", shop.products);
    let mut flags = setting.order.flags.clone();
    let cached = shop.serve(setting.folder, &flags)?;
    flags.push(UNCACHED.to_owned());
    let plain = shop.serve(setting.folder, &flags)?;
    let memory = setting.folder.path().join("response.json");
    let first = Client::connect(&plain.address)?.send(&request(PAGE, &json!({})))?;
    std::fs::write(&memory, &first.body)?;
    let by_hand = ByHand::start(&shop.url, &memory)?;
    let other = PostGraphile::start(shop);

    let pages = PAGES.min(shop.products / 20 - 1);
    let cursors = cursors(&plain.address, pages)?;
    let page = |query: &str| -> Vec<_> {
        let variables = cursors.iter().map(|after| json!({"after": after}));
        variables
            .map(|variables| request(query, &variables))
            .collect()
    };
    let numbers: Vec<_> = (0..shop.products)
        .step_by(shop.products / PRODUCTS + 1)
        .collect();
    let requests = |make: &dyn Fn(usize) -> Vec<u8>| numbers.iter().map(|n| make(*n)).collect();
    let id = |number| encode("prod", product(number).id);
    let keys = sort_keys(shop, pages)?;
    let ours = [
        page(PAGE),
        requests(&|number| request(BY_ID, &json!({"id": id(number)}))),
        requests(&|number| request(PRODUCT, &json!({"slug": product(number).slug}))),
    ];
    let hand = [
        keys.iter()
            .map(|after| ByHand::request("/list", &json!({"after": after})))
            .collect(),
        requests(&|number| ByHand::request("/product", &json!({"id": product(number).id}))),
        requests(&|number| ByHand::request("/product", &json!({"slug": product(number).slug}))),
    ];
    for (ours, hand) in ours.iter().zip(&hand) {
        ensure_equal(&plain.address, ours, &by_hand.address, hand)?;
    }
    let mut cases = Vec::new();
    let mut case = |name: &str, address: &str, process, requests: Vec<Vec<u8>>| {
        let load = Load::new(address, &repeat(requests), CONNECTIONS, setting.scale.long);
        cases.push(Case {
            name: name.to_owned(),
            load,
            process,
        });
    };
    let works = ["list", "by id", "by slug"];
    for (work, requests) in works.iter().zip(hand) {
        case(
            &format!("{work}, by hand"),
            &by_hand.address,
            by_hand.process(),
            requests,
        );
    }
    for (work, requests) in works.iter().zip(ours) {
        case(work, &plain.address, plain.process(), requests);
    }
    if let Some(other) = &other {
        let requests = [
            other.pages(pages)?,
            PostGraphile::by_id(&numbers),
            PostGraphile::by_slug(&numbers),
        ];
        for (work, requests) in works.iter().zip(requests) {
            let name = format!("{work}, PostGraphile");
            case(&name, &other.address, other.process(), requests);
        }
    }
    let count = page(&page_with_count());
    case("list with count", &plain.address, plain.process(), count);
    let same = page(PAGE)[..1].to_vec();
    case("cached", &cached.address, cached.process(), same.clone());
    let memory = vec![ByHand::request("/memory", &json!({}))];
    case("from memory", &by_hand.address, by_hand.process(), memory);

    let database = shop.runtime.block_on(postgres(&shop.url))?;
    let samples = rounds::run(setting.scale.plan, database, &cases)?;
    report(shop, setting, &samples);
    Ok(())
}

fn report(shop: &Shop, setting: &mut Setting, samples: &[Samples]) {
    let mut row = |work: &str, (ours, other): (&str, &str), label: &str, bar| {
        let named = |name: &str| samples.iter().find(|samples| samples.name == name);
        let (Some(ours), Some(other)) = (named(ours), named(other)) else {
            return;
        };
        setting.report.row(Row {
            work: format!("{work}, {} products", shop.products),
            ours: format!("{:.0}/s", median(&ours.rate)),
            other: format!("{label}: {:.0}/s", median(&other.rate)),
            ratio: ours.ratio(other),
            bar,
            is_complete: true,
            details: format!("{}; {label}: {}", ours.details(), other.details()),
        });
    };
    for (name, work) in [
        (
            "list",
            "list of 20 with price, category and images, not cached",
        ),
        ("by id", "product by id, not cached"),
        ("by slug", "product by slug, not cached"),
    ] {
        let by_hand = format!("{name}, by hand");
        row(work, (name, &by_hand), "by hand", Bar::AtLeast(0.6));
        let other = format!("{name}, PostGraphile");
        row(work, (name, &other), "PostGraphile", Bar::AtLeast(2.0));
    }
    row(
        "the list with its count",
        ("list with count", "list"),
        "without",
        Bar::None,
    );
    row(
        "the list, cached",
        ("cached", "from memory"),
        "the same bytes from memory",
        Bar::AtLeast(0.8),
    );
}

/// Fails unless both return the same JSON. Cursors are opaque, so they may differ.
fn ensure_equal(address: &str, ours: &[Vec<u8>], other: &str, hand: &[Vec<u8>]) -> Result<()> {
    let mut clients = (Client::connect(address)?, Client::connect(other)?);
    let spread = ours.len() / 10 + 1;
    for (ours, hand) in ours.iter().zip(hand).step_by(spread) {
        let mut responses = (clients.0.send(ours)?.json()?, clients.1.send(hand)?.json()?);
        for response in [&mut responses.0, &mut responses.1] {
            if let Some(cursor) = response.pointer_mut("/data/products/pageInfo/endCursor") {
                *cursor = Value::Null;
            }
        }
        ensure!(
            responses.0 == responses.1,
            "the baseline returns something else:\n{}\n{}",
            responses.0,
            responses.1
        );
    }
    Ok(())
}

/// Returns the cursors of the first pages. That of the first page is null.
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

/// Returns the requests of the first pages.
pub fn pages(address: &str, pages: usize) -> Result<Vec<Vec<u8>>> {
    let cursors = cursors(address, pages)?;
    let variables = cursors.iter().map(|after| json!({"after": after}));
    Ok(variables
        .map(|variables| request(PAGE, &variables))
        .collect())
}

/// Returns the sort keys of the same pages.
fn sort_keys(shop: &Shop, pages: usize) -> Result<Vec<Value>> {
    shop.runtime.block_on(async {
        let db = loading::connect(&shop.url).await?;
        let mut keys = vec![Value::Null];
        for page in 1..pages {
            let sql = format!(
                "SELECT name_key, id FROM products ORDER BY name_key, id LIMIT 1 OFFSET {}",
                page * 20 - 1
            );
            let row = db
                .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
                .await?;
            let row = row.context("too few products")?;
            let (key, id): (String, Uuid) = (row.try_get("", "name_key")?, row.try_get("", "id")?);
            keys.push(json!([key, id]));
        }
        db.close().await?;
        Ok(keys)
    })
}
