//! The best match that an index has for a search: whether some row matches all terms, else how many.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DbErr};

use super::Index;
use crate::catalog::search::{Required, Search, Term};

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
        db: &impl ConnectionTrait,
        search: &Search,
        visible: &SelectStatement,
    ) -> Result<Outcome, DbErr> {
        let with = |terms: Vec<Term>, required: Required| Search {
            exact: None,
            terms,
            required,
        };
        let mut uncorrected = search.clone();
        for term in &mut uncorrected.terms {
            term.corrections.clear();
        }
        let mut searches = vec![search.clone(), uncorrected];
        let each = search.terms.iter().cloned();
        searches.extend(each.map(|term| with(vec![term], Required::All)));
        let counts = self.count_matches(db, &searches, visible, 1).await?;
        if counts[0] > 0 {
            return Ok(Outcome {
                needs_corrections: counts[1] == 0,
                ..Outcome::default()
            });
        }
        let unmatched = (0..search.terms.len()).filter(|index| counts[index + 2] == 0);
        let unmatched: Vec<_> = unmatched.collect();
        let max = search.terms.len() - unmatched.len();
        let partial = (1..=max).map(|count| with(search.terms.clone(), Required::AtLeast(count)));
        let partial: Vec<_> = partial.collect();
        let counts = self.count_matches(db, &partial, visible, 1).await?;
        let best = counts.iter().rposition(|count| *count > 0);
        Ok(Outcome {
            required: Required::AtLeast(best.map_or(0, |index| index + 1)),
            unmatched,
            needs_corrections: false,
        })
    }
}
