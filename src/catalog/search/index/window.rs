//! The part of the ranked results to read.

use super::engine_hits::is_rank_of_hit;
use super::tiers::Tier;
use crate::core::pagination::{Key, Paging, RowPosition, SortDirection};

/// A range of ranked results, with order and limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Exclusive lower bound of the rank.
    pub(super) after: Option<i64>,
    /// Exclusive upper bound of the rank.
    pub(super) before: Option<i64>,
    /// Whether results are read from worst to best.
    pub(super) is_reversed: bool,
    pub(super) limit: u64,
}

impl Window {
    /// Returns the window within results of the database: without bounds from a page of a search engine.
    pub(super) fn in_database(&self) -> Self {
        let of_database = |rank: &i64| !is_rank_of_hit(*rank);
        Self {
            after: self.after.filter(of_database),
            before: self.before.filter(of_database),
            ..*self
        }
    }

    /// Returns the window of one page and one row more.
    pub fn of(paging: &Paging, direction: SortDirection) -> Self {
        let rank = |row_position: &Option<RowPosition>| match row_position {
            Some(RowPosition {
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

    /// Returns the window of the best results.
    pub const fn first(limit: u64) -> Self {
        Self {
            after: None,
            before: None,
            is_reversed: false,
            limit,
        }
    }

    /// Whether the window includes rows of this tier.
    pub(super) fn overlaps(&self, tier: &Tier) -> bool {
        self.after.is_none_or(|rank| rank < tier.end())
            && self.before.is_none_or(|rank| rank > tier.start())
    }
}
