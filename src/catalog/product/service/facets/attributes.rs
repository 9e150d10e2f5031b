//! Facet of the values of attributes.

use std::collections::HashMap;

use uuid::Uuid;

use super::prices::fill_buckets;
use super::{Bucket, FacetGroup};
use crate::catalog::attribute::{AttributeId, ChoiceId};
use crate::catalog::product::list::MAX_OPTION_PRODUCTS;
use crate::catalog::product::repository::facets::SEPARATOR;
use crate::core::money::MAX_MILLIONTHS;

/// Number of products per value of attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    pub counts: HashMap<AttributeId, AttributeCounts>,
    pub is_exact: bool,
}

/// Number of products per value of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeCounts {
    pub choices: HashMap<ChoiceId, i64>,
    /// Groups of numbers, of dates, or of truth values.
    cells: Vec<FacetGroup>,
}

impl AttributeCounts {
    /// Returns the number of products with a truth value.
    pub fn count_boolean(&self, value: bool) -> i64 {
        let cells = self.cells.iter();
        let cells = cells.filter(|cell| cell.low == i64::from(value));
        cells.map(|cell| cell.found).sum()
    }

    /// Returns the lowest and the highest number or date.
    pub fn ends(&self) -> Option<(i64, i64)> {
        let low = self.cells.iter().map(|cell| cell.low).min()?;
        let high = self.cells.iter().map(|cell| cell.high).max()?;
        Some((low, high))
    }

    /// Returns adjacent ranges of numbers with round bounds. None if a number is negative.
    pub fn buckets(&self) -> Vec<Bucket> {
        match self.ends() {
            Some(ends) if ends.0 >= 0 => fill_buckets(&self.cells, ends, MAX_MILLIONTHS),
            _ => Vec::new(),
        }
    }
}

/// Computes the facet of one or several attributes.
pub fn attributes(cells: &[FacetGroup]) -> Attributes {
    let mut found = Attributes {
        is_exact: true,
        ..Attributes::default()
    };
    for cell in cells {
        let Some((attribute, choice)) = cell.label.split_once(SEPARATOR) else {
            found.is_exact &= cell.found <= MAX_OPTION_PRODUCTS;
            continue;
        };
        let Ok(attribute) = Uuid::try_parse(attribute) else {
            continue;
        };
        let counts = found.counts.entry(attribute.into()).or_default();
        match Uuid::try_parse(choice) {
            Ok(choice) => _ = counts.choices.insert(choice.into(), cell.found),
            Err(_) => counts.cells.push(cell.clone()),
        }
    }
    found
}
