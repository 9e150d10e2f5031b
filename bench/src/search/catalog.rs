//! Generates products from a vocabulary, the same ones in each run.

use std::collections::{BTreeMap, HashSet};

use super::vocabulary::{Kind, Value};
use crate::random::Random;

/// A product of the catalog.
#[derive(Clone, Debug, Default)]
pub struct Product {
    /// Its slug, which identifies it.
    pub slug: String,
    pub name: String,
    pub description: String,
    /// Path of its category.
    pub category: String,
    pub brand: String,
    pub tags: Vec<String>,
    pub sku: String,
    pub barcode: String,
    /// In cents.
    pub price: usize,
    /// Names of its options, and the values that its variants have.
    pub options: Vec<(String, Vec<String>)>,
    /// Ids of its values by attribute. The queries are judged by these.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// Number of values of an option other than the size that a product has.
const OPTION_VALUES: usize = 3;
/// Number of sizes of which a product has all.
const MANY_SIZES: usize = 5;
/// Number of attempts to find a name that no other product has.
const ATTEMPTS: usize = 40;

/// Generates the products of all kinds, in random order, because the order of creation is that of equal results.
pub fn generate(kinds: &[Kind]) -> Vec<Product> {
    let mut names = HashSet::new();
    let mut products = Vec::new();
    for kind in kinds {
        let mut random = Random::seeded(&kind.id);
        for number in 1..=kind.count {
            let made = (0..ATTEMPTS)
                .map(|_| product(kind, number, &mut random))
                .find(|product| names.insert(product.name.clone()));
            // A kind has fewer products if its vocabulary is exhausted.
            products.extend(made);
        }
    }
    Random::seeded("order").shuffle(&mut products);
    for (number, product) in products.iter_mut().enumerate() {
        product.slug = format!("item-{number:05}");
    }
    products
}

fn product(kind: &Kind, number: usize, random: &mut Random) -> Product {
    let mut product = Product {
        category: kind.category.1.clone(),
        brand: pick(&kind.brands, random).cloned().unwrap_or_default(),
        tags: kind.tags.clone(),
        sku: kind
            .sku
            .clone()
            .unwrap_or_else(|| default_sku(kind, number)),
        barcode: kind.barcode.clone().unwrap_or_default(),
        price: 299 + 50 * random.below(300),
        ..Product::default()
    };
    let mut ids = BTreeMap::from([
        ("kind".to_owned(), vec![kind.id.clone()]),
        ("is".to_owned(), kind.classes.clone()),
        ("category".to_owned(), vec![kind.category.0.clone()]),
        ("brand".to_owned(), vec![product.brand.to_lowercase()]),
        ("sku".to_owned(), vec![product.sku.to_lowercase()]),
    ]);
    let mut labels = BTreeMap::from([("brand".to_owned(), product.brand.clone())]);
    for (key, values) in &kind.attributes {
        if let Some(value) = pick(values, random) {
            ids.insert(key.clone(), vec![value.id.clone()]);
            labels.insert(key.clone(), value.label.clone());
        }
    }
    for (key, label, values) in &kind.options {
        let values = offered(key, values, random);
        ids.insert(
            key.clone(),
            values.iter().map(|value| value.id.clone()).collect(),
        );
        let texts: Vec<_> = values.into_iter().map(|value| value.label).collect();
        labels.insert(key.clone(), texts.join(", "));
        product.options.push((label.clone(), texts));
    }
    let name = pick(&kind.names, random).map(|name| fill(name, &labels));
    product.name = capitalize(&name.unwrap_or_default());
    let text = pick(&kind.texts, random).map(|text| fill(text, &labels));
    product.description = capitalize(&text.unwrap_or_default());
    product.attributes = ids;
    product
}

fn default_sku(kind: &Kind, number: usize) -> String {
    let letters = kind.id.chars().filter(char::is_ascii_alphabetic).take(4);
    let letters: String = letters.collect();
    // The length of the id keeps kinds with the same first letters apart.
    let start = kind.id.bytes().map(usize::from).sum::<usize>() % 90 + 10;
    format!("{}-{start}{number:03}", letters.to_uppercase())
}

/// Returns the values of an option that a product has: a range of many sizes or all of a few, and a few of the others.
fn offered(key: &str, values: &[Value], random: &mut Random) -> Vec<Value> {
    let mut values = values.to_vec();
    if key == "size" {
        if values.len() > MANY_SIZES {
            values.truncate(values.len() - random.below(MANY_SIZES));
            values.drain(..random.below(MANY_SIZES / 2));
        }
    } else if values.len() > OPTION_VALUES {
        random.shuffle(&mut values);
        values.truncate(OPTION_VALUES);
    }
    values
}

fn pick<'a, T>(items: &'a [T], random: &mut Random) -> Option<&'a T> {
    if items.is_empty() {
        return None;
    }
    items.get(random.below(items.len()))
}

/// Replaces `{key}` by the label of the attribute.
fn fill(template: &str, labels: &BTreeMap<String, String>) -> String {
    let mut text = template.to_owned();
    for (key, label) in labels {
        text = text.replace(&format!("{{{key}}}"), label);
    }
    // A missing value leaves spaces behind.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace(" ,", ",")
}

fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::generate;
    use crate::search::vocabulary::parse;

    #[test]
    fn products_are_the_same_in_each_run() {
        let kinds =
            parse("> k: Kitchen\nmug 5; color blue, red; size 1 l, 2 l; name {color} mug {size}");
        let kinds = kinds.expect("a vocabulary");
        let names = || {
            let products = generate(&kinds);
            products
                .into_iter()
                .map(|product| product.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(), names());
        // Four combinations of two colors and two sizes, each once.
        assert_eq!(names().len(), 4);
    }
}
