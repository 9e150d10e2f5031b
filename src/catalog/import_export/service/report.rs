//! Report and progress of an import.

use super::Options;
use super::row::RowIssue;

/// Maximum number of errors, and of notices, in a report.
const MAX_ISSUES: usize = 1_000;

/// Result of an import.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// If set, nothing was changed, and the report describes a hypothetical import.
    pub dry_run: bool,
    /// Rows read, without the header and empty rows. Several rows can form a product.
    pub rows: u64,
    /// Products created.
    pub created: u64,
    /// Product updates. A product that is updated twice counts twice.
    pub updated: u64,
    /// Products that were already up to date.
    pub unchanged: u64,
    /// Products that could not be imported. With `all_or_nothing` and at least one failure, the other products were
    /// not imported either, and are not counted here.
    pub failed: u64,
    /// Categories created.
    pub categories_created: u64,
    /// The first 1,000 errors, by line.
    pub errors: Vec<RowIssue>,
    /// The total number of errors.
    pub error_count: u64,
    /// The first 1,000 notices, such as ignored values.
    pub notices: Vec<RowIssue>,
    /// The total number of notices.
    pub notice_count: u64,
    /// The first line that was not imported because the author of the import lost access; `None` otherwise.
    pub stopped_at_line: Option<u64>,
}

/// Progress so far, with the meaning of [`Report`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub failed: u64,
    pub categories_created: u64,
}

/// Event during an import.
#[derive(Debug)]
pub enum Event<'a> {
    /// A row has an error.
    Error(&'a RowIssue),
    /// Progress so far.
    Progress(&'a Counts),
}

impl Counts {
    /// Returns the number of changes.
    pub(super) const fn changes(&self) -> u64 {
        self.created + self.updated + self.categories_created
    }

    /// Returns the counts after all changes were rolled back.
    pub(super) fn without_changes(self) -> Self {
        let Self { rows, failed, .. } = self;
        Self {
            rows,
            failed,
            ..Self::default()
        }
    }
}

/// Errors and notices collected during an import.
#[derive(Debug, Default)]
pub struct Issues {
    pub error_count: u64,
    errors: Vec<RowIssue>,
    notice_count: u64,
    notices: Vec<RowIssue>,
}

impl Issues {
    /// Adds issues. Stores at most `MAX_ISSUES` of each kind but counts all.
    pub fn add(&mut self, errors: Vec<RowIssue>, notices: Vec<RowIssue>) {
        let room = |issues: &Vec<RowIssue>| MAX_ISSUES - issues.len().min(MAX_ISSUES);
        self.error_count += errors.len() as u64;
        self.errors
            .extend(errors.into_iter().take(room(&self.errors)));
        self.notice_count += notices.len() as u64;
        self.notices
            .extend(notices.into_iter().take(room(&self.notices)));
    }

    /// Adds the error that ends a report, even beyond the maximum.
    pub fn add_last(&mut self, error: Option<RowIssue>) {
        self.error_count += u64::from(error.is_some());
        self.errors.extend(error);
    }

    /// Creates the report.
    pub fn report(self, options: &Options, counts: Counts) -> Report {
        Report {
            dry_run: options.dry_run,
            rows: counts.rows,
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged,
            failed: counts.failed,
            categories_created: counts.categories_created,
            errors: self.errors,
            error_count: self.error_count,
            notices: self.notices,
            notice_count: self.notice_count,
            stopped_at_line: None,
        }
    }
}
