//! The labeled sets: catalogs with their queries and synonyms.

use anyhow::{Context, Result};

use super::catalog::{self, Product};
use super::judgments::{self, Query};
use super::vocabulary;

/// A synonym as a merchant writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// If not empty, only these terms find the others.
    pub from: Vec<String>,
    pub terms: Vec<String>,
}

/// A labeled set.
pub struct Set {
    pub name: String,
    /// Language of the shop.
    pub language: &'static str,
    pub products: Vec<Product>,
    pub queries: Vec<Query>,
    pub synonyms: Vec<Synonym>,
    /// Whether a product without a grade is a bad result. Otherwise it is unjudged and is excluded from the results.
    pub is_complete: bool,
}

/// Lists the files of our own sets.
macro_rules! files {
    ($($name:literal $code:literal),+) => {
        [$([
            $name,
            $code,
            include_str!(concat!("../../search/", $code, "/products.txt")),
            include_str!(concat!("../../search/", $code, "/queries.txt")),
            include_str!(concat!("../../search/", $code, "/synonyms.txt")),
        ]),+]
    };
}

/// Name, language, products, queries and synonyms.
type Files = [&'static str; 5];

const FILES: [Files; 5] =
    files!("English" "en", "German" "de", "Russian" "ru", "Japanese" "ja", "Arabic" "ar");

/// Returns our own sets, one per language.
pub fn own() -> Result<Vec<Set>> {
    FILES.into_iter().map(read).collect()
}

fn read([name, language, products, queries, synonyms]: Files) -> Result<Set> {
    let kinds = vocabulary::parse(products);
    let products = kinds.map(|kinds| catalog::generate(&kinds));
    let products = products.with_context(|| format!("products of {name}"))?;
    let queries = judgments::parse(queries, &products);
    Ok(Set {
        name: name.to_owned(),
        language,
        queries: queries.with_context(|| format!("queries of {name}"))?,
        products,
        synonyms: parse_synonyms(synonyms),
        is_complete: true,
    })
}

/// Parses lines such as `sofa, couch`, and `mobile => phone` for one direction.
fn parse_synonyms(text: &str) -> Vec<Synonym> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once("=>") {
            Some((from, terms)) => Synonym {
                from: vocabulary::list(from),
                terms: vocabulary::list(terms),
            },
            None => Synonym {
                from: Vec::new(),
                terms: vocabulary::list(line),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{FILES, read};

    #[test]
    fn the_own_sets_are_large_enough_and_valid() {
        let (sets, errors): (Vec<_>, Vec<_>) = FILES.into_iter().map(read).partition(Result::is_ok);
        let errors = errors.into_iter().filter_map(Result::err);
        let errors: Vec<_> = errors.map(|error| format!("{error:#}")).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        let sets: Vec<_> = sets.into_iter().flatten().collect();
        let products: usize = sets.iter().map(|set| set.products.len()).sum();
        let queries: usize = sets.iter().map(|set| set.queries.len()).sum();
        assert!(products >= 3_000, "{products} products");
        assert!(queries >= 300, "{queries} queries");
        for set in &sets {
            let texts: HashSet<_> = set.queries.iter().map(|query| &query.text).collect();
            assert_eq!(
                texts.len(),
                set.queries.len(),
                "{}: repeated queries",
                set.name
            );
            let skus: HashSet<_> = set.products.iter().map(|product| &product.sku).collect();
            assert_eq!(
                skus.len(),
                set.products.len(),
                "{}: repeated SKUs",
                set.name
            );
            assert!(set.synonyms.iter().all(|synonym| !synonym.terms.is_empty()));
        }
    }
}
