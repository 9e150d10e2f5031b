//! What is told of an import.

use super::Options;
use super::row::RowIssue;

/// How many errors and how many notices a report holds.
const MAX_ISSUES: usize = 1_000;

/// What became of a file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Nothing was changed: this is what would have been done.
    pub dry_run: bool,
    /// How many rows were read, without the header and empty ones. Several can make up a product in a file of Shopify.
    pub rows: u64,
    /// Products that were made.
    pub created: u64,
    /// Products that were changed, as often as they were.
    pub updated: u64,
    /// Products that were already as their rows say.
    pub unchanged: u64,
    /// Products that could not be imported. With `all_or_nothing`, when there are any, the others were not either, and
    /// are not counted.
    pub failed: u64,
    /// Categories that were made for them.
    pub categories_created: u64,
    /// What is wrong, in the order of the lines: the first 1,000.
    pub errors: Vec<RowIssue>,
    /// How many of these there are.
    pub error_count: u64,
    /// What was left out and the like: the first 1,000.
    pub notices: Vec<RowIssue>,
    /// How many of these there are.
    pub notice_count: u64,
    /// The first line that was not imported because the author of the import lost access; `None` otherwise.
    pub stopped_at_line: Option<u64>,
}

/// What has been done so far, as a [`Report`] tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub failed: u64,
    pub categories_created: u64,
}

/// What is told while a file is imported.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something is wrong with a row.
    Error(&'a RowIssue),
    /// So much has been done.
    Progress(&'a Counts),
}

impl Counts {
    /// How much was changed.
    pub(super) const fn changes(&self) -> u64 {
        self.created + self.updated + self.categories_created
    }
}

/// What there was to tell of rows.
#[derive(Debug, Default)]
pub struct Issues {
    pub error_count: u64,
    errors: Vec<RowIssue>,
    notice_count: u64,
    notices: Vec<RowIssue>,
}

impl Issues {
    /// Counts more of them, and keeps those that there is room for.
    pub fn add(&mut self, errors: Vec<RowIssue>, notices: Vec<RowIssue>) {
        let room = |kept: &Vec<RowIssue>| MAX_ISSUES - kept.len().min(MAX_ISSUES);
        self.error_count += errors.len() as u64;
        self.errors
            .extend(errors.into_iter().take(room(&self.errors)));
        self.notice_count += notices.len() as u64;
        self.notices
            .extend(notices.into_iter().take(room(&self.notices)));
    }

    /// Adds the error that ends a report, even if there is no room for others.
    pub fn add_last(&mut self, error: Option<RowIssue>) {
        self.error_count += u64::from(error.is_some());
        self.errors.extend(error);
    }

    /// All that is told in the end.
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
