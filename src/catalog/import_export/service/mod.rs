//! Product import and export.
//!
//! A file is read in batches, each written in its own transaction with a few statements, regardless of the number of
//! rows. Rows are read before a transaction begins, so that a slow client does not block others. With
//! `all_or_nothing` an upload is therefore read to its end first and limited to one window of 50,000 rows or 32 MiB.
//! Files of the `wares import` command have no such limit; their single transaction stays open while the file is
//! read.

mod attributes;
mod author;
mod batch;
mod batch_images;
mod cells;
mod csv;
mod export;
#[cfg(fuzzing)]
pub mod fuzzing;
mod layout;
mod mapping;
mod numbers;
mod paths;
mod repeats;
mod report;
mod row;
mod run;
mod skus;
mod source;
mod window;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch;

pub use cells::status;
pub use csv::{Reader as CsvReader, Record, csv_rows, write as write_csv};
pub use export::{Export, ExportFormat};
pub use mapping::ColumnMapping;
pub use report::{Counts, Event, Report};
pub use row::RowIssue;

use crate::core::error::Result;
use crate::core::viewer::Admin;
use crate::platform::audit::service::Actor;
use crate::state::State;

/// Import options.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Report the result without changing anything.
    pub dry_run: bool,
    /// Import nothing if any row is invalid.
    pub all_or_nothing: bool,
    /// Columns to rename. If any, only our own layout is recognized.
    pub columns: Vec<ColumnMapping>,
}

/// Imports a file for an admin.
///
/// # Errors
/// `BAD_USER_INPUT` if the file as a whole is rejected or too large for `all_or_nothing`, or an error while reading
/// or storing it. Committed batches stay committed.
pub async fn import_products<S>(
    state: &State,
    admin: Admin,
    file: S,
    options: Options,
) -> Result<Report>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let (_running, stop) = watch::channel(false);
    let observe = &mut |_: Event<'_>| ();
    Box::pin(run::import(
        state,
        Actor::Admin(admin),
        file,
        options,
        stop,
        observe,
    ))
    .await
}

/// Imports a file for the operator, until it ends or `stop` is set. `observe` receives progress events, also before
/// an error.
///
/// # Errors
/// As for [`import_products`].
pub async fn import_for_operator<S>(
    state: &State,
    file: S,
    options: Options,
    stop: watch::Receiver<bool>,
    observe: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Report>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    Box::pin(run::import(
        state,
        Actor::Operator,
        file,
        options,
        stop,
        observe,
    ))
    .await
}
