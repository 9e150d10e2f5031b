//! Writing a batch.

use std::collections::{HashMap, HashSet};

use super::{CategorizedProduct, Draft, ProductBatch};
use crate::catalog::product::entity::old_slug;
use crate::catalog::product::repository::{self, ChangedProduct, SearchCodes};
use crate::catalog::product::service::search::is_search_text_changed;
use crate::catalog::product::service::variants::changes::VariantChanges;
use crate::infra::database::{DbError, Transaction};

impl ProductBatch {
    /// Writes all new and changed products with their categories, tags and index entries, and the history of their
    /// slugs.
    ///
    /// # Errors
    /// Violated constraints as the database returns them: another product may have taken a slug or an SKU meanwhile.
    pub(in crate::catalog::product::service) async fn write(
        self,
        transaction: &Transaction,
    ) -> Result<(), DbError> {
        let (mut new, mut changed, mut slugs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut links, mut left, mut reworded) = (Vec::new(), Vec::new(), Vec::new());
        let mut of_new = VariantChanges::new(self.reason.clone(), self.now);
        let mut of_stored = VariantChanges::new(self.reason, self.now);
        let mut codes = SearchCodes::new();
        let (mut tags, mut retagged, mut related) = (Vec::new(), Vec::new(), Vec::new());
        let renamed: HashSet<_> = self.old_slugs.iter().map(|old| old.product_id).collect();
        for draft in self.drafts.into_iter().filter(Draft::is_written) {
            let (current, before) = (draft.current, draft.before);
            let id = current.product.id;
            let mut is_recoded = false;
            if let Some((before, after)) = &draft.variants {
                is_recoded = before.has_other_search_texts(after);
                codes.insert(id, after.codes());
                let rows = if draft.is_new {
                    &mut of_new
                } else {
                    &mut of_stored
                };
                rows.update(before, after);
                // The row of the product may stay the same but for its version. The availability of one of several
                // variants may change without that of the product.
                let is_shown_apart = after.variants.len() > 1;
                if !draft.is_new && (is_shown_apart || !before.differs_only_in_stock(after)) {
                    repository::touch_product(transaction, id);
                }
            }
            // Others stay as they are, with the position of the product in the category.
            let mut is_recategorized = false;
            match &before {
                Some(before) => {
                    let (new_links, old_links) =
                        (current.links_beside(before), before.links_beside(&current));
                    is_recategorized = !new_links.is_empty() || !old_links.is_empty();
                    links.extend(new_links);
                    left.extend(old_links);
                }
                None if draft.is_new => links.extend(current.links()),
                None => {}
            }
            if draft.is_new || renamed.contains(&id) {
                slugs.push(current.product.slug.clone());
            }
            let has_other_tags = |before: &CategorizedProduct| before.tags != current.tags;
            let is_retagged = before.as_ref().is_some_and(has_other_tags);
            if draft.is_new || is_retagged {
                tags.extend(current.tag_rows());
            }
            if is_retagged {
                retagged.push(id);
            }
            let old_related = before.as_ref().map_or(&[][..], |before| &before.related);
            if current.related != old_related {
                related.push((id, current.related));
            }
            if let Some(before) = before {
                if is_retagged
                    || is_recoded
                    || is_recategorized
                    || is_search_text_changed(&before.product, &current.product)
                {
                    reworded.push(current.product.clone());
                }
                changed.push(ChangedProduct {
                    before: before.product,
                    after: current.product,
                });
            } else {
                reworded.push(current.product.clone());
                new.push(current.product);
            }
        }
        // Changed products first: they may give up a slug or an SKU that a new product takes.
        // Their variants before them: triggers of the migration carry what differs.
        repository::release_skus(transaction, &changed).await?;
        of_stored.write(transaction).await?;
        repository::save_many(transaction, changed).await?;
        repository::insert_many(transaction, new).await?;
        of_new.write(transaction).await?;
        if !retagged.is_empty() {
            repository::tags::delete(transaction, &retagged).await?;
        }
        repository::tags::insert(transaction, tags).await?;
        repository::relations::replace(transaction, &related).await?;
        repository::delete_categories(transaction, &left).await?;
        repository::insert_categories(transaction, links).await?;
        // Reads the tags and the categories.
        repository::index_many(transaction, &reworded, codes).await?;
        repository::insert_old_slugs(transaction, last_by_slug(self.old_slugs)).await?;
        if !slugs.is_empty() {
            repository::delete_old_slugs(transaction, &slugs).await?;
        }
        Ok(())
    }
}

/// Returns the last row of each slug.
fn last_by_slug(slugs: Vec<old_slug::Model>) -> Vec<old_slug::Model> {
    let by_slug: HashMap<_, _> = slugs
        .into_iter()
        .map(|old| (old.slug.clone(), old))
        .collect();
    by_slug.into_values().collect()
}
