//! Slugs for the new products of an import.

use std::collections::HashSet;

use super::{ImportBatch, ImportedProduct};
use crate::catalog::product::repository;
use crate::catalog::product::service::slugs::FALLBACK;
use crate::core::error::Result;
use crate::core::slug;
use crate::infra::database::Connection;

impl ImportBatch {
    /// Returns a free slug for a new product of this name.
    pub(super) fn available_slug(&self, name: &str) -> String {
        let is_free =
            |slug: &String| !self.taken_slugs.contains(slug) && !self.by_slug.contains_key(slug);
        // The last candidate is random.
        let mut candidates = slug::candidates(&base_slug(name));
        let free = candidates.iter().position(is_free);
        candidates.swap_remove(free.unwrap_or(candidates.len() - 1))
    }

    /// Reads which slugs for new products are taken: those made from their names and, where these are taken, those
    /// with a number.
    pub(super) async fn find_taken_slugs(
        &mut self,
        db: &impl Connection,
        rows: &[&ImportedProduct],
    ) -> Result<()> {
        let without_slug = rows.iter().filter(|row| row.fields.slug.is_none());
        let new = without_slug.filter(|row| matches!(self.find(row), Ok(None)));
        let mut seen = HashSet::new();
        let (bases, again): (Vec<_>, Vec<_>) = new
            .map(|row| base_slug(row.name()))
            .partition(|base| seen.insert(base.clone()));
        if bases.is_empty() {
            return Ok(());
        }
        let taken = repository::taken_slugs(db, &bases).await?;
        let crowded: HashSet<_> = taken.iter().cloned().chain(again).collect();
        let candidates: Vec<_> = crowded
            .iter()
            .flat_map(|base| slug::candidates(base))
            .collect();
        self.taken_slugs.extend(taken);
        if !candidates.is_empty() {
            let taken = repository::taken_slugs(db, &candidates).await?;
            self.taken_slugs.extend(taken);
        }
        Ok(())
    }
}

/// Returns the slug made from a name, without a number.
fn base_slug(name: &str) -> String {
    slug::from_name(name, FALLBACK)
}
