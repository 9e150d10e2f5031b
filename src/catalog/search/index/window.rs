//! Which part of what fits a search is wanted.

use super::tiers::Tier;
use crate::core::pagination::{Key, Paging, Place, SortDirection};

/// A part of what fits a search, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// A rank.
    pub(super) after: Option<i64>,
    /// A rank.
    pub(super) before: Option<i64>,
    /// From the worst to the best.
    pub(super) is_reversed: bool,
    pub(super) limit: u64,
}

impl Window {
    /// The rows of one page, and one more.
    pub fn of(paging: &Paging, direction: SortDirection) -> Self {
        let rank = |place: &Option<Place>| match place {
            Some(Place {
                key: Key::Int(rank),
                ..
            }) => Some(*rank),
            _ => None,
        };
        let (after, before) = (rank(&paging.after), rank(&paging.before));
        let is_descending = direction == SortDirection::Desc;
        let (after, before) = if is_descending {
            (before, after)
        } else {
            (after, before)
        };
        Self {
            after,
            before,
            is_reversed: is_descending != paging.backward,
            limit: paging.rows_to_read(),
        }
    }

    /// The best of all.
    pub const fn first(limit: u64) -> Self {
        Self {
            after: None,
            before: None,
            is_reversed: false,
            limit,
        }
    }

    /// Whether rows of this tier are in it.
    pub(super) fn reaches(&self, tier: &Tier) -> bool {
        self.after.is_none_or(|rank| rank < tier.end())
            && self.before.is_none_or(|rank| rank > tier.start())
    }
}
