//! Filter and order of lists of jobs. The job queued last is first.

use super::entity::Model;
use crate::core::error::{Error, Result};
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::text;

/// The maximum number of kinds in a filter.
const MAX_KINDS: usize = 50;
/// The maximum number of characters in the name of a kind.
const MAX_KIND: usize = 100;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    CreatedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "jobs";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        ("createdAt", KeyKind::Int)
    }

    fn row_position(self, job: &Model) -> RowPosition {
        RowPosition::new(Key::Int(job.created_at.0), job.id)
    }
}

/// Whether a job will be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for its first or next attempt, or is running.
    Pending,
    /// It failed permanently.
    Failed,
}

/// Filter of jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub state: Option<JobState>,
    pub kinds: Option<Vec<String>>,
}

/// Checks the kinds of a filter.
pub fn check_kinds(kinds: Vec<String>, field: &str) -> Result<Vec<String>> {
    if kinds.len() > MAX_KINDS {
        return Err(Error::bad_input(
            field,
            format!("At most {MAX_KINDS} kinds are allowed."),
        ));
    }
    for kind in &kinds {
        text::check_lookup(kind, MAX_KIND, field)?;
    }
    Ok(kinds)
}

/// One page of the list.
pub type List = pagination::List<Filter, SortField>;
