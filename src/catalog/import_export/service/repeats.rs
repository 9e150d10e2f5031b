//! Rows of one file that mean the same product.

use std::collections::HashMap;

use super::row::{RowIssue, Subject};
use crate::catalog::product::ProductId;

/// How many products are remembered: some 40 bytes each. Repetitions of others are not told.
const MAX_PRODUCTS: usize = 500_000;

/// Which line of the file has named a product first.
#[derive(Debug, Default)]
pub struct Repeats(HashMap<ProductId, u64>);

impl Repeats {
    /// Takes products that were imported, and gives a notice for each that an earlier line has named already.
    pub fn add(&mut self, products: Vec<(ProductId, Subject)>) -> Vec<RowIssue> {
        let mut notices = Vec::new();
        for (id, subject) in products {
            if let Some(first) = self.0.get_mut(&id) {
                let first = std::mem::replace(first, subject.line);
                notices.push(subject.repeats(first));
            } else if self.0.len() < MAX_PRODUCTS {
                self.0.insert(id, subject.line);
            }
        }
        notices
    }
}
