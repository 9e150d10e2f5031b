//! Slugs for the new products of a batch.

use std::collections::HashSet;

use super::{Desk, Wanted};
use crate::catalog::product::repository;
use crate::catalog::product::service::slugs::FALLBACK;
use crate::core::error::Result;
use crate::core::slug;
use crate::infra::database::Connection;

impl Desk {
    /// Returns an available slug for a new product with this name.
    pub(super) fn free_slug(&self, name: &str) -> String {
        let is_free =
            |slug: &String| !self.in_use.contains(slug) && !self.by_slug.contains_key(slug);
        // The last candidate has a random suffix.
        let mut candidates = slug::candidates(&base_slug(name));
        let free = candidates.iter().position(is_free);
        candidates.swap_remove(free.unwrap_or(candidates.len() - 1))
    }

    /// Looks up which candidate slugs of new products are taken: those derived from the names and, if these are
    /// taken, numbered ones.
    pub(super) async fn find_slugs_in_use(
        &mut self,
        db: &impl Connection,
        wanted: &[&Wanted],
    ) -> Result<()> {
        let nameless = wanted.iter().filter(|wanted| wanted.slug.is_none());
        let new = nameless.filter(|wanted| matches!(self.find(wanted), Ok(None)));
        let mut seen = HashSet::new();
        let (bases, again): (Vec<_>, Vec<_>) = new
            .map(|wanted| base_slug(&wanted.name))
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
        self.in_use.extend(taken);
        if !candidates.is_empty() {
            let taken = repository::taken_slugs(db, &candidates).await?;
            self.in_use.extend(taken);
        }
        Ok(())
    }
}

/// Derives a slug from a name.
fn base_slug(name: &str) -> String {
    slug::from_name(name, FALLBACK)
}
