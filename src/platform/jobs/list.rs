//! Filter and order of lists of jobs. The job queued last is first.

use super::entity::Model;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};

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

/// One page of the list.
pub type List = pagination::List<Filter, SortField>;
