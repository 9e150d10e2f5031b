//! The import of a file, from its first batch to its last.

use std::collections::HashSet;
use std::future::pending;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch;

use super::Options;
use super::batch::{Effects, attempt};
use super::report::{Counts, Event, Issues, Report};
use super::row::{Portion, Row, RowIssue};
use super::source::Source;
use crate::audit::AuditEntryId;
use crate::audit::service::{self as audit, Actor, Entry};
use crate::category::service::outline::Outline;
use crate::database::{Database, Transaction};
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::state::State;

/// Rows of a batch, and about how many bytes they may have.
const BATCH: (usize, usize) = (1_000, 8 * 1024 * 1024);
/// What is read before a transaction begins that is for many batches.
const WINDOW: (usize, usize) = (50_000, 32 * 1024 * 1024);
/// How often the same is tried against others who change the same at the same time.
const TRIES: u32 = 5;

/// Imports a file until it ends or `stop` says so.
pub async fn import<S>(
    state: &State,
    actor: Actor,
    file: S,
    options: Options,
    mut stop: watch::Receiver<bool>,
    observe: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Report>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let mut source = Source::open(file, state.config.shop_currency).await?;
    let mut run = Run::new(state, actor, options, observe);
    // A dry run takes each window back; for all or nothing one transaction takes all windows.
    let mut whole: Option<Transaction> = None;
    while let Some(window) = run.read(&mut source, &mut stop).await? {
        if run.is_one_by_one() {
            for portion in window {
                run.import(portion, None).await?;
            }
            continue;
        }
        let transaction = match whole.take() {
            Some(transaction) => transaction,
            None => run.begin().await?,
        };
        for portion in window {
            run.import(portion, Some(&transaction)).await?;
        }
        if options.dry_run {
            transaction.rollback().await?;
            run.tree = None;
        } else {
            whole = Some(transaction);
        }
    }
    let stopped = *stop.borrow();
    run.finish(whole, stopped).await
}

struct Run<'a> {
    state: &'a State,
    actor: Actor,
    options: Options,
    observe: &'a mut (dyn FnMut(Event<'_>) + Send),
    counts: Counts,
    issues: Issues,
    entry: AuditEntryId,
    tree: Option<Outline>,
    /// What a dry run would have made, in windows that were taken back.
    imagined: HashSet<Vec<String>>,
}

impl<'a> Run<'a> {
    fn new(
        state: &'a State,
        actor: Actor,
        options: Options,
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
            tree: None,
            imagined: HashSet::new(),
        }
    }

    /// Begins a transaction for many batches.
    async fn begin(&mut self) -> Result<Transaction> {
        let transaction = self.state.db.begin().await?;
        // Who deletes a category has this lock and waits for those who use the category: we must not use one first.
        self.tree = Some(Outline::read_for_update(&transaction).await?);
        Ok(transaction)
    }

    /// Whether each batch is for itself.
    const fn is_one_by_one(&self) -> bool {
        !self.options.dry_run && !self.options.all_or_nothing
    }

    /// What is read before the next transaction begins; nothing at the end.
    async fn read<S>(
        &mut self,
        source: &mut Source<S>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<Option<Vec<Portion>>>
    where
        S: Stream<Item = Result<Bytes>> + Unpin,
    {
        let mut window = Vec::new();
        let (mut records, mut size) = (0, 0);
        while records < WINDOW.0 as u64 && size < WINDOW.1 {
            let next = tokio::select! {
                biased;
                () = stopped(stop) => return Ok(None),
                next = source.portion(BATCH.0, BATCH.1) => next?,
            };
            let Some(portion) = next else { break };
            records += portion.records;
            size += portion.size + portion.rows.len() * size_of::<Row>();
            window.push(portion);
            if self.is_one_by_one() {
                break;
            }
        }
        Ok((!window.is_empty()).then_some(window))
    }

    /// Imports one batch: in transactions of its own, or within one.
    async fn import(&mut self, portion: Portion, whole: Option<&Transaction>) -> Result<()> {
        let mut errors = portion.errors;
        self.counts.rows += portion.records;
        self.counts.failed += portion.failed;
        // Where others were faster, halves are tried, and in the end rows: each good one finds its way.
        let mut parts = vec![portion.rows.as_slice()];
        let mut tries = 0;
        while let Some(rows) = parts.pop().filter(|rows| !rows.is_empty()) {
            match self.attempt(rows, whole).await {
                Ok(refused) => {
                    errors.extend(refused);
                    tries = 0;
                }
                // Somebody holds a lock for long: the same again.
                Err(Error::Unavailable) if tries < TRIES => {
                    tries += 1;
                    parts.push(rows);
                }
                Err(error) if !error.is_race() => return Err(error),
                Err(_) if rows.len() > 1 => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    parts.extend([second, first]);
                }
                Err(_) if tries < TRIES => {
                    tries += 1;
                    parts.push(rows);
                }
                Err(_) => {
                    tries = 0;
                    self.counts.failed += 1;
                    errors.extend(rows.iter().map(lost));
                }
            }
        }
        let mut notices = portion.notices;
        errors.sort_by_key(|issue| issue.line);
        notices.sort_by_key(|issue| issue.line);
        for issue in &errors {
            (self.observe)(Event::Error(issue));
        }
        self.issues.add(errors, notices);
        (self.observe)(Event::Progress(&self.counts));
        Ok(())
    }

    /// Does what these rows say, and gives what is wrong with some of them; on an error nothing was done.
    async fn attempt(
        &mut self,
        rows: &[Row],
        whole: Option<&Transaction>,
    ) -> Result<Vec<RowIssue>> {
        let transaction = match whole {
            Some(whole) => Database::begin_within(whole).await?,
            None => self.state.db.begin().await?,
        };
        let now = self.state.clock.now();
        match attempt(&transaction, rows, &mut self.tree, now).await {
            Ok(effects) => {
                let (counts, errors) = self.count(effects);
                if whole.is_none() && counts.changes() > self.counts.changes() {
                    self.record(&transaction, counts).await?;
                }
                transaction.commit().await?;
                self.counts = counts;
                Ok(errors)
            }
            Err(error) => {
                self.tree = None;
                // Perhaps the connection is gone: what went wrong first is what is told.
                _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// What has been done once a batch has had these effects, and what was wrong with its rows.
    fn count(&mut self, effects: Effects) -> (Counts, Vec<RowIssue>) {
        let mut counts = self.counts;
        counts.created += effects.created;
        counts.updated += effects.updated;
        counts.unchanged += effects.unchanged;
        counts.failed += effects.errors.len() as u64;
        for path in effects.categories {
            if !self.options.dry_run || self.imagined.insert(path) {
                counts.categories_created += 1;
            }
        }
        (counts, effects.errors)
    }

    /// Writes down who has done so much so far.
    async fn record(&mut self, transaction: &Transaction, counts: Counts) -> Result<()> {
        let told = |count: u64| (count > 0).then(|| count.to_string());
        let entry = Entry::new("importProducts")
            .change("productsCreated", None, told(counts.created))
            .change("productsUpdated", None, told(counts.updated))
            .change("categoriesCreated", None, told(counts.categories_created));
        let now = self.state.clock.now();
        audit::record_progress(transaction, self.entry, self.actor, entry, now).await
    }

    /// Ends the transaction of the whole file, if there is one, and tells what became of it.
    async fn finish(mut self, whole: Option<Transaction>, was_stopped: bool) -> Result<Report> {
        let is_void = self.options.all_or_nothing && (was_stopped || self.issues.error_count > 0);
        if is_void {
            let Counts { rows, failed, .. } = self.counts;
            self.counts = Counts {
                rows,
                failed,
                ..Counts::default()
            };
        }
        match whole {
            Some(transaction) if is_void => transaction.rollback().await?,
            Some(transaction) => {
                if self.counts.changes() > 0 {
                    self.record(&transaction, self.counts).await?;
                }
                transaction.commit().await?;
            }
            None => {}
        }
        Ok(self.issues.report(self.options, self.counts))
    }
}

/// What is said of a row that others were always faster with.
fn lost(row: &Row) -> RowIssue {
    RowIssue {
        line: row.line,
        column: None,
        message: "Others were changing the same product or category. Import the row again."
            .to_owned(),
    }
}

/// Waits until somebody says so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could.
        pending::<()>().await;
    }
}
