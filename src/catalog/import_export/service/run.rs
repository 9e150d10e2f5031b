//! Runs the import of a file, from its first batch to its last.

use std::collections::HashSet;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch;

use super::batch::{WriteResults, conflict_issue, try_import};
use super::mapping::Mapping;
use super::repeats::RepeatedProducts;
use super::report::{Counts, Event, Issues, Report};
use super::row::{Row, RowChunk};
use super::window::{ReadMode, Windows};
use super::{Options, author};
use crate::catalog::category::service::category_tree::CategoryTree;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::infra::database::{Transaction, is_conflict};
use crate::platform::audit::AuditEntryId;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// Maximum number of retries of a batch after conflicts with concurrent changes.
const MAX_RETRIES: u32 = 5;

/// Imports a file until it ends or `stop` is set.
pub async fn import<S>(
    state: &State,
    actor: Actor,
    file: S,
    options: Options,
    stop: watch::Receiver<bool>,
    observe: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Report>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let read_mode = ReadMode::of(actor, &options);
    let (currency, mapping) = (state.config.shop_currency, Mapping::new(&options.columns)?);
    let mut windows = Windows::open(file, currency, &mapping, read_mode, stop).await?;
    let mut run = Run::new(state, actor, &options, observe);
    // A dry run rolls back each window; `all_or_nothing` uses one transaction for all windows.
    let mut whole: Option<Transaction> = None;
    while run.stop.is_none() {
        let Some(window) = windows.next().await? else {
            break;
        };
        if read_mode == ReadMode::Batch {
            for row_chunk in window {
                run.import(row_chunk, None).await?;
            }
            continue;
        }
        let transaction = match whole.take() {
            Some(transaction) => transaction,
            None => run.begin().await?,
        };
        for row_chunk in window {
            if windows.is_stopped() || run.stop.is_some() {
                break;
            }
            run.import(row_chunk, Some(&transaction)).await?;
        }
        if options.dry_run || run.issues.error_count > 0 {
            // Only validate the remaining rows, as in a dry run: take no locks for changes that are discarded.
            transaction.rollback().await?;
            run.tree = None;
        } else {
            whole = Some(transaction);
        }
    }
    run.finish(whole, windows.is_stopped()).await
}

struct Run<'a> {
    state: &'a State,
    actor: Actor,
    options: &'a Options,
    observe: &'a mut (dyn FnMut(Event<'_>) + Send),
    counts: Counts,
    issues: Issues,
    entry: AuditEntryId,
    repeats: RepeatedProducts,
    /// The line of the first product.
    first_line: Option<u64>,
    /// The line from which nothing is imported, and the reason: the author no longer has access.
    stop: Option<(u64, &'static str)>,
    tree: Option<CategoryTree>,
    /// Categories that a dry run would have created in windows rolled back, as lowercase paths. It is unknown which
    /// of several categories with one name a later window would use, so beyond one window the count is approximate.
    dry_run_categories: HashSet<Vec<String>>,
}

impl<'a> Run<'a> {
    fn new(
        state: &'a State,
        actor: Actor,
        options: &'a Options,
        observe: &'a mut (dyn FnMut(Event<'_>) + Send),
    ) -> Self {
        Self {
            state,
            actor,
            options,
            observe,
            counts: Counts::default(),
            issues: Issues::default(),
            entry: AuditEntryId::generate(state.clock.now()),
            repeats: RepeatedProducts::default(),
            first_line: None,
            stop: None,
            tree: None,
            dry_run_categories: HashSet::new(),
        }
    }

    /// Begins a transaction for many batches.
    async fn begin(&mut self) -> Result<Transaction> {
        let transaction = self.state.db.begin().await?;
        // Take this lock before using a category: its deletion takes the lock, then waits for users.
        self.tree = Some(CategoryTree::load_locked(&transaction).await?);
        Ok(transaction)
    }

    /// Imports one batch: in its own transactions, or within `whole`.
    async fn import(&mut self, row_chunk: RowChunk, whole: Option<&Transaction>) -> Result<()> {
        let (mut errors, mut notices) = (row_chunk.errors, row_chunk.notices);
        let first = row_chunk.rows.first().map(|row| row.line);
        self.first_line = self.first_line.or(first);
        self.counts.rows += row_chunk.records;
        self.counts.failed += row_chunk.failed;
        // After a conflict, retry the halves, down to single rows, so that each valid row is imported.
        let mut parts = vec![row_chunk.rows.as_slice()];
        let mut retries = 0;
        while let Some(rows) = parts.pop().filter(|rows| !rows.is_empty()) {
            match self.try_import(rows, whole).await {
                Ok(write_results) => {
                    errors.extend(write_results.errors);
                    notices.extend(write_results.notices);
                    notices.extend(self.repeats.add(write_results.products));
                    retries = 0;
                }
                Err(error) if let Some(why) = author::lost_access(&error) => {
                    self.stop = rows.first().map(|row| (row.line, why));
                    break;
                }
                // A lock is held for long: retry the same rows.
                Err(Error::Unavailable) if retries < MAX_RETRIES => {
                    retries += 1;
                    parts.push(rows);
                }
                Err(error) if !is_conflict(&error) => {
                    (self.observe)(Event::Progress(&self.counts));
                    return Err(error);
                }
                Err(_) if rows.len() > 1 => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    parts.extend([second, first]);
                }
                Err(_) if retries < MAX_RETRIES => {
                    retries += 1;
                    parts.push(rows);
                }
                Err(_) => {
                    retries = 0;
                    self.counts.failed += 1;
                    errors.extend(rows.iter().map(conflict_issue));
                }
            }
        }
        errors.sort_by_key(|issue| issue.line);
        notices.sort_by_key(|issue| issue.line);
        for issue in &errors {
            (self.observe)(Event::Error(issue));
        }
        self.issues.add(errors, notices);
        (self.observe)(Event::Progress(&self.counts));
        Ok(())
    }

    /// Imports rows in a transaction. After an error nothing is changed.
    async fn try_import(
        &mut self,
        rows: &[Row],
        whole: Option<&Transaction>,
    ) -> Result<WriteResults> {
        let transaction = match whole {
            Some(whole) => whole.begin_nested().await?,
            None => self.state.db.begin().await?,
        };
        match self.apply(&transaction, rows, whole.is_some()).await {
            Ok((counts, write_results)) => {
                transaction.commit().await?;
                self.counts = counts;
                Ok(write_results)
            }
            Err(error) => {
                self.tree = None;
                // The connection may be broken: report the first error.
                _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// Imports rows without committing. Returns the counts including these rows.
    async fn apply(
        &mut self,
        transaction: &Transaction,
        rows: &[Row],
        in_file_transaction: bool,
    ) -> Result<(Counts, WriteResults)> {
        if in_file_transaction {
            author::recheck(self.actor, transaction, self.state).await?;
        }
        let now = self.state.clock.now();
        let write_results = try_import(transaction, rows, &mut self.tree, now).await?;
        let counts = self.count(&write_results);
        if !in_file_transaction {
            if counts.changes() > self.counts.changes() {
                self.record(transaction, counts).await?;
            }
            // Last, to lock the account only briefly.
            author::lock_shared(self.actor, transaction, self.state).await?;
        }
        Ok((counts, write_results))
    }

    /// Returns the counts including these effects.
    fn count(&mut self, write_results: &WriteResults) -> Counts {
        let mut counts = self.counts;
        counts.created += write_results.created;
        counts.updated += write_results.updated;
        counts.unchanged += write_results.unchanged;
        counts.failed += write_results.errors.len() as u64;
        for path in &write_results.categories {
            let lower = || path.iter().map(|name| name.to_lowercase()).collect();
            if !self.options.dry_run || self.dry_run_categories.insert(lower()) {
                counts.categories_created += 1;
            }
        }
        counts
    }

    /// Creates or updates the audit entry with the counts so far.
    async fn record(&mut self, transaction: &Transaction, counts: Counts) -> Result<()> {
        let nonzero = |count: u64| (count > 0).then(|| count.to_string());
        let categories = nonzero(counts.categories_created);
        let entry = Entry::new("importProducts")
            .change("productsCreated", None, nonzero(counts.created))
            .change("productsUpdated", None, nonzero(counts.updated))
            .change("categoriesCreated", None, categories);
        let now = self.state.clock.now();
        audit::record_progress(transaction, self.entry, self.actor, entry, now).await
    }

    /// Ends the transaction of the whole file, if there is one, and returns the report.
    async fn finish(mut self, whole: Option<Transaction>, was_stopped: bool) -> Result<Report> {
        let is_whole = self.options.all_or_nothing;
        let is_rolled_back = |run: &Self| {
            let is_cut = was_stopped || run.stop.is_some();
            is_whole && (is_cut || run.issues.error_count > 0)
        };
        match whole {
            Some(transaction) if is_rolled_back(&self) => transaction.rollback().await?,
            Some(transaction) => self.commit_whole(transaction).await?,
            None => {}
        }
        if is_rolled_back(&self) {
            self.counts = self.counts.without_changes();
        }
        let stop = self.stop.map(|(line, why)| {
            let is_rolled_back = is_whole || self.options.dry_run;
            let line = self.first_line.filter(|_| is_whole).unwrap_or(line);
            author::stop_issue(self.actor, why, line, is_rolled_back)
        });
        let stopped_at_line = stop.as_ref().map(|issue| issue.line);
        self.issues.add_last(stop);
        Ok(Report {
            stopped_at_line,
            ..self.issues.report(self.options, self.counts)
        })
    }

    /// Commits the transaction of the whole file, unless its author no longer has access.
    async fn commit_whole(&mut self, transaction: Transaction) -> Result<()> {
        if self.counts.changes() > 0 {
            self.record(&transaction, self.counts).await?;
        }
        match author::lock_shared(self.actor, &transaction, self.state).await {
            Ok(()) => Ok(transaction.commit().await?),
            Err(error) => {
                let why = author::lost_access(&error).ok_or(error)?;
                self.stop = Some((self.first_line.unwrap_or(1), why));
                Ok(transaction.rollback().await?)
            }
        }
    }
}
