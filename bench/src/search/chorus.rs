//! A set that is not ours: products and queries of Chorus (github.com/querqy/chorus), judged by its authors.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::catalog::Product;
use super::judgments::Query;
use super::sets::Set;

/// Files of products.
const PRODUCTS: [&str; 4] = ["1.json", "2.json", "3.json", "4.json"];
const JUDGMENTS: &str = "Broad_Query_Set_rated.csv";
/// The maximum length of a name.
const MAX_NAME: usize = 200;
/// The maximum length of a SKU. Some names of Chorus, which are part numbers, are sentences.
const MAX_SKU: usize = 100;

/// Reads the set from a folder with the files of Chorus.
pub fn read(folder: &Path) -> Result<Set> {
    let mut products = Vec::new();
    for name in PRODUCTS {
        let text = fs::read(folder.join(name)).with_context(|| format!("reading {name}"))?;
        let items: Vec<Value> = serde_json::from_slice(&text)?;
        products.extend(items.iter().map(product));
    }
    let text = fs::read_to_string(folder.join(JUDGMENTS)).context("reading the judgments")?;
    let mut queries: Vec<Query> = Vec::new();
    for line in text.lines().skip(1) {
        let mut parts = line.rsplitn(3, ',');
        let mut next = || parts.next().context("a judgment has three parts");
        let (grade, slug, text) = (next()?.trim(), next()?, next()?.trim_matches('"'));
        let grade = grade.parse().with_context(|| format!("in `{line}`"))?;
        if queries.last().is_none_or(|query| query.text != text) {
            queries.push(Query {
                kind: "all".to_owned(),
                text: text.to_owned(),
                grades: HashMap::new(),
            });
        }
        let query = queries.last_mut().context("no query")?;
        query.grades.insert(slug.to_owned(), grade);
    }
    // Without a graded product, every list is as good as any other.
    queries.retain(|query| query.grades.values().any(|grade| *grade > 0));
    ensure!(!queries.is_empty(), "there are no judgments");
    Ok(Set {
        name: "Chorus".to_owned(),
        language: "en",
        products,
        queries,
        synonyms: Vec::new(),
        is_complete: false,
    })
}

fn product(item: &Value) -> Product {
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let tags = item["attr_t_product_type"].as_str();
    // Some types are only a number.
    let tags = tags
        .filter(|tag| tag.len() > 2)
        .map(|tag| tag.replace(',', " "));
    Product {
        slug: text("id"),
        name: text("title").chars().take(MAX_NAME).collect(),
        description: text("short_description"),
        category: "Electronics".to_owned(),
        brand: text("supplier"),
        tags: tags.into_iter().collect(),
        sku: text("name").chars().take(MAX_SKU).collect(),
        barcode: item["ean"][0].as_str().unwrap_or_default().to_owned(),
        price: item["price"]
            .as_u64()
            .and_then(|price| usize::try_from(price).ok())
            .unwrap_or_default(),
        ..Product::default()
    }
}
