//! Detects rows of one file that refer to the same product.

use std::collections::HashMap;

use super::row::{ProductKey, RowIssue};
use crate::catalog::product::ProductId;

/// Maximum number of products remembered, about 40 bytes each. Duplicates of others are not reported.
const MAX_PRODUCTS: usize = 500_000;

/// Maps a product to the last line that named it.
#[derive(Debug, Default)]
pub struct RepeatedProducts(HashMap<ProductId, u64>);

impl RepeatedProducts {
    /// Registers imported products. Returns a notice for each that an earlier line has named.
    pub fn add(&mut self, products: Vec<(ProductId, ProductKey)>) -> Vec<RowIssue> {
        let mut notices = Vec::new();
        for (id, product_key) in products {
            if let Some(first) = self.0.get_mut(&id) {
                let first = std::mem::replace(first, product_key.line);
                notices.push(product_key.repeats(first));
            } else if self.0.len() < MAX_PRODUCTS {
                self.0.insert(id, product_key.line);
            }
        }
        notices
    }
}
