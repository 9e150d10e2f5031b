//! Importing files of products, and exporting them.
//!
//! A file is read in batches, and each is written in a transaction of its own with a few statements, however many rows
//! it has. Rows are read before a transaction begins, so that a slow client holds up nobody: with `all_or_nothing` an
//! upload is read to its end first, and may be no larger than one window of 50,000 rows or 32 MiB. The operator's file
//! may be; its one transaction is then held while the file is read.

mod author;
mod batch;
mod cells;
mod csv;
mod export;
#[cfg(fuzzing)]
pub mod fuzzing;
mod html;
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
pub use csv::csv_rows;
pub use export::Export;
pub use mapping::ColumnMapping;
pub use report::{Counts, Event, Report};
pub use row::RowIssue;

use crate::core::error::Result;
use crate::core::viewer::Admin;
use crate::platform::audit::service::Actor;
use crate::state::State;

/// How a file is imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
    /// Do nothing when any row is bad.
    pub all_or_nothing: bool,
    /// Columns that are renamed to ours. With any, the file is read as one of ours.
    pub columns: Vec<ColumnMapping>,
}

/// Imports a file for an admin.
///
/// # Errors
/// A refusal of the whole `file`, also of one that is too large for `all_or_nothing`, or what went wrong while it was
/// read or stored; batches that were done stay done.
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

/// Imports a file for the operator, until it ends or `stop` says so. `observe` is told what happens, and before an error
/// what was done until then.
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
