//! Facet of option values.

use std::collections::HashMap;

use super::FacetGroup;
use crate::catalog::product::list::MAX_OPTION_PRODUCTS;
use crate::catalog::product::repository::facets::SEPARATOR;
use crate::catalog::product::service::variants::name_key;

/// Number of products per option and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The option with the most frequent values first.
    pub counts: Vec<OptionCounts>,
    pub is_exact: bool,
}

/// Number of products per value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionCounts {
    /// As the products with its most frequent value spell it.
    pub name: String,
    /// Most products first, then by name.
    pub values: Vec<(String, i64)>,
}

impl OptionCounts {
    fn total(&self) -> i64 {
        self.values.iter().map(|(_, count)| count).sum()
    }
}

/// Computes the option facet.
pub fn options(cells: &[FacetGroup]) -> Options {
    let (products, groups): (Vec<_>, Vec<_>) = cells.iter().partition(|cell| cell.low < 0);
    let named = groups.into_iter().filter_map(|cell| {
        let (option, value) = cell.label.split_once(SEPARATOR)?;
        Some((option, value, cell.found))
    });
    let mut named: Vec<_> = named.collect();
    named.sort_by(|(_, value, count), (_, other_value, other)| {
        other.cmp(count).then_with(|| value.cmp(other_value))
    });
    let mut counts: Vec<OptionCounts> = Vec::new();
    let mut indexes = HashMap::new();
    for (option, value, count) in named {
        let index = *indexes.entry(name_key(option)).or_insert(counts.len());
        if index == counts.len() {
            counts.push(OptionCounts {
                name: option.to_owned(),
                values: Vec::new(),
            });
        }
        counts[index].values.push((value.to_owned(), count));
    }
    counts.sort_by(|one, other| {
        let by_total = other.total().cmp(&one.total());
        by_total.then_with(|| one.name.cmp(&other.name))
    });
    Options {
        counts,
        is_exact: products
            .iter()
            .all(|cell| cell.found <= MAX_OPTION_PRODUCTS),
    }
}
