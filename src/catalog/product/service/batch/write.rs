//! Writing a batch down.

use std::collections::{HashMap, HashSet};

use super::Desk;
use crate::catalog::product::entity::{old_slug, product_category};
use crate::catalog::product::repository;
use crate::core::error::Result;
use crate::infra::database::Transaction;

impl Desk {
    /// Writes down what has changed.
    pub async fn write(self, transaction: &Transaction) -> Result<()> {
        let (mut made, mut changed, mut slugs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut links, mut moved, mut reworded) = (Vec::new(), Vec::new(), Vec::new());
        let had: HashSet<_> = self.old_slugs.iter().map(|old| old.product_id).collect();
        for draft in self.products {
            let product_id = draft.product.id;
            if draft.is_new || draft.is_moved {
                let link = |category_id| product_category::Model {
                    product_id,
                    category_id,
                };
                links.extend(draft.categories.into_iter().map(link));
            }
            if draft.is_moved && !draft.is_new {
                moved.push(product_id);
            }
            if draft.is_new || had.contains(&product_id) {
                slugs.push(draft.product.slug.clone());
            }
            if draft.is_new {
                made.push(draft.product);
            } else if draft.is_changed {
                if self.reworded.contains(&product_id) {
                    reworded.push(draft.product.clone());
                }
                changed.push(draft.product);
            }
        }
        // What is changed goes first: it may give up what a new product takes.
        repository::save_many(transaction, changed).await?;
        repository::insert_many(transaction, made).await?;
        repository::index_many(transaction, &reworded).await?;
        if !moved.is_empty() {
            repository::delete_categories(transaction, &moved).await?;
        }
        repository::insert_categories(transaction, links).await?;
        repository::insert_old_slugs(transaction, last_of_each(self.old_slugs)).await?;
        if !slugs.is_empty() {
            repository::delete_old_slugs(transaction, &slugs).await?;
        }
        Ok(())
    }
}

/// Of each slug the last row.
fn last_of_each(slugs: Vec<old_slug::Model>) -> Vec<old_slug::Model> {
    let by_slug: HashMap<_, _> = slugs
        .into_iter()
        .map(|old| (old.slug.clone(), old))
        .collect();
    by_slug.into_values().collect()
}
